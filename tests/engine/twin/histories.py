"""Random histories of commands, good and bad, made to fit the state that the twin is in."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import (
    AccountClass,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from tests.engine.twin.model import Order
from tests.engine.twin.terms import FEES, KINDS, YUAN, day_terms, one_in, products
from tests.engine.twin.told import Told
from tests.engine.twin.twin import Twin

Commands = NDArray[np.void]
MINUTE_US = 60_000_000
FIRST_DATE = 20260105
DAYS_BETWEEN = (1, 1, 1, 3, 8)


class History:
    """Makes commands one after another; the twin applies each at once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.twin = Twin()
        self.commands: list[Commands] = []
        self.told: list[tuple[int, int, Told]] = []
        self.time = MINUTE_US
        self.date = FIRST_DATE
        self.policy = random.choice([MarkPolicy.SOURCE, MarkPolicy.LAST_TRADE])
        self.people = 0
        self._begin()

    @property
    def batch(self) -> Commands:
        return building.concat(self.commands)

    def run(self, count: int) -> None:
        """At least `count` more commands."""
        until = len(self.commands) + count
        while len(self.commands) < until:
            self._step()

    def do(self, *commands: Commands) -> None:
        for command in commands:
            self.time += self.random.randrange(1, MINUTE_US)
            command["seq"], command["time"] = len(self.commands) + 1, self.time
            self.commands.append(command)
            events = self.twin.apply(command)
            seq = len(self.commands)
            self.told += [(seq, index, event) for index, event in enumerate(events)]

    # The beginning ---------------------------------------------------------------------------

    def _begin(self) -> None:
        for i in range(len(KINDS)):
            self.do(building.instrument_add(i, f"60000{i}.SSE"))
        for i, terms in enumerate(FEES):
            self.do(building.fee_schedule(i, terms))
        for i, terms in enumerate(products()):
            self.do(building.product(i, terms))
        for _ in range(3):
            self._open_account(AccountClass.MARKET)
        for _ in range(3):
            self._open_account(AccountClass.CASH)
            self.do(building.deposit(len(self.twin.accounts) - 1, 400_000 * YUAN))
        self._open_day([10 * YUAN] * len(KINDS), ex_dates=False)
        for i in range(4):
            self._open_contract(3 + i % 3, i, 20_000 * YUAN)

    def _open_account(self, klass: AccountClass) -> None:
        self.people += 1
        self.do(building.account_open(self.people, klass, len(self.twin.accounts)))

    def _open_contract(self, source: int, of: int, deposit: int) -> None:
        account = len(self.twin.accounts)
        self.do(building.contract_open(source, of, deposit, b"r", account))

    # Days ------------------------------------------------------------------------------------

    def _open_day(self, references: list[int], *, ex_dates: bool = True) -> None:
        self.do(building.day_open(self.date, self.policy))
        if ex_dates:
            self.do(building.accrue(self.random.choice(DAYS_BETWEEN)))
        for i, reference in enumerate(references):
            if ex_dates and self._one_in(6):
                old = reference
                references[i] = max(1_000, reference * self.random.randrange(50, 120) // 100)
                references[i] = references[i] // 100 * 100
                self.do(building.entitlement(i, old, references[i]))
            self.do(building.instrument_day(i, day_terms(self.random, i, references[i])))
        self.do(building.ladders())
        if self._one_in(2):
            self.do(building.phase(building.ALL, Phase.OPENING_CALL))
        else:
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))

    def next_day(self) -> None:
        if not self._one_in(10):  # a day that is never closed is closed by the next
            self.do(building.day_close())
        self.date += 1
        lasts = [max(1_000, i.last // 100 * 100) for i in self.twin.instruments]
        self._open_day(lasts)

    def change_phase(self) -> None:
        phase = self.twin.instruments[0].phase
        if phase in (Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL):
            if phase == Phase.OPENING_CALL and self._one_in(2):
                self.do(building.phase(building.ALL, Phase.OPENING_CALL_NO_CANCEL))
                return
            self.do(building.phase(building.ALL, Phase.PAUSE))
            for i in range(len(KINDS)):
                self.do(building.uncross(i))
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))
        elif phase == Phase.CONTINUOUS and self._one_in(3):
            session = self.random.choice([building.ALL, 0, 1, 7])
            self.do(building.phase(session, Phase.LUNCH))
            self.strangers()
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))

    # Orders ----------------------------------------------------------------------------------

    def _one_in(self, n: int) -> bool:
        return one_in(self.random, n)

    def _instrument(self) -> int:
        return self.random.randrange(len(KINDS))

    def _price(self, index: int) -> int:
        """Mostly within a few ticks of the last price, now and then a bad one."""
        day = self.twin.instruments[index].day
        last = self.twin.instruments[index].last // day.tick * day.tick
        if self._one_in(25):
            return self.random.choice(
                [0, -100, last + 3, day.limit_up + day.tick, day.limit_down - day.tick]
            )
        if self._one_in(10):
            return self.random.choice([day.limit_up, day.limit_down])
        price = last + self.random.randrange(-5, 6) * day.tick
        return min(max(price, day.limit_down), day.limit_up)

    def market_order(self) -> None:
        index = self._instrument()
        kind = OrderType.BEST_FIVE_IOC if self._one_in(12) else OrderType.LIMIT
        quantity = 100 * self.random.randrange(1, 60)
        if self._one_in(30):
            quantity = self.random.choice([0, -100, 7])
        account, side = self.random.randrange(3), self.random.choice([Side.BUY, Side.SELL])
        price = self._price(index)
        self.do(building.order(account, index, side, kind, price, quantity, Origin.MARKET))

    def _client(self) -> int:
        return self.random.randrange(3, len(self.twin.accounts))

    def client_order(self) -> None:
        account, index = self._client(), self._instrument()
        held = self.twin.accounts[account].positions
        side = Side.SELL if self._one_in(2) and held else Side.BUY
        if side == Side.SELL and not self._one_in(8):
            index = self.random.choice(held).instrument
        kind = OrderType.BEST_FIVE_IOC if self._one_in(6) else OrderType.LIMIT
        price = self._price(index)
        quantity = self._quantity(account, index, side, max(price, 1))
        origin = self.random.choice([Origin.CLIENT, Origin.CLIENT, Origin.FORCED_REDUCE])
        self.do(building.order(account, index, side, kind, price, quantity, origin))

    def invest(self) -> None:
        """A large purchase that meets the market, so that prices and margins come to matter."""
        account, index = self._client(), self._instrument()
        price = self._price(index)
        if price <= 0:
            return
        most = max(0, self.twin.accounts[account].cash) // price
        quantity = most * self.random.randrange(1, 11) // 10 // 100 * 100
        seller = self.random.randrange(3)
        self.do(
            building.order(
                *(seller, index, Side.SELL, OrderType.LIMIT, price, quantity), Origin.MARKET
            ),
            building.order(account, index, Side.BUY, OrderType.LIMIT, price, quantity),
        )

    def _quantity(self, account: int, index: int, side: Side, price: int) -> int:
        """A share of what is possible in whole lots, or something odd."""
        owner = self.twin.accounts[account]
        held = owner.position(index)
        most = (held.quantity if held else 0) if side == Side.SELL else max(owner.cash, 0) // price
        if self._one_in(10):
            odd = [0, -1, 1, 50, 101, 199, 60_000, 2_000_000_000, most, most + 1]
            return self.random.choice(odd)
        part = most // self.random.randrange(1, 5)
        return max(100, part if self._one_in(4) else part // 100 * 100)

    def _stranger_order(self) -> None:
        account = self.random.choice([-1, 0, 3, len(self.twin.accounts)])
        index = self.random.choice([-1, 0, len(KINDS)])
        self.do(building.order(account, index, Side.BUY, OrderType.LIMIT, 10 * YUAN, 100))

    def _live(self) -> list[Order]:
        return [order for order in self.twin.arena if order]

    def cancel(self) -> None:
        live = self._live()
        if not live or self._one_in(10):
            bogus = self.random.choice([-1, 0, 5, 1 << 24, (1 << 24) | 3, 1 << 52])
            self.do(building.cancel(self._client(), bogus))
            return
        order = self.random.choice(live)
        account = self._client() if self._one_in(8) else order.account
        self.do(building.cancel(account, order.id))

    def cancel_all(self) -> None:
        account = self.random.choice([-1, len(self.twin.accounts), self._client(), 0])
        instrument = self.random.choice([building.ALL, self._instrument(), len(KINDS)])
        self.do(building.cancel_all(account, instrument))

    # Prices and money ------------------------------------------------------------------------

    def _new_price(self, index: int) -> int:
        last = self.twin.instruments[index].last
        spread = self.random.choice([1, 1, 3, 10])
        moved = last * (100 + self.random.randrange(-spread, spread + 1)) // 100
        return max(100, moved // 100 * 100)

    def one_price(self) -> None:
        index = self._instrument()
        self.do(building.price(index, self._new_price(index), self.random.randrange(1000)))

    def move_all(self) -> None:
        """One frame in which everything rises or falls."""
        percent = self.random.choice([-25, -10, -9, -7, -5, -3, 2, 5, 9])
        self.do(building.frame_begin())
        for index, instrument in enumerate(self.twin.instruments):
            moved = instrument.last * (100 + percent) // 100 // 100 * 100
            self.do(building.price(index, max(100, moved)))
        self.do(building.frame_end())

    def frame(self) -> None:
        self.do(building.frame_begin())
        for _ in range(self.random.randrange(1, 5)):
            self.random.choice([self.one_price, self.one_price, self.market_order])()
        self.do(building.frame_end())

    def _amount(self) -> int:
        odd = [0, -YUAN, YUAN // 3, 10**14, 123_456]
        return (
            self.random.choice(odd) if self._one_in(6) else YUAN * self.random.randrange(1, 9_000)
        )

    def pay_shortfall(self) -> None:
        """Part of a debt, all of it, or more than is owed."""
        owing = [i for i, account in enumerate(self.twin.accounts) if account.shortfall > 0]
        if not owing:
            return
        account = self.random.choice(owing)
        owed = self.twin.accounts[account].shortfall
        amount = self.random.choice([owed, owed // 3, owed + 1])
        self.do(building.transfer(self._sibling(account, oldest=True), account, amount))

    def ruin(self) -> None:
        """Prices fall by 40 % overnight and the worst contract is sold out and settled."""
        self.do(building.day_close())
        self.date += 1
        lasts = [max(1_000, i.last * 6 // 1_000 * 100) for i in self.twin.instruments]
        self._open_day(lasts, ex_dates=False)
        self.do(building.phase(building.ALL, Phase.CONTINUOUS))
        worst = max(range(len(self.twin.accounts)), key=lambda i: self.twin.accounts[i].grade)
        self._settle(worst)

    def move_money(self) -> None:
        account, other, amount = self._client(), self._client(), self._amount()
        if self._one_in(12):
            other = self.random.choice([-1, 0, len(self.twin.accounts)])
        self.random.choice(
            [
                lambda: self.do(building.deposit(account, amount)),
                lambda: self.do(building.withdraw(account, amount)),
                lambda: self.do(building.transfer(account, other, amount)),
                lambda: self.do(building.transfer(account, self._sibling(account), amount)),
                lambda: self.do(building.repay(account, amount)),
            ]
        )()

    def _sibling(self, account: int, *, oldest: bool = False) -> int:
        person = self.twin.accounts[account].person
        own = [i for i, other in enumerate(self.twin.accounts) if other.person == person]
        return own[0] if oldest and not self._one_in(8) else self.random.choice(own)

    def contract(self) -> None:
        if self._one_in(3):
            deposit = self.random.choice([YUAN - 1, 5_000 * YUAN, 20_000 * YUAN, 10**11])
            self._open_contract(self._client(), self.random.choice([0, 1, 2, 3, 9]), deposit)
            return
        account = self._client()
        if not self._one_in(3):
            account = max(range(len(self.twin.accounts)), key=lambda i: self.twin.accounts[i].grade)
        self._settle(account)

    def _settle(self, account: int) -> None:
        if not self._one_in(3):  # emptied first, as a liquidation does
            self.do(building.cancel_all(account))
            for held in list(self.twin.accounts[account].positions):
                if held.quantity > 0:
                    self._sell_out(account, held.instrument, held.quantity)
        self.do(building.contract_settle(account, self._sibling(account, oldest=True), b"r"))

    def _sell_out(self, account: int, index: int, quantity: int) -> None:
        low = self.twin.instruments[index].day.limit_down
        price = low if self._one_in(3) else self._price(index)
        buyer = self.random.randrange(3)
        self.do(
            building.order(buyer, index, Side.BUY, OrderType.LIMIT, price, quantity, Origin.MARKET),
            building.order(
                *(account, index, Side.SELL, OrderType.LIMIT, price, quantity),
                Origin.FORCED_LIQUIDATE,
            ),
        )

    def strangers(self) -> None:
        """Commands that are out of place, or that nobody may give."""
        count = len(self.twin.accounts)
        self.random.choice(
            [
                lambda: self.do(building.instrument_add(2, "600009.SSE")),
                lambda: self.do(building.account_open(9, AccountClass.CASH, count + 1)),
                lambda: self.do(building.account_open(-9, AccountClass.CASH, count)),
                lambda: self.do(building.account_open(9, AccountClass.CONTRACT, count)),
                lambda: self.do(building.contract_open(3, 0, 20_000 * YUAN, b"r", 1)),
                lambda: self.do(building.entitlement(0, 10 * YUAN, 9 * YUAN)),
                lambda: self.do(building.price(99, 10 * YUAN)),
                lambda: self.do(building.uncross(99)),
                lambda: self.do(building.accrue(1)),
                lambda: self.do(building.notice(self._client(), 7, 1, 2, 3)),
                lambda: self._open_account(AccountClass.CASH),
                self._stranger_order,
                self.market_order,
            ]
        )()

    def _step(self) -> None:
        self.random.choice(_LOTTERY)(self)


# How often each kind of thing happens.
_LOTTERY = [
    action
    for weight, action in (
        (30, History.market_order),
        (30, History.client_order),
        (10, History.invest),
        (8, History.cancel),
        (2, History.cancel_all),
        (5, History.one_price),
        (5, History.frame),
        (5, History.move_all),
        (6, History.move_money),
        (3, History.contract),
        (2, History.strangers),
        (3, History.change_phase),
        (2, History.next_day),
        (1, History.ruin),
        (2, History.pay_shortfall),
    )
    for _ in range(weight)
]

"""Random histories of commands, good and bad, made to fit the state that the twin is in."""

from collections.abc import Callable
from random import Random

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import (
    AccountClass,
    Command,
    HoldingClass,
    LimitKind,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from server.engine.terms import DayTerms, FeeTerms, ProductTerms
from tests.engine.twin.model import Order
from tests.engine.twin.told import Told
from tests.engine.twin.twin import Twin

Commands = NDArray[np.void]
YUAN = 10_000
MINUTE_US = 60_000_000
FIRST_DATE = 20260105
DAYS_BETWEEN = (1, 1, 1, 3, 8)

FEES = (
    FeeTerms(1, 250_000, 50_000, 0, 500_000, 10_000, 0, 34_100, 20_000),
    FeeTerms(0, 150_000, 50_000, 0, 1_000_000, 0, 3, 48_700, 20_000),
    FeeTerms(0, 0, 0, 0, 0, 0, 0, 0, 0),
)
CAPS = {2: (PPM2 := 1_000_000, 500_000, 100_000, 0), 3: (PPM2, 150_000, 0, 0), 4: (PPM2, 0, 0, 0)}
LINES = {
    2: (1_400_000, 1_300_000, 1_250_000, 1_200_000),
    3: (1_270_000, 1_220_000, 1_180_000, 1_140_000),
    4: (1_210_000, 1_180_000, 1_155_000, 1_130_000),
}
SINGLE = {2: PPM2, 3: 500_000, 4: 330_000}
"""Sizes: (lot rules, tick, daily limit, holding class, T+0, session) of each instrument."""
MAIN = (100, 100, 100, 1, 100)  # lot, buy minimum, buy step, sell minimum, sell step
SINGLES = (1, 200, 1, 200, 1)
KINDS = (
    (MAIN, 100, 100_000, HoldingClass.MAIN, 0, 0),
    (MAIN, 100, 100_000, HoldingClass.MAIN, 0, 1),
    (SINGLES, 100, 200_000, HoldingClass.WIDE_20, 0, 0),
    (MAIN, 10, 100_000, HoldingClass.MAIN, 1, 1),
    (MAIN, 100, 50_000, HoldingClass.RISK_WARNING, 0, 0),
)


def product(leverage: int, day_count: int) -> ProductTerms:
    lines, caps = LINES[leverage], CAPS[leverage]
    return ProductTerms(
        1, leverage, 108_000, day_count, *lines, caps, SINGLE[leverage], 6_000, YUAN, 10**6 * YUAN
    )


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
        for i, (leverage, days) in enumerate(((2, 360), (3, 365), (4, 360))):
            self.do(building.product(i, product(leverage, days)))
        for _ in range(3):
            self._open_account(AccountClass.MARKET)
        for _ in range(3):
            self._open_account(AccountClass.CASH)
            self.do(building.deposit(len(self.twin.accounts) - 1, 400_000 * YUAN))
        self._open_day([10 * YUAN] * len(KINDS), ex_dates=False)
        for i in range(3):
            self._open_contract(3 + i, i, 20_000 * YUAN)

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
            self.do(building.instrument_day(i, self._terms(i, references[i])))
        self.do(building.ladders())
        if self._one_in(2):
            self.do(building.phase(building.ALL, Phase.OPENING_CALL))
        else:
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))

    def _terms(self, index: int, reference: int) -> DayTerms:
        lots, tick, limit_ppm, holding, same_day, session = KINDS[index]
        lot, buy_minimum, buy_step, sell_minimum, sell_step = lots
        width = max(tick, reference * limit_ppm // 1_000_000 // tick * tick)
        kind = LimitKind.LIMITED
        if self._one_in(12):
            kind, width = LimitKind.UNLIMITED, reference // 2 // tick * tick
        elif self._one_in(20):
            kind = LimitKind.UNKNOWN
        suspended = int(self._one_in(12))
        return DayTerms(
            reference=reference,
            limit_up=reference + width,
            limit_down=max(tick, reference - width),
            tick=tick,
            lot=lot,
            buy_minimum=buy_minimum,
            buy_step=buy_step,
            sell_minimum=sell_minimum,
            sell_step=sell_step,
            max_limit_quantity=50_000,
            max_market_quantity=20_000,
            limit_ppm=limit_ppm,
            valuation_ppm=900_000 if suspended else 1_000_000,
            fee_schedule=self.random.randrange(len(FEES)),
            session=session,
            limit_kind=kind,
            holding_class=holding,
            suspended=suspended,
            same_day_sale=same_day,
        )

    def _next_day(self) -> None:
        self.do(building.day_close())
        self.date += 1
        lasts = [max(1_000, i.last // 100 * 100) for i in self.twin.instruments]
        self._open_day(lasts)

    def _change_phase(self) -> None:
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
            self._strangers()
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))

    # Orders ----------------------------------------------------------------------------------

    def _one_in(self, n: int) -> bool:
        return self.random.randrange(n) == 0

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

    def _market_order(self) -> None:
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

    def _client_order(self) -> None:
        account, index = self._client(), self._instrument()
        side = Side.BUY if self._one_in(2) else Side.SELL
        kind = OrderType.BEST_FIVE_IOC if self._one_in(6) else OrderType.LIMIT
        price = self._price(index)
        quantity = self._quantity(account, index, side, max(price, 1))
        origin = self.random.choice([Origin.CLIENT, Origin.CLIENT, Origin.FORCED_REDUCE])
        self.do(building.order(account, index, side, kind, price, quantity, origin))

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

    def _cancel(self) -> None:
        live = self._live()
        if not live or self._one_in(10):
            bogus = self.random.choice([-1, 0, 5, 1 << 24, (1 << 24) | 3, 1 << 52])
            self.do(building.cancel(self._client(), bogus))
            return
        order = self.random.choice(live)
        account = self._client() if self._one_in(8) else order.account
        self.do(building.cancel(account, order.id))

    def _cancel_all(self) -> None:
        account = self.random.choice([-1, len(self.twin.accounts), self._client(), 0])
        instrument = self.random.choice([building.ALL, self._instrument(), len(KINDS)])
        self.do(building.cancel_all(account, instrument))

    # Prices and money ------------------------------------------------------------------------

    def _new_price(self, index: int) -> int:
        last = self.twin.instruments[index].last
        spread = self.random.choice([1, 1, 3, 10])
        moved = last * (100 + self.random.randrange(-spread, spread + 1)) // 100
        return max(100, moved // 100 * 100)

    def _one_price(self) -> None:
        index = self._instrument()
        self.do(building.price(index, self._new_price(index), self.random.randrange(1000)))

    def _frame(self) -> None:
        self.do(building.frame_begin())
        for _ in range(self.random.randrange(1, 5)):
            self.random.choice([self._one_price, self._one_price, self._market_order])()
        self.do(building.frame_end())

    def _amount(self) -> int:
        odd = [0, -YUAN, YUAN // 3, 10**14, 123_456]
        return self.random.choice(odd) if self._one_in(6) else YUAN * self.random.randrange(1, 9_000)

    def _move_money(self) -> None:
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

    def _sibling(self, account: int) -> int:
        person = self.twin.accounts[account].person
        own = [i for i, other in enumerate(self.twin.accounts) if other.person == person]
        return self.random.choice(own)

    def _contract(self) -> None:
        if self._one_in(3):
            deposit = self.random.choice([YUAN - 1, 5_000 * YUAN, 20_000 * YUAN, 10**11])
            self._open_contract(self._client(), self.random.choice([0, 1, 2, 9]), deposit)
            return
        account = self._client()
        if self._one_in(2):  # emptied first, as a liquidation does
            self.do(building.cancel_all(account))
            for held in list(self.twin.accounts[account].positions):
                if held.quantity > 0:
                    self._sell_out(account, held.instrument, held.quantity)
        self.do(building.contract_settle(account, self._sibling(account), b"r"))

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

    def _strangers(self) -> None:
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
                self._market_order,
            ]
        )()

    def _step(self) -> None:
        _choose(self.random)(self)


WEIGHTS: list[tuple[int, Callable[[History], None]]] = [
    (34, History._market_order),  # noqa: SLF001
    (30, History._client_order),  # noqa: SLF001
    (8, History._cancel),  # noqa: SLF001
    (2, History._cancel_all),  # noqa: SLF001
    (5, History._one_price),  # noqa: SLF001
    (5, History._frame),  # noqa: SLF001
    (6, History._move_money),  # noqa: SLF001
    (3, History._contract),  # noqa: SLF001
    (2, History._strangers),  # noqa: SLF001
    (3, History._change_phase),  # noqa: SLF001
    (2, History._next_day),  # noqa: SLF001
]
_LOTTERY = [action for weight, action in WEIGHTS for _ in range(weight)]


def _choose(random: Random) -> Callable[[History], None]:
    return random.choice(_LOTTERY)


__all__ = ["Command", "History"]

"""A history in the making: commands go to the twin at once, so that the next can fit its state."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import AccountClass, MarkPolicy, Phase
from tests.engine.twin.model import Order
from tests.engine.twin.terms import FEES, KINDS, REFERENCES, YUAN, day_terms, products
from tests.engine.twin.told import Told
from tests.engine.twin.twin import Twin

Commands = NDArray[np.void]
MINUTE_US = 60_000_000
FIRST_DATE = 20260105
DAYS_BETWEEN = (1, 1, 1, 3, 8)


class Run:
    """Commands so far, the twin that has applied them, and what it said."""

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

    def do(self, *commands: Commands) -> None:
        for command in commands:
            self.time += self.random.randrange(1, MINUTE_US)
            command["seq"], command["time"] = len(self.commands) + 1, self.time
            self.commands.append(command)
            events = self.twin.apply(command)
            seq = len(self.commands)
            self.told += [(seq, index, event) for index, event in enumerate(events)]

    def _begin(self) -> None:
        for i in range(len(KINDS)):
            self.do(building.instrument_add(i, f"60000{i}.SSE"))
        for i, terms in enumerate(FEES):
            self.do(building.fee_schedule(i, terms))
        for i, terms in enumerate(products()):
            self.do(building.product(i, terms))
        for _ in range(3):
            self.open_account(AccountClass.MARKET)
        for _ in range(3):
            self.open_account(AccountClass.CASH)
            self.do(building.deposit(len(self.twin.accounts) - 1, 400_000 * YUAN))
        self.open_day(list(REFERENCES), ex_dates=False)
        for i in range(4):
            self.open_contract(3 + i % 3, i, 20_000 * YUAN)

    def open_account(self, klass: AccountClass) -> None:
        self.people += 1
        self.do(building.account_open(self.people, klass, len(self.twin.accounts)))

    def open_contract(self, source: int, of: int, deposit: int) -> None:
        account = len(self.twin.accounts)
        self.do(building.contract_open(source, of, deposit, b"r", account))

    def open_day(self, references: list[int], *, ex_dates: bool = True) -> None:
        self.do(building.day_open(self.date, self.policy))
        if ex_dates:
            self.do(building.accrue(self.random.choice(DAYS_BETWEEN)))
        for i, reference in enumerate(references):
            if ex_dates and self.one_in(6):
                old = reference
                references[i] = max(1_000, reference * self.random.randrange(50, 120) // 100)
                references[i] = references[i] // 100 * 100
                self.do(building.entitlement(i, old, references[i]))
            self.do(building.instrument_day(i, day_terms(self.random, i, references[i])))
        self.do(building.ladders())
        if self.one_in(2):
            self.do(building.phase(building.ALL, Phase.OPENING_CALL))
        else:
            self.do(building.phase(building.ALL, Phase.CONTINUOUS))

    def one_in(self, n: int) -> bool:
        return self.random.randrange(n) == 0

    def any_instrument(self) -> int:
        return self.random.randrange(len(KINDS))

    def any_price(self, index: int) -> int:
        """Mostly within a few ticks of the last price, now and then a bad one."""
        day = self.twin.instruments[index].day
        last = self.twin.instruments[index].last // day.tick * day.tick
        if self.one_in(25):
            return self.random.choice(
                [0, -100, last + 3, day.limit_up + day.tick, day.limit_down - day.tick]
            )
        if self.one_in(10):
            return self.random.choice([day.limit_up, day.limit_down])
        price = last + self.random.randrange(-5, 6) * day.tick
        return min(max(price, day.limit_down), day.limit_up)

    def any_client(self) -> int:
        return self.random.randrange(3, len(self.twin.accounts))

    def live(self) -> list[Order]:
        return [order for order in self.twin.arena if order]

    def sibling(self, account: int, *, oldest: bool = False) -> int:
        person = self.twin.accounts[account].person
        own = [i for i, other in enumerate(self.twin.accounts) if other.person == person]
        return own[0] if oldest and not self.one_in(8) else self.random.choice(own)

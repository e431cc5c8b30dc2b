"""A history in the making: commands go to the twin at once, so that the next can fit its state."""

from random import Random

import numpy as np
from numpy.typing import NDArray

from server.engine import building, building_actions
from server.engine.codes import AccountClass, LimitKind, MarkPolicy, Phase
from tests.engine.twin.actions import action_terms, follow_up
from tests.engine.twin.model import Order
from tests.engine.twin.terms import (
    COMBINED,
    ENDING,
    FEES,
    FLEXIBLE,
    KINDS,
    LICENSED,
    MARGINS,
    WIDEST,
    YUAN,
    bounded_reference,
    day_terms,
    fee_terms,
    first_reference,
    products,
    rule_terms,
    ruled_products,
)
from tests.engine.twin.told import Told
from tests.engine.twin.twin import Twin

Commands = NDArray[np.void]
MINUTE_US = 60_000_000
FIRST_DATE = 20260105
DAYS_BETWEEN = (0, 1, 1, 1, 3, 8)
ACCOUNTS = 40  # are enough
MARKETS = 3  # accounts of the market come first
SCHEDULES = 20  # more than the engine's tables begin with


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
        self.actions: list[tuple[int, int]] = []  # (instrument, number) of those booked
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
        for _ in KINDS:
            self.add_instrument()
        for i, terms in enumerate(FEES):
            self.do(building.fee_schedule(i, terms))
        for i, terms in enumerate(products()):
            self.do(building.product(i, terms))
        for number, (terms, more) in enumerate(ruled_products(), ENDING):
            self.do(building.product(number, terms), building.product_terms(number, more))
        for _ in range(MARKETS):
            self.open_account(AccountClass.MARKET)
        clients = self.random.choice([3, 3, 3, 12])
        for _ in range(clients):
            self.open_account(AccountClass.CASH)
            self.do(building.deposit(len(self.twin.accounts) - 1, 400_000 * YUAN))
        self.open_day([first_reference(i) for i in range(len(KINDS))], ex_dates=False)
        for i in range(clients + 1):
            self.open_contract(MARKETS + i % clients, i % 4, 20_000 * YUAN)
        for number in (ENDING, COMBINED, FLEXIBLE, LICENSED):
            self.open_contract(MARKETS + number % clients, number, 20_000 * YUAN)

    def add_instrument(self) -> None:
        index = len(self.twin.instruments)
        self.do(building.instrument_add(index, f"{600_000 + index}.SSE"))

    def open_account(self, klass: AccountClass, person: int = 0) -> None:
        """For a new person when none is given."""
        self.people += person == 0
        self.do(building.account_open(person or self.people, klass, len(self.twin.accounts)))

    def open_contract(self, source: int, of: int, deposit: int, credit: int = 0) -> None:
        account = len(self.twin.accounts)
        self.do(building.contract_open(source, of, deposit, b"r", account, credit))

    def next_day(self) -> None:
        """Opens another day; shares start it where they stand, or near where they began."""
        self.date += 1
        lasts = [instrument.last for instrument in self.twin.instruments]
        self.open_day([bounded_reference(i, last) for i, last in enumerate(lasts)])

    def open_day(self, references: list[int], *, ex_dates: bool = True) -> None:
        self.do(building.day_open(self.date, self.policy, self.random.randrange(4)))
        if ex_dates:
            self.do(building.accrue(self.random.choice(DAYS_BETWEEN)))
            held = self.date - self.random.randrange(1, 4)
            self.do(building_actions.tax_periods(held, held - self.random.randrange(3)))
            follow_up(self)
            self._change_fees()
            if self.one_in(3):
                self.do(building.financing_margin(self.random.choice(MARGINS)))
        for i, reference in enumerate(references):
            if ex_dates and self.one_in(4):
                references[i] = self._act(i, reference)
            elif ex_dates and self.one_in(4):
                new = reference * self.random.choice([10, 50, 83, 95, 99, 101, 120, 350]) // 100
                references[i] = bounded_reference(i, new)
                self.do(building.entitlement(i, reference, references[i]))
            terms = day_terms(self.random, i, references[i], len(self.twin.fees))
            self.do(building.instrument_day(i, terms))
            if not self.one_in(3):
                limited = terms.limit_kind == LimitKind.LIMITED
                rules = rule_terms(self.random, i, references[i], limited=limited)
                self.do(building.instrument_rules(i, rules))
        self.do(building.ladders())
        phase = self.random.choice([Phase.OPENING_CALL, Phase.CONTINUOUS])
        self.do(building.phase(building.ALL, phase))

    def _act(self, index: int, close: int) -> int:
        """A corporate action; returns the reference price after it."""
        if self.one_in(8):
            self.do(building_actions.delist(index))
        terms = action_terms(self.random, len(self.actions) + 1, close)
        reference = bounded_reference(index, terms.reference)
        self.do(building_actions.corporate_action(index, terms._replace(reference=reference)))
        self.actions.append((index, terms.action))
        return reference

    def _change_fees(self) -> None:
        """While no order is open, a schedule may be another."""
        while self.one_in(2):
            schedule = self.random.randrange(min(len(self.twin.fees) + 1, SCHEDULES))
            self.do(building.fee_schedule(schedule, fee_terms(self.random)))

    def one_in(self, n: int) -> bool:
        return self.random.randrange(n) == 0

    def any_instrument(self) -> int:
        return self.random.randrange(len(self.twin.instruments))

    def any_wide(self) -> int:
        """One whose daily limit is more than a gap may cost."""
        days = [instrument.day for instrument in self.twin.instruments]
        return self.random.choice([i for i, day in enumerate(days) if day.limit_ppm > 150_000])

    def any_price(self, index: int) -> int:
        """Mostly within a few ticks of the last price, now and then a bad one."""
        day = self.twin.instruments[index].day
        if day.tick == 0:  # it has had no day yet
            return 10 * YUAN
        last = self.twin.instruments[index].last // day.tick * day.tick
        if self.one_in(25):
            beyond = [day.limit_up + day.tick, day.limit_down - day.tick]
            return self.random.choice([0, -100, 2**62, -(2**63), last + 3, *beyond])
        if self.one_in(10):
            return self.random.choice([day.limit_up, day.limit_down])
        if self.one_in(4 if index == WIDEST else 12):
            return self.random.randrange(day.limit_down, day.limit_up + 1, day.tick)
        price = last + self.random.randrange(-5, 6) * day.tick
        return min(max(price, day.limit_down), day.limit_up)

    def any_client(self) -> int:
        return self.random.randrange(MARKETS, len(self.twin.accounts))

    def any_market(self) -> int:
        return self.random.randrange(MARKETS)

    def anyone(self) -> int:
        """A client, mostly."""
        count = len(self.twin.accounts)
        odd = [0, -1, count, count + 1, 2**31 - 1, -(2**31)]
        return self.random.choice(odd) if self.one_in(15) else self.any_client()

    def live(self) -> list[Order]:
        return [order for order in self.twin.arena if order]

    def sibling(self, account: int, *, oldest: bool = False) -> int:
        person = self.twin.accounts[account].person
        own = [i for i, other in enumerate(self.twin.accounts) if other.person == person]
        return own[0] if oldest and not self.one_in(8) else self.random.choice(own)

"""A small exchange for the tests of risk: a real engine, a queue for a sequencer, a market account.

Amounts are in yuan where a name says so; everything handed to the engine is in 1/10 000 yuan.
"""

from collections.abc import Iterable, Sequence
from datetime import time

import numpy as np
from numpy.typing import NDArray

from server.engine import building, queries, records
from server.engine.codes import (
    AccountClass,
    Event,
    Grade,
    LimitKind,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.engine.terms import DayTerms, FeeTerms, ProductTerms
from server.journal.batch import Applied
from server.protocol.accounts import Notice, Statement
from server.risk.batch_context import Rules
from server.risk.book import Book
from server.risk.calls import CUT_OFF
from server.risk.catalogue import load_catalogue
from server.risk.liquidation import ForcedSales
from server.risk.projection import Projection
from server.risk.times import market_time
from server.risk.tomorrow import days_between

Commands = NDArray[np.void]

YUAN = 10_000
SECOND = 1_000_000
MARKET, PERSON, OTHER = 0, 1, 2
MONDAY, TUESDAY, WEDNESDAY, THURSDAY = 20250106, 20250107, 20250108, 20250109
SESSIONS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, 20250110, 20250113)
NO_FEES = FeeTerms(1, 0, 0, 0, 0, 0, 0, 0, 0)
FEES = FeeTerms(1, 250_000, 5 * YUAN, 0, 500_000, 10_000, 0, 0, 0)
LINES = {  # section 5.3, in tenths of a percent
    2: (1400, 1300, 1250, 1200),
    3: (1270, 1220, 1180, 1140),
    4: (1210, 1180, 1155, 1130),
}
DEEP = 5_000_000


def next_session(date: int) -> int:
    return next(session for session in SESSIONS if session > date)


def interest_alone(engine: Engine, session: int, _: Sequence[int]) -> Commands:
    """A day's opening that brings nothing else."""
    return building.accrue(days_between(engine.date, session))


RULES = Rules(next_session, CUT_OFF, interest_alone)


def product_terms(leverage: int, rate_ppm: int = 0) -> ProductTerms:
    remind, restrict, reduce, liquidate = (line * 1000 for line in LINES[leverage])
    return ProductTerms(
        version=1,
        leverage=leverage,
        annual_rate_ppm=rate_ppm,
        day_count=360,
        remind_ppm=remind,
        restrict_ppm=restrict,
        reduce_ppm=reduce,
        liquidate_ppm=liquidate,
        class_cap_ppm=(1_000_000, 1_000_000, 1_000_000, 1_000_000),
        single_cap_ppm=1_000_000,
        exit_cost_ppm=0,
        deposit_minimum=YUAN,
        deposit_maximum=1_000_000_000 * YUAN,
    )


def day_terms(
    reference: int, limit_ppm: int = 100_000, *, suspended: bool = False, step: int = 100
) -> DayTerms:
    """A share's day; `reference` in 1/10 000 yuan, limits rounded half up to the fen."""
    return DayTerms(
        reference=reference,
        limit_up=(reference * (1_000_000 + limit_ppm) // 1_000_000 + 50) // 100 * 100,
        limit_down=(reference * (1_000_000 - limit_ppm) // 1_000_000 + 50) // 100 * 100,
        tick=100,
        lot=100,
        buy_minimum=100,
        buy_step=100,
        sell_minimum=100 if step == 100 else 200,
        sell_step=step,
        max_limit_quantity=1_000_000,
        max_market_quantity=1_000_000,
        limit_ppm=limit_ppm,
        valuation_ppm=1_000_000,
        fee_schedule=0,
        session=0,
        limit_kind=LimitKind.LIMITED,
        holding_class=0,
        suspended=int(suspended),
        same_day_sale=0,
    )


class Stage:
    """Two persons with a cash account each, shares the market quotes, and risk in between."""

    def __init__(
        self,
        fees: FeeTerms = NO_FEES,
        instruments: int = 2,
        rate_ppm: int = 0,
        acting: bool = True,
        rules: Rules = RULES,
    ) -> None:
        self.engine = Engine()
        self.book = Book(0)
        self.projection = Projection(self.engine, self.book, rules, load_catalogue())
        self.sales = ForcedSales(self.engine, self.book, self.post, {}, self.projection.plans)
        self.acting = acting
        self.now = market_time(MONDAY, time(9, 0))
        self.queue: list[Commands] = []
        self.batches: list[Applied] = []
        self.notices: list[Notice] = []
        self.statements: list[Statement] = []
        self.references = [10 * YUAN] * instruments
        self.limits = [100_000] * instruments
        self._begin(fees, rate_ppm)

    def _begin(self, fees: FeeTerms, rate_ppm: int) -> None:
        self.run(
            building.fee_schedule(0, fees),
            *[building.product(n - 2, product_terms(n, rate_ppm)) for n in LINES],
            *[building.instrument_add(i, f"60000{i}.SSE") for i in range(len(self.references))],
            building.account_open(MARKET, AccountClass.MARKET),
            building.account_open(PERSON, AccountClass.CASH),
            building.account_open(OTHER, AccountClass.CASH),
        )
        self.run(building.deposit(1, 10_000_000 * YUAN), building.deposit(2, 10_000_000 * YUAN))

    # The queue ------------------------------------------------------------------------------------

    def post(self, commands: Commands) -> None:
        self.queue.append(commands)

    def run(self, *parts: Commands) -> list[Applied]:
        """Applies the parts as one batch, then whatever risk posts, batch by batch."""
        self.queue.extend(parts)
        before = len(self.batches)
        while self.queue:
            self._turn()
            assert len(self.batches) - before < 100, "forced sales go round in a circle"
        return self.batches[before:]

    def _turn(self) -> None:
        commands = building.concat(self.queue)
        self.queue = []
        commands["seq"] = np.arange(self.engine.seq + 1, self.engine.seq + 1 + len(commands))
        commands["time"] = self.now
        opening = np.isin(commands["kind"], (20, 21)) & (commands["account"] == -1)
        first = int(self.engine.state.header[0]["accounts"])
        commands["account"][opening] = np.arange(first, first + int(opening.sum()))
        first_seq = self.engine.seq + 1
        events = self.engine.apply(commands)
        applied = Applied(first_seq, self.engine.seq, 0, commands, events, b"\x01" * 32)
        self.batches.append(applied)
        outcome = self.projection.observe(applied)
        self.notices += [each.notice for each in outcome.issued]
        self.statements += [statement for _, statement in outcome.statements]
        if self.acting:
            self.sales.act(applied)

    # The market -----------------------------------------------------------------------------------

    def at(self, hour: int, minute: int) -> None:
        self.now = market_time(self.engine.date, time(hour, minute))

    def open_day(
        self,
        date: int = MONDAY,
        references: Sequence[int] | None = None,
        suspended: Iterable[int] = (),
        phase: Phase | None = Phase.CONTINUOUS,
    ) -> None:
        """Opens a day at these reference prices (yuan) and goes to a phase (9:30)."""
        if references is not None:
            self.references = [price * YUAN for price in references]
        self.now = market_time(date, time(9, 0))
        days = [
            building.instrument_day(i, day_terms(price, self.limits[i], suspended=i in suspended))
            for i, price in enumerate(self.references)
        ]
        self.run(building.day_open(date, MarkPolicy.SOURCE), *days, building.ladders())
        if phase is not None:
            self.at(9, 30)
            self.run(building.phase(-1, phase))

    def close_day(self) -> None:
        self.at(15, 0)
        self.run(building.day_close())

    def quote(self, instrument: int, bid: int = 0, quantity: int = DEEP, ask: int = 0) -> Commands:
        """The market's own book: nothing but this bid and this ask (1/10 000 yuan; 0: none)."""
        parts = [building.cancel_all(MARKET, instrument, Origin.MARKET)]
        for side, price in ((Side.BUY, bid), (Side.SELL, ask)):
            if price:
                kind = OrderType.LIMIT
                parts.append(
                    building.order(MARKET, instrument, side, kind, price, quantity, Origin.MARKET)
                )
        return building.concat(parts)

    def frame(self, *prices: int, bids: Sequence[int | None] | None = None) -> list[Applied]:
        """One frame of the market: each share's price (1/10 000 yuan), bid for at that price.

        `bids` overrides the bids; None there leaves the share without any.
        """
        bids = prices if bids is None else bids
        parts = [building.frame_begin()]
        for i, price in enumerate(prices):
            parts += [building.price(i, price, 0), self.quote(i, bids[i] or 0)]
        return self.run(*parts, building.frame_end())

    # Accounts -------------------------------------------------------------------------------------

    def contract(self, leverage: int, deposit: int, cash_account: int = 1) -> int:
        """Opens a 1:N contract with a deposit in yuan; returns its account."""
        account = int(self.engine.state.header[0]["accounts"])
        self.run(building.contract_open(cash_account, leverage - 2, deposit * YUAN))
        return account

    def buy(self, account: int, instrument: int, quantity: int, price: int) -> None:
        """Buys from the market at a price in 1/10 000 yuan."""
        self.run(
            self.quote(instrument, ask=price),
            building.order(account, instrument, Side.BUY, OrderType.LIMIT, price, quantity),
            self.quote(instrument, bid=price),
        )
        assert self.quantity(account, instrument) >= quantity

    def sell(self, account: int, instrument: int, quantity: int, price: int) -> None:
        self.run(building.order(account, instrument, Side.SELL, OrderType.LIMIT, price, quantity))

    def transfer(self, source: int, target: int, yuan: int) -> None:
        self.run(building.transfer(source, target, yuan * YUAN))

    # What came of it ------------------------------------------------------------------------------

    def quantity(self, account: int, instrument: int) -> int:
        index = queries.position(self.engine, account, instrument)
        return int(self.engine.state.positions[index]["quantity"]) if index >= 0 else 0

    def cash(self, account: int) -> int:
        return int(self.engine.state.accounts[account]["cash"])

    def debt(self, account: int) -> int:
        return int(self.engine.state.accounts[account]["debt"])

    def grade(self, account: int) -> Grade:
        return Grade(int(self.engine.state.accounts[account]["grade"]))

    def ratio(self, account: int) -> float:
        """Percent, for reading."""
        assets = queries.assets(self.engine, account)
        return queries.ratio_ppm(assets, self.debt(account)) / 10_000

    def codes(self, account: int) -> list[str]:
        return [notice.code for notice in self.notices if notice.account == account]

    def forced_orders(self, first: int = 0) -> list[tuple[int, int, int]]:
        """(account, instrument, quantity) of accepted forced orders, from batch `first` on."""
        found: list[tuple[int, int, int]] = []
        for batch in self.batches[first:]:
            events = batch.events.view(records.ORDER_EVENT)
            ours = events[(events["kind"] == Event.ORDER_ACCEPTED) & (events["origin"] >= 2)]
            found += [(int(e["account"]), int(e["instrument"]), int(e["quantity"])) for e in ours]
        return found

    def rejections(self) -> int:
        """Commands the engine refused, of anyone."""
        kinds = (Event.ORDER_REJECTED, Event.COMMAND_REJECTED, Event.CANCEL_REJECTED)
        return sum(int(np.isin(batch.events["kind"], kinds).sum()) for batch in self.batches)

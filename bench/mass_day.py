"""A hundred thousand accounts through the worst days there were, at full speed.

`python -m bench.mass_day [--accounts 100000] [--instruments 5000] [--frames 48]`. 5,000 synthetic
shares follow the real bars of 2015-08-24 and 2025-04-07, or made ones where the data is not there.
After every batch each account's grade, cash, debt and shares are compared with those kept in numpy
from commands, fills and money alone, and cash and shares are summed; forced sales run as they do in
the server; at the end the whole day is replayed from the eve's snapshot in other batches.
"""

import argparse
import logging
import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray

from bench.mass_crowd import DAY, MAKER, Crowd, Stage, families, invested, opening
from bench.mass_oracle import Oracle, sums_not_zero
from bench.mass_paths import Paths, made_shapes, paths, real_shapes
from bench.table import print_table
from server.accounts.products import load_products
from server.compiling import compile_kernels
from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Event, Grade, OrderType, Origin, Side
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.market.dates import time_us
from server.market.hours import SESSION_START
from server.market.rules import Rules
from server.risk.batch_context import Rules as RiskRules
from server.risk.book import Book
from server.risk.calls import CUT_OFF
from server.risk.catalogue import load_catalogue
from server.risk.liquidation import ForcedSales
from server.risk.projection import Projection

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
DEPTH = 1_000_000_000  # what is bid for at each price that is not limit-down
REPLAY_CUT = 65_536
DAY_US = 5 * 3_600_000_000 + 1_500_000_000  # from 9:30 to 14:55, past the reductions' cut-off
MOST_ROUNDS = 60  # of forced sales after a frame, each answering the one before


@dataclass(slots=True)
class Tally:
    """What the day came to; times in seconds of the processor."""

    batches: int = 0
    commands: int = 0
    events: int = 0
    prices: int = 0
    graded: int = 0  # account grades compared
    forced: int = 0
    notices: int = 0
    settled: int = 0
    engine_s: float = 0.0
    risk_s: float = 0.0
    oracle_s: float = 0.0
    kinds: Counter[int] = field(default_factory=Counter[int])


class MassDay:
    """`mismatches` names accounts whose grade was not the oracle's, and sums that were not zero."""

    def __init__(self, market: Paths, crowd: Crowd) -> None:
        self.rules = Rules()
        self.paths = market
        self.crowd = crowd
        shares = market.prices.shape[1]
        self.oracle = Oracle(crowd.accounts, shares, load_products())
        self.stage: Stage = invested(market, crowd, self.rules, self.oracle.follow)
        self.engine = self.stage.engine
        self.stage.batches.clear()
        self.stage.time = time_us(DAY, SESSION_START)
        self.snapshot = self.engine.snapshot()
        self.book = Book(0)
        risk_rules = RiskRules(lambda date: date + 1, CUT_OFF, _no_evening)
        self.projection = Projection(self.engine, self.book, risk_rules, load_catalogue())
        self._posted: list[Commands] = []
        self.sales = ForcedSales(
            self.engine, self.book, self._posted.append, {}, self.projection.plans
        )
        self.tally = Tally()
        self.mismatches: list[str] = []

    def run(self) -> None:
        self._apply(opening(self.paths, self.rules, DAY))
        self._settle()
        for prices in self.paths.prices:
            self.stage.time += DAY_US // len(self.paths.prices)
            self._apply(self._frame(prices))
            self.tally.prices += int((prices > 0).sum())
            self._settle()

    def replay_hash(self) -> bytes:
        """Of another engine that took the same day in other batches."""
        engine = Engine.restore(self.snapshot)
        commands = np.concatenate(self.stage.batches)
        for start in range(0, len(commands), REPLAY_CUT):
            engine.apply(commands[start : start + REPLAY_CUT])
        return engine.state_hash()

    def grades(self) -> dict[Grade, int]:
        """Of the contracts that are still open."""
        counted = np.bincount(self.oracle.grades()[1 + self.crowd.persons :], minlength=len(Grade))
        return {grade: int(counted[grade]) for grade in Grade}

    def _frame(self, prices: NDArray[np.int64]) -> Commands:
        """All prices, and the maker's bid at each but limit-down."""
        trading = np.flatnonzero(prices)
        terms = self.engine.state.instruments[trading]
        bid = trading[prices[trading] > terms["limit_down"]]
        quotes = building.orders(
            MAKER, bid, Side.BUY, OrderType.LIMIT, prices[bid], DEPTH, Origin.MARKET
        )
        return building.concat(
            [
                building.frame_begin(),
                building.cancel_all(MAKER, building.ALL, Origin.MARKET),
                building.prices(trading, prices[trading]),
                quotes,
                building.frame_end(),
            ]
        )

    def _settle(self) -> None:
        """Forced sales answer one another until nothing is posted."""
        for _ in range(MOST_ROUNDS):
            if not self._posted:
                return
            posted = building.concat(self._posted)
            self._posted.clear()
            self.tally.forced += len(posted)
            self._apply(posted)
        raise RuntimeError("forced sales go round in a circle")

    def _apply(self, commands: Commands) -> None:
        tally = self.tally
        start, engine_s = time.process_time(), self.stage.engine_s
        events = self.stage.apply(commands)
        tally.engine_s += self.stage.engine_s - engine_s
        tally.oracle_s += time.process_time() - start - (self.stage.engine_s - engine_s)
        tally.batches += 1
        tally.commands += len(commands)
        tally.events += len(events)
        applied = Applied(
            self.engine.seq - len(commands) + 1, self.engine.seq, 0, commands, events, b"\x01" * 32
        )
        tally.risk_s += _timed(lambda: self._act(applied))
        tally.oracle_s += _timed(lambda: self._compare(events))

    def _act(self, applied: Applied) -> None:
        outcome = self.projection.observe(applied)
        self.tally.notices += len(outcome.issued)
        self.sales.act(applied)

    def _compare(self, events: Commands) -> None:
        self._count(events)
        self.tally.graded += self.crowd.accounts
        self.mismatches += self.oracle.differences(self.engine)
        self.mismatches += sums_not_zero(self.engine)

    def _count(self, events: Commands) -> None:
        kinds = np.bincount(events["kind"])
        for kind in (Event.LINE_CROSSED, Event.GRADE_CHANGED, Event.FILL, Event.ORDER_REJECTED):
            if kind < len(kinds):
                self.tally.kinds[kind] += int(kinds[kind])


def _no_evening(_: Engine, session: int, __: Sequence[int]) -> Commands:
    raise AssertionError(f"the day never closes, and nobody looks ahead to {session}")


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def mass_day(accounts: int, instruments: int, frames: int, shared: Path | None) -> MassDay:
    """With the real days' shares where the data is there."""
    shapes = real_shapes(shared) if shared else []
    market = paths(shapes or made_shapes(60, seed=3), instruments, frames, seed=4)
    slots = families(load_products(), 4)
    return MassDay(market, Crowd(accounts // (1 + len(slots)), slots))


def report(accounts: int = 100_000, instruments: int = 5_000, frames: int = 48) -> None:
    compile_kernels(print)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    start = time.perf_counter()
    day = mass_day(accounts, instruments, frames, SHARED)
    built = time.perf_counter() - start
    day.run()
    whole = time.perf_counter() - start - built
    replay_s = _timed(lambda: _check(day))
    tally = day.tally
    print_table(
        f"mass day: {day.crowd.accounts:,} accounts, {instruments:,} shares, {frames} frames",
        ("what", "figure"),
        [
            ("shares followed", f"{len(day.paths.shapes):,}"),
            ("families", ", ".join(dict.fromkeys(_names(day)))),
            ("commands", f"{tally.commands:,}"),
            ("events", f"{tally.events:,}"),
            ("grades equal to those of the prices", f"{tally.graded:,}"),
            ("lines crossed", f"{tally.kinds[Event.LINE_CROSSED]:,}"),
            ("forced commands", f"{tally.forced:,}"),
            ("fills", f"{tally.kinds[Event.FILL]:,}"),
            ("notices", f"{tally.notices:,}"),
            ("runs not over", f"{len(day.book.runs):,}"),
            *((f"at the end: {grade.name.lower()}", f"{n:,}") for grade, n in day.grades().items()),
            ("set up, s", f"{built:.1f}"),
            ("engine, CPU s", f"{tally.engine_s:.2f}"),
            ("engine, ns a command", f"{tally.engine_s / tally.commands * 1e9:,.0f}"),
            ("risk service, CPU s", f"{tally.risk_s:.1f}"),
            ("oracle, CPU s", f"{tally.oracle_s:.1f}"),
            ("the day, s", f"{whole:.1f}"),
            ("replay, CPU s", f"{replay_s:.1f}"),
            ("memory, MB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,}"),
        ],
    )


def _names(day: MassDay) -> list[str]:
    return ["cash", *(product.key for slot in day.crowd.slots for product in slot)]


def _check(day: MassDay) -> None:
    """Raises RuntimeError when the day was not what it must be."""
    if day.mismatches:
        raise RuntimeError(f"{len(day.mismatches)} mismatches: {day.mismatches[:5]}")
    if day.replay_hash() != day.engine.state_hash():
        raise RuntimeError("the replayed day ends in another state")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--instruments", type=int, default=5_000)
    parser.add_argument("--frames", type=int, default=48)
    arguments = parser.parse_args()
    report(arguments.accounts, arguments.instruments, arguments.frames)


if __name__ == "__main__":
    main()

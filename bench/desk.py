"""What the risk officer's desk costs beside 100,000 accounts: each answer is one turn of the loop.

`python -m bench.desk [--accounts 100000] [--times 20]`. The goal is well under 100 ms for the page
and the figures, and no turn of more than 50 ms. A fifth of the shares have fallen, so that pages
have something to show, and 500 calls are open.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from bench.population import CONTINUOUS_START, PRICE, Population
from bench.table import print_table
from bench.what_if import shown
from server.compiling import compile_kernels
from server.database import open_database
from server.engine import building
from server.engine.building import Commands
from server.engine.codes import MarkPolicy
from server.engine.engine import Engine
from server.market.opening import DayInstrument, day_commands
from server.market.rules import Rules
from server.market.source import no_warning
from server.market.universe import UniverseEntry
from server.protocol.desk import DeskAccounts
from server.risk.book import Book
from server.risk.calls import MarginCall
from server.risk.desk import RiskDesk
from server.risk.desk_figures import unsellable
from server.risk.desk_store import DeskStore
from server.risk.liquidation import ForcedSales
from server.risk.runs import Trigger
from server.risk.stock_exposure import stocks
from server.risk.stress import stress
from server.risk.systemic_figures import take_figures
from server.risk.tomorrow import falling

CALLS = 500
ON_SCREEN = 100
FALLEN = 5  # one share in so many
SUSPENDED = 200  # from tomorrow on, one share in so many
TOMORROW = 20250108

RULES = Rules()
Question = Callable[[], object]


def desk_of(engine: Engine, book: Book) -> RiskDesk:
    """A desk that only answers: nothing is ever submitted or asked of the database."""

    async def never(_: Any) -> Any:
        raise AssertionError("the bench changes nothing")

    store = DeskStore(open_database("sqlite:///:memory:"))
    sales = ForcedSales(engine, book, lambda _: None, {})
    return RiskDesk(engine, lambda: book, sales, store, never, never, lambda: 0)


def book_of(engine: Engine) -> Book:
    """Calls of the accounts nearest to their lines."""
    rows = engine.state.accounts[: int(engine.state.header[0]["accounts"])]
    owing = np.flatnonzero(rows["debt"] > 0)[:CALLS]
    trigger = Trigger(1, CONTINUOUS_START, 1_200_000, 1_250_000)
    calls = {each: MarginCall(each, CONTINUOUS_START, trigger, 0) for each in owing.tolist()}
    return Book(20250107, calls)


def next_opening(engine: Engine, session: int, instruments: Sequence[int]) -> Commands:
    """By the rules' tables, at the last prices; one share in so many is suspended."""
    days = [
        DayInstrument(
            index=index,
            entry=UniverseEntry(
                code=f"{600_000 + index}", exchange="SSE", board="main", kind="share", name=""
            ),
            reference=int(engine.state.instruments[index]["last"]),
            suspended=index % SUSPENDED == 0,
            suspended_sessions=int(index % SUSPENDED == 0),
        )
        for index in instruments
    ]
    return day_commands(
        session, days, RULES, MarkPolicy.SOURCE, previous_date=engine.date, report=no_warning
    )


def questions(engine: Engine) -> list[tuple[str, Question]]:
    desk = desk_of(engine, book_of(engine))
    middle = int(engine.state.header[0]["accounts"]) // 4  # half of the accounts owe
    return [
        ("a frame pushed, encoded", lambda: frame(desk)),
        ("overview, the picture", lambda: desk.overview(0)),
        ("first page of 200 by ratio", lambda: desk.accounts(DeskAccounts(0, "ratio", 0, 200))),
        ("a page in the middle", lambda: desk.accounts(DeskAccounts(0, "debt", middle, 200))),
        (f"{CALLS} calls", lambda: desk.calls(0)),
        ("shares over the platform", lambda: stocks(0, engine)),
        ("what cannot be sold", lambda: unsellable(0, engine)),
        ("stress, its longest slice", lambda: next(stress(engine))),
        ("stress, all slices", lambda: list(stress(engine))),
        ("systemic figures", lambda: take_figures(engine)),
        ("below a line tomorrow", lambda: falling(engine, next_opening, TOMORROW)),
    ]


def frame(desk: RiskDesk) -> bytes:
    """What an officer's screen is pushed, twice a second at the most while something happens."""
    page = DeskAccounts(0, "ratio", 0, ON_SCREEN)
    return msgspec.msgpack.encode([desk.overview(0), desk.accounts(page)])


def report(*, accounts: int = 100_000, instruments: int = 1_000, times: int = 20) -> None:
    compile_kernels(print)
    population = Population(instruments, accounts)
    fall = [building.price(each, PRICE * 9 // 10) for each in range(0, instruments, FALLEN)]
    population.apply(building.concat([building.frame_begin(), *fall, building.frame_end()]))
    rows: list[Sequence[str]] = []
    for name, question in questions(population.engine):
        octets = _octets(question())
        waited = shown(sorted(_times(question, times, time.perf_counter_ns)))
        worked = shown(sorted(_times(question, times, time.process_time_ns)))
        rows.append([name, *waited, worked[1], worked[3], f"{octets:,}"])
    print_table(
        f"the risk desk with {population.accounts:,} accounts, microseconds",
        ["question", "least", "median", "p99", "most", "CPU median", "CPU most", "octets"],
        rows,
    )


def _times(question: Question, times: int, clock: Callable[[], int]) -> list[int]:
    found: list[int] = []
    for _ in range(times):
        start = clock()
        question()
        found.append(clock() - start)
    return found


def _octets(answer: object) -> int:
    """Of the message, where the answer is one."""
    if isinstance(answer, bytes):
        return len(answer)
    return len(msgspec.msgpack.encode(answer)) if isinstance(answer, msgspec.Struct) else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.desk")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    report(accounts=options.accounts, times=options.times)

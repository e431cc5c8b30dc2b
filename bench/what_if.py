"""What a what-if costs beside 100,000 accounts: one order, a basket, a fall of everything held.

`python -m bench.what_if [--accounts 100000] [--asked 400]`. Books are filled by the kernel bench's
flow first; every account asked about holds three shares. The issue's bound is 1 ms for one order.
"""

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from bench.flow import Flow
from bench.population import PRICE, TICK, Population
from bench.table import print_table
from server.compiling import compile_kernels
from server.engine.codes import OrderType, Side
from server.engine.engine import Engine
from server.engine.queries import positions_of
from server.engine.reasons import Reason
from server.engine.supposing import SupposedOrder, suppose
from server.engine.what_if import what_if
from server.risk.foresight import foresee

BASKET = 10


def costs(
    asked: Sequence[int], question: Callable[[int], object], clock: Callable[[], int]
) -> list[int]:
    """Nanoseconds of each answer, sorted."""
    found: list[int] = []
    for account in asked:
        start = clock()
        question(account)
        found.append(clock() - start)
    return sorted(found)


def shown(found: list[int]) -> list[str]:
    """Least, median, p99 and most, in microseconds."""
    picked = (found[0], found[len(found) // 2], found[len(found) * 99 // 100], found[-1])
    return [f"{each / 1_000:,.0f}" for each in picked]


def report(*, accounts: int = 100_000, instruments: int = 1_000, asked: int = 400) -> None:
    compile_kernels(print)
    population = Population(instruments, accounts)
    flow = Flow(population, 65_536)
    population.engine.apply(flow.commands)
    engine = population.engine
    chosen = np.linspace(1, population.accounts - 1, asked, dtype=np.int64).tolist()

    def one(account: int) -> None:
        found = what_if(
            *(engine, account, account % instruments, Side.BUY, OrderType.LIMIT),
            *(PRICE + 5 * TICK, 1_000),
        )
        assert found.reason in Reason

    def basket(account: int) -> None:
        suppose(engine, account, basket_of(account, instruments))

    def deposit(account: int) -> None:
        suppose(engine, account, deposit=PRICE)

    def fall(account: int) -> None:
        suppose(engine, account, prices=fallen(engine, account))

    def sold(account: int) -> None:
        foresee(engine, account, move_ppm=-100_000)

    rows: list[Sequence[str]] = []
    for name, question in (
        ("one order", one),
        (f"a basket of {BASKET}", basket),
        ("a deposit", deposit),
        ("a fall of 10 %", fall),
        ("a fall of 10 %, and what would be sold", sold),
    ):
        question(chosen[0])
        waited = shown(costs(chosen, question, time.perf_counter_ns))
        worked = shown(costs(chosen, question, time.process_time_ns))
        rows.append([name, *waited, worked[1], worked[2]])
    print_table(
        f"what-if with {population.accounts:,} accounts, microseconds",
        ["question", "least", "median", "p99", "most", "CPU median", "CPU p99"],
        rows,
    )


def basket_of(account: int, instruments: int) -> list[SupposedOrder]:
    return [
        SupposedOrder((account + i) % instruments, Side.BUY, OrderType.LIMIT, PRICE + TICK, 100)
        for i in range(BASKET)
    ]


def fallen(engine: Engine, account: int) -> dict[int, int]:
    held = engine.state.positions["instrument"][positions_of(engine, account)].tolist()
    return {each: int(engine.state.instruments[each]["last"]) * 9 // 10 for each in held}


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.what_if")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=400)
    options = parser.parse_args()
    report(accounts=options.accounts, asked=options.asked)

"""What the engine costs: a command in batches, and a price that re-margins its holders.

`python -m bench.kernel [--runs 5] [--commands 65536]`. Commands are recorded once and replayed from
the same snapshot in every run; the figures are medians over the runs. A batch of one is what a
single order costs with the call into the kernel and the copy of its events.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from bench.flow import Flow
from bench.population import PRICE, TICK, Population, stamp
from bench.table import print_table
from server.compiling import compile_kernels
from server.engine import building
from server.engine.engine import Engine

BATCHES = (1, 16, 1_024)
INSTRUMENTS = (1, 1_000)
ACCOUNTS = (10_000, 100_000)
HOLDERS = (10, 1_000, 10_000)
PRICES = 512


def nanoseconds(work: Callable[[], object]) -> int:
    start = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - start


def command_cost(snapshot: bytes, flow: Flow, batch: int, runs: int) -> float:
    """Median nanoseconds a command."""
    parts = [flow.commands[i : i + batch] for i in range(0, len(flow.commands), batch)]
    costs: list[float] = []
    for _ in range(runs):
        engine = Engine.restore(snapshot)

        def replay(engine: Engine = engine) -> None:
            for part in parts:
                engine.apply(part)

        costs.append(nanoseconds(replay) / len(flow.commands))
    return statistics.median(costs)


def command_rows(runs: int, commands: int) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for instruments in INSTRUMENTS:
        for accounts in ACCOUNTS:
            population = Population(instruments, accounts)
            snapshot = population.engine.snapshot()
            flow = Flow(population, commands)
            costs = [command_cost(snapshot, flow, batch, runs) for batch in BATCHES]
            rows.append(
                (
                    f"{instruments:,}",
                    f"{accounts:,}",
                    f"{flow.events / len(flow.commands):.2f}",
                    *(f"{cost:,.0f}" for cost in costs),
                )
            )
    return rows


def price_cost(holders: int, runs: int) -> float:
    """Median nanoseconds of one price of a share that `holders` contracts and accounts hold."""
    engine = Population(1, holders).engine
    prices = building.prices(
        np.zeros(PRICES, np.int64), PRICE + TICK * (np.arange(PRICES) % 2 * 2 - 1)
    )
    costs: list[float] = []
    for _ in range(runs):
        stamp(prices, engine.seq + 1)
        costs.append(nanoseconds(lambda: engine.apply(prices)) / PRICES)
    return statistics.median(costs)


def report(runs: int = 5, commands: int = 65_536) -> None:
    compile_kernels(print)
    print_table(
        f"kernel: ns a command, median of {runs} runs of {commands:,} commands",
        ("instruments", "accounts", "events each", *(f"batch {batch:,}" for batch in BATCHES)),
        command_rows(runs, commands),
    )
    costs = [(holders, price_cost(holders, runs)) for holders in HOLDERS]
    print_table(
        f"kernel: re-margining the holders of one price, median of {runs} runs of {PRICES} prices",
        ("holders", "µs a price", "ns a holder"),
        [(f"{n:,}", f"{cost / 1_000:.2f}", f"{cost / n:.2f}") for n, cost in costs],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--commands", type=int, default=65_536)
    arguments = parser.parse_args()
    report(arguments.runs, arguments.commands)


if __name__ == "__main__":
    main()

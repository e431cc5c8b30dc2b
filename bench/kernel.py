"""What the engine costs: a command in batches, one order's whole path, a price's re-margining.

`python -m bench.kernel [--runs 5] [--commands 65536]`. Commands are recorded once and replayed from
the same snapshot in every run; the figures are medians over the runs. The books are filled before.
A batch of one is what a single command costs with the call into the kernel and the copy of its
events; one order's whole path adds making the record and stamping it.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable

import numpy as np

from bench.flow import Flow
from bench.population import PRICE, TICK, Population, stamp
from bench.table import print_table
from server.compiling import compile_kernels
from server.engine import building, records
from server.engine.codes import Command
from server.engine.engine import Engine
from server.sequencing import stamping

BATCHES = (1, 16, 1_024)
MARKETS = ((1, 10_000), (1, 100_000), (1_000, 10_000), (1_000, 100_000))
HOLDERS = (10, 1_000, 7_700, 10_000)
PRICES = 512
WARM_UP = 81_920  # commands that fill the books, and leave the orders' table room for the rest


def nanoseconds(work: Callable[[], object]) -> int:
    start = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - start


def command_cost(snapshot: bytes, flow: Flow, batch: int, runs: int) -> float:
    """Median nanoseconds a command; the first eighth only lets a new engine's tables grow."""
    first = len(flow.commands) // 8
    commands = flow.commands[first:]
    parts = [commands[i : i + batch] for i in range(0, len(commands), batch)]
    costs: list[float] = []
    for _ in range(runs):
        engine = Engine.restore(snapshot)
        for i in range(0, first, batch):
            engine.apply(flow.commands[i : min(i + batch, first)])

        def replay(engine: Engine = engine) -> None:
            for part in parts:
                engine.apply(part)

        costs.append(nanoseconds(replay) / len(commands))
    return statistics.median(costs)


def rule_rows(runs: int, commands: int) -> list[tuple[str, ...]]:
    """The largest market without and with every rule, in turns: (batch, off, on, on / off)."""
    populations = [Population(*MARKETS[-1], rules=rules) for rules in (False, True)]
    plays: list[tuple[bytes, Flow]] = []
    for population in populations:
        Flow(population, WARM_UP, seed=3)
        plays.append((population.engine.snapshot(), Flow(population, commands)))
    rows: list[tuple[str, ...]] = []
    for batch in BATCHES:
        turns = [[command_cost(*play, batch, 1) for play in plays] for _ in range(runs)]
        off, on = (statistics.median(column) for column in zip(*turns, strict=True))
        rows.append((f"{batch:,}", f"{off:,.0f}", f"{on:,.0f}", f"{on / off:.2f}"))
    return rows


def order_costs(snapshot: bytes, flow: Flow) -> list[int]:
    """Nanoseconds of each order of the flow, called singly: pack, stamp, check, match, settle."""
    engine = Engine.restore(snapshot)
    costs: list[int] = []
    columns = ("account", "instrument", "side", "type", "price", "quantity")
    gc.collect()
    gc.disable()
    for command in np.split(flow.commands, len(flow.commands)):
        if command["kind"][0] != Command.ORDER:
            stamp(command, engine.seq + 1)
            engine.apply(command)
            continue
        terms: tuple[int, int, int, int, int, int]
        terms = command.view(records.ORDER)[0][[*columns]].item()
        seq, now, header = engine.seq, engine.time, engine.state.header
        start = time.perf_counter_ns()
        record = building.order_record(*terms, b"")
        engine.apply(stamping.stamp([stamping.Submission(record, None)], seq + 1, now, header))
        costs.append(time.perf_counter_ns() - start)
    gc.enable()
    return costs


def command_rows(runs: int, commands: int) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Of commands in batches, and of single orders."""
    batches: list[tuple[str, ...]] = []
    singles: list[tuple[str, ...]] = []
    for instruments, accounts in MARKETS:
        population = Population(instruments, accounts)
        Flow(population, WARM_UP, seed=3)
        snapshot = population.engine.snapshot()
        flow = Flow(population, commands)
        costs = [command_cost(snapshot, flow, batch, runs) for batch in BATCHES]
        each = f"{flow.events / len(flow.commands):.2f}"
        market = (f"{instruments:,}", f"{accounts:,}")
        batches.append((*market, each, *(f"{cost:,.0f}" for cost in costs)))
        cuts = [percentiles(order_costs(snapshot, flow)) for _ in range(runs)]
        figures = [statistics.median(column) for column in zip(*cuts, strict=True)]
        singles.append((*market, *(f"{figure / 1_000:.2f}" for figure in figures)))
    return batches, singles


def percentiles(costs: list[int]) -> tuple[float, float, int]:
    """p50, p99 and the largest."""
    cuts = statistics.quantiles(costs, n=100)
    return cuts[49], cuts[98], max(costs)


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
    batches, singles = command_rows(runs, commands)
    print_table(
        f"kernel: ns a command, median of {runs} runs of {commands:,} commands",
        ("instruments", "accounts", "events each", *(f"batch {batch:,}" for batch in BATCHES)),
        batches,
    )
    print_table(
        f"kernel: µs of one order's whole path, packing included, median of {runs} runs",
        ("instruments", "accounts", "p50", "p99", "max"),
        singles,
    )
    print_table(
        f"kernel: every rule off and on, ns a command, median of {runs} runs",
        ("batch", "rules off", "rules on", "on / off"),
        rule_rows(runs, commands),
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

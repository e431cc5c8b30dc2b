"""An order's round trip over loopback to a server process, beside the disk's own sync.

`python -m bench.round_trip [--orders 2000] [--market demo|quiet] [--dir .]`. The server is the
demo's, its journal in a directory of its own under `--dir`, the rate limits lifted; the client is a
blocking socket that sends bytes made in advance. Every answer was made durable before it was sent:
the round trip cannot be shorter than the disk's sync, which is measured in the same directory
before, between and after. Orders are bids at limit-down that rest; they are cancelled at the end.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.served import MARKETS, Served, served
from bench.table import print_table
from bench.trader import Trader, refuse_failures
from bench.wire import PLACED, framed
from server.journal.disk import sync_times

ROUNDS = 4  # between which the disk is measured
SYNCS = 100  # each time
WARM_UP = 200
GOAL_P50_US, GOAL_P99_US = 300, 700  # more than the disk's own


def trips(trader: Trader, orders: int) -> list[float]:
    """Microseconds from the sending of an order to its answer, one at a time."""
    taken: list[float] = []
    for order in map(framed, trader.orders(orders)):
        at = time.perf_counter_ns()
        trader.wire.socket.sendall(order)
        while not _answered(trader):
            pass
        taken.append((time.perf_counter_ns() - at) / 1_000)
    return taken


def _answered(trader: Trader) -> bool:
    payloads = trader.wire.payloads()
    for payload in payloads:
        refuse_failures(payload)
    return any(PLACED in payload for payload in payloads)


def measure(server: Served, orders: int, directory: Path) -> tuple[list[float], list[float]]:
    """The round trips, and the disk's syncs meanwhile."""
    trader = Trader(server.ready.url, server.ready.username, server.ready.password)
    trips(trader, WARM_UP)
    found: list[float] = []
    syncs = sync_times(directory, SYNCS)
    for _ in range(ROUNDS):
        trader.cancel_all()
        found += trips(trader, orders // ROUNDS)
        syncs += sync_times(directory, SYNCS)
    trader.cancel_all()
    return found, syncs


def figures(name: str, times: list[float]) -> tuple[str, ...]:
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
    return (name, *(f"{each:,.0f}" for each in (p50, p99, max(times))))


def difference(trips: list[float], syncs: list[float]) -> tuple[str, ...]:
    """How much longer a round trip takes than a sync."""
    p50 = statistics.median(trips) - statistics.median(syncs)
    p99 = statistics.quantiles(trips, n=100)[98] - statistics.quantiles(syncs, n=100)[98]
    return ("more than the disk", f"{p50:,.0f}", f"{p99:,.0f}", "")


def report(orders: int = 2_000, market: str = "demo", directory: Path = Path()) -> None:
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=directory) as made,
        served(Path(made), market) as server,
    ):
        found, syncs = measure(server, orders, Path(made))
    print_table(
        f"order round trip over loopback, one in flight, {market} market (µs)",
        (f"{len(found):,} orders", "p50", "p99", "max"),
        [
            figures("round trip", found),
            figures("disk sync alone", syncs),
            difference(found, syncs),
            ("goal of that", f"{GOAL_P50_US}", f"{GOAL_P99_US}", ""),
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--market", choices=list(MARKETS), default="demo")
    parser.add_argument("--dir", type=Path, default=Path())
    given = parser.parse_args()
    report(given.orders, given.market, given.dir)


if __name__ == "__main__":
    main()

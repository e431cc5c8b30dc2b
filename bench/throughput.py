"""Durable orders a second from many clients, and what they cost server and clients.

`python -m bench.throughput [--clients 50] [--seconds 5] [--market quiet|demo] [--dir .]`. Clients
are blocking sockets in one process of their own, each a person with an own account; orders are bids
at limit-down that rest, encoded before the clock starts. Each client has 1 or 32 in flight: single
messages, or as many in one array as were answered. Every answer was durable before it was sent. A
generator that is not busy all the time is not what limits the rate.
"""

import argparse
import multiprocessing
import selectors
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.served import MARKETS, PASSWORD, Served, names, served
from bench.table import print_table
from bench.trader import Trader, refuse_failures
from bench.wire import PLACED, array_of, framed

MOST_A_SECOND = 120_000  # orders are prepared for such a rate, and wait for ever after
LOADS = {"1": (1, False), "32": (32, False), "32a": (32, True)}  # in flight each, in arrays


class Pipe(Protocol):
    """One end of what connects the generator to us."""

    def send(self, obj: Any, /) -> None: ...
    def recv(self) -> Any: ...


@dataclass(frozen=True)
class Load:
    in_flight: int
    in_arrays: bool
    seconds: float


@dataclass(frozen=True)
class Result:
    orders: int
    seconds: float
    cpu_s: float  # of the generator


class Sender:
    """One client's orders, sent as the answers come."""

    def __init__(self, trader: Trader, load: Load, orders: int) -> None:
        self.trader = trader
        self._in_arrays = load.in_arrays
        made = trader.orders(orders)
        self._orders = made if load.in_arrays else [framed(order) for order in made]
        self._next = 0

    def send(self, number: int) -> None:
        orders = self._orders[self._next : self._next + number]
        self._next += number
        if orders:
            self.trader.wire.socket.sendall(
                framed(array_of(orders)) if self._in_arrays else b"".join(orders)
            )

    def answered(self) -> int:
        """Orders placed by the frames that have come."""
        number = 0
        for payload in self.trader.wire.payloads():
            refuse_failures(payload)
            number += payload.count(PLACED)
        return number


def drive(senders: list[Sender], load: Load) -> Result:
    """Keeps `in_flight` orders of each client under way."""
    selector = selectors.DefaultSelector()
    for sender in senders:
        selector.register(sender.trader.wire.socket, selectors.EVENT_READ, sender)
    cpu, begun = time.process_time(), time.perf_counter()
    for sender in senders:
        sender.send(load.in_flight)
    orders, left = 0, load.seconds
    while left > 0:
        for key, _ in selector.select(left):
            number = key.data.answered()
            orders += number
            key.data.send(number)
        left = begun + load.seconds - time.perf_counter()
    return Result(orders, time.perf_counter() - begun, time.process_time() - cpu)


def generate(url: str, clients: int, orders: Pipe) -> None:
    """The generator's process: takes a `Load`, says when it is ready, waits, answers a `Result`."""
    traders = [Trader(url, name, PASSWORD, i) for i, name in enumerate(names(clients))]
    while (load := orders.recv()) is not None:
        number = int(MOST_A_SECOND * load.seconds / clients)
        senders = [Sender(trader, load, number) for trader in traders]
        orders.send("ready")
        orders.recv()
        orders.send(drive(senders, load))
        for trader in traders:
            trader.cancel_all()


def measure(
    server: Served, clients: int, seconds: float, loads: list[str]
) -> list[tuple[str, ...]]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    generator = context.Process(target=generate, args=(server.ready.url, clients, theirs))
    generator.start()
    theirs.close()
    rows = [
        _row(server, ours, Load(n, arrays, seconds)) for n, arrays in map(LOADS.__getitem__, loads)
    ]
    ours.send(None)
    generator.join()
    return rows


def _row(server: Served, generator: Pipe, load: Load) -> tuple[str, ...]:
    generator.send(load)
    generator.recv()
    cpu = server.cpu_s()
    generator.send("go")
    result: Result = generator.recv()
    server_cpu = server.cpu_s() - cpu
    return (
        f"{load.in_flight} {'in arrays' if load.in_arrays else 'singly'}",
        f"{result.orders / result.seconds:,.0f}",
        f"{server_cpu / result.orders * 1e6:,.1f}",
        f"{server_cpu / result.seconds:.0%}",
        f"{result.cpu_s / result.seconds:.0%}",
    )


def report(
    clients: int = 50,
    seconds: float = 5.0,
    market: str = "quiet",
    loads: list[str] | None = None,
    directory: Path = Path(),
) -> None:
    with (
        tempfile.TemporaryDirectory(prefix=".bench-", dir=directory) as made,
        served(Path(made), market, clients) as server,
    ):
        rows = measure(server, clients, seconds, loads or list(LOADS))
    print_table(
        f"durable orders from {clients} clients, {market} market",
        ("in flight each", "orders/s", "server µs/order", "server CPU", "clients' CPU"),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--market", choices=list(MARKETS), default="quiet")
    parser.add_argument("--loads", nargs="+", choices=list(LOADS))
    parser.add_argument("--dir", type=Path, default=Path())
    given = parser.parse_args()
    report(given.clients, given.seconds, given.market, given.loads, given.dir)


if __name__ == "__main__":
    main()

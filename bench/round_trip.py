"""An order's round trip over loopback to a server process, beside the disk's own sync.

`python -m bench.round_trip [--orders 2000] [--in-flight 32] [--dir .]`. The server is the demo's,
with its simulated market running, its journal in a directory of its own under `--dir`, and the
rate limits lifted. Every answer has been made durable before it is sent: the round trip cannot be
shorter than the disk's sync, which is measured on the same directory. Orders are bids at limit-down
that rest; they are cancelled at the end of each run.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from itertools import count
from pathlib import Path

import msgspec
import websockets
from websockets.asyncio.client import ClientConnection

from bench.table import print_table
from server.cli.child import ServerProcess
from server.engine.records import MAX_MONEY
from server.journal.disk import measure_disk
from server.protocol import SUBPROTOCOL_MSGPACK, accounts, market, session, trading
from server.protocol.messages import Frame
from server.ready import Ready

DISK_SAMPLES = 5
WARM_UP = 200
SETTINGS = (
    "--port=0",
    "--ephemeral",
    "--set=server.demo=true",
    "--set=gateway.requests_per_second=1000000",
    "--set=gateway.request_burst=1000000",
)


class Client:
    """One connection of the demo's trader."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = count(1)
        self._frames = msgspec.msgpack.Decoder(Frame)
        self.account = -1
        self.share: market.Instrument | None = None
        self.phase = "closed"

    async def log_in(self, ready: Ready) -> None:
        """Waits for continuous trading as well."""
        await self._send(session.Login(next(self._ids), ready.username, ready.password))
        await self._send(market.GetInstruments(next(self._ids)))
        while self.account < 0 or self.share is None or self.phase != "continuous":
            for item in await self._receive():
                self._learn(item)
        await self._answered(
            accounts.Deposit(next(self._ids), self.account, MAX_MONEY, request_id="bench")
        )

    def _learn(self, item: object) -> None:
        match item:
            case accounts.Account(account_class="cash"):
                self.account = item.account
            case session.Clock():
                self.phase = item.phase
            case market.Instruments():
                self.share = next(i for i in item.items if i.board == "main" and not i.suspended)
            case _:
                _check(item)

    async def _send(self, request: msgspec.Struct) -> None:
        await self._connection.send(msgspec.msgpack.encode(request))

    async def _receive(self) -> list[object]:
        data = await self._connection.recv(decode=False)
        return list(self._frames.decode(data).items)

    async def place(self) -> int:
        """Sends an order; returns the request's id."""
        assert self.share is not None
        number = next(self._ids)
        await self._send(
            trading.PlaceOrder(
                id=number,
                account=self.account,
                symbol=self.share.symbol,
                side="buy",
                order_type="limit",
                quantity=self.share.lot,
                client_order_id=f"bench-{number}",
                price=self.share.limit_down,
            )
        )
        return number

    async def answers(self) -> list[int]:
        """Ids of the orders answered in the next frame."""
        found: list[int] = []
        for item in await self._receive():
            _check(item)
            if isinstance(item, trading.Placed):
                found.append(item.id)
        return found

    async def cancel_all(self) -> None:
        await self._answered(trading.CancelAll(next(self._ids), self.account))

    async def _answered(self, request: trading.CancelAll | accounts.Deposit) -> None:
        """Sends a request and waits for its answer."""
        await self._send(request)
        while True:
            for item in await self._receive():
                _check(item)
                if getattr(item, "id", 0) == request.id:
                    return


def _check(item: object) -> None:
    """Raises RuntimeError for a refusal."""
    match item:
        case session.Failed():
            raise RuntimeError(f"{item.code}: {item.message_en}")
        case trading.Placed() if item.order.status != "working":
            raise RuntimeError(f"the order is {item.order.status}: {item.order.code}")
        case _:
            pass


async def measure(client: Client, orders: int, in_flight: int) -> tuple[list[float], float]:
    """Microseconds of each round trip, and orders a second."""
    sent: dict[int, int] = {}
    trips: list[float] = []
    begun = time.perf_counter_ns()
    left = orders
    while left or sent:
        while left and len(sent) < in_flight:
            at = time.perf_counter_ns()
            sent[await client.place()] = at
            left -= 1
        answered = await client.answers()
        now = time.perf_counter_ns()
        trips += [(now - sent.pop(number)) / 1_000 for number in answered]
    return trips, orders / (time.perf_counter_ns() - begun) * 1e9


async def run(ready: Ready, orders: int, in_flight: tuple[int, ...]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    subprotocol = websockets.Subprotocol(SUBPROTOCOL_MSGPACK)
    async with websockets.connect(ready.url, subprotocols=[subprotocol], max_size=None) as raw:
        client = Client(raw)
        await client.log_in(ready)
        await measure(client, WARM_UP, 1)
        for number in in_flight:
            await client.cancel_all()
            trips, rate = await measure(client, orders, number)
            cuts = statistics.quantiles(trips, n=100)
            figures = (statistics.median(trips), cuts[98], max(trips))
            rows.append((f"{number}", *(f"{each:,.0f}" for each in figures), f"{rate:,.0f}"))
        await client.cancel_all()
    return rows


def report(orders: int = 2_000, in_flight: int = 32, directory: Path = Path()) -> None:
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=directory) as made:
        log = Path(made) / "server.log"
        data = Path(made) / "data"
        with ServerProcess([*SETTINGS, f"--data={data}"], log) as server:
            ready = server.wait_ready(print)
            rows = asyncio.run(run(ready, orders, (1, in_flight)))
        disk = [measure_disk(Path(made)).p50_us for _ in range(DISK_SAMPLES)]
    print_table(
        f"order round trip over loopback, {orders:,} orders (µs)",
        ("in flight", "p50", "p99", "max", "orders/s"),
        [*rows, ("disk sync alone", f"{statistics.median(disk):,.0f}", "", "", "")],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=32)
    parser.add_argument("--dir", type=Path, default=Path())
    arguments = parser.parse_args()
    report(arguments.orders, arguments.in_flight, arguments.dir)


if __name__ == "__main__":
    main()

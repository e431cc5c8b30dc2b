"""The lean clients of the benches speak the protocol; every order they count was carried out."""

import asyncio
from pathlib import Path

import pytest

from bench.round_trip import trips
from bench.throughput import Load, Result, Sender, drive
from bench.trader import Trader, refuse_failures
from bench.wire import Wire, framed
from server.protocol.session import Ping
from tests.gateway.house import PASSWORD, house

LIMITS = {"requests_per_second": 1_000_000, "request_burst": 1_000_000}


@pytest.mark.parametrize("in_arrays", [False, True], ids=["singly", "in arrays"])
async def test_orders_counted_are_orders_carried_out(tmp_path: Path, in_arrays: bool) -> None:
    async with house(tmp_path, **LIMITS) as server:
        await server.person("anna", yuan=0)

        def run() -> Result:
            trader = Trader(server.url, "anna", PASSWORD)
            load = Load(8, in_arrays, 0.1)
            result = drive([Sender(trader, load, 20_000)], load)
            trader.cancel_all()
            trader.wire.socket.close()
            return result

        before = int(server.engine.state.header[0]["seq"])
        result = await asyncio.to_thread(run)
        assert 0 < result.orders < server.engine.seq - before


async def test_each_round_trip_is_one_order(tmp_path: Path) -> None:
    async with house(tmp_path, **LIMITS) as server:
        await server.person("anna", yuan=0)

        def run() -> int:
            trader = Trader(server.url, "anna", PASSWORD)
            before = server.engine.seq
            assert len(trips(trader, 5)) == 5
            trader.wire.socket.close()
            return server.engine.seq - before

        assert await asyncio.to_thread(run) == 5


async def test_a_refusal_is_no_order(tmp_path: Path) -> None:
    async with house(tmp_path, **LIMITS) as server:

        def run() -> None:
            wire = Wire(server.url)
            wire.send(Ping(1))
            try:
                for payload in wire.payloads():
                    refuse_failures(payload)
            finally:
                wire.socket.close()

        with pytest.raises(RuntimeError, match="not_logged_in"):
            await asyncio.to_thread(run)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_says_how_long_it_is(size: int) -> None:
    data = framed(bytes(size))
    head = {0: 6, 125: 6, 126: 8, 65_535: 8, 65_536: 14}[size]
    assert len(data) == head + size
    assert data[1] & 0x80, "clients mask"

"""The client for programs: a session, its mirror, its streams, its refusals."""

import asyncio
import runpy
from pathlib import Path

import pytest

from honghe_tui.client import (
    Client,
    NoSession,
    UnknownAccount,
    UnknownInstrument,
    draft,
    yuan,
)
from honghe_tui.link_state import Refused
from honghe_tui.streams import Stream
from server.protocol.market import Bar, Quote
from server.protocol.session import Login
from server.protocol.trading import Fill, PlaceOrder
from tests.tui import canned
from tests.tui.fake_server import FakeServer
from tests.tui.harness import until

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "moving_average.py"
SYMBOL = canned.SYMBOLS[0]


def session(server: FakeServer) -> Client:
    return Client(server.url, "demo", "demo")


async def test_a_session_opens_with_everything_of_the_person(server: FakeServer) -> None:
    async with session(server) as client:
        assert len(client.mirror.accounts) == 4
        assert client.mirror.positions
        assert client.mirror.orders
        assert client.mirror.products
        assert client.instrument("600519").symbol == SYMBOL
        assert client.instrument("贵州茅台").symbol == SYMBOL
        assert client.account(2).name == "1:3 合约"
        with pytest.raises(UnknownInstrument) as unknown:
            client.instrument("60051")
        assert unknown.value.candidates == [SYMBOL]
        with pytest.raises(UnknownAccount):
            client.account()  # four are open
        with pytest.raises(UnknownAccount):
            client.account(99)


async def test_a_refused_login_and_an_empty_address_are_told_apart(server: FakeServer) -> None:
    with pytest.raises(NoSession) as refused:
        async with Client(server.url, "demo", "wrong"):
            pass
    assert refused.value.state.failed is not None
    assert refused.value.state.failed.code == "login_failed"
    await server.stop()
    with pytest.raises(NoSession) as nobody:
        async with session(server):
            pass
    assert nobody.value.state.cause == "unreachable"
    await server.start()


async def test_orders_are_placed_refused_and_cancelled(server: FakeServer) -> None:
    async with session(server) as client:
        order = await client.buy(2, SYMBOL, 100, yuan("1680"))
        assert order.status == "working"
        assert order.order_type == "limit"
        assert order in client.open_orders(2)
        assert (await client.sell(2, SYMBOL, 100)).order_type == "best_five_ioc"
        with pytest.raises(Refused) as refused:
            await client.buy(2, SYMBOL, 5_000)
        assert refused.value.failed.figure == 1_000
        assert (await client.what_if(draft("buy", 2, SYMBOL, 100))).ratio_after_ppm
        await client.cancel_all(2)
        await client.cancel(order)


async def test_an_order_is_sent_once_over_a_lost_connection(server: FakeServer) -> None:
    async with session(server) as client:
        server.swallow = lambda message: isinstance(message, PlaceOrder)
        sent = client.place(draft("buy", 2, SYMBOL, 100), "mine-1")
        placing = asyncio.ensure_future(sent)
        await until(lambda: bool(server.of_kind(PlaceOrder)))
        server.swallow = lambda _: False
        server.drop()
        order = await placing
        assert order.client_order_id == "mine-1"
        assert len(server.placed) == 1
        assert len(server.of_kind(Login)) == 1  # resumed


async def test_quotes_and_books_are_the_present_ones(server: FakeServer) -> None:
    async with session(server) as client:
        assert [each.symbol for each in await client.quotes([SYMBOL])] == [SYMBOL]
        assert len((await client.depth(SYMBOL)).bids) == 5
        assert await client.bars(SYMBOL, "1m")


async def test_a_stream_ends_with_its_session(server: FakeServer) -> None:
    async with session(server) as client:
        stream = client.stream(Quote)
        await server.push(canned.quote(0))
        await until(lambda: stream.has_news)
    assert [each.symbol async for each in stream] == [SYMBOL]


async def test_a_slow_reader_misses_states_and_never_a_fill() -> None:
    stream: Stream[Quote | Fill] = Stream((Quote, Fill))
    fills = canned.fills()[:2]
    for item in (canned.quote(0), fills[0], canned.quote(1), canned.quote(0), fills[1]):
        stream.put(item)
    stream.put(canned.bars(SYMBOL, "1m", 1)[0])  # not asked for
    stream.close()
    seen = [each async for each in stream]
    assert seen == [canned.quote(0), fills[0], canned.quote(1), fills[1]]


@pytest.mark.parametrize("typed", ["", "1.00001", "1e9999", "NaN", "ten"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        yuan(typed)


def test_yuan_are_exact() -> None:
    assert yuan("16.8") == 168_000
    assert yuan("0.0001") == 1


async def test_the_example_buys_when_the_fast_average_crosses(server: FakeServer) -> None:
    example = runpy.run_path(str(EXAMPLE))
    closes = [16_380_000] * 30
    assert example["crossing"](closes, 5, 20) == 0
    assert example["crossing"]([*closes, 17_000_000], 5, 20) == 1
    assert example["crossing"]([*closes, 15_000_000], 5, 20) == 0  # it was not above before
    async with session(server) as client:
        trading = asyncio.ensure_future(example["trade"](client, SYMBOL, 2, 2, 4))
        await until(lambda: any(m.bars for m in server.received if hasattr(m, "bars")))
        last = (await client.bars(SYMBOL, "1m"))[-1]
        for step, close in enumerate((15_000_000, 15_000_000, 15_000_000, 17_000_000), 1):
            start = last.time + step * 60_000_000
            await server.push(Bar(SYMBOL, "1m", start, *[close] * 4, 100, close * 100, final=True))
        await until(lambda: bool(server.of_kind(PlaceOrder)))
        trading.cancel()
    assert server.of_kind(PlaceOrder)[0].side == "buy"

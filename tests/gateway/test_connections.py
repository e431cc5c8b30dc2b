"""The door: who may connect, and what a connection may do before it is closed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.protocol import SUBPROTOCOL_JSON
from server.protocol.accounts import Deposit
from server.protocol.closing import CloseCode
from server.protocol.session import Clock, Failed, Ping, Pong
from server.protocol.trading import GetOrders, Orders, PlaceOrder
from tests.gateway.client import Client, client
from tests.gateway.house import House, house


async def refused(server: House, **options: Any) -> int:
    """The HTTP status a handshake is refused with."""
    options = {"subprotocols": [Subprotocol(SUBPROTOCOL_JSON)], "proxy": None, **options}
    with pytest.raises(InvalidStatus) as refusal:
        await connect(server.url, **options)
    return refusal.value.response.status_code


async def send(stranger: Client, data: bytes | str) -> None:
    await stranger.socket.send(data)


async def failed(stranger: Client) -> Failed:
    return await stranger.wait(Failed)


async def test_a_browser_of_another_origin_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path, origins=("https://honghe.example",)) as server:
        assert await refused(server, origin=Origin("https://evil.example")) == 403
        async with client(server, origin=Origin("https://honghe.example")) as welcome:
            assert welcome.socket.subprotocol
        async with client(server) as terminal:
            assert terminal.socket.subprotocol


@pytest.mark.parametrize("offered", [None, [Subprotocol("honghe.v2.json")]])
async def test_a_client_without_our_protocol_is_refused(tmp_path: Path, offered: Any) -> None:
    async with house(tmp_path) as server:
        assert await refused(server, subprotocols=offered) == 400


async def test_one_connection_too_many_is_refused_and_a_place_is_given_back(
    tmp_path: Path,
) -> None:
    async with (
        house(tmp_path, connections=2) as server,
        client(server) as one,
        client(server) as two,
    ):
        assert await refused(server) == 503
        await one.socket.close()
        await two.ask(Ping(0))  # the server has had its turn
        async with client(server) as third:
            assert third.socket.subprotocol


async def test_an_address_has_its_own_bound(tmp_path: Path) -> None:
    async with house(tmp_path, connections_per_address=1) as server, client(server):
        assert await refused(server) == 503


async def test_a_message_too_long_ends_the_connection(tmp_path: Path) -> None:
    async with house(tmp_path, message_bytes=1_000) as server, client(server) as stranger:
        await send(stranger, "x" * 1_001)
        closed = await stranger.closed()
        assert closed.code == 1009


async def test_bad_messages_are_explained_and_the_connection_lives(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server, SUBPROTOCOL_JSON) as stranger:
        await server.person("anna")
        await send(stranger, '{"type": "place_order", "id": 9, "side": "hold"}')
        answer = await failed(stranger)
        assert (answer.id, answer.code) == (9, "bad_message")
        await stranger.login("anna")
        assert isinstance(await stranger.ask(Ping(0)), Pong)


async def test_too_many_bad_messages_end_the_connection(tmp_path: Path) -> None:
    async with house(tmp_path, bad_messages=3) as server, client(server) as stranger:
        for _ in range(3):
            await send(stranger, b"\xc1")
        closed = await stranger.closed()
        assert closed.code == CloseCode.TOO_MANY_BAD_MESSAGES
        assert [answer.code for answer in stranger.of(Failed)] == ["bad_message"] * 3


async def test_requests_beyond_the_rate_are_refused_until_time_passes(tmp_path: Path) -> None:
    limits = {"requests_per_second": 10, "request_burst": 3}
    async with house(tmp_path, **limits) as server, client(server) as eager:
        await server.person("anna")
        await eager.login("anna")
        assert isinstance(await eager.ask(Ping(0)), Pong)
        assert isinstance(await eager.ask(Ping(0)), Pong)
        answer = await eager.ask(Ping(0))
        assert isinstance(answer, Failed)
        assert (answer.code, answer.figure) == ("too_many_requests", 100)
        server.wall.now += 100_000
        assert isinstance(await eager.ask(Ping(0)), Pong)


async def test_a_server_that_stops_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        async with client(server) as trader:
            await server.person("anna")
            await trader.login("anna")
            closing = asyncio.create_task(server.gateway.close())
            closed = await trader.closed()
            await closing
        assert closed.code == CloseCode.SERVER_STOPPING


async def test_a_stopped_engine_refuses_orders_and_lets_read(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        server.journal.failure = "the disk is full"
        order = PlaceOrder(0, account, "600000.SSE", "buy", "limit", 100, "a", price=100_000)
        for _ in range(2):  # the one that meets the failure, and one after it
            answer = await trader.ask(order)
            assert isinstance(answer, Failed)
            assert answer.code == "engine_stopped"
        assert (await trader.ask(Deposit(0, account, 1, "r"))).code == "engine_stopped"
        assert isinstance(await trader.ask(GetOrders(0)), Orders)
        assert (await trader.wait(Clock, lambda clock: clock.engine_stopped)).date == 20_150_824

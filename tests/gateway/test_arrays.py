"""Several requests in one message: each is taken as if it had come alone, in its place."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.gateway.requests import MOST_IN_ARRAY
from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.accounts import Deposit, Done
from server.protocol.closing import CloseCode
from server.protocol.session import Failed, Login, Ok, Ping, Pong, Welcome
from server.protocol.trading import CancelAll, GetOrders, Orders, Placed, PlaceOrder
from tests.gateway.client import Client, client
from tests.gateway.house import PASSWORD, YUAN, house


def buy(number: int, account: int, client_order_id: str = "", yuan: int = 9) -> PlaceOrder:
    name = client_order_id or f"order {number}"
    return PlaceOrder(number, account, "600000.SSE", "buy", "limit", 100, name, price=yuan * YUAN)


async def send(trader: Client, requests: object) -> None:
    is_json = trader.socket.subprotocol == SUBPROTOCOL_JSON
    encode = msgspec.json.encode if is_json else msgspec.msgpack.encode
    await trader.socket.send(encode(requests), text=is_json)


async def replies(trader: Client, number: int) -> list[Any]:
    """The next replies, in the order they came."""
    found: list[Any] = []
    looked = len(trader.items)
    while len(found) < number:
        await trader.receive()
        found += [item for item in trader.items[looked:] if hasattr(item, "id")]
        looked = len(trader.items)
    return found


@pytest.mark.parametrize("subprotocol", [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK])
async def test_a_basket_is_one_message_one_batch_and_one_frame(
    tmp_path: Path, subprotocol: str
) -> None:
    async with house(tmp_path) as server, client(server, subprotocol) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        before = server.engine.seq
        await send(trader, [buy(number, account) for number in range(10, 42)])
        answers = await replies(trader, 32)
        assert [(type(each), each.id) for each in answers] == [(Placed, n) for n in range(10, 42)]
        assert [each.order.seq for each in answers] == list(range(before + 1, before + 33))
        (frame,) = [f for f in trader.frames if any(isinstance(i, Placed) for i in f.items)]
        assert frame.seq == before + 32


async def test_kinds_are_mixed_and_what_changes_something_is_answered_in_order(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        requests = [
            buy(10, account),
            Deposit(11, account, YUAN, "pay"),
            Ping(12),
            buy(13, account),
            CancelAll(14, account),
        ]
        await send(trader, requests)
        answers = await replies(trader, 5)
        changing = [each for each in answers if not isinstance(each, Pong)]
        assert [(type(each), each.id) for each in changing] == [
            *[(Placed, 10), (Done, 11), (Placed, 13), (Ok, 14)]
        ]
        orders = await trader.ask(GetOrders(0))
        assert isinstance(orders, Orders)
        assert {order.status for order in orders.items} == {"cancelled"}


@pytest.mark.parametrize("subprotocol", [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK])
async def test_a_bad_element_is_refused_and_the_others_are_carried_out(
    tmp_path: Path, subprotocol: str
) -> None:
    async with house(tmp_path) as server, client(server, subprotocol) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        wrong = msgspec.to_builtins(buy(11, account)) | {"side": "hold"}
        await send(trader, [buy(10, account), wrong, 7, [buy(12, account)], buy(13, account)])
        answers = await replies(trader, 5)
        failed = [each for each in answers if isinstance(each, Failed)]
        assert [(each.id, each.code) for each in failed] == [
            *[(11, "bad_message"), (0, "bad_message"), (0, "bad_message")]
        ]
        assert '"buy" | "sell"' in failed[0].message_en
        assert [each.id for each in answers if isinstance(each, Placed)] == [10, 13]


@pytest.mark.parametrize("number", [0, MOST_IN_ARRAY + 1])
async def test_an_array_has_its_bounds(tmp_path: Path, number: int) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        before = server.engine.seq
        await send(trader, [buy(n + 10, account) for n in range(number)])
        (failed,) = await replies(trader, 1)
        assert (failed.id, failed.code) == (0, "bad_message")
        assert f"1 .. {MOST_IN_ARRAY}" in failed.message_en
        await send(trader, [7] * number)
        assert (await replies(trader, 1))[0].message_en == failed.message_en
        assert server.engine.seq == before


async def test_the_largest_array_is_carried_out(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        await send(trader, [buy(n + 10, account) for n in range(MOST_IN_ARRAY)])
        answers = await replies(trader, MOST_IN_ARRAY)
        assert {type(each) for each in answers} == {Placed}


async def test_a_repetition_in_the_same_array_is_carried_out_once(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        before = server.engine.seq
        again, other = buy(11, account, "same"), buy(12, account, "same", yuan=10)
        await send(trader, [buy(10, account, "same"), again, other])
        answers = {each.id: each for each in await replies(trader, 3)}
        assert (answers[10].duplicate, answers[11].duplicate) == (False, True)
        assert answers[10].order.order_id == answers[11].order.order_id
        assert answers[12].code == "client_order_id_reused"
        assert server.engine.seq == before + 1


async def test_every_request_of_an_array_counts_against_the_rate(tmp_path: Path) -> None:
    limits = {"requests_per_second": 10, "request_burst": 4}
    async with house(tmp_path, **limits) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        await send(trader, [buy(number, account) for number in range(10, 15)])
        answers = {each.id: each for each in await replies(trader, 5)}
        placed = [number for number, each in answers.items() if isinstance(each, Placed)]
        assert sorted(placed) == [10, 11, 12]
        assert {answers[number].code for number in (13, 14)} == {"too_many_requests"}


async def test_what_waits_for_an_answer_is_bounded(tmp_path: Path) -> None:
    async with house(tmp_path, in_flight=3) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        await send(trader, [buy(number, account) for number in range(10, 15)])
        answers = {each.id: each for each in await replies(trader, 5)}
        assert [number for number in answers if isinstance(answers[number], Placed)] == [10, 11, 12]
        assert {answers[number].code for number in (13, 14)} == {"overloaded"}
        assert isinstance(await trader.ask(buy(0, account, "later")), Placed)


async def test_what_follows_a_login_in_its_array_waits_for_it(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await send(trader, [buy(1, account), Login(2, "anna", PASSWORD), buy(3, account)])
        answers = {each.id: each for each in await replies(trader, 3)}
        assert answers[1].code == "not_logged_in"
        assert isinstance(answers[2], Welcome)
        assert isinstance(answers[3], Placed)


async def test_bad_elements_close_the_connection_as_bad_messages_do(tmp_path: Path) -> None:
    async with house(tmp_path, bad_messages=3) as server, client(server) as trader:
        await send(trader, [1, 2, 3])
        assert (await trader.closed()).code == CloseCode.TOO_MANY_BAD_MESSAGES

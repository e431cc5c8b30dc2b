"""The session over a real socket: login, refusal, loss, resumption, and orders that survive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve

from honghe_tui.connection import STALE_AFTER_S, Connection, Credentials
from honghe_tui.link_state import LinkLost, Refused, Unanswered
from honghe_tui.mirror import Mirror
from honghe_tui.wire import dial
from server.protocol.market import GetInstruments, Instruments
from server.protocol.session import BarTopic, Failed, Login, Resume, Subscribe, Unsubscribe
from server.protocol.trading import Placed, PlaceOrder
from tests.tui.canned import DATE, SYMBOLS
from tests.tui.canned import clock as clock_push
from tests.tui.fake_server import FakeServer
from tests.tui.harness import DEMO, Hands, until


@asynccontextmanager
async def connected(
    server: FakeServer, hands: Hands, credentials: Credentials = DEMO
) -> AsyncIterator[tuple[Connection, Mirror]]:
    mirror = Mirror()
    connection = Connection(
        server.url, mirror.apply, clock=hands.clock, sleep=hands.sleep, jitter=lambda: 0.5
    )
    running = asyncio.ensure_future(connection.run())
    connection.login(credentials)
    try:
        yield connection, mirror
    finally:
        running.cancel()
        await asyncio.wait([running])


def order(client_order_id: str = "c-1", quantity: int = 100) -> PlaceOrder:
    return PlaceOrder(0, 1, SYMBOLS[0], "buy", "limit", quantity, client_order_id, 16_800_000)


def live(connection: Connection) -> Callable[[], bool]:
    return lambda: connection.state.kind == "live"


async def test_login_gives_the_persons_state(server: FakeServer, hands: Hands) -> None:
    async with connected(server, hands) as (connection, mirror):
        await until(lambda: mirror.clock is not None)
        assert connection.state.kind == "live"
        assert mirror.welcome is not None
        assert mirror.welcome.display_name == "演示用户"
        assert len(mirror.accounts) == 4
        reply = await connection.request(GetInstruments(0))
        assert isinstance(reply, Instruments)
        assert reply.items[0].name == "贵州茅台"


async def test_a_wrong_password_is_said_and_not_tried_again(
    server: FakeServer, hands: Hands
) -> None:
    async with connected(server, hands, Credentials("demo", "wrong")) as (connection, _):
        await until(lambda: connection.state.kind == "rejected")
        assert connection.state.failed is not None
        assert connection.state.failed.message_zh == "用户名或密码不正确"
        assert hands.slept == []
        assert len(server.of_kind(Login)) == 1

        connection.login(DEMO)
        await until(live(connection))
        assert len(server.of_kind(Login)) == 2


async def test_nobody_there_is_tried_again_at_growing_intervals(hands: Hands) -> None:
    nobody = FakeServer()
    await nobody.start()
    await nobody.stop()
    async with connected(nobody, hands) as (connection, _):
        await until(lambda: len(hands.slept) >= 7)
        assert hands.slept[:7] == [0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 10.0]
        assert connection.state.kind in {"waiting", "connecting"}
        assert connection.state.cause == "unreachable"


async def test_a_cut_connection_is_resumed_where_it_was(server: FakeServer, hands: Hands) -> None:
    async with connected(server, hands) as (connection, mirror):
        connection.watch_quotes(["*"])
        connection.watch_depth([SYMBOLS[1]])
        await until(lambda: mirror.clock is not None)
        server.seq = 140
        await server.push(clock_push())
        await until(lambda: connection.age_s == 0 and len(server.of_kind(Subscribe)) > 0)
        server.drop()
        await until(lambda: len(server.of_kind(Resume)) == 1)
        await until(live(connection))
        assert server.of_kind(Resume)[0].last_seq == 141
        assert server.of_kind(Resume)[0].token in server.tokens
        await until(lambda: len(server.of_kind(Subscribe)) >= 2)
        again = server.of_kind(Subscribe)[-1]
        assert (again.quotes, again.depth) == (["*"], [SYMBOLS[1]])


async def test_a_server_that_forgot_the_session_gets_a_new_login(
    server: FakeServer, hands: Hands
) -> None:
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        server.tokens.clear()
        server.drop()
        await until(lambda: len(server.of_kind(Login)) == 2)
        await until(live(connection))


async def test_a_restart_is_called_a_restart(server: FakeServer) -> None:
    hands = Hands()
    gate = asyncio.Event()

    async def wait(seconds: float) -> None:
        hands.slept.append(seconds)
        await gate.wait()

    hands.sleep = wait
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        await server.stop(1012)
        await until(lambda: connection.state.kind == "waiting")
        assert connection.state.cause == "restart"
        assert connection.state.retry_at == hands.now + 0.3
        await server.start()
        connection.hurry()
        await until(live(connection))


async def test_a_silent_clock_makes_the_data_stale(server: FakeServer, hands: Hands) -> None:
    async with connected(server, hands) as (connection, mirror):
        await until(lambda: mirror.clock is not None)
        hands.now += STALE_AFTER_S
        assert connection.state.kind == "live"
        hands.now += 0.1
        assert connection.state.kind == "stale"
        assert connection.age_s == pytest.approx(3.1)
        await server.push(clock_push())
        await until(live(connection))
        assert connection.age_s == 0


async def test_an_order_whose_answer_was_lost_is_asked_again(
    server: FakeServer, hands: Hands
) -> None:
    server.swallow = lambda message: isinstance(message, PlaceOrder)
    async with connected(server, hands) as (connection, mirror):
        await until(lambda: mirror.clock is not None)
        placing = asyncio.ensure_future(connection.place(order()))
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        assert connection.pending.unanswered_orders == 1
        server.swallow = lambda _: False
        server.drop()

        placed = await placing
        assert isinstance(placed, Placed)
        assert placed.duplicate
        assert [sent.client_order_id for sent in server.of_kind(PlaceOrder)] == ["c-1", "c-1"]
        assert len(server.placed) == 1
        assert connection.pending.unanswered_orders == 0


async def test_an_order_of_yesterday_is_not_given_again_today(
    server: FakeServer, hands: Hands
) -> None:
    server.swallow = lambda message: isinstance(message, PlaceOrder)
    async with connected(server, hands) as (connection, mirror):
        await until(lambda: mirror.clock is not None)
        placing = asyncio.ensure_future(connection.place(order()))
        await until(lambda: len(server.of_kind(PlaceOrder)) == 1)
        server.date = DATE + 1
        server.drop()
        with pytest.raises(Unanswered, match="day_changed"):
            await placing
        assert len(server.of_kind(PlaceOrder)) == 1


async def test_other_requests_fail_with_the_connection(server: FakeServer, hands: Hands) -> None:
    server.swallow = lambda message: isinstance(message, GetInstruments)
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        asking = asyncio.ensure_future(connection.request(GetInstruments(0)))
        await until(lambda: len(server.of_kind(GetInstruments)) == 1)
        server.drop()
        with pytest.raises(Unanswered, match="lost"):
            await asking


async def test_a_request_without_an_answer_ends(server: FakeServer, hands: Hands) -> None:
    server.swallow = lambda message: isinstance(message, GetInstruments)
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        with pytest.raises(Unanswered, match="timeout"):
            await connection.request(GetInstruments(0), timeout_s=0.01)


async def test_a_refusal_carries_the_figure_that_would_pass(
    server: FakeServer, hands: Hands
) -> None:
    async with connected(server, hands) as (connection, mirror):
        await until(lambda: mirror.clock is not None)
        with pytest.raises(Refused) as refused:
            await connection.place(order(quantity=5_000))
        assert refused.value.failed.code == "insufficient_cash"
        assert refused.value.failed.figure == 1_000


async def test_offline_nothing_is_sent_and_it_is_said(hands: Hands) -> None:
    connection = Connection("ws://127.0.0.1:1", lambda _: None, clock=hands.clock)
    with pytest.raises(Unanswered, match="offline"):
        await connection.place(order())
    assert connection.pending.unanswered_orders == 0


async def test_only_the_difference_of_topics_is_sent(server: FakeServer, hands: Hands) -> None:
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        connection.watch_bars([BarTopic(SYMBOLS[0], "1d"), BarTopic(SYMBOLS[0], "1m")])
        connection.watch_bars([BarTopic(SYMBOLS[0], "1m")])
        await until(lambda: len(server.of_kind(Unsubscribe)) == 1)
        assert server.of_kind(Unsubscribe)[0].bars == [BarTopic(SYMBOLS[0], "1d")]
        assert server.of_kind(Subscribe)[-1].bars == [
            BarTopic(SYMBOLS[0], "1d"),
            BarTopic(SYMBOLS[0], "1m"),
        ]


async def test_a_busy_server_is_asked_again_by_whom_it_had_let_in(
    server: FakeServer, hands: Hands
) -> None:
    async with connected(server, hands) as (connection, _):
        await until(live(connection))
        server.refusals = [Failed(0, "too_many_logins", "稍后再试", "Try later")] * 2
        server.drop()
        await until(lambda: connection.state.cause == "busy")
        await until(live(connection))
        assert len(server.of_kind(Resume)) == 3
        assert len(hands.slept) == 3


async def test_a_first_login_that_is_refused_for_now_says_so(
    server: FakeServer, hands: Hands
) -> None:
    server.refusals = [Failed(0, "too_many_logins", "稍后再试", "Try later")]
    async with connected(server, hands) as (connection, _):
        await until(lambda: connection.state.kind == "rejected")
        assert connection.state.failed is not None
        assert connection.state.failed.message_en == "Try later"


@pytest.mark.parametrize(("status", "cause"), [(503, "busy"), (404, "handshake")])
async def test_what_answers_but_is_no_free_server_is_told_apart(status: int, cause: str) -> None:
    async def nobody(_: ServerConnection) -> None:
        raise AssertionError

    async with serve(
        nobody, "127.0.0.1", 0, process_request=lambda c, _: c.respond(HTTPStatus(status), "")
    ) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        with pytest.raises(LinkLost, match=cause):
            await dial(f"ws://127.0.0.1:{port}")

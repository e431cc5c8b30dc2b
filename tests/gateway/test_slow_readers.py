"""A slow reader costs only itself: the others are served, it is conflated or cut off."""

import socket
from pathlib import Path

from server.engine.codes import Side
from server.protocol.accounts import Notice
from server.protocol.closing import CloseCode
from server.protocol.market import Quote
from server.protocol.session import Ping, Subscribe
from tests.gateway.client import Client, client
from tests.gateway.house import SYMBOLS, House, house

LONG = "长" * 20_000  # 60 kB in a frame: what stalls a socket soon


def narrow(server: House) -> socket.socket:
    """A connection whose kernel takes little for a client that does not read."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    made.connect(("127.0.0.1", server.port))
    return made


def notice(number: int) -> Notice:
    return Notice(
        seq=number, notice_id=number, account=1, code="line_remind", time=1, wall_time=1,
        title_zh="", title_en="", body_zh=LONG, body_en="", severity=1,
    )  # fmt: skip


async def tell_both(server: House, person: int, reader: Client, number: int) -> None:
    """A notice to both windows of a person; the reader's window takes it at once."""
    server.gateway.fanout.notify(person, notice(number))
    assert (await reader.wait(Notice)).notice_id == number


async def test_who_reads_nothing_is_cut_off_and_nobody_else_notices(tmp_path: Path) -> None:
    async with (
        house(tmp_path, outbox=50) as server,
        client(server) as reader,
        client(server, sock=narrow(server), max_queue=1) as sleeper,
    ):
        person, _ = await server.person("anna")
        await reader.login("anna")
        await sleeper.login("anna")
        number = 0
        while server.gateway.fanout.sessions == 2:
            number += 1
            await tell_both(server, person, reader, number)
            assert number < 2_000, "never cut off"
        assert number > 50
        await tell_both(server, person, reader, number + 1)

        closed = await sleeper.closed()
        assert closed.code == CloseCode.SLOW_READER
        assert "resume" in closed.reason
        received = [each.notice_id for each in sleeper.of(Notice)]
        assert received == list(range(1, len(received) + 1))


async def test_who_reads_late_gets_the_newest_quotes_alone(tmp_path: Path) -> None:
    """Quotes wait in as many places as there are instruments, however long nobody reads."""
    async with (
        house(tmp_path) as server,
        client(server) as reader,
        client(server, sock=narrow(server), max_queue=1) as sleeper,
    ):
        person, _ = await server.person("anna")
        await server.person("bert")
        await reader.login("bert")
        await sleeper.login("anna")
        await sleeper.ask(Subscribe(0, quotes=["*"]))
        await reader.ask(Subscribe(0, quotes=["*"]))
        (blocked,) = server.gateway.fanout.sessions_of(person)
        notices = quotes = 0
        while blocked.blocked_since is None:
            notices += 1
            server.gateway.fanout.notify(person, notice(notices))
            await reader.ask(Ping(0))
        for quotes in range(1, 101):
            await server.quote(Side.BUY, fen=900 + quotes, quantity=100)
            await reader.wait(Quote, lambda quote, fen=900 + quotes: quote.bid == fen * 100)
        assert blocked.waiting < 10  # notices, two quotes and a clock
        newest = await sleeper.wait(Quote, lambda quote: quote.bid == (900 + quotes) * 100)
        assert newest.symbol == SYMBOLS[0]
        assert len(sleeper.of(Quote)) < 10
        assert [each.notice_id for each in sleeper.of(Notice)] == list(range(1, notices + 1))


async def test_who_takes_nothing_for_long_is_cut_off(tmp_path: Path) -> None:
    async with (
        house(tmp_path, stall_s=0) as server,
        client(server, sock=narrow(server), max_queue=1) as sleeper,
        client(server) as reader,
    ):
        person, _ = await server.person("anna")
        await sleeper.login("anna")
        await reader.login("anna")
        number = 0
        while server.gateway.fanout.sessions == 2:
            number += 1
            await tell_both(server, person, reader, number)
            assert number < 2_000, "never cut off"

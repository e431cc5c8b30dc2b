"""A client that asks for everything and reads hardly anything: the server cuts it off."""

import asyncio
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bench.soak.plan import PASSWORD, Crowd, Tally
from server.protocol import SUBPROTOCOL_MSGPACK
from server.protocol.market import GetBars, GetInstruments, Instruments
from server.protocol.messages import Frame
from server.protocol.session import Login, Subscribe

UNREAD_S = 30.0  # longer than the server puts up with
QUESTIONS = 200  # whose answers are more than the system's buffers hold
_RECEIVE_BYTES = 8_192


class Slow:
    """Comes back each time, by its password."""

    def __init__(self, name: str, crowd: Crowd, tally: Tally) -> None:
        self._name = name
        self._url = crowd.url
        self._tally = tally

    async def run(self, over: asyncio.Event) -> None:
        while not over.is_set():
            async with _narrow(self._url) as link:
                await self._send(link, Login(1, self._name, PASSWORD))
                await self._send(link, GetInstruments(2))
                await self._ask_for_all(link, await self._symbols(link))
                await _either(over, UNREAD_S)
                if not over.is_set():
                    await self._expect_the_end(link)

    async def _symbols(self, link: ClientConnection) -> list[str]:
        while True:
            frame = msgspec.msgpack.decode(await link.recv(decode=False), type=Frame)
            for item in frame.items:
                if isinstance(item, Instruments):
                    return [each.symbol for each in item.items]

    async def _ask_for_all(self, link: ClientConnection, symbols: list[str]) -> None:
        with suppress(ConnectionClosed):
            await self._send(link, Subscribe(3, quotes=["*"], depth=symbols[:200]))
            for number in range(QUESTIONS):
                symbol = symbols[number % len(symbols)]
                await self._send(link, GetBars(4 + number, symbol, "1m", 1_000))
                await self._send(link, GetBars(4 + number, symbol, "1d", 1_000))

    async def _expect_the_end(self, link: ClientConnection) -> None:
        """What is left in the buffers, and then the end of the connection."""
        until = time.monotonic() + UNREAD_S
        try:
            while time.monotonic() < until:
                await asyncio.wait_for(link.recv(decode=False), UNREAD_S)
        except ConnectionClosed:
            self._tally.cut += 1
            return
        except TimeoutError:
            pass
        self._tally.complain(f"{self._name} took nothing for {UNREAD_S:.0f} s and was not cut off")

    async def _send(self, link: ClientConnection, request: Any) -> None:
        await link.send(msgspec.msgpack.encode(request))


@asynccontextmanager
async def _narrow(url: str) -> AsyncGenerator[ClientConnection]:
    """A connection with a small receive buffer, dropped at the end."""
    address = urlsplit(url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BYTES)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, (address.hostname, address.port))
    protocols = [Subprotocol(SUBPROTOCOL_MSGPACK)]
    options: dict[str, Any] = {"compression": None, "ping_interval": None, "max_queue": 1}
    link = await connect(url, subprotocols=protocols, sock=raw, proxy=None, **options)
    try:
        yield link
    finally:
        link.transport.abort()


async def _either(over: asyncio.Event, seconds: float) -> None:
    """Until it is over, but no longer than that."""
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)

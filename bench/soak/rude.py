"""A client that sends rubbish: it is told so or cut off, comes back, and is served like any other.

Each piece is sent over a connection of its own, some before a login and some after one. Whatever
it is, the server answers `failed` or closes with one of the codes it documents.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bench.soak.plan import PASSWORD, Crowd, Tally
from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.closing import CloseCode
from server.protocol.messages import Frame
from server.protocol.session import Failed, Login, Welcome

PATIENCE_S = 20.0
PAUSE_S = 0.5
HONEST = (1002, 1003, 1007, 1009, CloseCode.TOO_MANY_BAD_MESSAGES)  # ways to close on rubbish

Pieces = Callable[[random.Random], Iterable[str | bytes]]


def broken_json(_: random.Random) -> Iterator[str]:
    yield from ("", "{", "nul", "[1,2", '{"type":}', '{"type":"ping","id":1}}', "\ud7ff\x00")


def wrong_shapes(_: random.Random) -> Iterator[str]:
    yield from ("null", "[]", "3", '"ping"', "{}", '{"type":"nothing","id":1}')
    yield '{"type":{"type":"ping"},"id":1}'


def wrong_types(_: random.Random) -> Iterator[str]:
    order = {"type": "place_order", "id": 1, "account": 0, "symbol": "600519.SSE", "side": "buy"}
    order |= {"order_type": "limit", "quantity": 100, "client_order_id": "x", "price": 100}
    bad = {"account": "zero", "symbol": 7, "side": "up", "quantity": 2**70, "price": 1.5, "id": [1]}
    yield from (msgspec.json.encode(order | {key: value}).decode() for key, value in bad.items())


def impossible_orders(_: random.Random) -> Iterator[str]:
    order = {"type": "place_order", "id": 1, "account": 0, "symbol": "600519.SSE", "side": "buy"}
    order |= {"order_type": "limit", "quantity": 100, "client_order_id": "x", "price": 100}
    bad = {"account": 2**40, "symbol": "\x1b]0;", "quantity": -(2**53) + 1, "price": 2**53 - 1}
    bad |= {"client_order_id": "汉" * 99}
    yield from (msgspec.json.encode(order | {key: value}).decode() for key, value in bad.items())


def deep(_: random.Random) -> Iterator[str]:
    yield "[" * 60_000
    yield '{"a":' * 12_000
    yield '{"type":"subscribe","id":1,"quotes":' + "[" * 30_000 + "]" * 30_000 + "}"


def deep_binary(_: random.Random) -> Iterator[bytes]:
    yield b"\x91" * 60_000
    yield b"\x81\xa1a" * 20_000


def oversize(_: random.Random) -> Iterator[str]:
    yield '{"type":"ping","id":1,"pad":"' + "x" * 100_000 + '"}'


def junk(rng: random.Random) -> Iterator[bytes]:
    for size in (1, 7, 100, 5_000):
        yield rng.randbytes(size)


def lies_about_length(_: random.Random) -> Iterator[bytes]:
    yield b"\xdf\xff\xff\xff\xff"  # a map of 4 billion
    yield b"\xdd\xff\xff\xff\xff\x01"
    yield b"\xc6\xff\xff\xff\xff"


TEXTS: tuple[Pieces, ...] = (
    broken_json, wrong_shapes, wrong_types, impossible_orders, deep, oversize,
)  # fmt: skip
BINARIES: tuple[Pieces, ...] = (junk, deep_binary, lies_about_length)


class Rude:
    def __init__(self, name: str, crowd: Crowd, tally: Tally) -> None:
        self._name = name
        self._url = crowd.url
        self._tally = tally
        self._rng = random.Random(f"{crowd.plan.seed}/{name}")
        self._logins = 0

    async def run(self, over: asyncio.Event) -> None:
        while not over.is_set():
            for pieces in (*TEXTS, *BINARIES):
                for greeting in (False, True):
                    if not over.is_set():
                        await self._offend(pieces, greeting=greeting)
                        await asyncio.sleep(PAUSE_S)
            await self._babble()

    async def _offend(self, pieces: Pieces, *, greeting: bool) -> None:
        async with _connected(self._url, is_text=pieces in TEXTS) as link:
            try:
                if greeting:
                    await self._log_in(link, is_text=pieces in TEXTS)
                for piece in pieces(self._rng):
                    await link.send(piece)
                    self._tally.rubbish += 1
                    await self._answer(link, is_text=pieces in TEXTS)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 0
                if code not in HONEST:
                    self._complain(f"{pieces.__name__} was answered by closing with {code}")
            except TimeoutError:
                self._complain(f"{pieces.__name__} was not answered")

    async def _log_in(self, link: ClientConnection, *, is_text: bool) -> None:
        """A name of its own every few times: logins have a limit, and that is not the point."""
        encode = msgspec.json.encode if is_text else msgspec.msgpack.encode
        await link.send(encode(Login(1, self._name, PASSWORD)), text=is_text)
        reply = await self._answer(link, is_text=is_text)
        if isinstance(reply, Failed) and reply.code != "too_many_logins":
            self._complain(f"could not come back: {reply.code}")
        self._logins += isinstance(reply, Welcome)

    async def _answer(self, link: ClientConnection, *, is_text: bool) -> Failed | Welcome:
        decode = msgspec.json.decode if is_text else msgspec.msgpack.decode
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = decode(await link.recv(decode=False), type=Frame)
                for item in frame.items:
                    if isinstance(item, Failed) and item.code == "internal_error":
                        self._complain(f"an internal error: {item}")
                    if getattr(item, "id", None) is not None and not hasattr(item, "date"):
                        return item  # pyright: ignore[reportReturnType]

    async def _babble(self) -> None:
        """Bytes that are no WebSocket at all, and a connection that says nothing more."""
        address = urlsplit(self._url)
        for words in (self._rng.randbytes(2_000), b"GET / HTTP/1.1\r\n\r\n", b"GET /"):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            with suppress(OSError):
                writer.write(words)
                await writer.drain()
                async with asyncio.timeout(PATIENCE_S):
                    await reader.read()
            writer.close()
            self._tally.rubbish += 1

    def _complain(self, text: str) -> None:
        self._tally.complain(f"{self._name}: {text}")


@asynccontextmanager
async def _connected(url: str, *, is_text: bool) -> AsyncGenerator[ClientConnection]:
    name = SUBPROTOCOL_JSON if is_text else SUBPROTOCOL_MSGPACK
    options: dict[str, Any] = {"compression": None, "proxy": None, "ping_interval": None}
    async with connect(url, subprotocols=[Subprotocol(name)], **options) as link:
        yield link

"""One connection to the server that sees to it that every request is answered exactly once."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bench.soak.plan import Tally
from server.protocol import SUBPROTOCOL_MSGPACK
from server.protocol.messages import Frame
from server.protocol.session import Failed

ANSWER_WITHIN_S = 60.0

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class Lost(Exception):
    """The connection ended before the answer came."""


class Refused(Exception):
    """The server answered `failed`; `code` says why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(f"{failed.code}: {failed.message_en}")
        self.code = failed.code


class Link:
    """`hear` gets everything the server pushes, in order. `read` must run beside `ask`."""

    def __init__(self, socket: ClientConnection, tally: Tally, hear: Callable[[Any], None]) -> None:
        self.last_seq = 0
        self.socket = socket
        self._tally = tally
        self._hear = hear
        self._last_id = 0
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def ask(self, request: Any) -> Any:
        """The reply to a request; raises Lost, Refused, and TimeoutError."""
        self._last_id += 1
        request.id = self._last_id
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[request.id] = answer
        self._tally.asked += 1
        try:
            await self.socket.send(_encode(request))
        except ConnectionClosed as error:
            raise Lost(str(error)) from error
        async with asyncio.timeout(ANSWER_WITHIN_S):  # `wait_for` of 3.11 may lose a cancellation
            reply = await answer
        if isinstance(reply, Failed):
            raise Refused(reply)
        return reply

    async def read(self) -> None:
        """Takes frames until the connection ends; then nobody waits any more."""
        try:
            while True:
                self._take(_decode(await self.socket.recv(decode=False)))
        except ConnectionClosed as error:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(Lost(str(error)))
                    answer.exception()  # looked at: whoever asked may be gone

    def _take(self, frame: Frame) -> None:
        self._tally.frames += 1
        self.last_seq = max(self.last_seq, frame.seq)
        for item in frame.items:
            number: int = getattr(item, "id", 0)
            if not number:
                self._hear(item)
                continue
            answer = self._waiting.pop(number, None)
            if answer is None:
                self._tally.complain(f"request {number} was answered twice: {item!r:.200}")
            elif not answer.done():
                self._tally.answered += 1
                answer.set_result(item)


@asynccontextmanager
async def linked(url: str, tally: Tally, hear: Callable[[Any], None]) -> AsyncGenerator[Link]:
    """A connection with its reader running; nobody is logged in."""
    protocols = [Subprotocol(SUBPROTOCOL_MSGPACK)]
    options: dict[str, Any] = {
        "compression": None,
        "proxy": None,
        "max_size": None,
        "ping_interval": None,
    }
    async with connect(url, subprotocols=protocols, **options) as socket:
        link = Link(socket, tally, hear)
        reading = asyncio.create_task(link.read())
        try:
            yield link
        finally:
            await socket.close()
            await reading

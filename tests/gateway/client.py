"""A test's client: sends requests, gathers what comes, waits for what it wants."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.typing import Subprotocol

from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.messages import Frame
from server.protocol.session import Failed, Login, Resume, Welcome
from tests.gateway.house import PASSWORD, House

PATIENCE_S = 10.0

Item = TypeVar("Item")


class Client:
    """`frames` has every frame in order; `items` what was in them."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[Frame] = []
        self.items: list[Any] = []
        self._json = socket.subprotocol == SUBPROTOCOL_JSON
        self._id = 0
        self._seen = 0

    async def send(self, request: Any) -> int:
        """Sends a request under the next id."""
        self._id += 1
        request.id = self._id
        encode = msgspec.json.encode if self._json else msgspec.msgpack.encode
        await self.socket.send(encode(request), text=self._json)
        return self._id

    async def receive(self) -> Frame:
        """Takes the next frame in; raises ConnectionClosed."""
        data = await self.socket.recv(decode=False)
        decode = msgspec.json.decode if self._json else msgspec.msgpack.decode
        frame = decode(data, type=Frame)
        self.frames.append(frame)
        self.items += frame.items
        return frame

    async def closed(self) -> Close:
        """Reads until the server closes; how it said why."""
        reading = asyncio.ensure_future(self._read_on())
        await asyncio.wait([reading], timeout=PATIENCE_S)
        error = reading.exception()
        assert isinstance(error, ConnectionClosed)
        assert error.rcvd is not None, "the server went away without a word"
        return error.rcvd

    async def _read_on(self) -> None:
        while True:
            await self.receive()

    async def wait(self, kind: type[Item], wanted: Callable[[Item], bool] = lambda _: True) -> Item:
        """The next item of a kind that is wanted, from where the last wait ended."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._seen < len(self.items):
                    item = self.items[self._seen]
                    self._seen += 1
                    if isinstance(item, kind) and wanted(item):
                        return item
                await self.receive()

    async def ask(self, request: Any) -> Any:
        """Sends a request and waits for its reply, leaving other items unseen."""
        number = await self.send(request)
        looked = 0
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for item in self.items[looked:]:
                    if getattr(item, "id", None) == number:
                        return item
                looked = len(self.items)
                await self.receive()

    async def login(self, username: str, password: str = PASSWORD, language: str = "zh") -> Welcome:
        welcome = await self.ask(Login(0, username, password, language=language))
        assert isinstance(welcome, Welcome), welcome
        return welcome

    async def resume(self, token: str, last_seq: int) -> Welcome | Failed:
        return await self.ask(Resume(0, token, last_seq))

    def of(self, kind: type[Item]) -> list[Item]:
        """Everything of a kind that has come so far."""
        return [item for item in self.items if isinstance(item, kind)]


@asynccontextmanager
async def client(
    house: House, subprotocol: str = SUBPROTOCOL_MSGPACK, **options: Any
) -> AsyncIterator[Client]:
    """A connection that has not logged in yet."""
    options = {"compression": None, "proxy": None, "close_timeout": 1, **options}
    async with connect(house.url, subprotocols=[Subprotocol(subprotocol)], **options) as socket:
        yield Client(socket)

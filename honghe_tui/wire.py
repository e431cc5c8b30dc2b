"""One WebSocket: requests out, frames in. The only file that knows the `websockets` library."""

from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)
from websockets.typing import Subprotocol

from honghe_tui.link_state import LinkLost
from server.protocol import SUBPROTOCOL_MSGPACK
from server.protocol.messages import Frame, Request

LARGEST_FRAME = 32 * 1024 * 1024  # a whole market's instruments come in one frame
_RESTART_CODES = (1001, 1012)  # going away, service restart
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Frame).decode


class Wire(Protocol):
    """What the connection needs of a socket; each method raises LinkLost when it is gone."""

    async def send(self, request: Request) -> None: ...
    async def receive(self) -> Frame: ...
    async def close(self) -> None: ...


class WebSocketWire:
    """A `Wire` over MessagePack."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def send(self, request: Request) -> None:
        try:
            await self._socket.send(_encode(request))
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def receive(self) -> Frame:
        try:
            data = await self._socket.recv(decode=False)
            return _decode(data)
        except ConnectionClosed as closed:
            raise _lost(closed) from closed
        except msgspec.DecodeError as error:
            raise LinkLost("protocol") from error

    async def close(self) -> None:
        await self._socket.close()


async def dial(url: str) -> Wire:
    """Connects; raises LinkLost when nobody answers or the answer is not this protocol."""
    direct = urlsplit(url).hostname in _LOOPBACK
    try:
        socket = await connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL_MSGPACK)],
            compression=None,
            proxy=None if direct else True,
            open_timeout=5,
            ping_interval=5,
            ping_timeout=10,
            close_timeout=1,
            max_size=LARGEST_FRAME,
        )
    except InvalidStatus as error:
        full = error.response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        raise LinkLost("busy" if full else "handshake") from error
    except (InvalidHandshake, InvalidURI) as error:
        raise LinkLost("handshake") from error
    except (OSError, TimeoutError) as error:
        raise LinkLost("unreachable") from error
    if socket.subprotocol != SUBPROTOCOL_MSGPACK:
        await socket.close()
        raise LinkLost("protocol")
    return WebSocketWire(socket)


def _lost(closed: ConnectionClosed) -> LinkLost:
    code = closed.rcvd.code if closed.rcvd is not None else 0
    return LinkLost("restart" if code in _RESTART_CODES else "lost")

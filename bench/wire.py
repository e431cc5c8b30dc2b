"""A lean WebSocket client: a blocking socket, bytes prepared in advance, nothing decoded twice.

Its frames are masked with zeros, which leaves the payload as it is: a frame is a header and bytes
that were made before the clock started.
"""

import os
import socket
from base64 import b64encode
from struct import Struct
from typing import Final
from urllib.parse import urlsplit

import msgspec

from server.protocol import SUBPROTOCOL_MSGPACK
from server.protocol.messages import Frame

PLACED: Final = b"\xa6placed"  # the tags of two replies, as MessagePack writes them
FAILED: Final = b"\xa6failed"
_READ: Final = 1 << 20
_BINARY: Final = 0x82
_TEXT_END: Final = b"\r\n\r\n"
_short = Struct("!BB4x").pack
_middle = Struct("!BBH4x").pack
_long = Struct("!BBQ4x").pack
_length_16 = Struct("!H").unpack_from
_length_64 = Struct("!Q").unpack_from


def framed(payload: bytes) -> bytes:
    """One message as a client sends it."""
    size = len(payload)
    if size < 126:
        return _short(_BINARY, 0x80 | size) + payload
    if size < 1 << 16:
        return _middle(_BINARY, 0x80 | 126, size) + payload
    return _long(_BINARY, 0x80 | 127, size) + payload


def array_of(requests: list[bytes]) -> bytes:
    """Encoded requests as one MessagePack array."""
    return b"\xdc" + len(requests).to_bytes(2, "big") + b"".join(requests)


class Wire:
    """One connection. Pings of the server are not answered: runs are shorter than its patience."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        assert where.hostname is not None
        assert where.port is not None
        self.socket = socket.create_connection((where.hostname, where.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        self._shake_hands(where.netloc)

    def _shake_hands(self, host: str) -> None:
        lines = (
            "GET / HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Protocol: {SUBPROTOCOL_MSGPACK}",
        )
        self.socket.sendall("\r\n".join(lines).encode() + _TEXT_END)
        answer = b""
        while _TEXT_END not in answer:
            answer += self._read()
        head, _, self._rest = answer.partition(_TEXT_END)
        if b" 101 " not in head:
            raise RuntimeError(head.decode(errors="replace"))

    def _read(self) -> bytes:
        data = self.socket.recv(_READ)
        if not data:
            raise RuntimeError("the server has closed the connection")
        return data

    def send(self, request: msgspec.Struct) -> None:
        self.socket.sendall(framed(msgspec.msgpack.encode(request)))

    def payloads(self) -> list[bytes]:
        """The messages that have come whole, at least one read later; maybe none."""
        data = self._rest + self._read() if self._rest else self._read()
        found: list[bytes] = []
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126 and end - at >= 4:
                size, start = _length_16(data, at + 2)[0], at + 4
            elif size == 127 and end - at >= 10:
                size, start = _length_64(data, at + 2)[0], at + 10
            elif size >= 126:
                break
            if end - start < size:
                break
            if data[at] == _BINARY:
                found.append(data[start : start + size])
            at = start + size
        self._rest = data[at:]
        return found

    def items(self) -> list[object]:
        """What the next messages hold."""
        return [
            item
            for payload in self.payloads()
            for item in msgspec.msgpack.decode(payload, type=Frame).items
        ]

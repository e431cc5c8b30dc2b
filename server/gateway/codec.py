"""The two encodings of the wire, by subprotocol."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.messages import Request


class OutFrame(msgspec.Struct, tag="frame"):
    """A `Frame` on its way out: items may be encoded already (`msgspec.Raw`)."""

    seq: int
    items: list[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """`decode` is strict and raises `msgspec.DecodeError`; `loose` gives plain Python values."""

    subprotocol: str
    is_text: bool
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Request]
    loose: Callable[[bytes], object]


JSON = Codec(
    SUBPROTOCOL_JSON,
    is_text=True,
    encode=msgspec.json.Encoder().encode,
    decode=msgspec.json.Decoder[Request](Request).decode,
    loose=msgspec.json.Decoder[object](object).decode,
)
MSGPACK = Codec(
    SUBPROTOCOL_MSGPACK,
    is_text=False,
    encode=msgspec.msgpack.Encoder().encode,
    decode=msgspec.msgpack.Decoder[Request](Request).decode,
    loose=msgspec.msgpack.Decoder[object](object).decode,
)
CODECS = {codec.subprotocol: codec for codec in (MSGPACK, JSON)}

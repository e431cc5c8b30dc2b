"""The two encodings of the wire, by subprotocol."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.messages import Request

Message: TypeAlias = Request | list[Request]
Bytes: TypeAlias = bytes | msgspec.Raw


class OutFrame(msgspec.Struct, tag="frame"):
    """A `Frame` on its way out: items may be encoded already (`msgspec.Raw`)."""

    seq: int
    items: list[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """`decode` reads a message, `decode_one` a request, `split` an array of whatever it holds.

    They are strict and raise `msgspec.DecodeError`; `loose` gives plain Python values.
    """

    subprotocol: str
    is_text: bool
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Message]
    decode_one: Callable[[Bytes], Request]
    split: Callable[[bytes], list[msgspec.Raw]]
    loose: Callable[[Bytes], object]


JSON = Codec(
    SUBPROTOCOL_JSON,
    is_text=True,
    encode=msgspec.json.Encoder().encode,
    decode=msgspec.json.Decoder[Message](Message).decode,
    decode_one=msgspec.json.Decoder[Request](Request).decode,
    split=msgspec.json.Decoder[list[msgspec.Raw]](list[msgspec.Raw]).decode,
    loose=msgspec.json.Decoder[object](object).decode,
)
MSGPACK = Codec(
    SUBPROTOCOL_MSGPACK,
    is_text=False,
    encode=msgspec.msgpack.Encoder().encode,
    decode=msgspec.msgpack.Decoder[Message](Message).decode,
    decode_one=msgspec.msgpack.Decoder[Request](Request).decode,
    split=msgspec.msgpack.Decoder[list[msgspec.Raw]](list[msgspec.Raw]).decode,
    loose=msgspec.msgpack.Decoder[object](object).decode,
)
CODECS = {codec.subprotocol: codec for codec in (MSGPACK, JSON)}

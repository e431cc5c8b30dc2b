"""Whatever is sent, the answer names the field and what would pass; nothing breaks."""

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import example, given

from server.gateway.bad_messages import LARGEST_INTEGER, explain, oversized
from server.gateway.codec import JSON, MSGPACK, Codec
from server.protocol.session import Failed, Ping


def answer(data: bytes, codec: Codec = JSON) -> Failed:
    """The refusal of a message that must not be readable."""
    try:
        request = codec.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return explain(data, codec, error)
    refused = oversized(request)
    assert refused is not None, f"{request} was read"
    return refused


@pytest.mark.parametrize(
    ("message", "request_id", "field", "expected"),
    [
        ({"type": "login", "id": 3}, 3, "username", "string"),
        ({"type": "ping", "id": "3"}, 0, "id", "integer"),
        ({"type": "ping", "id": 1.5}, 0, "id", "integer"),
        ({"type": "ping", "id": True}, 0, "id", "integer"),
        ({"type": "ping"}, 0, "id", "integer"),
        ({"type": "nonsense", "id": 4}, 4, "type", '"login" | "resume" | "subscribe"'),
        ({"id": 4}, 4, "type", '"login" | "resume" | "subscribe"'),
        ({"type": "subscribe", "id": 5, "quotes": "all"}, 5, "quotes", "list of string"),
        ({"type": "subscribe", "id": 5, "quotes": [1]}, 5, "quotes[0]", "string"),
        (
            {"type": "subscribe", "id": 5, "bars": [{"symbol": "x", "interval": "2m"}]},
            *(5, "bars[0].interval", '"15m" | "1d" | "1m"'),
        ),
        (
            {"type": "cancel_order", "id": 6, "account": 1, "order_id": 2**60},
            *(6, "order_id", f"integer, {-LARGEST_INTEGER} .. {LARGEST_INTEGER}"),
        ),
        ({"type": "ping", "id": 2**64 - 1}, 0, "id", "integer, "),
        ([1, 2], 0, "message", "object"),
        (None, 0, "message", "object"),
    ],
)
@pytest.mark.parametrize("codec", [JSON, MSGPACK])
def test_the_field_and_what_would_pass_are_named(
    codec: Codec, message: object, request_id: int, field: str, expected: str
) -> None:
    encode = msgspec.json.encode if codec is JSON else msgspec.msgpack.encode
    failed = answer(encode(message), codec)
    assert (failed.id, failed.code) == (request_id, "bad_message")
    assert failed.message_en.startswith(f"Bad message: {field} must be {expected}")
    assert failed.message_zh.startswith(f"消息有误：{field} 应为 {expected}")


@pytest.mark.parametrize(
    ("data", "codec", "expected"),
    [
        (b"{", JSON, "JSON"),
        (b"", JSON, "JSON"),
        (b'{"type": "ping", "id": 1} x', JSON, "JSON"),
        (b'{"type": "login", "id": 1, "username": "\xff"}', JSON, "JSON"),
        (b"[" * 60_000, JSON, "JSON"),
        (b'{"type":"ping","id":' + b"9" * 60_000 + b"}", JSON, "JSON"),
        (b"\xc1", MSGPACK, "MessagePack"),
        (b"\x91" * 60_000, MSGPACK, "MessagePack"),
        (b"\xdd\xff\xff\xff\xff", MSGPACK, "MessagePack"),
    ],
)
def test_what_is_no_message_at_all(data: bytes, codec: Codec, expected: str) -> None:
    failed = answer(data, codec)
    assert (failed.id, failed.code) == (0, "bad_message")
    assert expected in failed.message_en or "object" in failed.message_en


@given(st.binary(max_size=200), st.sampled_from([JSON, MSGPACK]))
@example(b"\x82\xa4type\xa4ping\xa2id\xa2\xff\xfe", MSGPACK)
@example(b"\x82\xa4type\xa4ping\x92\x01\x02\x01", MSGPACK)
def test_any_bytes_are_read_or_explained(data: bytes, codec: Codec) -> None:
    try:
        request = codec.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        refused = explain(data, codec, error)
        codec.encode(refused)
    else:
        codec.encode(oversized(request) or Ping(request.id))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
_TYPES = st.sampled_from(["login", "place_order", "subscribe", "get_bars", "transfer", "x"])


@given(_TYPES, st.dictionaries(st.sampled_from(["id", "quotes", "bars", "account"]), _VALUES))
def test_any_object_is_read_or_explained(kind: str, fields: dict[str, object]) -> None:
    data = msgspec.json.encode({"type": kind, **fields})
    try:
        request = JSON.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        JSON.encode(explain(data, JSON, error))
    else:
        MSGPACK.encode(oversized(request) or Ping(request.id))

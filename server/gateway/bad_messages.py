"""What is wrong with a message that cannot be read, and what would pass, in words."""

import re
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final, get_args

import msgspec
from msgspec import inspect

from server.gateway.codec import Codec
from server.protocol.messages import Request
from server.protocol.reasons import refusal
from server.protocol.session import Failed

REQUESTS: Final[dict[str, type[msgspec.Struct]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Request)
}

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
LARGEST_INTEGER: Final = 2**53 - 1  # what every JSON reader holds exactly

# The integer fields of each request, and what reads them all at once: `id`, and maybe others.
_INTEGERS: Final = {
    kind: [field.name for field in msgspec.structs.fields(kind) if field.type is int]
    for kind in REQUESTS.values()
}
_integers_of: Final[dict[type, Callable[[Request], tuple[int, ...]]]] = {
    kind: attrgetter(*names, "id") for kind, names in _INTEGERS.items()
}

_PLAIN: Final[dict[type[inspect.Type], str]] = {
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.StrType: "string",
    inspect.BoolType: "true | false",
    inspect.NoneType: "null",
}

_PATH = re.compile(r"at `(?:key in )?\$(?P<path>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>[^\]]*)\]")


def split(data: bytes, codec: Codec) -> list[msgspec.Raw]:
    """The elements of a message that is an array; none of any other."""
    try:
        return codec.split(data)
    except UNREADABLE:
        return []


def wrong_length(most: int) -> Failed:
    """The reply to an array of no requests, or of more than `most`."""
    expected = f"object, or list of 1 .. {most} objects"
    return refusal(0, "bad_message", field="message", expected=expected)


def explain(data: bytes | msgspec.Raw, codec: Codec, error: Exception) -> Failed:
    """The `failed` reply to a message for which `codec.decode` raised `error`."""
    try:
        value = codec.loose(data)
    except UNREADABLE:
        name = "JSON" if codec.is_text else "MessagePack"
        return refusal(0, "bad_message", field="message", expected=name)
    if not isinstance(value, dict):
        return refusal(0, "bad_message", field="message", expected="object")
    fields: dict[object, object] = value  # pyright: ignore[reportUnknownVariableType]
    sent = fields.get("id")
    request_id = sent if type(sent) is int and 0 <= sent <= LARGEST_INTEGER else 0
    kind = REQUESTS.get(str(fields.get("type")))
    if kind is None:
        return refusal(request_id, "bad_message", field="type", expected=_one_of(REQUESTS))
    field = _field(str(error))
    return refusal(request_id, "bad_message", field=field, expected=_expected(kind, field))


def oversized(request: Request) -> Failed | None:
    """The reply to a request with an integer that no field can mean; None when there is none."""
    kind = type(request)
    for place, value in enumerate(_integers_of[kind](request)):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            return _out_of_bounds(request, _INTEGERS[kind][place])
    return None


def _out_of_bounds(request: Request, name: str) -> Failed:
    bounds = f"integer, {-LARGEST_INTEGER} .. {LARGEST_INTEGER}"
    request_id = 0 if name == "id" else request.id
    return refusal(request_id, "bad_message", field=name, expected=bounds)


def _field(error: str) -> str:
    """Where in the message, as `bars[0].interval`; empty for the message itself."""
    found = _PATH.search(error)
    path = found["path"] if found else ""
    missing = _MISSING.search(error)
    if missing:
        path += f".{missing['field']}"
    return path.lstrip(".").replace("[...]", "[]") or "message"


def _expected(kind: type[msgspec.Struct], field: str) -> str:
    """What would pass at a field of a request."""
    info: inspect.Type = inspect.type_info(kind)
    for step in _STEP.finditer(f".{field}" if field != "message" else ""):
        info = _inside(info, step["name"])
    return describe(info)


def _inside(info: inspect.Type, name: str | None) -> inspect.Type:
    """The type of a struct's field, or (`name` None) of a list's items."""
    if isinstance(info, inspect.StructType) and name:
        return next((f.type for f in info.fields if f.encode_name == name), inspect.AnyType())
    if isinstance(info, inspect.ListType) and name is None:
        return info.item_type
    return info


def describe(info: inspect.Type) -> str:
    """A type in the words of JSON."""
    match info:
        case inspect.LiteralType(values=values):
            return _one_of(values)
        case inspect.ListType(item_type=item):
            return f"list of {describe(item)}"
        case inspect.StructType(cls=cls):
            return f"object {cls.__name__}"
        case inspect.UnionType(types=types):
            return " | ".join(describe(each) for each in types)
        case _:
            return _PLAIN.get(type(info), type(info).__name__)


def _one_of(words: Iterable[object]) -> str:
    return " | ".join(f'"{word}"' for word in words)

"""`python -m server.cli.protocol_docs`: writes docs/protocol.md from the wire's own definitions."""

import ast
import inspect
import io
import sys
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast, get_args, get_type_hints

import msgspec

from server.cli.generated_page import write_or_check
from server.gateway.requests import handlers
from server.protocol import (
    accounts,
    desk,
    desk_acts,
    market,
    messages,
    risk,
    session,
    systemic,
    trading,
    words,
)
from server.protocol.closing import CloseCode
from server.protocol.reasons import ENGINE_SENTENCES, SENTENCES, Sentence
from server.protocol.request_reasons import GATEWAY_SENTENCES

PAGE: Final = Path(__file__).parents[2] / "docs" / "protocol.md"
INTRODUCTION: Final = Path(__file__).with_name("protocol_intro.md")
SUBJECTS: Final[tuple[tuple[str, ModuleType], ...]] = (
    ("Frames", messages),
    ("Session", session),
    ("Market", market),
    ("Trading", trading),
    ("Accounts", accounts),
    ("Risk", risk),
    ("Risk desk", desk),
    ("Acts of the risk desk", desk_acts),
    ("The platform", systemic),
)
_TYPES: Final = {"int": "integer", "str": "string", "bool": "boolean", "float": "number"}


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION.read_text(encoding="utf-8").rstrip(),
        "## Which answer belongs to which request\n\n" + _answers(),
        *(_subject(title, module) for title, module in SUBJECTS),
        "## Words\n\n" + _words(),
        "## Codes of `failed`\n\n" + _codes(),
        "## Close codes\n\n" + _closings(),
    ]
    return "\n\n".join(parts) + "\n"


# Tables ------------------------------------------------------------------------------------------


def _table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)


def _answers() -> str:
    """Read off the handlers themselves; every request may also be answered with `failed`."""
    pairs: dict[type, Any] = {session.Login: session.Welcome, session.Resume: session.Welcome}
    commands, questions = handlers(*cast("Any", (None, None, None)))
    for request, handler in (commands | questions).items():
        answer = get_type_hints(handler)["return"]
        pairs[request] = next(
            kind for kind in (get_args(answer) or (answer,)) if kind is not session.Failed
        )
    return _table(
        ["request", "answer (or `failed`)"],
        ([_link(request), _link(pairs[request])] for request in get_args(messages.Request)),
    )


def _words() -> str:
    return _table(
        ["word", "one of"],
        (
            [f"<a id='{name.lower()}'></a>{name}", ", ".join(f"`{w}`" for w in get_args(alias))]
            for name, alias in vars(words).items()
            if name[0].isupper() and get_args(alias)
        ),
    )


def _codes() -> str:
    heads = ["code", "unit of `figure`", "sentence"]
    return "\n\n".join(
        f"{title}\n\n" + _table(heads, (_code_row(code, each) for code, each in table.items()))
        for title, table in (
            ("Of the trading engine, also in `code` of a rejected order:", ENGINE_SENTENCES),
            ("Of the server:", GATEWAY_SENTENCES),
        )
    )


def _code_row(code: str, sentence: Sentence) -> list[str]:
    return [f"`{code}`", sentence.unit, f"{sentence.en}<br>{sentence.zh}"]


def _closings() -> str:
    return _table(
        ["code", "why"],
        ([str(int(code)), SENTENCES[code.name.lower()].en] for code in CloseCode),
    )


# Messages ----------------------------------------------------------------------------------------


def _subject(title: str, module: ModuleType) -> str:
    """All structs of one file, as they stand there."""
    source = inspect.getsource(module)
    notes = _comments(source)
    sections = [
        _section(getattr(module, node.name), node, notes)
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    ]
    return "\n\n".join([f"## {title}", *sections])


def _section(kind: type[msgspec.Struct], node: ast.ClassDef, notes: dict[int, str]) -> str:
    config = kind.__struct_config__
    parts = [f"### {_name(kind)}", f"*{_role(kind)}*"]
    if node.body and (text := ast.get_docstring(node)):
        parts.append(text)
    if config.array_like:
        parts.append("Written as an array of its fields in this order.")
    rows = (_field_row(each, notes) for each in node.body if isinstance(each, ast.AnnAssign))
    parts.append(_table(["field", "type", "default", "meaning"], rows))
    return "\n\n".join(parts)


def _field_row(field: ast.AnnAssign, notes: dict[int, str]) -> list[str]:
    default = "" if field.value is None else f"`{_json(field.value)}`"
    note = notes.get(field.end_lineno or field.lineno, "")
    return [f"`{ast.unparse(field.target)}`", _type(field.annotation), default, note]


def _json(value: ast.expr) -> str:
    return msgspec.json.encode(ast.literal_eval(value)).decode()


def _type(annotation: ast.expr) -> str:
    """An annotation in the words of JSON, with links to what it names."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            return f"array of {_type(item)}"
        case ast.BinOp(left=left, right=right):
            return f"{_type(left)} or {_type(right)}"
        case ast.Constant(value=None):
            return "null"
        case ast.Constant(value=str(name)) | ast.Name(id=name):
            return _named(name)
        case _:
            raise TypeError(f"no words for {ast.unparse(annotation)}")


def _named(name: str) -> str:
    if name in _TYPES:
        return _TYPES[name]
    if hasattr(words, name):
        return f"[{name}](#{name.lower()})"
    if name in {"Reply", "Push"}:
        return {"Reply": "answer", "Push": "push"}[name]
    found = [getattr(module, name) for _, module in SUBJECTS if hasattr(module, name)]
    return _link(found[0])


def _name(kind: type[msgspec.Struct]) -> str:
    """A message by its `type`, any other struct by its name."""
    return str(kind.__struct_config__.tag or kind.__name__)


def _link(kind: type[msgspec.Struct]) -> str:
    return f"[`{_name(kind)}`](#{_name(kind).lower()})"


def _role(kind: type[msgspec.Struct]) -> str:
    if kind is messages.Frame:
        return "what every message from the server is"
    unions = (
        ("request", messages.Request),
        ("answer", messages.Reply),
        ("push", messages.Push),
    )
    roles = [word for word, union in unions if kind in get_args(union)]
    return " and ".join(roles) or "part of other messages"


def _comments(source: str) -> dict[int, str]:
    """The comment at the end of each line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ")
        for token in tokens
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip()
    }


def main(argv: list[str]) -> int:
    return write_or_check(PAGE, page, argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A scenario from its file: every unknown key is an error that names the nearest valid one."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
from msgspec import inspect

from server.scenarios.page import EXPECTED, VERBS, Raw, Scenario
from server.scenarios.wording import ScenarioError, Text, at, unknown, wrong

_WORDS = {
    "str": Text('带引号的文字，如 "10.05"', 'text in quotes, like "10.05"'),
    "int": Text("整数", "a whole number"),
    "float": Text("小数", "a decimal fraction"),
    "bool": Text("true 或 false", "true or false"),
    "object": Text("表 { … }", "a table { … }"),
    "array": Text("数组 [ … ]", "an array [ … ]"),
    "date": Text("日期，如 2026-11-20", "a date, like 2026-11-20"),
}
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `([^`]+)`(?: - at `\$(.*)`)?")
_MISSING = re.compile(r"Object missing required field `(\w+)`(?: - at `\$(.*)`)?")


def read(path: Path) -> Scenario:
    """Raises ScenarioError; OSError when the file cannot be read."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise wrong(f"不是 TOML：{error}", f"not TOML: {error}") from error
    return parse(raw)


def parse(raw: Raw) -> Scenario:
    """Raises ScenarioError for a page that does not follow the format."""
    _check_keys(raw, inspect.type_info(Scenario), "")
    try:
        scenario = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from error
    for number, step in enumerate(scenario.step, 1):
        verbs = [verb for verb in VERBS if getattr(step, verb) is not None]
        if len(verbs) > 1:
            raise at(
                Text(f"第 {number} 步", f"step {number}"),
                wrong(
                    f"一步只做一件事：{'、'.join(verbs)}", f"one thing a step: {', '.join(verbs)}"
                ),
            )
        if not verbs and not any(getattr(step, name) for name in EXPECTED):
            raise wrong(f"第 {number} 步是空的", f"step {number} is empty")
    return scenario


def _check_keys(raw: object, kind: inspect.Type, path: str) -> None:
    """Walks the page beside its types, and names what is neither a key nor a word of them."""
    _check_word(raw, kind, path)
    for below, below_kind, place in _parts(raw, kind, path):
        _check_keys(below, below_kind, place)


def _check_word(raw: object, kind: inspect.Type, path: str) -> None:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    literals = [option for option in options if isinstance(option, inspect.LiteralType)]
    words = [str(word) for literal in literals for word in literal.values]
    if words and isinstance(raw, str) and raw not in words:
        raise at(_place(path), unknown(Text("取值", "value"), raw, words))


def _parts(
    raw: object, kind: inspect.Type, path: str
) -> Iterator[tuple[object, inspect.Type, str]]:
    for option in kind.types if isinstance(kind, inspect.UnionType) else (kind,):
        if isinstance(raw, dict) and isinstance(option, inspect.StructType):
            known = {field.encode_name: field.type for field in option.fields}
            for key, value in cast("Raw", raw).items():
                if key not in known:
                    raise at(_place(path), unknown(Text("项目", "key"), key, [*known]))
                yield value, known[key], f"{path}.{key}"
        elif isinstance(raw, dict) and isinstance(option, inspect.DictType):
            for key, value in cast("Raw", raw).items():
                yield value, option.value_type, f"{path}.{key}"
        elif isinstance(raw, list) and isinstance(option, inspect.ListType):
            for index, value in enumerate(cast("list[object]", raw)):
                yield value, option.item_type, f"{path}[{index}]"


def _place(path: str) -> Text:
    """`.step[2].buy` is step 3, buy."""
    path = path.removeprefix(".")
    found = re.match(r"step\[(\d+)\]\.?(.*)", path)
    if found:
        number, rest = int(found[1]) + 1, found[2]
        tail = f" {rest}" if rest else ""
        return Text(f"第 {number} 步{tail}", f"step {number}{tail}")
    return Text(path or "文件", path or "the file")


def _word(name: str) -> Text:
    """The msgspec names of types, as the page has them; unions keep their parts."""
    names = [part.strip() for part in name.split("|")]
    parts = [_WORDS.get(part, Text(part, part)) for part in names if part != "null"]
    return Text(" 或 ".join(part.zh for part in parts), " or ".join(part.en for part in parts))


def _explained(message: str) -> ScenarioError:
    if found := _EXPECTED.fullmatch(message):
        wanted, got = _word(found[1]), _word(found[2])
        error = wrong(f"应为{wanted.zh}，不是{got.zh}", f"must be {wanted.en}, not {got.en}")
        return at(_place(found[3] or ""), error)
    if found := _MISSING.fullmatch(message):
        error = wrong(f"缺少 {found[1]}", f"{found[1]} is missing")
        return at(_place(found[2] or ""), error)
    text, _, path = message.partition(" - at `$")
    return at(_place(path.rstrip("`")), wrong(text, text))

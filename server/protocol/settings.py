"""The config file that client and server share: where it is, and its strict reading.

A section is a `msgspec.Struct`. What will not do raises `ConfigError`, which names the setting
and what would pass; nothing is ignored silently.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from msgspec import inspect

Section = TypeVar("Section", bound=msgspec.Struct)


class ConfigError(ValueError):
    """A setting that will not do. `key` names it, `passes` says what would."""

    def __init__(self, key: str, value: object, passes: str) -> None:
        super().__init__(f"{key} = {value!r}: expected {passes}")
        self.key = key
        self.value = value
        self.passes = passes


def find_config(explicit: str | None, environ: Mapping[str, str], cwd: Path) -> Path | None:
    """The file to read, or None when there is none and defaults hold.

    A file that was named (`--config`, `$HONGHE_CONFIG`) must exist: else ConfigError.
    """
    named = [("--config", explicit), ("HONGHE_CONFIG", environ.get("HONGHE_CONFIG"))]
    for key, value in named:
        if value:
            path = Path(value).expanduser()
            if path.is_file():
                return path
            raise ConfigError(key, value, "an existing file")
    home = Path(environ.get("HOME", "~")).expanduser() / ".config" / "honghe" / "config.toml"
    return next((path for path in (cwd / "config.toml", home) if path.is_file()), None)


def read_document(path: Path | None) -> dict[str, object]:
    """The whole file by section; nothing for None."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), str(error), "TOML") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), str(error), "a readable UTF-8 file") from error


def parse_section(name: str, table: object, kind: type[Section]) -> Section:
    """One section of the document as its struct."""
    if not isinstance(table, dict):
        raise ConfigError(name, table, f"a table: [{name}]")
    values: dict[str, object] = table  # pyright: ignore[reportUnknownVariableType]
    fields = {field.encode_name: field for field in _fields(kind)}
    for key, value in values.items():
        if key not in fields:
            raise unknown(f"{name}.{key}", value, [f"{name}.{known}" for known in fields])
        try:
            msgspec.convert({key: value}, kind)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{name}.{key}", value, _passes(fields[key].type)) from error
    return msgspec.convert(values, kind)


def unknown(key: str, value: object, valid: list[str]) -> ConfigError:
    """For a setting that does not exist: names the nearest one that does."""
    near = difflib.get_close_matches(key, valid, n=1, cutoff=0.5)
    passes = f"{near[0]} (no setting is called {key})" if near else f"one of {', '.join(valid)}"
    return ConfigError(key, value, passes)


def _fields(kind: type[msgspec.Struct]) -> tuple[inspect.Field, ...]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType), "a section is a struct"
    return info.fields


def _passes(kind: inspect.Type) -> str:
    """What a value of the inspected type looks like in the file."""
    match kind:
        case inspect.Metadata():
            return cast("dict[str, str]", kind.extra_json_schema)["description"]
        case inspect.LiteralType(values=words):
            return " | ".join(f'"{word}"' for word in words)
        case inspect.BoolType():
            return "true | false"
        case inspect.IntType() | inspect.FloatType():
            name = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
            bounds = [("above", kind.gt), ("from", kind.ge), ("to", kind.le), ("below", kind.lt)]
            said = [f"{word} {bound}" for word, bound in bounds if bound is not None]
            return " ".join([name, *said])
        case inspect.StrType(pattern=pattern):
            return f'"text" that matches {pattern}' if pattern else '"text"'
        case inspect.ListType(item_type=item):
            return f"a list of {_passes(item)}"
        case _:
            return str(kind)

"""The `[client]` table of the config file."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec

from honghe_tui.i18n import Language
from honghe_tui.themes import GlyphsName, PaletteName
from server.protocol.settings import ConfigError, find_config, parse_section, read_document

DEFAULT_SERVER = "ws://127.0.0.1:8765"
SERVER_PATTERN = r"^wss?://.+"


class ClientConfig(msgspec.Struct, frozen=True):
    """Every setting of the client; a missing one has the default that stands here."""

    server: Annotated[str, msgspec.Meta(pattern=SERVER_PATTERN)] = DEFAULT_SERVER
    username: str = ""
    language: Language = "zh"
    palette: PaletteName = "red_up"
    glyphs: GlyphsName = "unicode"
    frames_per_second: Annotated[int, msgspec.Meta(ge=1, le=60)] = 20
    export_dir: str = "."  # where Ctrl+E puts a list
    bell: bool = True  # for notices from `restrict` on and for refused orders


def read_config(path: Path | None) -> ClientConfig:
    """The client's settings in `path`; raises ConfigError naming the key and what would pass."""
    return parse_section("client", read_document(path).get("client", {}), ClientConfig)


def add_options(add: Callable[..., object], t: Callable[[str], str]) -> None:
    """The settings that a command line may give; `add` is `add_argument` of a parser or group."""
    add("--server", metavar="URL", help=t("server"))
    add("--user", metavar="NAME", help=t("user"))
    add("--lang", choices=["zh", "en"], help=t("lang"))
    add("--config", metavar="FILE", help=t("config"))


def settings_of(options: argparse.Namespace) -> ClientConfig:
    """The config file, overridden by the command line; raises ConfigError."""
    config = read_config(find_config(options.config, os.environ, Path.cwd()))
    given = {"server": options.server, "username": options.user, "language": options.lang}
    changes = {name: value for name, value in given.items() if value is not None}
    try:
        return msgspec.convert({**msgspec.to_builtins(config), **changes}, ClientConfig)
    except msgspec.ValidationError as error:
        raise ConfigError("--server", options.server, "ws://HOST:PORT | wss://HOST:PORT") from error

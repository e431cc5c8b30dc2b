"""The `[client]` table of the config file."""

from pathlib import Path
from typing import Annotated

import msgspec

from honghe_tui.i18n import Language
from honghe_tui.themes import GlyphsName, PaletteName
from server.protocol.settings import parse_section, read_document

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
    bell: bool = True  # for notices from `restrict` on and for refused orders


def read_config(path: Path | None) -> ClientConfig:
    """The client's settings in `path`; raises ConfigError naming the key and what would pass."""
    return parse_section("client", read_document(path).get("client", {}), ClientConfig)

"""Colours and glyphs by name: what `palette` and `glyphs` in the config choose from."""

from typing import Literal

import msgspec

from server.protocol.words import Grade

PaletteName = Literal["red_up", "green_up", "colour_blind"]
GlyphsName = Literal["unicode", "ascii"]


class Palette(msgspec.Struct, frozen=True):
    """Colours as `#rrggbb`. A colour never says alone what a sign or a word does not say too."""

    name: PaletteName
    up: str
    down: str
    flat: str
    flash_up: str  # background of a cell that has just risen
    flash_down: str
    grades: dict[Grade, str]
    text: str = "#d8dee6"
    muted: str = "#8591a0"
    accent: str = "#6cb6ff"
    average: str = "#e5c07b"  # the average-price line
    volume: str = "#5c6b7d"
    surface: str = "#0e1318"
    panel: str = "#161d25"
    header: str = "#1f2a36"
    cursor: str = "#27425f"  # background of the selected row
    warning: str = "#f0a04b"
    error: str = "#ff5c6c"

    def change(self, difference: int) -> str:
        """The colour of a rise, a fall or neither."""
        if difference > 0:
            return self.up
        return self.down if difference < 0 else self.flat


class Glyphs(msgspec.Struct, frozen=True):
    """Characters for drawing. `ascii` avoids those whose width terminals disagree about."""

    name: GlyphsName
    up: str
    down: str
    flat: str
    full: str
    track: str  # the empty part of a gauge
    marker: str  # a line on a gauge
    horizontal: str
    vertical: str
    dot: str
    ellipsis: str
    missing: str  # a figure that is not known


_GRADES: dict[Grade, str] = {
    "normal": "#6fa8dc",
    "remind": "#e8c547",
    "restrict": "#f0963c",
    "reduce": "#f2703f",
    "liquidate": "#ff4d6d",
}
_SAFE_GRADES: dict[Grade, str] = {
    "normal": "#56b4e9",
    "remind": "#f0e442",
    "restrict": "#e69f00",
    "reduce": "#d55e00",
    "liquidate": "#cc79a7",
}
_RED, _GREEN, _FLAT = "#f6465d", "#2ebd85", "#b8c0cc"
_DEEP_RED, _DEEP_GREEN = "#5a1e28", "#12442f"

PALETTES: dict[PaletteName, Palette] = {
    "red_up": Palette("red_up", _RED, _GREEN, _FLAT, _DEEP_RED, _DEEP_GREEN, _GRADES),
    "green_up": Palette("green_up", _GREEN, _RED, _FLAT, _DEEP_GREEN, _DEEP_RED, _GRADES),
    "colour_blind": Palette(
        "colour_blind", "#e69f00", "#56b4e9", _FLAT, "#4d3500", "#123a52", _SAFE_GRADES
    ),
}

GLYPHS: dict[GlyphsName, Glyphs] = {
    "unicode": Glyphs("unicode", "▲", "▼", " ", "█", "░", "│", "─", "│", "●", "…", "—"),
    "ascii": Glyphs("ascii", "^", "v", " ", "#", ".", "|", "-", "|", "*", "~", "-"),
}

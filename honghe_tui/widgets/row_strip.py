"""A table row on its way to the terminal, cheap to cut at its columns and to encode.

Textual's Strip measures its text again for every cut and writes every segment's whole style. In
a list where dozens of rows change a frame that is most of the work and half of the bytes.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.segment import Segment
from rich.style import Style
from textual.cache import FIFOCache
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter
from textual.strip import Strip

_RESET = "\x1b[0m"


class RowStrip(Strip):
    """One segment a column, each with its width; every style has a foreground and a background.

    The caches of Strip are made when something asks for them: most rows live for one frame.
    """

    __slots__ = ("_sizes",)

    def __init__(self, segments: list[Segment], sizes: Sequence[int]) -> None:
        self._segments = segments
        self._cell_length = sum(sizes)
        self._sizes = sizes
        self._render_cache = None
        self._link_ids = None
        self._cell_count = None

    def __getattr__(self, name: str) -> FIFOCache[Any, Any]:
        if not name.endswith("_cache"):
            raise AttributeError(name)
        cache = FIFOCache[Any, Any](4)
        setattr(self, name, cache)
        return cache

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        return [self] if places == [self._cell_length] else super().divide(places)

    def crop(self, start: int, end: int | None = None) -> Strip:
        """Cuts at the end of a column without measuring; elsewhere as any strip."""
        if start == 0 and end is not None and end < self.cell_length:
            reach = 0
            for count, size in enumerate(self._sizes, 1):
                reach += size
                if reach >= end:
                    if reach > end:
                        break
                    return RowStrip(self._segments[:count], self._sizes[:count])
        return super().crop(start, end)

    def apply_filter(self, filter: LineFilter, background: Color) -> Strip:
        """As any strip, but true colours are not asked again whether they are."""
        if isinstance(filter, ANSIToTruecolor):
            return self
        return super().apply_filter(filter, background)

    def render(self, console: Console) -> str:
        """Escape sequences that say only what differs from the segment before."""
        if self._render_cache is None:
            system = COLOR_SYSTEMS[console.color_system or "truecolor"]
            before: Style | None = None
            parts: list[str] = []
            for text, style, _ in self._segments:
                if style is not before and style is not None:
                    parts.append(_difference(before, style, system))
                    before = style
                parts.append(text)
            self._render_cache = "".join(parts) + _RESET
        return self._render_cache


@lru_cache(maxsize=4_096)
def _difference(before: Style | None, after: Style, system: ColorSystem) -> str:
    if before == after:
        return ""
    if before is None or before.bold or before.reverse or before.underline:
        codes = ("0;" if before is not None else "") + Strip.render_ansi(after, system)
        return f"\x1b[{codes}m"
    color = None if before.color == after.color else after.color
    ground = None if before.bgcolor == after.bgcolor else after.bgcolor
    only = Style(color=color, bgcolor=ground, bold=after.bold or None)
    return f"\x1b[{Strip.render_ansi(only, system)}m"

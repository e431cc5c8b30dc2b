"""A grid of cells to plot into, and the dots finer than cells."""

from collections.abc import Sequence
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from honghe_tui.text import cells

_BRAILLE = 0x2800
_DOT_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_UPPER_BITS, _LOWER_BITS = 0x1B, 0xE4
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_ASCII_EIGHTHS = "  ..::||#"
DOTS_ACROSS, DOTS_DOWN = 2, 4


class Canvas:
    """`width` x `height` cells; writes outside are dropped. Later writes cover earlier ones."""

    def __init__(self, width: int, height: int, style: Style) -> None:
        self.width, self.height = width, height
        self._plain = style
        self._characters = [[" "] * width for _ in range(height)]
        self._styles = [[style] * width for _ in range(height)]
        self._drawn: dict[int, Strip] = {}

    def put(self, x: int, y: int, character: str, style: Style) -> None:
        """One character of one cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._characters[y][x] = character
            self._styles[y][x] = style

    def write(self, x: int, y: int, text: str, style: Style) -> None:
        """Text from cell `x` on; a wide character that does not fit whole is left out."""
        for character in text:
            size = cells(character)
            if x + size > self.width:
                return
            self.put(x, y, character, style)
            if size == 2:
                self.put(x + 1, y, "", style)
            x += size

    def free(self, x: int, y: int) -> bool:
        return self._characters[y][x] == " "

    def ground(self, x: int, y: int, background: Style) -> None:
        """Another background under what stands in a cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._styles[y][x] = self._styles[y][x] + background

    def strips(self, before: "Canvas | None" = None) -> list[Strip]:
        """One strip a row; rows that are as in `before`, the frame before, keep its strips."""
        old = before._drawn if before is not None and before.width == self.width else {}
        for y in range(self.height):
            same = (
                y in old
                and before is not None
                and self._characters[y] == before._characters[y]
                and self._styles[y] == before._styles[y]
            )
            self._drawn[y] = old[y] if same else self._strip(y)
        return [self._drawn[y] for y in range(self.height)]

    def _strip(self, y: int) -> Strip:
        segments: list[Segment] = []
        start, styles, characters = 0, self._styles[y], self._characters[y]
        for x in range(1, self.width + 1):
            if x == self.width or styles[x] is not styles[start]:
                segments.append(Segment("".join(characters[start:x]), styles[start]))
                start = x
        return Strip([segment for segment in segments if segment.text], self.width)


class Dots:
    """Two by four dots a cell; kept for the cells that have any."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits: dict[tuple[int, int], int] = {}

    def set(self, x: int, y: int) -> None:
        """The dot in dot column `x`, dot row `y` from the top; outside: nothing."""
        cell = (x >> 1, y >> 2)
        if 0 <= cell[0] < self.width and 0 <= cell[1] < self.height:
            self._bits[cell] = self._bits.get(cell, 0) | _DOT_BITS[y & 3][x & 1]

    def path(self, points: Sequence[tuple[int, int]]) -> None:
        """Joins the points, given from left to right."""
        for (x1, y1), (x2, y2) in pairwise(points):
            self._stroke(x1, y1, x2, y2)
        if points:
            self.set(*points[0])

    def _stroke(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """The dots after the first point, up to the second."""
        steps = max(abs(x2 - x1), abs(y2 - y1))
        for i in range(1, steps + 1):
            self.set(x1 + (x2 - x1) * i // steps, y1 + (y2 - y1) * i // steps)

    def ink(self, canvas: Canvas, left: int, style: Style, ascii_only: bool) -> None:
        """Puts the dots on the canvas, `left` cells from its edge."""
        for (x, y), bits in self._bits.items():
            canvas.put(left + x, y, dot_character(bits, ascii_only), style)


def dot_character(bits: int, ascii_only: bool) -> str:
    """The character of a cell with dots; in ASCII only upper and lower half are told apart."""
    if not ascii_only:
        return chr(_BRAILLE + bits)
    upper, lower = bits & _UPPER_BITS, bits & _LOWER_BITS
    return ":" if upper and lower else "'" if upper else "."


def bar_column(value: int, largest: int, rows: int, ascii_only: bool) -> list[str]:
    """An upright bar in eighths of a cell, `rows` characters from the top; at least one eighth."""
    eighths = value * rows * 8 // largest if largest > 0 else 0
    eighths = min(rows * 8, max(eighths, 1 if value > 0 else 0))
    signs = _ASCII_EIGHTHS if ascii_only else _EIGHTHS
    column = [signs[min(8, max(0, eighths - (rows - 1 - row) * 8))] for row in range(rows)]
    if ascii_only and value > 0 and column[-1] == " ":
        column[-1] = "."
    return column


def bar_across(value: int, largest: int, width: int, full: str) -> str:
    """A lying bar of whole cells, padded to `width`; at least one cell for a value above zero."""
    length = -(-value * width // largest) if largest > 0 else 0
    return (full * min(width, max(0, length))).ljust(width)

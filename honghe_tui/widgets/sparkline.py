"""A series in one line."""

from collections.abc import Sequence

from textual.strip import Strip

from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.spans import line

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "__..--^^"


def spark(values: Sequence[int], width: int, look: Look) -> str:
    """The series in `width` cells of eighth blocks (ASCII: `_.-^`), newest at the right.

    A longer series is folded: each cell shows the last of its values. A flat one lies low.
    """
    if not values or width <= 0:
        return " " * max(0, width)
    shown = _folded(values, width)
    low, span = min(shown), max(shown) - min(shown)
    signs = _ASCII if look.ascii else _BLOCKS
    drawn = "".join(signs[(value - low) * 7 // span if span else 0] for value in shown)
    return drawn.rjust(width)


def _folded(values: Sequence[int], width: int) -> list[int]:
    if len(values) <= width:
        return list(values)
    return [values[(i + 1) * len(values) // width - 1] for i in range(width)]


class Sparkline(Drawing):
    """`Sparkline(look, *, id, classes)`; `show(values: Sequence[int])`: newest at the right.

    Drawn in the colour of the change from the first to the last value, one line high.
    """

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._values: tuple[int, ...] = ()

    def show(self, values: Sequence[int]) -> None:
        self._values = tuple(values)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        change = self._values[-1] - self._values[0] if self._values else 0
        drawn = spark(self._values, width, self.look)
        return [line([(drawn, self.look.change(change))], width, self.look.text)]

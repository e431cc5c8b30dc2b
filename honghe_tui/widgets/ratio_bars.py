"""The picture of all contracts by maintenance ratio: one bar a range, the worst on the left."""

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.canvas import Canvas, bar_column
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from server.protocol.desk import RatioBar

SCALE = 7  # cells at the left for the counts
_DANGER_PPM, _CARE_PPM = 1_150_000, 1_300_000


class RatioBars(Drawing):
    """`show(bars)`; a bar is as high as its number of accounts, its label the ratio it begins at.

    Neighbouring ranges share a bar where the screen has fewer columns than ranges.
    """

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._bars: Sequence[RatioBar] = ()

    def show(self, bars: Sequence[RatioBar]) -> None:
        self._bars = bars
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        look = self.look
        canvas = Canvas(width, height, look.text)
        room, rows = width - SCALE, height - 1
        if not self._bars or room < 6 or rows < 1:
            return canvas.strips()
        shown = _merged(self._bars, max(1, room // 3))
        each = max(2, min(8, room // len(shown)))
        most = max(bar.accounts for bar in shown)
        canvas.write(0, 0, text.fit(text.short_count(most, look.language), SCALE - 1, "right"),
                     look.muted)  # fmt: skip
        canvas.write(0, rows - 1, text.fit("0", SCALE - 1, "right"), look.muted)
        free = 0
        for n, bar in enumerate(shown):
            x = SCALE + n * each
            column = bar_column(bar.accounts, most, rows, look.ascii)
            for y, sign in enumerate(column):
                for i in range(each - 1):
                    canvas.put(x + i, y, sign, self._ink(bar.from_ppm))
            label = f"{bar.from_ppm // 10_000}%"
            if x >= free and x + len(label) <= width:
                canvas.write(x, rows, label, self._ink(bar.from_ppm))
                free = x + len(label) + 1
        return canvas.strips()

    def _ink(self, from_ppm: int) -> Style:
        grades = self.look.palette.grades
        if from_ppm < _DANGER_PPM:
            return style(grades["liquidate"])
        return style(grades["remind"] if from_ppm < _CARE_PPM else grades["normal"])


def _merged(bars: Sequence[RatioBar], most: int) -> list[RatioBar]:
    """At most so many bars, neighbours added together."""
    step = -(-len(bars) // most)
    return [
        RatioBar(
            bars[start].from_ppm,
            sum(bar.accounts for bar in bars[start : start + step]),
            sum(bar.debt for bar in bars[start : start + step]),
        )
        for start in range(0, len(bars), step)
    ]

"""Candles with price axis, time axis and volume."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.candle_axis import draw_lines, draw_prices, draw_times, readout
from honghe_tui.widgets.candle_shape import Shape, candle_column, shape_of
from honghe_tui.widgets.canvas import (
    DOTS_ACROSS,
    DOTS_DOWN,
    Canvas,
    Dots,
    bar_column,
)
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.price_line import PriceLine
from honghe_tui.widgets.scale import Scale, around
from honghe_tui.widgets.spans import line, whole
from server.protocol.market import Bar, Instrument

__all__ = ["Candles", "PriceLine"]
_KEPT_COLUMNS = 4_096


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things are in the drawing; rows count from the line below the read-out."""

    width: int  # of the plot
    rows: int  # of the plot
    volume_rows: int
    axis: int  # width of the price axis
    first: int  # index of the first bar in sight
    bars: Sequence[Bar]  # in sight
    step: int
    scale: Scale  # in half cells

    def x(self, index: int) -> int:
        return index * self.step


class Candles(Drawing, can_focus=True):
    """The newest bars that fit, newest at the right; hollow when risen, filled when fallen.

    - `Candles(look, *, id, classes)`; works from 40x10 up.
    - `show(instrument: Instrument, bars: Sequence[Bar])`: the whole series, oldest first.
    - `update(bar: Bar)`: a push: replaces the bar of the same `time`, else is appended.
    - `set_lines(lines: Sequence[PriceLine])`: `PriceLine(kind, price)`, kind one of "limit_up",
      "limit_down", "cost", "liquidation"; lines far off the bars stand at the edge.
    - `set_averages(windows: Sequence[int])` (default 5, 10, 20; empty: none).
    - `cursor: int | None`: index of the bar under the crosshair in `bars`.
    - keys: left/right crosshair, home/end, escape takes it away, +/- wider and narrower candles,
      m averages on and off.
    - `columns_drawn: int`: candle columns computed since the start (tests count it).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "crosshair(-1)", show=False),
        Binding("right,l", "crosshair(1)", show=False),
        Binding("home", "crosshair(-100000)", show=False),
        Binding("end", "crosshair(100000)", show=False),
        Binding("plus,equals_sign", "zoom(1)", show=False),
        Binding("minus", "zoom(-1)", show=False),
        Binding("m", "averages", show=False),
    ]

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self.bars: list[Bar] = []
        self.cursor: int | None = None
        self.columns_drawn = 0
        self._instrument: Instrument | None = None
        self._lines: list[PriceLine] = []
        self._windows: tuple[int, ...] = (5, 10, 20)
        self._with_averages = True
        self._step = 2
        self._in_sight = 0
        self._canvas: Canvas | None = None  # of the frame before
        self._columns: dict[Shape, list[str]] = {}
        self._columns_for: tuple[Scale, bool] | None = None

    def show(self, instrument: Instrument, bars: Sequence[Bar]) -> None:
        self._instrument = instrument
        self.bars = list(bars)
        self.cursor = None
        self.redraw()

    def update(self, bar: Bar) -> None:
        if self.bars and self.bars[-1].time == bar.time:
            self.bars[-1] = bar
        elif not self.bars or bar.time > self.bars[-1].time:
            self.bars.append(bar)
        else:
            return
        self.redraw()

    def set_lines(self, lines: Sequence[PriceLine]) -> None:
        self._lines = [price_line for price_line in lines if price_line.price > 0]
        self.redraw()

    def set_averages(self, windows: Sequence[int]) -> None:
        self._windows = tuple(windows)
        self.redraw()

    # Keys

    def action_crosshair(self, by: int) -> None:
        if not self.bars:
            return
        now = len(self.bars) - 1 if self.cursor is None else self.cursor + by
        oldest = max(0, len(self.bars) - self._in_sight)
        self.cursor = min(len(self.bars) - 1, max(oldest, now))
        self.redraw()

    def key_escape(self) -> bool:
        """Takes the crosshair away; without one, Escape is somebody else's."""
        if self.cursor is None:
            return False
        self.cursor = None
        self.redraw()
        return True

    def action_zoom(self, by: int) -> None:
        self._step = min(4, max(1, self._step + by))
        self.redraw()

    def action_averages(self) -> None:
        self._with_averages = not self._with_averages
        self.redraw()

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        instrument = self._instrument
        if instrument is None or not self.bars or width < 20 or height < 6:
            return self._empty(width, height)
        frame = self._frame(instrument, width, height)
        self._in_sight = len(frame.bars)
        canvas = Canvas(width, height - 1, self.look.text)
        draw_lines(canvas, frame.scale, frame.width, frame.rows, self._lines, self.look)
        averages = self._averages(frame)
        self._draw_averages(canvas, frame, averages)
        self._draw_candles(canvas, frame)
        self._draw_volume(canvas, frame)
        prices = (frame.scale, frame.width, frame.rows, frame.axis)
        draw_prices(canvas, prices, instrument, self._lines, self.look)
        draw_times(canvas, frame.bars, frame.step, frame.width, self._marked(frame), self.look)
        self._draw_crosshair(canvas, frame)
        before, self._canvas = self._canvas, canvas
        return [self._readout(width, averages, instrument), *canvas.strips(before)]

    def _empty(self, width: int, height: int) -> list[Strip]:
        look = self.look
        sentence = text.fit(look.t("chart.empty"), width, "center")
        return [Strip.blank(width, look.text)] * (height // 2) + [
            line([(sentence, look.muted)], width, look.text)
        ]

    def _frame(self, instrument: Instrument, width: int, height: int) -> Frame:
        volume_rows = 2 if height < 16 else height // 6
        rows = height - 2 - volume_rows
        mark = 6 if width >= 60 else 4
        also = [price_line.price for price_line in self._lines]
        highest = max([*also, *(bar.high for bar in self.bars)])
        axis = mark + text.cells(text.price(highest, instrument.tick))
        plot = width - axis - 1
        bars = self.bars[-((plot + self._step - 1) // self._step) :]
        low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
        scale = around(low, high, instrument.tick, also, 2 * rows)
        first = len(self.bars) - len(bars)
        return Frame(plot, rows, volume_rows, axis, first, bars, self._step, scale)

    def _draw_candles(self, canvas: Canvas, frame: Frame) -> None:
        made_for = (frame.scale, self.look.ascii)
        if made_for != self._columns_for or len(self._columns) > _KEPT_COLUMNS:
            self._columns_for = made_for
            self._columns.clear()
        for index, bar in enumerate(frame.bars):
            ink, x = self._ink(bar), frame.x(index)
            for row, character in enumerate(self._column(bar, frame.scale)):
                if character != " ":
                    canvas.put(x, row, character, ink)

    def _column(self, bar: Bar, scale: Scale) -> list[str]:
        shape = shape_of(bar)
        column = self._columns.get(shape)
        if column is None:
            self.columns_drawn += 1
            column = self._columns[shape] = candle_column(shape, scale, self.look.ascii)
        return column

    def _ink(self, bar: Bar) -> Style:
        return self.look.change(bar.close - bar.open)

    def _draw_volume(self, canvas: Canvas, frame: Frame) -> None:
        largest = max(bar.volume for bar in frame.bars)
        for index, bar in enumerate(frame.bars):
            column = bar_column(bar.volume, largest, frame.volume_rows, self.look.ascii)
            for row, character in enumerate(column):
                canvas.put(frame.x(index), frame.rows + row, character, self._ink(bar))

    def _averages(self, frame: Frame) -> dict[int, list[int]]:
        """Moving averages of the closes for each bar in sight; 0 where there are too few bars."""
        if not self._with_averages:
            return {}
        sums = [0]
        for bar in self.bars:
            sums.append(sums[-1] + bar.close)
        return {
            window: [
                (sums[i + 1] - sums[i + 1 - window] + window // 2) // window
                if i + 1 >= window
                else 0
                for i in range(frame.first, len(self.bars))
            ]
            for window in self._windows
        }

    def _draw_averages(self, canvas: Canvas, frame: Frame, averages: dict[int, list[int]]) -> None:
        fine = Scale(frame.scale.low, frame.scale.high, frame.rows * DOTS_DOWN)
        for ink, values in zip(self._average_inks(), averages.values(), strict=False):
            dots = Dots(frame.width, frame.rows)
            dots.path([
                (frame.x(i) * DOTS_ACROSS, fine.row(value))
                for i, value in enumerate(values)
                if value and fine.contains(value)
            ])  # fmt: skip
            dots.ink(canvas, 0, ink, self.look.ascii)

    def _average_inks(self) -> list[Style]:
        palette = self.look.palette
        return [style(palette.average), style(palette.accent), style(palette.warning)]

    def _marked(self, frame: Frame) -> int | None:
        """The crosshair's place among the bars in sight."""
        if self.cursor is None or self.cursor < frame.first:
            return None
        return self.cursor - frame.first

    def _draw_crosshair(self, canvas: Canvas, frame: Frame) -> None:
        place = self._marked(frame)
        if place is None:
            return
        ground = style("", self.look.palette.cursor)
        for row in range(frame.rows + frame.volume_rows):
            canvas.ground(frame.x(place), row, ground)

    def _readout(self, width: int, averages: dict[int, list[int]], instrument: Instrument) -> Strip:
        index = len(self.bars) - 1 if self.cursor is None else self.cursor
        before = self.bars[index - 1].close if index else instrument.previous_close
        offset = index - len(self.bars)
        values = {window: series[offset] for window, series in averages.items() if series}
        inks = dict(zip(averages, self._average_inks(), strict=False))
        spans = readout(self.bars[index], before, instrument.tick, values, inks, self.look)
        return line(whole(spans, width), width, self.look.text)

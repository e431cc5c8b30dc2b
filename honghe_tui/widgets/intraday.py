"""The day's line: price, average price, previous close, volume."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.canvas import (
    DOTS_ACROSS,
    DOTS_DOWN,
    Canvas,
    Dots,
    bar_column,
)
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.quote_columns import BOARD_LOT
from honghe_tui.widgets.scale import Scale
from honghe_tui.widgets.spans import Span, apart, line
from server.protocol.market import Bar, Instrument

SLOTS = 240  # minutes of a trading day
_MORNING, _NOON, _AFTERNOON, _CLOSE = 570, 690, 780, 900  # 9:30, 11:30, 13:00, 15:00


def slot(minute: int) -> int:
    """A minute of the day as its place among the 240; what lies outside joins the nearest."""
    if minute < _AFTERNOON:
        return min(max(minute - _MORNING, 0), _NOON - _MORNING - 1)
    return min(minute, _CLOSE - 1) - _AFTERNOON + _NOON - _MORNING


@dataclass(frozen=True, slots=True)
class Plot:
    """Where the line is drawn: cells, and the price scale in dot rows."""

    left: int  # width of the price axis
    width: int
    rows: int
    volume_rows: int
    scale: Scale


class IntradayLine(Drawing):
    """One day of one-minute bars; the lunch break is folded, what is still to come stays empty.

    - `IntradayLine(look, *, id, classes)`; works from 40x10 up.
    - `show(instrument: Instrument, bars: Sequence[Bar])`: one-minute bars; those of the newest
      day are drawn, against `instrument.previous_close`.
    - `update(bar: Bar)`: a push: replaces the bar of the same minute, else is added.
    """

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._instrument: Instrument | None = None
        self._bars: list[Bar] = []
        self._canvas: Canvas | None = None  # of the frame before

    def show(self, instrument: Instrument, bars: Sequence[Bar]) -> None:
        self._instrument = instrument
        self._bars = []
        for bar in bars:
            self._add(bar)
        self.redraw()

    def update(self, bar: Bar) -> None:
        self._add(bar)
        self.redraw()

    def _add(self, bar: Bar) -> None:
        """Keeps the bars of the newest day only."""
        if self._bars and text.day_number(bar.time) > text.day_number(self._bars[-1].time):
            self._bars = []
        if self._bars and self._bars[-1].time == bar.time:
            self._bars[-1] = bar
        elif not self._bars or bar.time > self._bars[-1].time:
            self._bars.append(bar)

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        instrument = self._instrument
        if instrument is None or width < 24 or height < 6:
            return []
        plot = self._plot(instrument, width, height)
        canvas = Canvas(width, height - 1, self.look.text)
        self._draw_axes(canvas, plot, instrument)
        self._draw_path(canvas, plot, self._averages(), style(self.look.palette.average))
        self._draw_path(canvas, plot, [bar.close for bar in self._bars], self._price_ink())
        self._draw_volume(canvas, plot, instrument)
        self._draw_times(canvas, plot)
        before, self._canvas = self._canvas, canvas
        return [self._readout(width, instrument), *canvas.strips(before)]

    def _plot(self, instrument: Instrument, width: int, height: int) -> Plot:
        close = instrument.previous_close
        reach = max(
            (max(abs(bar.high - close), abs(bar.low - close)) for bar in self._bars), default=0
        )
        reach = max(reach, 4 * instrument.tick, close // 200)
        left = text.cells(text.price(close + reach, instrument.tick))
        volume_rows = 2 if height < 16 else height // 6
        rows = height - 2 - volume_rows
        scale = Scale(close - reach, close + reach, rows * DOTS_DOWN)
        return Plot(left, width - left - 8, rows, volume_rows, scale)

    def _price_ink(self) -> Style:
        return self.look.strong

    def _averages(self) -> list[int]:
        """The day's average price after each minute: turnover over volume."""
        averages: list[int] = []
        volume = turnover = 0
        for bar in self._bars:
            volume, turnover = volume + bar.volume, turnover + bar.turnover
            averages.append(turnover // volume if volume else bar.close)
        return averages

    def _draw_axes(self, canvas: Canvas, plot: Plot, instrument: Instrument) -> None:
        close = instrument.previous_close
        right = plot.left + plot.width
        middle = plot.rows // 2
        for y in (0, middle, plot.rows - 1):
            price = close if y == middle else plot.scale.high if y == 0 else plot.scale.low
            ink = self.look.change(price - close)
            canvas.write(
                0, y, text.fit(text.price(price, instrument.tick), plot.left, "right"), ink
            )
            share = text.percent(text.change_ppm(price, close), signed=True)
            canvas.write(right, y, text.fit(share, 8, "right"), ink)
        for x in range(plot.left, right):
            if (x - plot.left) % 2 == 0:
                canvas.put(x, middle, "-" if self.look.ascii else "╌", self.look.muted)

    def _draw_path(self, canvas: Canvas, plot: Plot, values: list[int], ink: Style) -> None:
        dots = Dots(plot.width, plot.rows)
        across = plot.width * DOTS_ACROSS
        dots.path([
            (slot(text.minute_of_day(bar.time)) * across // SLOTS, plot.scale.row(value))
            for bar, value in zip(self._bars, values, strict=True)
        ])  # fmt: skip
        dots.ink(canvas, plot.left, ink, self.look.ascii)

    def _draw_volume(self, canvas: Canvas, plot: Plot, instrument: Instrument) -> None:
        volumes, closes = [0] * plot.width, [0] * plot.width
        for bar in self._bars:
            x = slot(text.minute_of_day(bar.time)) * plot.width // SLOTS
            volumes[x] += bar.volume
            closes[x] = bar.close
        before, largest = instrument.previous_close, max(volumes)
        for x, volume in enumerate(volumes):
            if volume == 0:
                continue
            ink = self.look.change(closes[x] - before)
            before = closes[x]
            column = bar_column(volume, largest, plot.volume_rows, self.look.ascii)
            for row, character in enumerate(column):
                canvas.put(plot.left + x, plot.rows + row, character, ink)

    def _draw_times(self, canvas: Canvas, plot: Plot) -> None:
        y, ink = canvas.height - 1, self.look.muted
        canvas.write(plot.left, y, "9:30", ink)
        noon = "11:30/13:00"
        canvas.write(plot.left + (plot.width - len(noon)) // 2, y, noon, ink)
        canvas.write(plot.left + plot.width - 5, y, "15:00", ink)

    def _readout(self, width: int, instrument: Instrument) -> Strip:
        look, close, tick = self.look, instrument.previous_close, instrument.tick
        left: list[Span] = []
        right: list[Span] = [
            (f"{look.t('chart.previous_close')} {text.price(close, tick)}", look.muted)
        ]
        if self._bars:
            bar = self._bars[-1]
            ink = look.change(bar.close - close)
            change = text.percent(text.change_ppm(bar.close, close), signed=True)
            left = [
                (text.clock(bar.time, seconds=False) + " ", look.strong),
                (f"{text.price(bar.close, tick)} {change}", ink),
                (f" {look.t('chart.average')} ", look.muted),
                (text.price(self._averages()[-1], tick), style(look.palette.average)),
            ]
            volume = sum(each.volume for each in self._bars)
            shown = text.lots(volume, BOARD_LOT, look.language)
            left.append((f" {look.t('chart.volume')}{shown}", look.muted))
            if bar.interpolated:
                left.append((" " + look.t("chart.interpolated"), style(look.palette.warning)))
        return line(apart(left, right, width, look.text), width, look.text)

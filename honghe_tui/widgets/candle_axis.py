"""The surroundings of the candles: price lines, both axes, the read-out."""

from collections.abc import Sequence

from rich.style import Style

from honghe_tui import text
from honghe_tui.widgets.canvas import Canvas
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.price_line import PriceLine
from honghe_tui.widgets.quote_columns import BOARD_LOT
from honghe_tui.widgets.scale import Scale
from honghe_tui.widgets.spans import Span
from server.protocol.market import Bar, Instrument

_LABEL_EVERY = 4  # rows


def ink_of(price_line: PriceLine, look: Look) -> Style:
    palette = look.palette
    colors = {
        "limit_up": palette.up,
        "limit_down": palette.down,
        "cost": palette.accent,
        "liquidation": palette.grades["liquidate"],
    }
    return style(colors[price_line.kind])


def row_of(price_line: PriceLine, scale: Scale, rows: int) -> int:
    """The cell row of a line; one beyond the scale stands in the first or last row."""
    return min(rows - 1, max(0, scale.row(price_line.price) // 2))


def draw_lines(
    canvas: Canvas, scale: Scale, width: int, rows: int, lines: Sequence[PriceLine], look: Look
) -> None:
    """Dashes behind the candles; a line beyond the scale has none, only its label."""
    for price_line in lines:
        if scale.contains(price_line.price):
            y = row_of(price_line, scale, rows)
            for x in range(0, width, 2):
                canvas.put(x, y, "-" if look.ascii else "╌", ink_of(price_line, look))


def draw_prices(
    canvas: Canvas,
    place: tuple[Scale, int, int, int],
    instrument: Instrument,
    lines: Sequence[PriceLine],
    look: Look,
) -> None:
    """`place`: scale (in half cells), width of the plot, its rows, width of the axis."""
    scale, width, rows, axis = place
    for y in range(rows):
        canvas.put(width, y, look.glyphs.vertical, look.muted)
    for y in range(0, rows, _LABEL_EVERY):
        figure = text.price(scale.price(2 * y), instrument.tick)
        canvas.write(width + 1, y, text.fit(figure, axis, "right"), look.muted)
    for price_line in lines:
        word = look.t(f"chart.{price_line.kind}")
        figure = text.price(price_line.price, instrument.tick)
        room = axis - text.cells(figure)
        edge = _edge(price_line, scale)
        mark = text.fit(edge + word, room - 1, "left", "") + " "
        label = text.fit(mark + figure, axis, "right", "")
        canvas.write(width + 1, row_of(price_line, scale, rows), label, ink_of(price_line, look))


def _edge(price_line: PriceLine, scale: Scale) -> str:
    """Which way a line beyond the scale lies."""
    if price_line.price > scale.high:
        return "^"
    return "v" if price_line.price < scale.low else ""


def draw_times(
    canvas: Canvas, bars: Sequence[Bar], step: int, width: int, marked: int | None, look: Look
) -> None:
    """Dates under daily bars, times under others; `^` under the crosshair."""
    y = canvas.height - 1
    daily = bars[0].interval == "1d"
    next_free = 0
    for index, bar in enumerate(bars):
        label = _time_label(bar.time, daily)
        x = index * step
        if x >= next_free and x + len(label) <= width:
            canvas.write(x, y, label, look.muted)
            next_free = x + len(label) + 6
    if marked is not None:
        canvas.put(marked * step, y, "^", look.strong)


def _time_label(time: int, daily: bool) -> str:
    return text.date(text.date_of(time))[2:] if daily else text.clock(time, seconds=False)


def readout(
    bar: Bar, before: int, tick: int, averages: dict[int, int], inks: dict[int, Style], look: Look
) -> list[Span]:
    """Figures of one bar: time, OHLC, change, volume, averages."""
    ink = look.change(bar.close - before)
    moment = text.date(text.date_of(bar.time))[2:]
    if bar.interval != "1d":
        moment = f"{moment[3:]} {text.clock(bar.time, seconds=False)}"
    spans: list[Span] = [(moment, look.strong)]
    for key, value in (("o", bar.open), ("h", bar.high), ("l", bar.low), ("c", bar.close)):
        spans.append((" " + look.t(f"chart.{key}"), look.muted))
        spans.append((text.price(value, tick), look.change(value - before)))
    spans.append((" " + text.percent(text.change_ppm(bar.close, before), signed=True), ink))
    volume = text.lots(bar.volume, BOARD_LOT, look.language)
    spans.append((f" {look.t('chart.volume')}{volume}", look.muted))
    if bar.interpolated:
        spans.append((" " + look.t("chart.interpolated"), style(look.palette.warning)))
    for window, value in averages.items():
        spans.append((f" MA{window} {text.price(value, tick)}", inks.get(window, look.muted)))
    return spans

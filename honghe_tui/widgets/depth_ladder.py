"""Five levels of both sides of the book."""

from collections.abc import Sequence

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.canvas import bar_across
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.quote_columns import BOARD_LOT, limit_mark
from honghe_tui.widgets.spans import Span, line
from server.protocol.market import Depth, Instrument, Level, Quote
from server.protocol.words import Side

LEVELS = 5
_LABEL, _PRICE, _QUANTITY = 5, 9, 8
_EMPTY = Level(0, 0)


class DepthLadder(Drawing):
    """Sell 5..1, the last price, buy 1..5, with quantity bars (11 lines; 13 with the limits).

    - `DepthLadder(look, *, id, classes)`; works from 24 columns and 11 lines up (fewer lines:
      fewer levels).
    - `show(depth: Depth | None, quote: Quote | None, instrument: Instrument | None)`: redraws
      what changed. None for depth: empty levels; no instrument: blank.
    """

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._depth: Depth | None = None
        self._quote: Quote | None = None
        self._instrument: Instrument | None = None

    def show(self, depth: Depth | None, quote: Quote | None, instrument: Instrument | None) -> None:
        self._depth, self._quote, self._instrument = depth, quote, instrument
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        instrument = self._instrument
        if instrument is None:
            return []
        count = min(LEVELS, max(1, (height - 1) // 2))
        asks = self._levels(self._depth.asks if self._depth else [], count)
        bids = self._levels(self._depth.bids if self._depth else [], count)
        largest = max(level.quantity for level in (*asks, *bids))
        rows = [
            self._level(instrument, "sell", i, asks[i - 1], largest, width)
            for i in range(count, 0, -1)
        ]
        rows.append(self._last(instrument, width))
        rows += [
            self._level(instrument, "buy", i, bids[i - 1], largest, width)
            for i in range(1, count + 1)
        ]
        if height >= len(rows) + 2 and instrument.limited:
            return [self._limit(instrument, 1, width), *rows, self._limit(instrument, -1, width)]
        return rows

    def _levels(self, levels: Sequence[Level], count: int) -> list[Level]:
        return [*levels[:count], *[_EMPTY] * (count - len(levels))]

    def _level(
        self,
        instrument: Instrument,
        side: Side,
        number: int,
        level: Level,
        largest: int,
        width: int,
    ) -> Strip:
        look = self.look
        label = text.fit(look.t(f"depth.{side}", number=number), _LABEL)
        if level.quantity == 0:
            return self._empty_level(instrument, side, number, label, width)
        ink = look.change(level.price - instrument.previous_close)
        bar_width = max(0, width - _LABEL - _PRICE - _QUANTITY - 1)
        bar_ink = style(look.palette.up if side == "buy" else look.palette.down)
        price = limit_mark(look, instrument, level.price) + text.price(level.price, instrument.tick)
        if level.price == 0:  # what a call would leave over
            label, price, ink = text.fit(look.t("depth.left"), _LABEL), text.MISSING, look.muted
        quantity = text.lots(level.quantity, BOARD_LOT, look.language)
        spans: list[Span] = [
            (label, look.muted),
            (text.fit(price, _PRICE, "right"), ink),
            (text.fit(quantity, _QUANTITY, "right"), look.text),
            (" ", look.text),
            (bar_across(level.quantity, largest, bar_width, "=" if look.ascii else "▇"), bar_ink),
        ]
        return line(spans, width, look.text)

    def _empty_level(
        self, instrument: Instrument, side: Side, number: int, label: str, width: int
    ) -> Strip:
        """A missing best level at a limit is told in words: nobody sells, or nobody buys."""
        look = self.look
        spans: list[Span] = [
            (label, look.muted),
            (text.fit(text.MISSING, _PRICE, "right"), look.muted),
        ]
        locked = self._locked(instrument, side)
        if number == 1 and locked:
            spans.append((" " + look.t(f"depth.no_{side}"), style(look.palette.warning)))
        return line(spans, width, look.text)

    def _locked(self, instrument: Instrument, side: Side) -> bool:
        quote = self._quote
        if quote is None or self._depth is None or not instrument.limited or quote.last == 0:
            return False
        if side == "sell":
            return quote.last >= instrument.limit_up
        return quote.last <= instrument.limit_down

    def _last(self, instrument: Instrument, width: int) -> Strip:
        look, quote, ground = self.look, self._quote, self.look.palette.header
        plain = style(look.palette.text, ground)
        if quote is not None and quote.indicative:
            return self._indicative(instrument, quote, width)
        if quote is None or quote.last == 0:
            return line([(look.t("depth.no_last"), plain)], width, plain)
        ink = style(look.palette.change(quote.last - quote.previous_close), ground, True)
        change = text.percent(text.change_ppm(quote.last, quote.previous_close), signed=True)
        price = limit_mark(look, instrument, quote.last) + text.price(quote.last, instrument.tick)
        spans: list[Span] = [
            (text.fit(look.t("depth.last"), _LABEL), plain),
            (text.fit(price, _PRICE, "right"), ink),
            (text.fit(change, _QUANTITY, "right"), ink),
        ]
        word = self._state(instrument, quote)
        if word:
            spans.append((" " + word, style(look.palette.warning, ground, True)))
        return line(spans, width, plain)

    def _indicative(self, instrument: Instrument, quote: Quote, width: int) -> Strip:
        """In a call: the price it would have now."""
        look, ground, price = self.look, self.look.palette.header, quote.indicative
        plain = style(look.palette.text, ground)
        ink = style(look.palette.change(price - quote.previous_close), ground, True)
        change = text.percent(text.change_ppm(price, quote.previous_close), signed=True)
        marked = limit_mark(look, instrument, price) + text.price(price, instrument.tick)
        spans: list[Span] = [
            (text.fit(look.t("depth.indicative"), _LABEL), plain),
            (text.fit(marked, _PRICE, "right"), ink),
            (text.fit(change, _QUANTITY, "right"), ink),
            (" " + look.word("phase", quote.phase), style(look.palette.warning, ground, True)),
        ]
        return line(spans, width, plain)

    def _state(self, instrument: Instrument, quote: Quote) -> str:
        if quote.suspended or instrument.suspended:
            return self.look.t("quote.suspended")
        if quote.phase == "halted":
            return self.look.word("phase", quote.phase)
        if not instrument.limited:
            return self.look.t("depth.unlimited")
        if quote.last >= instrument.limit_up:
            return self.look.t("chart.limit_up")
        return self.look.t("chart.limit_down") if quote.last <= instrument.limit_down else ""

    def _limit(self, instrument: Instrument, direction: int, width: int) -> Strip:
        look = self.look
        price = instrument.limit_up if direction > 0 else instrument.limit_down
        word = look.t("chart.limit_up" if direction > 0 else "chart.limit_down")
        spans: list[Span] = [
            (text.fit(word, _LABEL), look.muted),
            (text.fit(text.price(price, instrument.tick), _PRICE, "right"), look.change(direction)),
        ]
        return line(spans, width, look.text)

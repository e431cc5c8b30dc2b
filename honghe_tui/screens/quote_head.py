"""Two lines at the head of the detail screen: the instrument and its figures of the day."""

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.spans import Span, apart, line
from server.protocol.market import Instrument, Quote


class QuoteHead(Drawing):
    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._instrument: Instrument | None = None
        self._quote: Quote | None = None

    def show(self, instrument: Instrument | None, quote: Quote | None) -> None:
        self._instrument, self._quote = instrument, quote
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        look, item, quote = self.look, self._instrument, self._quote
        if item is None:
            return [line([(" " + self._t("empty"), look.muted)], width, look.text)]
        title: list[Span] = [
            (f" {text.clean(item.name)} ", look.strong),
            (f"{item.symbol} ", look.muted),
        ]
        board = self._t(f"board.{item.board}")
        right: list[Span] = [(f"{board} {text.clean(item.sector)} ", look.muted)]
        if quote is None:
            return [line(apart(title, right, width, look.text), width, look.text)]
        title += self._price(item, quote)
        return [
            line(apart(title, right, width, look.text), width, look.text),
            line(self._figures(item, quote), width, look.text),
        ]

    def _t(self, key: str) -> str:
        return self.look.catalogue.t(f"screen.detail.{key}")

    def _price(self, item: Instrument, quote: Quote) -> list[Span]:
        look, difference = self.look, quote.last - quote.previous_close
        ppm = text.change_ppm(quote.last, quote.previous_close)
        sign = look.glyphs.up if difference > 0 else look.glyphs.down if difference < 0 else ""
        spans: list[Span] = [
            (f" {text.price(quote.last, item.tick)}{sign}", look.change(difference, bold=True)),
            (
                f"  {text.price_change(difference, item.tick)}  {text.percent(ppm, signed=True)}",
                look.change(difference),
            ),
        ]
        if quote.suspended:
            spans.append((f"  {self._t('suspended')}", look.muted))
        if quote.interpolated:
            spans.append((f"  {self._t('interpolated')}", look.muted))
        return spans

    def _figures(self, item: Instrument, quote: Quote) -> list[Span]:
        look = self.look
        limits = (
            [("limit_up", item.limit_up, 1), ("limit_down", item.limit_down, -1)]
            if item.limited
            else []
        )
        close = quote.previous_close
        prices = [
            ("open", quote.open, quote.open - close),
            ("high", quote.high, quote.high - close),
            ("low", quote.low, quote.low - close),
            ("previous", close, 0),
            *limits,
        ]
        spans: list[Span] = []
        for key, value, difference in prices:
            spans.append((f" {self._t(key)}", look.muted))
            spans.append((text.price(value, item.tick), look.change(difference if value else 0)))
        spans.append((f" {self._t('turnover')}", look.muted))
        spans.append((text.short_money(quote.turnover, look.language), look.text))
        return spans

"""One instrument: candles, the day's line, five levels, and the trades."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from honghe_tui.intents import OpenTicket
from honghe_tui.mirror import Dirty
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.quote_head import QuoteHead
from honghe_tui.terminal import Terminal
from honghe_tui.watching import Wants
from honghe_tui.widgets.candles import Candles, PriceLine
from honghe_tui.widgets.depth_ladder import DepthLadder
from honghe_tui.widgets.intraday import IntradayLine
from honghe_tui.widgets.tape import Tape
from server.protocol.market import Instrument
from server.protocol.session import BarTopic
from server.protocol.words import Interval, Side

INTERVALS: tuple[Interval, ...] = ("1d", "1m", "5m", "15m", "30m", "60m")


class DetailScreen(TradeScreen):
    page = "detail"
    keys = (
        ("b", "buy"),
        ("s", "sell"),
        ("t", "interval"),
        ("i", "intraday"),
        ("PgUp/PgDn", "instrument"),
        ("m", "averages"),
        ("Esc", "back"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,B", "ticket('buy')", show=False),
        Binding("s,S", "ticket('sell')", show=False),
        Binding("t", "interval(1)", show=False),
        Binding("T", "interval(-1)", show=False),
        Binding("i", "intraday", show=False),
        Binding("pagedown", "instrument(1)", show=False),
        Binding("pageup", "instrument(-1)", show=False),
        Binding("escape", "app.page('quotes')", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        look = terminal.look
        self.head = QuoteHead(look, id="head")
        self.candles = Candles(look, id="candles")
        self.intraday = IntradayLine(look, id="intraday")
        self.ladder = DepthLadder(look, id="ladder")
        self.tape = Tape(look, id="tape")
        self.interval: Interval = "1d"
        self._tape_symbol = ""

    def body(self) -> Iterable[Widget]:
        yield self.head
        charts = Vertical(self.candles, self.intraday, id="charts")
        yield Horizontal(charts, Vertical(self.ladder, self.tape, id="side"), id="body")

    def wants(self) -> Wants:
        symbol = self.terminal.selected
        if not symbol:
            return Wants()
        topics = dict.fromkeys([BarTopic(symbol, self.interval), BarTopic(symbol, "1m")])
        return Wants(symbol, tuple(topics))

    @property
    def _instrument(self) -> Instrument | None:
        return self.terminal.mirror.instruments.get(self.terminal.selected)

    # Drawing

    def show_all(self) -> None:
        mirror, instrument = self.terminal.mirror, self._instrument
        self._show_head()
        self._show_depth()
        if instrument is None:
            return
        for topic in self.wants().bars:
            self._show_series(instrument, topic)
        self.candles.set_lines(self._lines(instrument))
        if self._tape_symbol != instrument.symbol:
            self._tape_symbol = instrument.symbol
            self.tape.show(
                list(mirror.prints), instrument.previous_close, instrument.tick, instrument.lot
            )

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        symbol, instrument = self.terminal.selected, self._instrument
        if symbol in dirty.quotes:
            self._show_head()
        if symbol in dirty.quotes or symbol in dirty.depths:
            self._show_depth()
        if instrument is None:
            return
        for topic in self.wants().bars:
            if topic in dirty.series:
                self._show_series(instrument, topic)
        for (topic, _), bar in dirty.bars.items():
            if topic == BarTopic(symbol, self.interval):
                self.candles.update(bar)
            if topic == BarTopic(symbol, "1m"):
                self.intraday.update(bar)
        if dirty.prints:
            self.tape.push(dirty.prints)

    def _show_head(self) -> None:
        self.head.show(self._instrument, self.terminal.mirror.quotes.get(self.terminal.selected))

    def _show_depth(self) -> None:
        mirror, symbol = self.terminal.mirror, self.terminal.selected
        self.ladder.show(mirror.depths.get(symbol), mirror.quotes.get(symbol), self._instrument)

    def _show_series(self, instrument: Instrument, topic: BarTopic) -> None:
        series = self.terminal.mirror.bars.get(topic, [])
        if topic.interval == self.interval:
            self.candles.show(instrument, series)
        if topic.interval == "1m":
            self.intraday.show(instrument, series)

    def _lines(self, instrument: Instrument) -> list[PriceLine]:
        """The average cost of each holding of this instrument."""
        held = self.terminal.mirror.positions.values()
        return [
            PriceLine("cost", position.cost // position.quantity)
            for position in held
            if position.symbol == instrument.symbol
        ]

    # Keys

    def action_ticket(self, side: Side) -> None:
        self.post_message(OpenTicket(self.terminal.selected, side))

    def action_interval(self, step: int) -> None:
        place = INTERVALS.index(self.interval) + step
        self.interval = INTERVALS[place % len(INTERVALS)]
        self.show_all()

    def action_intraday(self) -> None:
        """On a small screen there is room for one chart: the other one."""
        self.toggle_class("-intraday")

    def action_instrument(self, step: int) -> None:
        symbols = list(self.terminal.mirror.instruments)
        if symbols:
            known = self.terminal.selected in self.terminal.mirror.instruments
            place = symbols.index(self.terminal.selected) + step if known else 0
            self.terminal.selected = symbols[place % len(symbols)]
            self.show_all()

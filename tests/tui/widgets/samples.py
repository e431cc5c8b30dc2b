"""One filled example of every widget, for the tests that hold for all of them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from textual.widget import Widget

from honghe_tui.prints import Print
from honghe_tui.widgets.candles import Candles, PriceLine
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.depth_ladder import DepthLadder
from honghe_tui.widgets.intraday import IntradayLine
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.margin_gauge import GaugeRange, MarginGauge
from honghe_tui.widgets.notice_card import NoticeCard
from honghe_tui.widgets.order_ticket import OrderTicket
from honghe_tui.widgets.quote_table import QuoteTable
from honghe_tui.widgets.sparkline import Sparkline
from honghe_tui.widgets.status_bar import Status, StatusBar
from honghe_tui.widgets.table_view import TableView
from honghe_tui.widgets.tape import Tape
from server.protocol.accounts import Account
from server.protocol.market import Bar, Instrument, Quote
from server.protocol.trading import Order, WhatIf
from server.protocol.words import Interval
from tests.tui import canned

HOSTILE = "坏\x1b]52;c;AAAA\x07\u202e\u200b[@click=app.quit]x[/]\n行"
SYMBOL = "601318.SSE"


@dataclass(frozen=True)
class Sample:
    """A widget and what fills it once it is on the screen."""

    widget: Widget
    fill: Callable[[], None]


def instruments(name: str | None = None) -> dict[str, Instrument]:
    """The canned universe; all of them called `name` if one is given."""
    items = canned.instruments()
    if name is not None:
        items = [msgspec.structs.replace(item, name=name, sector=name) for item in items]
    return {item.symbol: item for item in items}


def quotes(count: int = 10) -> dict[str, Quote]:
    return {quote.symbol: quote for quote in map(canned.quote, range(count))}


def walk(count: int, interval: Interval = "1d", start: int = 520_000) -> list[Bar]:
    """Seeded bars that rise, fall and stand still."""
    rng = random.Random(3)
    step = 1_440 if interval == "1d" else 1
    bars: list[Bar] = []
    close = start
    for i in range(count):
        first, close = close, max(10_000, close + rng.randrange(-15, 16) * 100)
        high, low = max(first, close) + 300, min(first, close) - 200
        volume = rng.randrange(1_000, 100_000)
        minute = i if i < 120 or interval == "1d" else i + 90
        time = canned.OPEN + minute * step * canned.MINUTE
        bars.append(Bar(SYMBOL, interval, time, first, high, low, close, volume, volume * close))
    return bars


def resolve(name: str | None = None) -> Callable[[str], Instrument | None]:
    known = instruments(name)

    def find(typed: str) -> Instrument | None:
        for item in known.values():
            if typed.upper() in (item.symbol, item.code, item.pinyin):
                return item
        return None

    return find


def order_columns(look: Look) -> list[Column[Order]]:
    return [
        Column("id", "#", 6, lambda order: Cell(str(order.order_id), look.text), "right"),
        Column("symbol", "symbol", 10, lambda order: Cell(order.symbol, look.accent)),
        Column("side", "side", 6, lambda order: Cell(look.word("side", order.side), look.text)),
        Column("filled", "filled", 8, lambda order: Cell(str(order.filled), look.text), "right", 1),
    ]


def samples(look: Look, name: str | None = None) -> dict[str, Sample]:
    """Every widget by its name; `name` replaces all names that people or feeds give."""
    return {
        "quote_table": _quote_table(look, name),
        "table_view": _table_view(look),
        "candles": _candles(look),
        "intraday": _intraday(look),
        "depth_ladder": _depth_ladder(look),
        "tape": _tape(look),
        "gauge_normal": _gauge(look, 1, name),
        "gauge_called": _gauge(look, 3, name),
        "gauge_cash": _gauge(look, 0, name),
        "ticket": _ticket(look, name, 500),
        "ticket_refused": _ticket(look, name, 1_200),
        "notice_card": _notice_card(look, name),
        "status_bar": _status_bar(look, name),
        "sparkline": _sparkline(look),
    }


def _quote_table(look: Look, name: str | None) -> Sample:
    known = instruments(name)
    table = QuoteTable(look, known, quotes())
    return Sample(table, lambda: table.show(list(known)))


def _table_view(look: Look) -> Sample:
    table: TableView[Order] = TableView(look, order_columns(look))
    return Sample(table, lambda: table.show([(each.order_id, each) for each in canned.orders()]))


def _candles(look: Look) -> Sample:
    chart, bars = Candles(look), walk(120)
    limits = instruments()[SYMBOL]

    def fill() -> None:
        chart.show(limits, bars)
        chart.set_lines([
            PriceLine("limit_up", limits.limit_up),
            PriceLine("limit_down", limits.limit_down),
            PriceLine("cost", bars[-1].close + 2_000),
            PriceLine("liquidation", bars[-1].close - 30_000),
        ])  # fmt: skip
        chart.action_crosshair(-1)

    return Sample(chart, fill)


def _intraday(look: Look) -> Sample:
    chart = IntradayLine(look)
    return Sample(chart, lambda: chart.show(instruments()[SYMBOL], walk(200, "1m")))


def _depth_ladder(look: Look) -> Sample:
    ladder = DepthLadder(look)
    quote, item = canned.quote(1), instruments()[SYMBOL]
    return Sample(ladder, lambda: ladder.show(canned.depth(SYMBOL), quote, item))


def _tape(look: Look) -> Sample:
    tape = Tape(look)
    prints = [
        Print(canned.OPEN + i * 1_000_000, 523_100 + i * 100, 100 * i + 100, side)
        for i, side in enumerate(("buy", "sell", "") * 10)
    ]
    return Sample(tape, lambda: tape.show(prints, 523_100))


def _gauge(look: Look, number: int, name: str | None) -> Sample:
    gauge, account = MarginGauge(look), canned.accounts()[number]
    if name is not None:
        account = msgspec.structs.replace(account, name=name)
    ratio = account.ratio_ppm
    extra = GaugeRange(ratio - 20_000, ratio + 30_000, 30_000 * canned.YUAN, canned.NOW)
    return Sample(gauge, lambda: gauge.show(account, extra if ratio else GaugeRange()))


def _accounts(name: str | None) -> list[Account]:
    if name is None:
        return canned.accounts()
    return [msgspec.structs.replace(account, name=name) for account in canned.accounts()]


def _ticket(look: Look, name: str | None, quantity: int) -> Sample:
    ticket = OrderTicket(look, resolve(name))
    heard: list[int] = []
    post = ticket.post_message

    def listen(message: object) -> bool:
        if isinstance(message, OrderTicket.Changed):
            heard.append(message.revision)
        return post(message)  # pyright: ignore[reportArgumentType]

    def fill() -> None:
        ticket.post_message = listen  # pyright: ignore[reportAttributeAccessIssue]
        ticket.set_accounts(_accounts(name))
        ticket.start(SYMBOL, "buy", 2, 512_600, quantity)
        ticket.set_quote(canned.quote(1))
        question = WhatIf(1, 2, SYMBOL, "buy", "limit", quantity, 512_600)
        ticket.show_what_if(canned.what_if_result(question), heard[-1])

    return Sample(ticket, fill)


def _notice_card(look: Look, name: str | None) -> Sample:
    card, notice = NoticeCard(look), canned.notices()[0]
    if name is not None:
        notice = msgspec.structs.replace(
            notice, title_zh=name, title_en=name, body_zh=name, body_en=name
        )
    return Sample(card, lambda: card.show(notice))


def _status_bar(look: Look, name: str | None) -> Sample:
    bar = StatusBar(look)
    status = Status(
        "live",
        data_age_ms=200,
        market="replay",
        market_label=name or "Replay 2015-08-20",
        market_time=canned.NOW,
        phase="continuous",
        speed=60.0,
        unread=2,
        worst_severity=3,
        interpolated=True,
        person=name or "demo",
    )
    return Sample(bar, lambda: bar.show(status))


def _sparkline(look: Look) -> Sample:
    line = Sparkline(look)
    return Sample(line, lambda: line.show([i * i % 37 for i in range(60)]))

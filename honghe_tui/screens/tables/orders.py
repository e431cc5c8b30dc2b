"""Columns of orders and fills."""

from honghe_tui import text
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from server.protocol.trading import Fill, Order


def order_columns(terminal: Terminal, dated: bool) -> list[Column[Order]]:
    """`dated`: with the day, for the history."""
    cells = Cells(terminal)
    word, column = terminal.look.word, cells.column
    day: list[Column[Order]] = [column("date", 10, lambda o: cells.date(o.date), rank=3)]
    return [
        *(day if dated else []),
        column("time", 8, lambda o: cells.time(o.time)),
        column("account", 12, lambda o: cells.account(o.account), rank=2),
        column("name", 12, lambda o: cells.name(o.symbol)),
        column("side", 4, lambda o: cells.side(o.side)),
        column("price", 9, lambda o: _order_price(cells, o), right=True),
        column("quantity", 8, lambda o: cells.quantity(o.quantity), right=True),
        column("filled", 8, lambda o: cells.quantity(o.filled), right=True),
        column("average", 9, lambda o: _average(cells, o), right=True, rank=1),
        column("status", 9, lambda o: _status(cells, o)),
        column("origin", 13, lambda o: cells.muted(word("origin", o.origin)), rank=3),
        column("order_id", 16, lambda o: cells.muted(str(o.order_id)), right=True, rank=4),
    ]


def _order_price(cells: Cells, order: Order) -> Cell:
    if not order.price:
        return cells.plain(cells.terminal.text("screen.orders.at_market"))
    return cells.price(order.symbol, order.price)


def _average(cells: Cells, order: Order) -> Cell:
    if not order.filled:
        return cells.missing()
    return cells.price(order.symbol, order.filled_amount // order.filled)


def _status(cells: Cells, order: Order) -> Cell:
    look = cells.terminal.look
    if order.status in ("queued", "held"):
        return Cell(look.word("order_status", order.status), look.accent)
    if order.status == "working":
        partly = cells.terminal.text("screen.orders.partly")
        return Cell(partly if order.filled else look.word("order_status", "working"), look.accent)
    return cells.plain(look.word("order_status", order.status))


def fees_of(fill: Fill) -> int:
    """All fees and taxes of one fill."""
    levies = fill.handling_fee + fill.regulatory_fee + fill.dividend_tax
    return fill.commission + fill.stamp_duty + fill.transfer_fee + levies


def fill_columns(terminal: Terminal, dated: bool) -> list[Column[Fill]]:
    """`dated`: always with the day (MM-DD), for fills that are not all of today."""
    cells = Cells(terminal)
    word, column = terminal.look.word, cells.column
    whole: Column[Fill] = column("date", 10, lambda f: cells.date(f.date), rank=4)
    day: Column[Fill] = column("date", 5, lambda f: cells.day(f.date))
    return [
        day if dated else whole,
        column("time", 8, lambda f: cells.time(f.time)),
        column("account", 12, lambda f: cells.account(f.account), rank=3),
        column("name", 12, lambda f: cells.name(f.symbol)),
        column("side", 4, lambda f: cells.side(f.side)),
        column("price", 9, lambda f: cells.price(f.symbol, f.price), right=True),
        column("quantity", 8, lambda f: cells.quantity(f.quantity), right=True),
        column("amount", 13, lambda f: cells.money(f.price * f.quantity), right=True),
        column("fees", 9, lambda f: cells.money(fees_of(f)), right=True),
        column("realised", 12, lambda f: _realised(cells, f), right=True, rank=1),
        column("commission", 10, lambda f: cells.money(f.commission), right=True, rank=5),
        column("stamp_duty", 10, lambda f: cells.money(f.stamp_duty), right=True, rank=6),
        column("transfer_fee", 9, lambda f: cells.money(f.transfer_fee), right=True, rank=7),
        column("dividend_tax", 9, lambda f: cells.money(f.dividend_tax), right=True, rank=8),
        column("handling_fee", 9, lambda f: cells.money(f.handling_fee), right=True, rank=9),
        column("regulatory_fee", 10, lambda f: cells.money(f.regulatory_fee), right=True, rank=10),
        column("origin", 13, lambda f: cells.muted(word("origin", f.origin)), rank=2),
    ]


def _realised(cells: Cells, fill: Fill) -> Cell:
    if fill.side == "buy":
        return cells.missing()
    shown = text.money(fill.realised, signed=True)
    return Cell(shown, cells.terminal.look.change(fill.realised))

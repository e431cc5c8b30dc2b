"""Columns of holdings."""

from honghe_tui import text
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from server.protocol.trading import Position


def position_columns(terminal: Terminal) -> list[Column[Position]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("account", 12, lambda p: cells.account(p.account), rank=2),
        column("code", 6, lambda p: cells.muted(p.symbol.partition(".")[0]), rank=3),
        column("name", 12, lambda p: cells.name(p.symbol)),
        column("quantity", 8, lambda p: cells.quantity(p.quantity), right=True),
        column("sellable", 8, lambda p: cells.quantity(p.sellable), right=True),
        column("frozen", 8, lambda p: cells.quantity(p.frozen), right=True),
        column("cost", 9, lambda p: _cost(cells, p), right=True),
        column("price", 9, lambda p: cells.price(p.symbol, p.price), right=True),
        column("profit", 9, lambda p: cells.signed(p.profit), right=True),
        column("profit_today", 9, lambda p: cells.signed(p.profit_today), right=True),
        column("profit_rate", 9, lambda p: _rate(cells, p), right=True, rank=1),
        column("market_value", 14, lambda p: cells.money(p.market_value), right=True, rank=4),
        column("realised", 10, lambda p: cells.signed(p.realised), right=True, rank=5),
        column("marks", 20, lambda p: _marks(cells, p), rank=3),
    ]


def _cost(cells: Cells, position: Position) -> Cell:
    """A share's cost, with one digit more than its price has."""
    if not position.quantity:
        return cells.missing()
    return cells.plain(text.price(position.cost // position.quantity, tick=10))


def _rate(cells: Cells, position: Position) -> Cell:
    shown = text.percent(text.part_ppm(position.profit, position.cost), signed=True)
    return Cell(shown, cells.terminal.look.change(position.profit))


def _marks(cells: Cells, position: Position) -> Cell:
    words = [
        cells.terminal.text(f"screen.positions.{name}")
        for name in ("unsellable", "unlisted", "synthetic_entitlement")
        if getattr(position, name)
    ]
    return cells.muted(" ".join([*words, *_wish(cells, position)]))


def _wish(cells: Cells, position: Position) -> list[str]:
    """That it is to be sold last; and where the plan cannot have it so, why."""
    plan = cells.terminal.mirror.plans.get(position.account)
    if plan is None or position.symbol not in plan.sell_last:
        return []
    orders = plan.steps.orders if plan.steps is not None else []
    wish = next((each.wish for each in orders if each.symbol == position.symbol), "honoured")
    if wish == "honoured":
        return [cells.terminal.text("screen.positions.sell_last")]
    return [cells.terminal.look.word("wish", wish)]

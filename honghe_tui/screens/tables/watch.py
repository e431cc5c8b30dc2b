"""Columns of what the risk desk watches over the whole platform: shares, and stress."""

from honghe_tui import text
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.screens.tables.notices import GRADES
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.look import style
from server.protocol.desk import StockExposure, StressStep
from server.protocol.risk import Tomorrow
from server.protocol.words import Grade


def stock_columns(terminal: Terminal) -> list[Column[StockExposure]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("code", 11, lambda s: cells.muted(s.symbol)),
        column("name", 10, lambda s: cells.name(s.symbol)),
        column("last", 8, lambda s: cells.price(s.symbol, s.last), right=True),
        column("waiting", 8, lambda s: _waiting(cells, s), right=True),
        column("state", 9, lambda s: _stop(cells, s)),
        column("market_value", 12, lambda s: _short(cells, s.value), right=True),
        column("room", 9, lambda s: _short(cells, s.cap), right=True, rank=1),
        column("share_of_float", 8, lambda s: _share(cells, s), right=True),
        column("financed", 12, lambda s: cells.quantity(s.financed), right=True, rank=3),
        column("accounts", 8, lambda s: cells.quantity(s.accounts), right=True, rank=2),
    ]


def _short(cells: Cells, amount: int) -> Cell:
    if not amount:
        return cells.missing()
    return cells.plain(text.short_money(amount, cells.terminal.look.language))


def _waiting(cells: Cells, stock: StockExposure) -> Cell:
    """A price in quarantine."""
    if not stock.waiting:
        return cells.missing()
    shown = text.price(stock.waiting, cells.terminal.tick_of(stock.symbol))
    return Cell(shown, cells.terminal.look.strong)


def _stop(cells: Cells, stock: StockExposure) -> Cell:
    look = cells.terminal.look
    if stock.stop != "none":
        return Cell(look.word("stop_level", stock.stop), look.strong)
    return (
        Cell(cells.terminal.text("screen.risk.full"), look.strong)
        if stock.full
        else Cell("", look.text)
    )


def _share(cells: Cells, stock: StockExposure) -> Cell:
    if not stock.float_shares:
        return cells.muted(cells.terminal.text("screen.risk.unknown_float"))
    return cells.plain(text.percent(stock.share_ppm))


def stress_columns(terminal: Terminal) -> list[Column[StressStep]]:
    cells = Cells(terminal)

    def accounts(grade: Grade) -> Column[StressStep]:
        ink = style(terminal.look.palette.grades[grade])
        return cells.column(grade, 10, lambda s: Cell(_count(s, grade), ink), right=True)

    return [
        cells.column("limit_downs", 11, lambda s: cells.plain(str(s.limit_downs)), right=True),
        *(accounts(grade) for grade in GRADES),
        cells.column("loss", 12, lambda s: _short(cells, s.loss), right=True),
    ]


def _count(step: StressStep, grade: Grade) -> str:
    return text.quantity(sum(each.accounts for each in step.grades if each.grade == grade))


def tomorrow_columns(terminal: Terminal) -> list[Column[Tomorrow]]:
    """Who will be below another line at the next opening."""
    cells = Cells(terminal)
    column = cells.column

    def graded(grade: Grade, shown: str) -> Cell:
        return Cell(shown, style(terminal.look.palette.grades[grade]))

    return [
        column("account", 8, lambda t: cells.plain(f"#{t.account}"), right=True),
        column("date", 10, lambda t: cells.date(t.session)),
        column("interest", 12, lambda t: cells.money(t.interest), right=True),
        column("debt", 16, lambda t: cells.money(t.debt), right=True),
        column("ratio", 9, lambda t: graded(t.grade_then, text.percent(t.ratio_ppm)), right=True),
        column("severity", 9, lambda t: graded(t.grade, terminal.look.word("grade", t.grade))),
        column(
            "then", 9, lambda t: graded(t.grade_then, terminal.look.word("grade", t.grade_then))
        ),
    ]

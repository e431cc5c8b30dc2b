"""Columns of the risk officer's lists."""

from honghe_tui import text
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.look import style
from server.protocol.desk import DeskAccount, DeskCall, DeskPlanRow, UnsellableShare
from server.protocol.desk_acts import DeskAction
from server.protocol.words import Grade


def _ratio(cells: Cells, ppm: int, grade: Grade | None = None) -> Cell:
    look = cells.terminal.look
    ink = style(look.palette.grades[grade]) if grade else look.text
    return Cell(text.percent(ppm), ink)


def _moment(cells: Cells, time: int) -> Cell:
    """Day and minute; a mark where there is none."""
    if not time:
        return cells.missing()
    return cells.plain(f"{text.date(text.date_of(time))[5:]} {text.clock(time, seconds=False)}")


def _word(cells: Cells, family: str, word: str) -> Cell:
    return cells.plain(cells.terminal.look.word(family, word))


def account_columns(terminal: Terminal) -> list[Column[DeskAccount]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("account", 8, lambda a: cells.plain(f"#{a.account}"), right=True),
        column("person", 8, lambda a: cells.muted(str(a.person)), right=True, rank=2),
        column("leverage", 5, lambda a: cells.plain(f"1:{a.leverage}"), rank=3),
        column("ratio", 9, lambda a: _ratio(cells, a.ratio_ppm, a.grade), right=True),
        column("severity", 9, lambda a: _word(cells, "grade", a.grade)),
        column("debt", 16, lambda a: cells.money(a.debt), right=True),
        column("assets", 16, lambda a: cells.money(a.assets), right=True, rank=1),
        column("deadline", 11, lambda a: _moment(cells, a.deadline)),
        column("plan", 11, lambda a: _word(cells, "plan_kind", a.running)),
        column("held", 11, lambda a: _moment(cells, a.held_until), rank=1),
    ]


def call_columns(terminal: Terminal) -> list[Column[DeskCall]]:
    cells = Cells(terminal)
    column = cells.column
    seen = ("screen.notices.unread", "screen.notices.read")
    return [
        column("account", 8, lambda c: cells.plain(f"#{c.account}"), right=True),
        column("deadline", 11, lambda c: _moment(cells, c.deadline)),
        column("ratio", 9, lambda c: _ratio(cells, c.ratio_ppm, "reduce"), right=True),
        column("deposit", 16, lambda c: cells.money(c.deposit), right=True),
        column("repay", 16, lambda c: cells.money(c.repay), right=True),
        column("state", 8, lambda c: cells.muted(terminal.text(seen[c.acknowledged]))),
        column("reminders", 6, lambda c: cells.plain(str(c.reminders)), right=True, rank=1),
        column("person", 8, lambda c: cells.muted(str(c.person)), right=True, rank=2),
    ]


def plan_columns(terminal: Terminal) -> list[Column[DeskPlanRow]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("account", 8, lambda p: cells.plain(f"#{p.account}"), right=True),
        column("plan", 10, lambda p: _word(cells, "plan_kind", p.kind)),
        column("when", 9, lambda p: _word(cells, "plan_time", p.when)),
        column("since", 11, lambda p: _moment(cells, p.since)),
        column("ratio", 9, lambda p: _ratio(cells, p.ratio_ppm, "liquidate"), right=True),
        column("steps", 6, lambda p: cells.plain(str(p.steps)), right=True),
        column("held", 11, lambda p: _moment(cells, p.held_until)),
        column("proposed_by", 8, lambda p: _officer(cells, p.proposed_by), right=True),
        column("person", 8, lambda p: cells.muted(str(p.person)), right=True, rank=2),
    ]


def _officer(cells: Cells, person: int) -> Cell:
    return cells.plain(str(person)) if person else cells.missing()


def unsellable_columns(terminal: Terminal) -> list[Column[UnsellableShare]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("code", 10, lambda u: cells.muted(u.symbol)),
        column("name", 12, lambda u: cells.name(u.symbol)),
        column("obstacle", 12, lambda u: _word(cells, "obstacle", u.obstacle)),
        column("accounts", 8, lambda u: cells.quantity(u.accounts), right=True),
        column("quantity", 14, lambda u: cells.quantity(u.quantity), right=True, rank=1),
        column("market_value", 18, lambda u: cells.money(u.value), right=True),
    ]


def action_columns(terminal: Terminal) -> list[Column[DeskAction]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("order_id", 6, lambda a: cells.muted(f"#{a.action_id}"), right=True),
        column("market_time", 11, lambda a: _moment(cells, a.market_time)),
        column("officer", 8, lambda a: cells.plain(str(a.officer)), right=True),
        column("action", 12, lambda a: _word(cells, "desk_action", a.action)),
        column("account", 10, lambda a: _subject(cells, a)),
        column("held", 11, lambda a: _moment(cells, a.until), rank=1),
        column("why", 40, lambda a: _why(cells, a)),
    ]


def _why(cells: Cells, action: DeskAction) -> Cell:
    """What the officer said; of an act that was refused that it was, first."""
    said = text.clean(action.why)
    if not action.refused:
        return cells.plain(said)
    look, words = cells.terminal.look, cells.terminal.text
    return Cell(f"{words('screen.risk.refused', code=action.refused)} {said}", look.strong)


def _subject(cells: Cells, action: DeskAction) -> Cell:
    if action.account >= 0:
        return cells.plain(f"#{action.account}")
    if action.person >= 0:
        return cells.plain(f"@{action.person}")
    return cells.plain(action.symbol) if action.symbol else cells.missing()

"""Columns of notices and settlement statements."""

from typing import get_args

from honghe_tui import text
from honghe_tui.screens.tables.cells import Cells
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.look import style
from server.protocol.accounts import Notice, Statement
from server.protocol.words import Grade

GRADES: tuple[Grade, ...] = get_args(Grade)
"""The grade that a notice's severity stands for; 0 is mere information."""


def notice_columns(terminal: Terminal) -> list[Column[Notice]]:
    cells = Cells(terminal)
    column = cells.column
    return [
        column("time", 8, lambda n: cells.time(n.time)),
        column("date", 10, lambda n: cells.date(text.date_of(n.time)), rank=1),
        column("severity", 9, lambda n: _severity(cells, n)),
        column("account", 12, lambda n: cells.account(n.account)),
        column("state", 8, lambda n: _state(cells, n)),
        column("title", 48, lambda n: _title(cells, n)),
    ]


def _severity(cells: Cells, notice: Notice) -> Cell:
    grade = GRADES[min(max(notice.severity, 0), len(GRADES) - 1)]
    look = cells.terminal.look
    word = look.word("grade", grade) if notice.severity else look.catalogue.t("screen.notices.info")
    return Cell(word, style(look.palette.grades[grade]))


def _state(cells: Cells, notice: Notice) -> Cell:
    key = "read" if notice.acknowledged else "unread"
    return cells.muted(cells.terminal.text(f"screen.notices.{key}"))


def _title(cells: Cells, notice: Notice) -> Cell:
    look = cells.terminal.look
    words = text.clean(look.catalogue.pick(notice.title_zh, notice.title_en))
    return Cell(words, look.muted if notice.acknowledged else look.strong)


def statement_columns(terminal: Terminal) -> list[Column[Statement]]:
    cells = Cells(terminal)
    column = cells.column
    pick = terminal.look.catalogue.pick
    return [
        column("date", 10, lambda s: cells.date(s.date)),
        column("time", 8, lambda s: cells.time(s.time), rank=1),
        column("account", 12, lambda s: cells.account(s.account)),
        column("title", 48, lambda s: cells.plain(text.clean(pick(s.title_zh, s.title_en)))),
    ]

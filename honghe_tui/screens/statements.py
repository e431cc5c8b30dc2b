"""Settlement statements: the list, and the figures of the chosen one."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from honghe_tui.intents import LoadStatements
from honghe_tui.mirror import Dirty
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.statement_sheet import StatementSheet
from honghe_tui.screens.tables.notices import statement_columns
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.table_view import TableView
from server.protocol.accounts import Statement


class StatementsScreen(TradeScreen):
    page = "statements"
    keys = (("↑/↓", "choose"), ("PgUp/PgDn", "sheet"), ("r", "reload"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", show=False),
        # Before the list, which is short: its page keys turn the sheet.
        Binding("pagedown", "sheet(1)", show=False, priority=True),
        Binding("pageup", "sheet(-1)", show=False, priority=True),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        empty = terminal.text("screen.statements.empty")
        self.table: TableView[Statement] = TableView(
            terminal.look, statement_columns(terminal), empty=empty, id="statements"
        )
        self.sheet = StatementSheet(terminal, id="sheet")

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.table, self.sheet, id="body")

    def show_all(self) -> None:
        self.post_message(LoadStatements())
        self.table.forget()
        self._show_rows()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        if dirty.statements:
            self._show_rows()

    def _show_rows(self) -> None:
        """Newest first."""
        statements = sorted(self.terminal.mirror.statements.items(), reverse=True)
        self.table.show(statements)
        self.table.styles.height = max(3, len(statements) + 1)
        self.sheet.show(self.table.selected)

    @on(LineTable.Selected)
    def moved(self) -> None:
        self.sheet.show(self.table.selected)

    def action_sheet(self, pages: int) -> None:
        self.sheet.turn(pages)

    def action_reload(self) -> None:
        self.post_message(LoadStatements())

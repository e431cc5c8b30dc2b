"""Notices: the list, the chosen one in full, and its acknowledgement."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from honghe_tui.intents import Acknowledge, ShowPage
from honghe_tui.mirror import Dirty
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.tables.notices import notice_columns
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.notice_card import NoticeCard
from honghe_tui.widgets.table_view import TableView
from server.protocol.accounts import Notice


class NoticesScreen(TradeScreen):
    page = "notices"
    keys = (("↑/↓", "choose"), ("a", "acknowledge"), ("A", "acknowledge_all"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", show=False),
        Binding("A", "acknowledge_all", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        empty = terminal.text("screen.notices.empty")
        self.table: TableView[Notice] = TableView(
            terminal.look, notice_columns(terminal), empty=empty, id="notices"
        )
        self.card = NoticeCard(terminal.look, id="card")

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.table, self.card, id="body")

    def show_all(self) -> None:
        self.table.forget()
        self._show_rows()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        if dirty.notices or dirty.accounts:
            self._show_rows()

    def _show_rows(self) -> None:
        """Newest first."""
        notices = sorted(self.terminal.mirror.notices.items(), reverse=True)
        self.table.show(notices)
        self.card.show(self.table.selected)

    @on(LineTable.Selected)
    def moved(self) -> None:
        self.card.show(self.table.selected)

    @on(LineTable.Opened)
    def opened(self) -> None:
        """A notice of a settlement leads to its statement."""
        if self.table.selected is not None and self.table.selected.statement_id:
            self.post_message(ShowPage("statements"))

    @on(NoticeCard.Acknowledged)
    def read(self, message: NoticeCard.Acknowledged) -> None:
        self.post_message(Acknowledge(message.notice_id))

    def action_acknowledge(self) -> None:
        notice = self.table.selected
        if notice is not None and not notice.acknowledged:
            self.post_message(Acknowledge(notice.notice_id))

    def action_acknowledge_all(self) -> None:
        for notice in self.terminal.mirror.unread:
            self.post_message(Acknowledge(notice.notice_id))

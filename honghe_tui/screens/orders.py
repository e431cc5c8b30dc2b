"""Working orders, today's, the history by day, and fills with their fees."""

from collections.abc import Callable, Iterable
from typing import ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from honghe_tui.intents import Cancel, CancelAll, LoadHistory, ShowInstrument
from honghe_tui.mirror import Dirty, FillKey
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.heading import Heading
from honghe_tui.screens.order_note import fill_note, order_note
from honghe_tui.screens.tables.orders import fees_of, fill_columns, order_columns
from honghe_tui.terminal import Terminal
from honghe_tui.text import money
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.table_view import TableView
from server.protocol.trading import Fill, Order
from server.protocol.words import OPEN

View = Literal["working", "today", "history", "fills"]
VIEWS: tuple[View, ...] = ("working", "today", "history", "fills")


class OrdersScreen(TradeScreen):
    page = "orders"
    keys = (
        ("←/→", "view"),
        ("c", "cancel"),
        ("C", "cancel_all"),
        ("h", "history"),
        ("f", "fills"),
        ("Enter", "detail"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("w", "view('working')", show=False),
        Binding("t", "view('today')", show=False),
        Binding("h", "view('history')", show=False),
        Binding("f", "view('fills')", show=False),
        Binding("c,delete", "cancel", show=False),
        Binding("C", "cancel_all", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        look, columns = terminal.look, order_columns(terminal, dated=False)
        dated = order_columns(terminal, dated=True)
        self.view: View = "working"
        self.heading = Heading(look, id="heading")
        self.orders: TableView[Order] = TableView(look, columns, id="orders")
        self.history: TableView[Order] = TableView(look, dated, id="history")
        self.fills: TableView[Fill] = TableView(
            look, fill_columns(terminal, dated=False), id="fills"
        )
        self._fills_dated = False
        self.note = Heading(look, id="note")

    def body(self) -> Iterable[Widget]:
        yield self.heading
        yield Vertical(self.orders, self.history, self.fills, id="body")
        yield self.note

    @property
    def table(self) -> LineTable[Order] | LineTable[Fill]:
        return {"fills": self.fills, "history": self.history}.get(self.view, self.orders)

    # Drawing

    def show_all(self) -> None:
        for table in (self.orders, self.history, self.fills):
            table.display = table is self.table
            table.empty = self.terminal.text(f"screen.orders.empty_{self.view}")
            table.forget()
        self.table.focus()
        self._show_rows()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        if dirty.orders or dirty.fills or dirty.accounts:
            self._show_rows()

    def _show_rows(self) -> None:
        if self.view == "fills":
            self._show_fills()
        elif self.view == "history":
            self.history.show(self._order_rows(lambda _: True))
        else:
            working, today = self.view == "working", self.terminal.mirror.date
            self.orders.show(
                self._order_rows(
                    lambda order: order.status in OPEN if working else order.date == today
                )
            )
        self._show_heading()
        self._show_note()

    def _show_fills(self) -> None:
        rows = self._fill_rows()
        dated = not all(self._is_today(fill) for _, fill in rows)
        if dated != self._fills_dated:
            self._fills_dated = dated
            self.fills.set_columns(fill_columns(self.terminal, dated))
        self.fills.show(rows)

    def _order_rows(self, wanted: Callable[[Order], bool]) -> list[tuple[int, Order]]:
        """Newest first."""
        orders = [order for order in self.terminal.mirror.orders.values() if wanted(order)]
        orders.sort(key=lambda order: (order.date, order.time, order.order_id), reverse=True)
        return [(order.order_id, order) for order in orders]

    def _fill_rows(self) -> list[tuple[FillKey, Fill]]:
        fills = list(self.terminal.mirror.fills.items())
        return sorted(fills, key=lambda item: (item[1].date, item[1].time, item[0]), reverse=True)

    def _show_heading(self) -> None:
        words = [self.terminal.text(f"screen.orders.view_{view}") for view in VIEWS]
        right = ""
        if self.view == "fills":
            today = [f for f in self.terminal.mirror.fills.values() if self._is_today(f)]
            total = money(sum(fees_of(fill) for fill in today))
            right = self.terminal.text("screen.orders.fees_today", fees=total)
        self.heading.show_tabs(words, VIEWS.index(self.view), right)

    def _is_today(self, fill: Fill) -> bool:
        return fill.date == self.terminal.mirror.date

    def _show_note(self) -> None:
        selected, narrow = self.selected_order, self.has_class("-narrow")
        if self.view == "fills":
            fill = self.fills.selected
            self.note.show(fill_note(self.terminal, fill, narrow) if fill else "")
            return
        self.note.show(order_note(self.terminal, selected, narrow) if selected else "")

    # Keys

    @property
    def selected_order(self) -> Order | None:
        return {"fills": None, "history": self.history.selected}.get(
            self.view, self.orders.selected
        )

    @on(LineTable.Selected)
    def moved(self) -> None:
        self._show_note()

    @on(LineTable.Opened)
    def opened(self) -> None:
        row = self.fills.selected if self.view == "fills" else self.selected_order
        if row is not None:
            self.post_message(ShowInstrument(row.symbol))

    def action_turn(self, step: int) -> None:
        place = VIEWS.index(self.view) + step
        self.action_view(VIEWS[place % len(VIEWS)])

    def action_view(self, view: View) -> None:
        if view == "history":
            self.post_message(LoadHistory(earlier=self.view == "history"))
        self.view = view
        self.show_all()

    def action_cancel(self) -> None:
        order = self.selected_order
        if order is not None and order.status in OPEN:
            self.post_message(Cancel(order.account, order.order_id))

    def action_cancel_all(self) -> None:
        order = self.selected_order
        if order is not None:
            self.post_message(CancelAll(order.account))

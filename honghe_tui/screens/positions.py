"""Holdings: available and frozen quantity, cost, today's and total profit."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from honghe_tui.intents import OpenForm, OpenTicket, SellLast, ShowInstrument
from honghe_tui.mirror import Dirty, PositionKey
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.heading import Heading
from honghe_tui.screens.tables.positions import position_columns
from honghe_tui.terminal import Terminal
from honghe_tui.text import price, quantity, short_money
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.spans import Span
from honghe_tui.widgets.table_view import TableView
from server.protocol.trading import Position
from server.protocol.words import Side

ALL_ACCOUNTS = -1


class PositionsScreen(TradeScreen):
    page = "positions"
    keys = (
        ("s", "sell_all"),
        ("b", "buy_more"),
        ("l", "sell_last"),
        ("g", "rights"),
        ("a", "account"),
        ("Enter", "detail"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,B", "ticket('buy')", show=False),
        Binding("s,S", "ticket('sell')", show=False),
        Binding("a", "account", show=False),
        Binding("l", "sell_last", show=False),
        Binding("g", "rights", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        empty = terminal.text("screen.positions.empty")
        self.account = ALL_ACCOUNTS
        self.heading = Heading(terminal.look, id="heading")
        self.table: TableView[Position] = TableView(
            terminal.look, position_columns(terminal), empty=empty, id="positions"
        )
        self.totals = Heading(terminal.look, id="note")

    def body(self) -> Iterable[Widget]:
        yield self.heading
        yield Vertical(self.table, id="body")
        yield self.totals

    # Drawing

    def show_all(self) -> None:
        self.table.forget()
        self._show_rows()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        if dirty.positions or dirty.accounts:
            self._show_rows()

    def _show_rows(self) -> None:
        rows = self._rows()
        self.table.show(rows)
        self._show_heading()
        self._show_totals([position for _, position in rows])

    def _rows(self) -> list[tuple[PositionKey, Position]]:
        held = self.terminal.mirror.positions.items()
        wanted = [item for item in held if self.account in {ALL_ACCOUNTS, item[1].account}]
        return sorted(wanted, key=lambda item: item[0])

    def _show_heading(self) -> None:
        accounts = sorted(self.terminal.mirror.accounts)
        if self.account not in accounts:
            self.account = ALL_ACCOUNTS
        words = [self.terminal.text("screen.positions.all")]
        words += [self.terminal.account_name(account) for account in accounts]
        self.heading.show_tabs(words, [ALL_ACCOUNTS, *accounts].index(self.account))

    def _show_totals(self, positions: list[Position]) -> None:
        look = self.terminal.look
        spans: list[Span] = []
        for name in ("market_value", "profit", "profit_today"):
            total: int = sum(getattr(position, name) for position in positions)
            signed = name != "market_value"
            shown = short_money(total, look.language, signed=signed)
            spans.append((f" {self.terminal.text(f'screen.column.{name}')} ", look.muted))
            spans.append((f"{shown} ", look.change(total) if signed else look.text))
        self.totals.show_spans([*spans, *self._rights()])

    def _rights(self) -> list[Span]:
        """To new shares, of the holding under the cursor."""
        held = self.table.selected
        if held is None or not held.rights:
            return []
        words = self.terminal.text(
            "screen.positions.rights",
            quantity=quantity(held.rights),
            price=price(held.rights_price, self.terminal.tick_of(held.symbol)),
        )
        return [(f" {words}", self.terminal.look.strong)]

    # Keys

    @on(LineTable.Selected)
    def moved(self) -> None:
        if self.table.selected is not None:
            self.terminal.selected = self.table.selected.symbol
            self.terminal.account = self.table.selected.account
            self._show_rows()

    @on(LineTable.Opened)
    def opened(self) -> None:
        if self.table.selected is not None:
            self.post_message(ShowInstrument(self.table.selected.symbol))

    def action_ticket(self, side: Side) -> None:
        position = self.table.selected
        if position is None:
            self.post_message(OpenTicket(self.terminal.selected, side, self.account))
            return
        quantity = position.sellable if side == "sell" else 0
        self.post_message(OpenTicket(position.symbol, side, position.account, quantity=quantity))

    def action_sell_last(self) -> None:
        """Asks forced sales to sell this holding last, or takes that back."""
        if self.table.selected is not None:
            self.post_message(SellLast(self.table.selected.account, self.table.selected.symbol))

    def action_rights(self) -> None:
        if self.table.selected is not None:
            self.post_message(OpenForm("rights", self.table.selected.account))

    def action_account(self) -> None:
        """The next account, and after the last all of them."""
        choices = [ALL_ACCOUNTS, *sorted(self.terminal.mirror.accounts)]
        self.account = choices[(choices.index(self.account) + 1) % len(choices)]
        if self.account != ALL_ACCOUNTS:
            self.terminal.account = self.account
        self._show_rows()

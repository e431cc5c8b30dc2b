"""Cells that several tables have: names, sides, prices, money."""

from collections.abc import Callable
from dataclasses import dataclass

from honghe_tui import text
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.columns import Cell, Column, Row
from server.protocol.words import Side


@dataclass(frozen=True, slots=True)
class Cells:
    """Makes columns and cells in one terminal's language and colours."""

    terminal: Terminal

    def column(
        self,
        key: str,
        width: int,
        cell: Callable[[Row], Cell],
        *,
        right: bool = False,
        rank: int = 0,
    ) -> Column[Row]:
        """A column under the title `screen.column.<key>`; see Column for `rank`."""
        title = self.terminal.text(f"screen.column.{key}")
        return Column(key, title, width, cell, "right" if right else "left", rank)

    def plain(self, shown: str) -> Cell:
        return Cell(shown, self.terminal.look.text)

    def muted(self, shown: str) -> Cell:
        return Cell(shown, self.terminal.look.muted)

    def missing(self) -> Cell:
        return self.muted(self.terminal.look.glyphs.missing)

    def account(self, account: int) -> Cell:
        return self.plain(self.terminal.account_name(account))

    def name(self, symbol: str) -> Cell:
        return self.plain(self.terminal.name_of(symbol))

    def side(self, side: Side) -> Cell:
        look = self.terminal.look
        return Cell(look.word("side", side), look.change(1 if side == "buy" else -1))

    def price(self, symbol: str, price: int) -> Cell:
        return self.plain(text.price(price, self.terminal.tick_of(symbol)))

    def quantity(self, shares: int) -> Cell:
        return self.plain(text.quantity(shares))

    def money(self, amount: int) -> Cell:
        return self.plain(text.money(amount))

    def signed(self, amount: int) -> Cell:
        """A gain or a loss, short, in its colour."""
        look = self.terminal.look
        return Cell(text.short_money(amount, look.language, signed=True), look.change(amount))

    def time(self, time: int) -> Cell:
        return self.muted(text.clock(time))

    def day(self, date: int) -> Cell:
        """Month and day."""
        return self.muted(text.date(date)[5:])

    def date(self, date: int) -> Cell:
        return self.muted(text.date(date))

"""The quote list: live rows of many instruments."""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

from msgspec import Struct
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from honghe_tui.widgets.columns import Cell, Column
from honghe_tui.widgets.line_table import Key, LineTable
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.quote_columns import (
    COLUMNS,
    MOVING,
    SORT_CYCLE,
    QuoteRow,
    quote_columns,
    sort_key,
)
from server.protocol.market import Instrument, Quote

FLASH_S = 0.3


class Flash(NamedTuple):
    """A background for the last price, and when it goes."""

    background: Style
    until_s: float


class QuoteTable(LineTable[QuoteRow]):
    """Quotes read from the mirror's mappings, which may change at any rate.

    - `QuoteTable(look, instruments, quotes, *, columns=COLUMNS, empty="", id, classes)`:
      `instruments: Mapping[str, Instrument]`, `quotes: Mapping[str, Quote]` are kept, never
      copied: the mirror changes them in place (a new Quote object for a key); a symbol without a
      quote shows its code and name. `columns`: names out of `quote_columns.COLUMNS` in the order
      wanted (code name last change change_percent volume turnover bid ask high low open prev
      amplitude sector); those that do not fit are left out by rank.
    - `show(symbols: Sequence[str])`: which instruments, in this order (unsorted order). Again
      after another day's `instruments`, or with another subset (sector, watch list, search).
    - `update(symbols: Iterable[str])`: these quotes changed; call once a frame with the mirror's
      dirty set. Draws visible rows only. The order never changes here.
    - `tick(now_s: float)`: the frame clock (any monotonic seconds). Call every frame, before
      `update`: flashes end by it (300 ms).
    - `sort(column: str | None, descending: bool = True)`: sorts by present values, then holds
      still, and its title fades once prices have moved; `resort()` sorts again by the same
      column; None: order of `show`.
      `sorted_by: tuple[str, bool] | None` (column, descending).
    - messages: `Selected(key=symbol)`, `Opened(key=symbol)` of LineTable;
      `Sorted(table, column, descending)` after keys or mouse sorted it.
    - keys: those of LineTable, `s` next sort column, `S` turn round, `r` sort again; a click on a
      column's title sorts by it, a second one turns it round.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "next_sort", show=False),
        Binding("S", "turn_sort", show=False),
        Binding("r", "resort", show=False),
    ]

    class Sorted(Message):
        def __init__(self, table: "QuoteTable", column: str | None, descending: bool) -> None:
            super().__init__()
            self.table, self.column, self.descending = table, column, descending

        @property
        def control(self) -> "QuoteTable":
            return self.table

    def __init__(
        self,
        look: Look,
        instruments: Mapping[str, Instrument],
        quotes: Mapping[str, Quote],
        *,
        columns: Sequence[str] = COLUMNS,
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        self._names = tuple(columns)
        super().__init__(
            look, quote_columns(look, self._names), empty=empty, id=id, classes=classes
        )
        self.sorted_by: tuple[str, bool] | None = None
        self._instruments, self._quotes = instruments, quotes
        self._symbols: list[str] = []
        self._last: dict[Key, int] = {}
        self._flashes: dict[Key, Flash] = {}
        self._now_s = 0.0
        self._stale = False  # prices have moved since the rows were put in order

    def show(self, symbols: Sequence[str]) -> None:
        self._symbols = list(symbols)
        self._flashes.clear()
        self._last = {symbol: self._price(symbol) for symbol in symbols}
        self.forget()
        self.resort()

    def update(self, symbols: Iterable[str]) -> None:
        changed = [symbol for symbol in symbols if symbol in self._last]
        for symbol in changed:
            before, now = self._last[symbol], self._price(symbol)
            if before != now:
                self._last[symbol] = now
                self._note_moved()
                self._flash(symbol, now - before if before else 0)
        self.mark(changed)

    def _note_moved(self) -> None:
        """The sort's mark fades: the order is that of earlier prices."""
        if not self._stale and self.sorted_by is not None and self.sorted_by[0] in MOVING:
            self._stale = True
            self.refresh_header()

    def tick(self, now_s: float) -> None:
        self._now_s = now_s
        over = [key for key, flash in self._flashes.items() if flash.until_s <= now_s]
        for key in over:
            del self._flashes[key]
        if over:
            self.mark(over)

    def sort(self, column: str | None, descending: bool = True) -> None:
        self.sorted_by = None if column is None else (column, descending)
        self.resort()

    def resort(self) -> None:
        self._stale = False
        self.set_keys(self._symbols if self.sorted_by is None else self._in_order(*self.sorted_by))

    def restyle(self, look: Look) -> None:
        self.columns = quote_columns(look, self._names)
        super().restyle(look)

    def row_value(self, key: Key) -> QuoteRow | None:
        symbol = str(key)
        instrument = self._instruments.get(symbol)
        return None if instrument is None else QuoteRow(instrument, self._quotes.get(symbol))

    @property
    def records(self) -> list[Struct]:
        """The quotes; an instrument without one is left out."""
        return [self._quotes[str(key)] for key in self.keys if str(key) in self._quotes]

    def marked(self, key: Key, made: list[Cell], shown: Sequence[Column[QuoteRow]]) -> list[Cell]:
        flash = self._flashes.get(key)
        if flash is not None:
            for i, column in enumerate(shown):
                if column.key == "last":
                    made[i] = Cell(made[i].text, made[i].style + flash.background)
        return made

    def title_of(self, column: Column[QuoteRow]) -> str:
        if self.sorted_by is None or self.sorted_by[0] != column.key:
            return column.title
        glyphs = self.look.glyphs
        return column.title + (glyphs.down if self.sorted_by[1] else glyphs.up)

    def title_ink(self, column: Column[QuoteRow]) -> Style:
        if self.sorted_by is None or self.sorted_by[0] != column.key or self._stale:
            return super().title_ink(column)
        return style(self.look.palette.text, self.look.palette.header, bold=True)

    def title_clicked(self, column: Column[QuoteRow]) -> None:
        self._sort_by_hand(column.key)

    def action_next_sort(self) -> None:
        now = self.sorted_by[0] if self.sorted_by else None
        place = SORT_CYCLE.index(now) + 1 if now in SORT_CYCLE else 0
        self._sort_by_hand(SORT_CYCLE[place] if place < len(SORT_CYCLE) else None)

    def action_turn_sort(self) -> None:
        if self.sorted_by is not None:
            self._sort_by_hand(self.sorted_by[0])

    def action_resort(self) -> None:
        self.resort()

    def _sort_by_hand(self, column: str | None) -> None:
        again = self.sorted_by is not None and self.sorted_by[0] == column
        descending = not self.sorted_by[1] if again and self.sorted_by else True
        self.sort(column, descending)
        self.action_first()
        self.post_message(self.Sorted(self, column, descending))

    def _in_order(self, column: str, descending: bool) -> list[str]:
        key = sort_key(column)
        known: list[tuple[Any, str]] = []
        unknown: list[str] = []
        for symbol in self._symbols:
            row = self.row_value(symbol)
            value = None if row is None else key(row)
            if value is None:
                unknown.append(symbol)
            else:
                known.append((value, symbol))
        known.sort(key=itemgetter(0), reverse=descending)
        return [symbol for _, symbol in known] + unknown

    def _price(self, symbol: str) -> int:
        quote = self._quotes.get(symbol)
        return 0 if quote is None else quote.last

    def _flash(self, symbol: str, difference: int) -> None:
        if difference:
            palette = self.look.palette
            background = palette.flash_up if difference > 0 else palette.flash_down
            self._flashes[symbol] = Flash(style("", background), self._now_s + FLASH_S)

"""The list of all instruments, live, with search, the selected one's book, and the accounts."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from honghe_tui.intents import OpenTicket, ShowInstrument
from honghe_tui.mirror import Dirty
from honghe_tui.screens.accounts_strip import AccountsStrip
from honghe_tui.screens.base import TradeScreen
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.depth_ladder import DepthLadder
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.quote_table import QuoteTable
from server.protocol.words import Side


class WatchTable(QuoteTable):
    """The quote list with the trader's keys: `s` sells, so sorting is on `o`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "screen.ticket('sell')", show=False),
        Binding("S", "screen.ticket('sell')", show=False),
        Binding("o", "next_sort", show=False),
        Binding("O", "turn_sort", show=False),
    ]


class QuotesScreen(TradeScreen):
    page = "quotes"
    keys = (
        ("b", "buy"),
        ("s", "sell"),
        ("/", "search"),
        ("Enter", "detail"),
        ("o", "sort"),
        ("r", "resort"),
        ("?", "help"),
        ("q", "quit"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,B", "ticket('buy')", show=False),
        Binding("s,S", "ticket('sell')", show=False),
        # Before any widget: what is typed right after it must find the box in focus.
        Binding("slash", "search", show=False, priority=True),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        look, mirror = terminal.look, terminal.mirror
        empty = terminal.text("screen.quotes.empty")
        self.table = WatchTable(look, mirror.instruments, mirror.quotes, empty=empty, id="quotes")
        self.ladder = DepthLadder(look, id="ladder")
        self.accounts = AccountsStrip(look, id="accounts")
        self.search_box = Input(placeholder=terminal.text("screen.quotes.search"), id="search")
        self._sorted = False
        self._searched = False  # whoever has searched has chosen, be it the first row

    def body(self) -> Iterable[Widget]:
        self.search_box.display = False
        listing = Vertical(self.search_box, self.table, id="list")
        yield Horizontal(listing, Vertical(self.ladder, id="side"), id="body")
        yield self.accounts

    # Drawing

    def show_all(self) -> None:
        self.table.show(self._found(self.search_box.value if self.search_box.display else ""))
        self.table.move_to(self.terminal.selected)
        self._sort_once()
        self._select()
        self._show_side()
        self._show_accounts()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        self.table.tick(now_s)
        self.table.update(dirty.quotes)
        self._sort_once()
        selected = self.terminal.selected
        if selected in dirty.depths or selected in dirty.quotes:
            self._show_side()
        if dirty.accounts:
            self._show_accounts()

    def _sort_once(self) -> None:
        """By the day's change, as soon as every instrument has a quote."""
        mirror = self.terminal.mirror
        if (
            not self._sorted
            and not self.search_box.display
            and mirror.instruments
            and len(mirror.quotes) >= len(mirror.instruments)
        ):
            self._sorted = True
            untouched = not self._searched and self.table.cursor_key == self.table.keys[0]
            self.table.sort("change_percent")
            if untouched:
                self.table.move_to(self.table.keys[0])

    def _show_side(self) -> None:
        mirror, symbol = self.terminal.mirror, self.terminal.selected
        self.ladder.show(
            mirror.depths.get(symbol), mirror.quotes.get(symbol), mirror.instruments.get(symbol)
        )

    def _show_accounts(self) -> None:
        self.accounts.show(self.terminal.mirror.accounts.values())

    # Selection

    def _select(self) -> None:
        key = self.table.cursor_key
        if key is not None and str(key) != self.terminal.selected:
            self.terminal.selected = str(key)
            self._show_side()

    @on(LineTable.Selected, "#quotes")
    def selected(self) -> None:
        self._select()

    @on(LineTable.Opened, "#quotes")
    def opened(self, message: LineTable.Opened) -> None:
        self.post_message(ShowInstrument(str(message.key)))

    def action_ticket(self, side: Side) -> None:
        self._select()
        self.post_message(OpenTicket(self.terminal.selected, side))

    # Search

    def _found(self, wanted: str) -> list[str]:
        instruments = self.terminal.mirror.instruments
        if not wanted:
            return list(instruments)
        return [item.symbol for item in self.terminal.mirror.finder.search(wanted)]

    def action_search(self, begin: str = "") -> None:
        self.search_box.display = True
        self.search_box.value = begin
        self.set_focus(self.search_box)

    def on_key(self, event: events.Key) -> None:
        """A letter or digit that is no key begins a search; the box has its own keys."""
        if self.focused is self.search_box:
            if event.key in {"up", "down"}:
                self.table.action_move(1 if event.key == "down" else -1)
                event.prevent_default()
            elif event.key == "escape":
                self._end_search()
        elif event.character and event.character.isalnum() and self._is_free(event.key):
            event.stop()
            self.action_search(event.character)

    def _is_free(self, key: str) -> bool:
        return key not in self.active_bindings

    @on(Input.Changed, "#search")
    def narrowed(self, event: Input.Changed) -> None:
        """What was typed after Enter, before the box was gone, narrows nothing any more."""
        if not self.search_box.display:
            self.search_box.value = ""  # nor does it when the page is shown again
            return
        empty = "none_found" if event.value else "empty"
        self.table.empty = self.terminal.text(f"screen.quotes.{empty}")
        self.table.show(self._found(event.value))
        self._select()

    @on(Input.Submitted, "#search")
    def chosen(self, event: Input.Submitted) -> None:
        self._searched = True
        self.table.show(self._found(event.value))
        self._select()
        self._end_search()

    def _end_search(self) -> None:
        """The whole list again, with the cursor where the search left it."""
        self.search_box.display = False
        self.search_box.value = ""
        self.table.show(self._found(""))
        self.table.move_to(self.terminal.selected)
        self.table.focus()

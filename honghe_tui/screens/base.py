"""What all full screens share: the lines around the body, and drawing once a frame."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from honghe_tui.mirror import Dirty
from honghe_tui.screens.chrome import Banner, KeyHints, NavBar, banner_of, status_of
from honghe_tui.terminal import Terminal
from honghe_tui.watching import Wants
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.status_bar import StatusBar


class TradeScreen(Screen[None]):
    """A page of the terminal.

    A page has `body()` (its widgets), `show_all()` (everything from the mirror) and
    `show_dirty(dirty, now_s)` (what changed). While it is out of sight it gets nothing; back in
    sight it shows all.
    """

    AUTO_FOCUS = "LineTable, Candles"

    page: ClassVar[str]
    keys: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of a key and the last part of its text `screen.hint.…`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.turn(1)", show=False),
        Binding("shift+tab", "app.turn(-1)", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(classes="page")
        self.terminal = terminal
        self.status = StatusBar(terminal.look, id="status")
        self.nav = NavBar(terminal.look, self.page, id="nav")
        self.banner = Banner(terminal.look, id="banner")
        self.key_hints = KeyHints(terminal.look, self.hints(), id="hints")
        self._behind = True
        self._composed = False

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.nav
        yield self.banner
        yield from self.body()
        yield self.key_hints

    def body(self) -> Iterable[Widget]:
        raise NotImplementedError

    def show_all(self) -> None:
        raise NotImplementedError

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        raise NotImplementedError

    def wants(self) -> Wants:
        """What the server should push while this page is in sight."""
        return Wants(self.terminal.selected)

    def lists(self) -> list[LineTable[Any]]:
        """Its lists, in the order of the page."""
        return list(cast("Iterable[LineTable[Any]]", self.query(LineTable)))

    def hints(self) -> list[tuple[str, str]]:
        return [(key, self.terminal.text(f"screen.hint.{name}")) for key, name in self.keys]

    def on_mount(self) -> None:
        self._composed = True

    def on_unmount(self) -> None:
        self._composed = False

    def on_screen_resume(self) -> None:
        """The terminal may have been resized while the page was out of sight."""
        self._behind = True
        size = self.screen.size
        self.post_message(events.Resize(size, size))

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        if not self._composed:
            return
        self.status.show(status_of(self.terminal))
        self.nav.show(self.terminal.pages)
        self.banner.show(banner_of(self.terminal))
        self.key_hints.show(self.terminal.notes.current(now_s))
        self.set_class(self.terminal.connection.state.kind not in {"live", "idle"}, "-dead")
        if self._behind or dirty.welcome or dirty.instruments:
            self._behind = False
            self.show_all()
        else:
            self.show_dirty(dirty, now_s)

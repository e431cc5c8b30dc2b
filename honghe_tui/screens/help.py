"""All keys, and what the words and colours mean."""

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import VerticalScroll
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from honghe_tui.mirror import Dirty
from honghe_tui.screens.base import TradeScreen
from honghe_tui.screens.chrome import key_name
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.spans import Span, fitted, line

_KEY_WIDTH = 20
SECTIONS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "everywhere",
        (
            ("1-8  F1-F8", "pages"),
            ("Tab  Shift+Tab", "turn"),
            ("?", "help"),
            ("Ctrl+E", "export"),
            ("Ctrl+R", "reconnect"),
            ("q  Ctrl+Q", "quit"),
        ),
    ),
    (
        "lists",
        (
            ("↑ ↓ PgUp PgDn g G", "move"),
            ("Enter", "detail"),
            ("/", "search"),
            ("o O r", "sort"),
            ("b s", "ticket"),
        ),
    ),
    (
        "ticket",
        (
            ("Tab ↑ ↓", "fields"),
            ("← → Space", "choices"),
            ("+ -", "steps"),
            ("/1 /2 /3 /4", "parts"),
            ("Enter", "review"),
            ("y", "send"),
            ("Esc", "back"),
        ),
    ),
    (
        "detail",
        (
            ("t T", "interval"),
            ("i", "intraday"),
            ("← → Home End", "crosshair"),
            ("+ - m", "zoom"),
            ("PgUp PgDn", "instrument"),
        ),
    ),
    (
        "orders",
        (("← →  w t h f", "views"), ("c", "cancel"), ("C", "cancel_all")),
    ),
    (
        "margin",
        (
            ("Enter", "contract"),
            ("v", "products"),
            ("o", "open"),
            ("f p e", "lending"),
            ("t d w", "money"),
            ("g", "rights"),
            ("x", "close"),
            ("a", "acknowledge"),
        ),
    ),
)


class KeySheet(Drawing):
    """Sections of keys, one below the other."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        lines = sum(len(keys) + 2 for _, keys in SECTIONS)
        self.styles.height = lines

    def draw(self, width: int, height: int) -> list[Strip]:
        t, look = self.look.catalogue.t, self.look
        rows: list[list[Span]] = []
        for section, keys in SECTIONS:
            rows.append([(f" {t(f'screen.help.{section}')}", look.strong)])
            for key, meaning in keys:
                words = t(f"screen.help.{section}_{meaning}")
                rows.append(
                    [
                        fitted(f"   {key_name(key, look)}", _KEY_WIDTH + 3, look.accent),
                        (words, look.text),
                    ]
                )
            rows.append([])
        return [line(spans, width, look.text) for spans in rows]


class AsciiScrollBar(ScrollBarRender):
    """Whole cells only: the usual ends are block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]


class HelpScreen(TradeScreen):
    page = "help"
    AUTO_FOCUS = "#body"
    keys = (("1-8", "pages"), ("Tab", "turn"), ("q", "quit"))

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self.sheet = KeySheet(terminal.look, id="keys")

    def body(self) -> Iterable[Widget]:
        scroll = VerticalScroll(self.sheet, id="body")
        if self.terminal.look.ascii:
            scroll.vertical_scrollbar.renderer = AsciiScrollBar  # pyright: ignore[reportAttributeAccessIssue]
        yield scroll

    def show_all(self) -> None:
        self.sheet.redraw()

    def show_dirty(self, dirty: Dirty, now_s: float) -> None:
        """Nothing here moves."""

"""Rows of label and figure under a title, scrolled by keys, over a page."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.mirror import Dirty
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look
from honghe_tui.widgets.spans import Span, apart, fitted, line

Fact = tuple[str, str]  # a label and its figure; without a label a sentence of its own
_WHEEL = 3  # lines a notch


class Sheet(Drawing):
    """A title, then facts; longer ones scroll under the title."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._title, self._hint = "", ""
        self._facts: Sequence[Fact] = ()
        self._top = 0

    def show(self, title: str, facts: Sequence[Fact], hint: str, *, anew: bool = False) -> None:
        """`anew` begins at the top again."""
        self._title, self._facts, self._hint = title, facts, hint
        self._top = 0 if anew else self._top
        self.redraw()

    def scroll_lines(self, lines: int) -> None:
        self._top += lines
        self.redraw()

    def scroll_pages(self, pages: int) -> None:
        self.scroll_lines(pages * max(1, self.content_size.height - 3))

    def on_mouse_scroll_down(self) -> None:
        self.scroll_lines(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self.scroll_lines(-_WHEEL)

    def draw(self, width: int, height: int) -> list[Strip]:
        plain = self.look.text
        rows = self._rows(width)
        room = max(1, height - 2)
        self._top = min(max(0, self._top), max(0, len(rows) - room))
        last = min(self._top + room, len(rows))
        place = f"{self._top + 1}-{last}/{len(rows)} " if len(rows) > room else ""
        head = apart(
            [(f" {self._title}", self.look.strong)], [(place, self.look.accent)], width, plain
        )
        shown = rows[self._top : last]
        shown += [[] for _ in range(room - len(shown))]
        hint: list[Span] = [(f" {self._hint}", self.look.accent)]
        return [line(spans, width, plain) for spans in [head, *shown, hint]]

    def _rows(self, width: int) -> list[list[Span]]:
        look = self.look
        widest = max((text.cells(label) for label, _ in self._facts if label), default=0)
        room = min(widest + 3, width // 2)
        rows: list[list[Span]] = []
        for label, figure in self._facts:
            if not label:
                rows += [[(f" {part}", look.muted)] for part in text.wrap(figure, width - 2)]
                continue
            parts = text.wrap(figure, width - room - 1)
            rows.append([fitted(f" {label}", room, look.muted), (parts[0], look.text)])
            rows += [[(" " * room, look.muted), (part, look.text)] for part in parts[1:]]
        return rows


class SheetScreen(ModalScreen[None]):
    """Escape closes it, arrows and page keys scroll; `fill` says what it shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("pagedown,space", "pages(1)", show=False),
        Binding("pageup", "pages(-1)", show=False),
    ]

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(classes="modal")
        self.terminal = terminal
        self.sheet = Sheet(terminal.look, id="facts-sheet")

    def compose(self) -> ComposeResult:
        yield Vertical(self.sheet, classes="box", id="sheet-box")

    def on_mount(self) -> None:
        self.fill(anew=True)

    def fill(self, *, anew: bool = False) -> None:
        raise NotImplementedError

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        """What it shows may have changed."""

    def action_scroll(self, lines: int) -> None:
        self.sheet.scroll_lines(lines)

    def action_pages(self, pages: int) -> None:
        self.sheet.scroll_pages(pages)

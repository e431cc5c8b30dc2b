"""One line of words inside a screen: tabs, totals, or a note."""

from collections.abc import Sequence

from textual.strip import Strip

from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, apart, line


class Heading(Drawing):
    """Spans at the left edge and at the right edge; what does not fit of the left is cut."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._left: list[Span] = []
        self._right: list[Span] = []

    def show(self, left: str, right: str = "") -> None:
        """Plain words, cleaned by the caller."""
        self.show_spans(
            [(f" {left}", self.look.muted)], [(f"{right} ", self.look.muted)] if right else []
        )

    def show_tabs(self, words: Sequence[str], chosen: int, right: str = "") -> None:
        palette = self.look.palette
        tabs: list[Span] = [
            (f" {word} ", style(palette.text, palette.cursor) if n == chosen else self.look.muted)
            for n, word in enumerate(words)
        ]
        self.show_spans(tabs, [(f"{right} ", self.look.text)] if right else [])

    def show_spans(self, left: Sequence[Span], right: Sequence[Span] = ()) -> None:
        self._left, self._right = list(left), list(right)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        plain = self.look.text
        return [line(apart(self._left, self._right, width, plain), width, plain)]

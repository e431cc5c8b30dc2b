"""One line of words inside a screen: tabs, totals, or a note."""

from collections.abc import Sequence

from rich.style import Style
from textual.strip import Strip

from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, apart, line, width_of


class Heading(Drawing):
    """Spans at the left edge and at the right edge; what does not fit of the left is cut.

    Of figures (`show_figures`) the last ones are left out instead, name and figure together.
    """

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._left: list[Span] = []
        self._right: list[Span] = []
        self._figures: list[tuple[str, str, Style]] = []

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
        self._left, self._right, self._figures = list(left), list(right), []
        self.redraw()

    def show_figures(
        self, figures: Sequence[tuple[str, str, Style]], left: Sequence[Span] = ()
    ) -> None:
        """After the spans at the left: names, figures and the figures' ink, what matters first."""
        self._left, self._right, self._figures = list(left), [], list(figures)
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        plain = self.look.text
        spans = apart(self._left, self._right, width, plain) if self._right else list(self._left)
        for name, figure, ink in self._figures:
            pair: list[Span] = [(f" {name} ", self.look.muted), (f"{figure} ", ink)]
            if width_of([*spans, *pair]) > width:
                break
            spans += pair
        return [line(spans, width, plain)]

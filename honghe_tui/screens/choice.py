"""A field of a form with a few choices, turned by left and right."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, line


class Choice(Drawing, can_focus=True):
    """`options` are pairs of a value and its words; `value` is -1 without any."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False),
        Binding("right,space", "turn(1)", show=False),
    ]

    class Changed(Message):
        pass

    def __init__(
        self, look: Look, options: Sequence[tuple[int, str]], chosen: int, *, id: str | None = None
    ) -> None:
        super().__init__(look, id=id)
        self._options = list(options)
        values = [value for value, _ in options]
        self._place = values.index(chosen) if chosen in values else 0

    @property
    def value(self) -> int:
        return self._options[self._place][0] if self._options else -1

    @property
    def words(self) -> str:
        return self._options[self._place][1] if self._options else self.look.glyphs.missing

    def action_turn(self, step: int) -> None:
        if self._options:
            self._place = (self._place + step) % len(self._options)
            self.redraw()
            self.post_message(self.Changed())

    def on_mount(self) -> None:
        self.watch(self, "has_focus", self.redraw, init=False)

    def draw(self, width: int, height: int) -> list[Strip]:
        palette = self.look.palette
        ground = palette.cursor if self.has_focus else palette.panel
        spans: list[Span] = [
            (" < ", style(palette.accent, ground)),
            (self.words, style(palette.text, ground)),
            (" >", style(palette.accent, ground)),
        ]
        return [line(spans, width, style(palette.text, ground))]

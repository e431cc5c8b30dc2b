"""The base of the widgets that draw themselves line by line, old lines against new."""

from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from honghe_tui.widgets.look import Look


class Drawing(Widget):
    """Keeps one strip a line and repaints only the lines that changed.

    A subclass has `draw(width, height) -> list[Strip]` and calls `redraw()` after its data
    changed; nothing else is needed. Nothing is drawn before the widget has a size.

    - `restyle(look)`: other texts, colours or glyphs.
    - `painted: int`: lines handed to Textual for repainting since the start (tests count it).
    """

    ALLOW_SELECT = False

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.look = look
        self.painted = 0
        self._strips: list[Strip] = []
        self._drawn_size = Size(0, 0)

    def draw(self, width: int, height: int) -> list[Strip]:
        """At most `height` strips, each of exactly `width` cells."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draws anew and repaints the lines that differ from those on the screen."""
        if not self.is_mounted:
            return
        size = self.content_size
        old = self._strips if size == self._drawn_size else []
        if not self._draw_at(size):
            return
        changed = [y for y, strip in enumerate(self._strips) if y >= len(old) or strip != old[y]]
        if changed:
            self.painted += len(changed)
            self.refresh(*(Region(0, y, size.width, 1) for y in changed))

    def _draw_at(self, size: Size) -> bool:
        """Fills the strips for this size; False when it has no cell."""
        self._drawn_size = size
        width, height = size
        if width <= 0 or height <= 0:
            self._strips = []
            return False
        # The terminal's own background may be white: what has none gets the widget's.
        ground = Style.from_color(bgcolor=self.background_colors[1].rich_color)
        strips = [strip.apply_style(ground) for strip in self.draw(width, height)[:height]]
        empty = Strip.blank(width, ground)
        self._strips = strips + [empty] * (height - len(strips))
        return True

    def restyle(self, look: Look) -> None:
        self.look = look
        self.redraw()

    def notify_style_update(self) -> None:
        """Another ground, as of a widget that is chosen: what is kept has the old one."""
        super().notify_style_update()
        self._drawn_size = Size(0, 0)

    def render_line(self, y: int) -> Strip:
        size = self.content_size
        if size != self._drawn_size:
            self._draw_at(size)
        return self._strips[y] if y < len(self._strips) else Strip.blank(size.width)

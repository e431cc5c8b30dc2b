"""Rows drawn as cached strips, of which only changed ones repaint: the core of every table."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Generic, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from honghe_tui.text import fit
from honghe_tui.widgets.columns import (
    Cell,
    Column,
    Row,
    columns_that_fit,
    segment,
    sizes,
    starts,
)
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.row_strip import RowStrip
from honghe_tui.widgets.spans import Span, line, width_of

Key = Hashable
_KEPT_ROWS = 1_024


class DrawnRow(NamedTuple):
    """A row as it is on the screen, and what it was made of, column by column."""

    cells: list[Cell]
    segments: list[Segment]
    strip: Strip


class DrawnRows(ScrollView, Generic[Row]):
    """A header line and keyed rows; LineTable adds what keys and mouse do.

    Give it no border or padding: then its lines go to the terminal without Textual's style
    caches between, which cost as much as drawing them.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DrawnRows { overflow-x: hidden; overflow-y: auto; scrollbar-size: 0 0; }
    """

    def __init__(
        self,
        look: Look,
        columns: Sequence[Column[Row]],
        *,
        empty: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.look = look
        self.columns = list(columns)
        self.empty = empty
        self.keys: list[Key] = []
        self.drawn_rows = 0
        self._row_of: dict[Key, int] = {}
        self._drawn: dict[Key, DrawnRow] = {}
        self._shown: list[Column[Row]] = []
        self._shown_width = -1
        self._sizes: list[int] = []
        self._ground = ""
        self.cursor = 0  # the row that is drawn as chosen

    # What a kind of table says

    def row_value(self, key: Key) -> Row | None:
        """The row of a key; None when it is not there any more (drawn blank)."""
        raise NotImplementedError

    def marked(self, key: Key, made: list[Cell], shown: Sequence[Column[Row]]) -> list[Cell]:
        """Where a kind of table marks a cell of a row, as a flash does."""
        return made

    def title_of(self, column: Column[Row]) -> str:
        return column.title

    def title_ink(self, column: Column[Row]) -> Style:
        """How a column's title is written, on the header's ground."""
        return style(self.look.palette.muted, self.look.palette.header)

    # What a kind of table calls

    def put_keys(self, keys: Sequence[Key]) -> None:
        """Another set or order of rows."""
        self.keys = list(keys)
        self._row_of = {key: row for row, key in enumerate(self.keys)}
        self.virtual_size = Size(0, len(self.keys) + 1)
        self.refresh()

    def mark(self, keys: Iterable[Key]) -> None:
        """These rows may have changed: those in sight are drawn and repaint if they differ."""
        top, height = self.scroll_offset.y, self.size.height - 1
        regions: list[Region] = []
        for key in keys:
            row = self._row_of.get(key, -1)
            if not top <= row < top + height or key not in self._drawn:
                self._drawn.pop(key, None)
                continue
            end = self._redraw(key, row)
            if end:
                regions.append(Region(0, row - top + 1, end, 1))
        if regions:
            self.refresh(*regions)

    def discard(self, key: Key) -> None:
        """Drops what is drawn of a row, for who refreshes the table anyway."""
        self._drawn.pop(key, None)

    def forget(self) -> None:
        """Every row may have changed its looks."""
        self._shown_width = -1
        self._drawn.clear()
        self.refresh()

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        self.columns = list(columns)
        self.forget()

    def restyle(self, look: Look) -> None:
        self.look = look
        self.forget()

    def refresh_row(self, row: int) -> None:
        """Draws a row anew, whatever it shows."""
        if row < len(self.keys):
            self._drawn.pop(self.keys[row], None)
            self.refresh(Region(0, row - self.scroll_offset.y + 1, self.size.width, 1))

    def row_of(self, key: Key) -> int | None:
        return self._row_of.get(key)

    def column_at(self, x: int) -> Column[Row] | None:
        """The column drawn at cell `x`."""
        for column, start in zip(self._shown, starts(self._shown), strict=True):
            if start <= x <= start + column.width:
                return column
        return None

    # Drawing

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._ground = ""
        self._drawn.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Textual's way through borders and style caches, unless there is nothing there for it."""
        if self.gutter:
            return super().render_lines(crop)
        self._prepare()
        top = self.scroll_offset.y
        strips = [self._line(y, top) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            background = Color.parse(self._ground)
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        start, end = crop.column_span
        return (
            strips
            if start == 0 and end >= self._shown_width
            else [strip.crop(start, end) for strip in strips]
        )

    def render_line(self, y: int) -> Strip:
        self._prepare()
        return self._line(y, self.scroll_offset.y)

    def _line(self, y: int, top: int) -> Strip:
        if y == 0:
            return self._header()
        row = top + y - 1
        if row < len(self.keys):
            key = self.keys[row]
            drawn = self._drawn.get(key)
            return (drawn or self._draw(key, row, self._cells(key))).strip
        if not self.keys and y == max(1, self.size.height // 2):
            return self._whole_line(fit(self.empty, self._shown_width, "center"))
        return self._whole_line("")

    def _prepare(self) -> None:
        """Takes over the widget's width and background."""
        width, ground = self.size.width, self.background_colors[1].hex6
        if (width, ground) != (self._shown_width, self._ground):
            self._shown_width, self._ground = width, ground
            self._shown = columns_that_fit(self.columns, width)
            self._sizes = sizes(self._shown, width)
            self._drawn.clear()

    def _whole_line(self, text: str) -> Strip:
        return line([(text, self._plain)], self._shown_width, self._plain)

    @property
    def _plain(self) -> Style:
        return style(self.look.palette.muted, self._ground)

    def _header(self) -> Strip:
        look = style(self.look.palette.muted, self.look.palette.header)
        spans: list[Span] = []
        for column in self._shown:  # the last may be wider than the table
            room = min(column.width, self._shown_width - width_of(spans) - 1)
            title = " " + fit(self.title_of(column), room, column.align, "")
            spans.append((title, self.title_ink(column)))
        place = self._place()
        free = self._shown_width - width_of(spans)
        if len(place) < free:
            spans.append((" " * (free - len(place)) + place, look))
        return line(spans, self._shown_width, look)

    def refresh_header(self) -> None:
        """Draws the titles anew."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def _place(self) -> str:
        """Where the sight is in a table longer than the screen."""
        height = self.size.height - 1
        if len(self.keys) <= height:
            return ""
        first = self.scroll_offset.y + 1
        return f"{first}-{min(first + height - 1, len(self.keys))}/{len(self.keys)}"

    def _redraw(self, key: Key, row: int) -> int:
        """Draws a row; the number of cells from the left that have to repaint (0: none)."""
        old, new = self._drawn[key], self._cells(key)
        last = len(new) - 1
        while last >= 0 and new[last] == old.cells[last]:
            last -= 1
        if last < 0:
            return 0
        self._draw(key, row, new, old)
        return sum(self._sizes[: last + 1])

    def _cells(self, key: Key) -> list[Cell]:
        value = self.row_value(key)
        if value is None:
            return [Cell("", self._plain)] * len(self._shown)
        made = [column.cell(value) for column in self._shown]
        return self.marked(key, made, self._shown)

    def _draw(self, key: Key, row: int, made: list[Cell], old: DrawnRow | None = None) -> DrawnRow:
        """Puts a row together, with the segments of `old` where its cells are the same."""
        self.drawn_rows += 1
        if len(self._drawn) >= _KEPT_ROWS:
            self._drawn.clear()
        here = row == self.cursor
        ground = self._cursor_ground if here else self._ground
        segments = [
            old.segments[i]
            if old is not None and cell == old.cells[i]
            else self._segment(i, cell, ground, ">" if here and i == 0 else " ")
            for i, cell in enumerate(made)
        ]
        drawn = DrawnRow(made, segments, self._strip(segments, ground))
        self._drawn[key] = drawn
        return drawn

    @property
    def _cursor_ground(self) -> str:
        palette = self.look.palette
        return palette.cursor if self.has_focus else palette.header

    def _segment(self, i: int, cell: Cell, ground: str, mark: str) -> Segment:
        return segment(cell.text, self._shown[i], _on(cell.style, ground), mark)

    def _strip(self, segments: list[Segment], ground: str) -> Strip:
        rest = self._shown_width - sum(self._sizes[: len(segments)])
        if rest > 0:
            segments = [*segments, Segment(" " * rest, _on(self.look.text, ground))]
        strip = RowStrip(segments, self._sizes)
        return strip if rest >= 0 else strip.crop(0, self._shown_width)


@lru_cache(maxsize=4_096)
def _on(front: Style, ground: str) -> Style:
    """`front` on another background, unless it has its own."""
    return front if front.bgcolor is not None else front + style("", ground)

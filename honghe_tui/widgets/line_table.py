"""A table that keys and mouse move about in."""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from honghe_tui.widgets.columns import Column, Row
from honghe_tui.widgets.drawn_rows import DrawnRows, Key


class LineTable(DrawnRows[Row], can_focus=True):
    """Header line, rows, cursor, keys and mouse. Use QuoteTable or TableView.

    - `LineTable(look, columns, *, empty, id, classes)`: `empty` is the sentence shown without rows.
    - `keys: Sequence[Key]`: the rows in their order.
    - `cursor_key: Key | None`: key of the row under the cursor (stays with the row).
    - `move_to(key)`: puts the cursor on a row and scrolls it into sight; an unknown key is ignored.
    - `set_columns(columns)`; `restyle(look)`.
    - `records: list[Struct]`: the messages behind the rows, in their order.
    - `drawn_rows: int`: rows drawn since the start (tests count it).
    - messages (with `.key`, `.table`; use `@on(LineTable.Opened, "#id")`):
      `Selected`: the cursor came to another row; `Opened`: Enter or double click on a row.
    - keys: up/down/j/k, g/G, home/end, pgup/pgdn, enter.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home,g", "first", show=False),
        Binding("end,G", "last", show=False),
        Binding("enter", "open", show=False),
    ]

    class OfRow(Message):
        """A message about one row."""

        def __init__(self, table: "LineTable[Any]", key: Key) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> "LineTable[Any]":
            return self.table

    class Selected(OfRow):
        """The cursor came to another row."""

    class Opened(OfRow):
        """Enter, or a double click, on a row."""

    def title_clicked(self, column: Column[Row]) -> None:
        """A click on a column's title."""

    def set_keys(self, keys: Sequence[Key]) -> None:
        """Another set or order of rows; the cursor stays on its key if that is still there."""
        held = self.cursor_key
        self.put_keys(keys)
        place = self.row_of(held)
        self.cursor = min(self.cursor, max(0, len(self.keys) - 1)) if place is None else place
        self.discard(held)
        self.discard(self.cursor_key)

    @property
    def records(self) -> list[Struct]:
        values = [self.row_value(key) for key in self.keys]
        return [value for value in values if isinstance(value, Struct)]

    @property
    def cursor_key(self) -> Key | None:
        return self.keys[self.cursor] if self.cursor < len(self.keys) else None

    def move_to(self, key: Key) -> None:
        row = self.row_of(key)
        if row is not None:
            self._put_cursor(row)

    def _put_cursor(self, row: int) -> None:
        if not self.keys:
            return
        before = self.cursor
        self.cursor = min(max(0, row), len(self.keys) - 1)
        self._scroll_to_cursor()
        if before != self.cursor:
            self.refresh_row(before)
            self.refresh_row(self.cursor)
            self.post_message(self.Selected(self, self.keys[self.cursor]))

    def _scroll_to_cursor(self) -> None:
        top, height = self.scroll_offset.y, max(1, self.size.height - 1)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def action_move(self, rows: int) -> None:
        self._put_cursor(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        self._put_cursor(self.cursor + pages * max(1, self.size.height - 2))

    def action_first(self) -> None:
        self._put_cursor(0)

    def action_last(self) -> None:
        self._put_cursor(len(self.keys) - 1)

    def action_open(self) -> None:
        key = self.cursor_key
        if key is not None:
            self.post_message(self.Opened(self, key))

    def on_focus(self) -> None:
        """The cursor's row looks another way in the table that has the keys."""
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        self.refresh_row(self.cursor)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            column = self.column_at(place.x)
            if column is not None:
                self.title_clicked(column)
            return
        row = self.scroll_offset.y + place.y - 1
        if row < len(self.keys):
            self._put_cursor(row)
            if event.chain == 2:
                self.action_open()

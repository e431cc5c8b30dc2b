"""A table of keyed rows: orders, fills, positions, notices."""

from collections.abc import Sequence

from honghe_tui.widgets.columns import Column, Row
from honghe_tui.widgets.line_table import Key, LineTable
from honghe_tui.widgets.look import Look


class TableView(LineTable[Row]):
    """Shows rows in the order given; only rows that are not equal to the old ones repaint.

    - `TableView(look, columns, *, empty, id, classes)` as LineTable; columns and cells are
      `honghe_tui.widgets.columns.Column(key, title, width, cell, align, rank)` and `Cell(text,
      style)`. Give texts from people through `honghe_tui.text.clean`.
    - `show(rows: Sequence[tuple[Key, Row]])`: the whole content, newest state. Cheap to call
      often: equal rows cost a comparison. The cursor stays with its key.
    - `put(key, row)`: one row changed (an unknown key is appended). Pass another object than
      before: a row changed in place cannot be told from the old one.
    - `row(key) -> Row | None`, `selected: Row | None` (row under the cursor).
    - `restyle(look)` does not touch the columns, which come from outside: `set_columns` too.
    - messages, keys: LineTable.
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
        super().__init__(look, columns, empty=empty, id=id, classes=classes)
        self._rows: dict[Key, Row] = {}

    def show(self, rows: Sequence[tuple[Key, Row]]) -> None:
        old, self._rows = self._rows, dict(rows)
        keys = [key for key, _ in rows]
        changed = [key for key, row in rows if key in old and old[key] != row]
        if keys == self.keys:
            self.mark(changed)
            return
        for key in changed:
            self.discard(key)
        self.set_keys(keys)

    def put(self, key: Key, row: Row) -> None:
        known = key in self._rows
        self._rows[key] = row
        if known:
            self.mark((key,))
        else:
            self.set_keys([*self.keys, key])

    def row(self, key: Key) -> Row | None:
        return self._rows.get(key)

    def row_value(self, key: Key) -> Row | None:
        return self._rows.get(key)

    @property
    def selected(self) -> Row | None:
        key = self.cursor_key
        return None if key is None else self._rows.get(key)

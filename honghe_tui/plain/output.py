"""Rows as a table for people, as JSON of the wire, or as CSV."""

from collections.abc import Sequence
from typing import Any, Generic, Literal, TextIO, TypeVar, cast

import msgspec

from honghe_tui.export import write_csv
from honghe_tui.text import cells, clean, fit
from honghe_tui.widgets.columns import Column

Form = Literal["plain", "json", "csv"]
Row = TypeVar("Row")
_BLANK = "  "


class Table(Generic[Row]):
    """Rows with the columns that the screen shows them in; `records` are their messages."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        rows: Sequence[Row],
        records: Sequence[msgspec.Struct] | None = None,
    ) -> None:
        self.columns, self.rows = columns, rows
        self.records = cast(Sequence[msgspec.Struct], rows) if records is None else records


def write(table: Table[Any], form: Form, out: TextIO) -> None:
    """The whole table. JSON is an array of the messages as docs/protocol.md has them."""
    match form:
        case "json":
            out.write(msgspec.json.format(msgspec.json.encode(table.records), indent=2).decode())
            out.write("\n")
        case "csv":
            write_csv(table.records, out)
        case "plain":
            _write_plain(table, out)


def _write_plain(table: Table[Any], out: TextIO) -> None:
    """Every column in full: as wide as its widest cell."""
    shown_rows = [[clean(column.cell(row).text) for column in table.columns] for row in table.rows]
    titles = [column.title for column in table.columns]
    widths = [
        max(cells(each) for each in column) for column in zip(titles, *shown_rows, strict=True)
    ]
    for line in (titles, *shown_rows):
        parts = zip(line, widths, table.columns, strict=True)
        fitted = (fit(part, width, column.align) for part, width, column in parts)
        out.write(_BLANK.join(fitted).rstrip() + "\n")

"""Columns of a line-drawn table, and rows of cells made into strips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from rich.segment import Segment
from rich.style import Style

from honghe_tui.text import ELLIPSIS, fit

Row = TypeVar("Row")

MARGIN = 1  # cells left of the first column, where the cursor's sign stands
_GAP = 1


class Cell(NamedTuple):
    """A cell's text (not yet fitted to its column) and its style."""

    text: str
    style: Style


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: `cell(row)` gives what it shows; `title` is already translated.

    When the table is too narrow, columns of the highest `rank` go first; rank 0 always stays.
    """

    key: str
    title: str
    width: int
    cell: Callable[[Row], Cell]
    align: Literal["left", "right"] = "left"
    rank: int = 0


def total_width(columns: Sequence[Column[Row]]) -> int:
    return MARGIN + sum(column.width + _GAP for column in columns) - (_GAP if columns else 0)


def columns_that_fit(columns: Sequence[Column[Row]], width: int) -> list[Column[Row]]:
    """The columns that a table of this width shows, in their order."""
    kept = list(columns)
    while kept and total_width(kept) > width:
        worst = max(column.rank for column in kept)
        if worst == 0:
            break
        del kept[max(i for i, column in enumerate(kept) if column.rank == worst)]
    return kept


def starts(columns: Sequence[Column[Row]]) -> list[int]:
    """The cell at which each column begins."""
    places: list[int] = []
    x = MARGIN
    for column in columns:
        places.append(x)
        x += column.width + _GAP
    return places


def segment(
    text: str, column: Column[Row], style: Style, mark: str, ellipsis: str = ELLIPSIS
) -> Segment:
    """One column's part of a row: `mark` (one cell) in the gap before it, then the fitted text."""
    return Segment(mark + fit(text, column.width, column.align, ellipsis), style)


def sizes(columns: Sequence[Column[Row]], width: int) -> list[int]:
    """Cells of each column's segment, then of the rest; they add up to at least `width`."""
    taken = [column.width + _GAP for column in columns]
    rest = width - sum(taken)
    return [*taken, rest] if rest > 0 else taken

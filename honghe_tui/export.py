"""Tables as CSV: for other programs, and as files for whoever sits at the terminal."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from honghe_tui.units import shown


def write_csv(records: Sequence[msgspec.Struct], out: TextIO) -> None:
    """One line a record under the names of its fields; nothing for no records."""
    if not records:
        return
    kind, names = type(records[0]), records[0].__struct_fields__
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(names)
    lines.writerows([shown(kind, name, getattr(each, name)) for name in names] for each in records)


def export(records: Sequence[msgspec.Struct], directory: Path, stem: str) -> Path:
    """Writes `stem`.csv, or `stem`-2.csv and so on: no file is ever overwritten.

    Raises OSError.
    """
    number = 1
    while True:
        path = directory / (f"{stem}.csv" if number == 1 else f"{stem}-{number}.csv")
        try:
            # With a byte order mark, without which Excel takes Chinese names for something else.
            with path.open("x", encoding="utf-8-sig", newline="") as out:
                write_csv(records, out)
        except FileExistsError:
            number += 1
        else:
            return path

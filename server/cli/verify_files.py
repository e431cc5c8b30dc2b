"""The files that `honghe verify` reads: CSV with a header line, compressed with gzip or not."""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from server.scenarios.wording import Language, Text

HEADER_LINE = 1
MOST = (1 << 63) - 1  # of a whole number in a record
_WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_GZIP = b"\x1f\x8b"


class Malformed(ValueError):
    """A file that is not of its shape. `str` is the English sentence."""

    def __init__(self, path: Path, line: int, text: Text) -> None:
        super().__init__(f"{path.name}, line {line}: {text.en}")
        self._path = path
        self._line = line
        self._text = text

    def sentence(self, language: Language) -> str:
        return (
            f"{self._path.name} 第 {self._line} 行：{self._text.zh}"
            if language == "zh"
            else str(self)
        )


class Row(NamedTuple):
    """One line of a file: its number, and the wanted columns as they stand."""

    line: int
    cells: list[str]


class Cells:
    """Reads the cells of the rows of one file. Every method raises Malformed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def whole(self, row: Row, column: str, cell: str, lowest: int, highest: int) -> int:
        if not _WHOLE.fullmatch(cell) or not lowest <= int(cell) <= highest:
            zh = f"{column} 应为 {lowest} 到 {highest} 的整数，而不是 {cell!r}"
            en = f"{column} must be a whole number from {lowest} to {highest}, not {cell!r}"
            raise self.wrong(row, zh, en)
        return int(cell)

    def one_of(self, row: Row, column: str, cell: str, choices: tuple[str, ...]) -> int:
        """Which of `choices` it is."""
        if cell not in choices:
            shown = " | ".join(choices)
            zh, en = (
                f"{column} 应为 {shown}，而不是 {cell!r}",
                f"{column} must be {shown}, not {cell!r}",
            )
            raise self.wrong(row, zh, en)
        return choices.index(cell)

    def parsed(self, row: Row, column: str, cell: str, parse: Callable[[str], int]) -> int:
        """What `parse` makes of it, at least 1; its ValueError says what is wrong."""
        try:
            value = parse(cell)
        except ValueError as error:
            raise self.wrong(row, f"{column}：{error}", f"{column}: {error}") from error
        if value < 1:
            raise self.wrong(row, f"{column} 应大于 0", f"{column} must be above 0")
        return value

    def wrong(self, row: Row, zh: str, en: str) -> Malformed:
        return Malformed(self.path, row.line, Text(zh, en))


def rows_of(path: Path, columns: tuple[str, ...], most: int | None = None) -> Iterator[Row]:
    """The wanted columns of every row, at most `most` rows. Raises Malformed and OSError."""
    reached = 0
    try:
        with _opened(path) as file:
            reader = csv.reader(file, strict=True)
            head = next(reader, list[str]())
            reached = HEADER_LINE
            places = _places(path, head, columns)
            for cells in islice(reader, most):
                reached = reader.line_num
                if len(cells) != len(head):
                    zh, en = (
                        f"有 {len(cells)} 列，应为 {len(head)}",
                        f"{len(cells)} columns, not {len(head)}",
                    )
                    raise Malformed(path, reached, Text(zh, en))
                yield Row(reached, [cells[place] for place in places])
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Malformed(path, reached + 1, _broken("gzip", error)) from error
    except UnicodeDecodeError as error:
        raise Malformed(path, reached + 1, _broken("UTF-8", error)) from error
    except csv.Error as error:
        raise Malformed(path, reached + 1, _broken("CSV", error)) from error


def _opened(path: Path) -> IO[str]:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    if packed or path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _places(path: Path, head: list[str], columns: tuple[str, ...]) -> list[int]:
    missing = [column for column in columns if column not in head]
    if missing:
        names = ", ".join(missing)
        raise Malformed(path, HEADER_LINE, Text(f"缺少列 {names}", f"no column {names}"))
    return [head.index(column) for column in columns]


def _broken(form: str, error: Exception) -> Text:
    return Text(f"{form} 损坏：{error}", f"broken {form}: {error}")

"""The rows of a sheet that a replay needs: one symbol's, between two dates, as cells.

A folder may hold decades of which a replay wants five days, so rows are chosen by their date
before anything else of them is looked at.
"""

import csv
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from server.market.replay.bad_file import BadFile
from server.market.replay.sheet import Sheet
from server.market.replay.symbols import symbol_in

_FILE_DAY = re.compile(r"(?<!\d)((?:19|20)\d{6})(?!\d)")
_DAY = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")


class Window(NamedTuple):
    """The dates wanted (YYYYMMDD, inclusive), and how many rows before them, for charts."""

    first: int
    last: int
    history: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one symbol in date order; `lines[i]` is the file's line of `cells[i]`."""

    sheet: Sheet
    symbol: str
    days: list[int]
    lines: list[int]
    cells: list[list[str]]

    def column(self, name: str) -> list[str]:
        place = self.sheet.place(name)
        return [row[place] for row in self.cells]

    def fault(self, row: int, column: str, zh: str, en: str) -> BadFile:
        spelled = self.sheet.header[self.sheet.columns[column]] if column else ""
        return BadFile(self.sheet.path, zh, en, self.lines[row], spelled)


def cut(sheet: Sheet, window: Window) -> list[Rows]:
    """The wanted rows by symbol, in the file's order of symbols; raises `BadFile`."""
    return [
        rows
        for symbol, lines in _by_symbol(sheet).items()
        if (rows := _cut_one(sheet, symbol, lines, window)).cells
    ]


def _by_symbol(sheet: Sheet) -> dict[str, list[int]]:
    """Positions in `sheet.lines` by symbol; a file without the column is one symbol's."""
    place = sheet.columns.get("symbol")
    if place is None:
        return {_file_symbol(sheet): list(range(len(sheet.lines)))}
    groups: dict[str, list[int]] = {}
    for row, line in enumerate(sheet.lines):
        groups.setdefault(_cell(sheet, row, line, place), []).append(row)
    return {_cell_symbol(sheet, text, rows[0]): rows for text, rows in groups.items()}


def _cell(sheet: Sheet, row: int, line: str, place: int) -> str:
    fields = line.split(sheet.delimiter, place + 1)
    if place < len(fields):
        return fields[place].strip().strip('"')
    zh, en = f"只有 {len(fields)} 列", f"has only {len(fields)} fields"
    raise BadFile(sheet.path, zh, en, sheet.first_line + row)


def _file_symbol(sheet: Sheet) -> str:
    symbol = symbol_in(sheet.path.name) or symbol_in(sheet.title)
    if symbol is None:
        zh = "看不出证券代码;文件名应含代码,如 SH600519.csv"
        en = "no symbol is to be seen; name the file after it, as SH600519.csv"
        raise BadFile(sheet.path, zh, en)
    return symbol


def _cell_symbol(sheet: Sheet, text: str, row: int) -> str:
    symbol = symbol_in(text)
    if symbol is None:
        zh, en = f"「{text}」不是证券代码,如 SH600519", f"{text!r} is no symbol, as SH600519 is"
        spelled = sheet.header[sheet.columns["symbol"]]
        raise BadFile(sheet.path, zh, en, sheet.first_line + row, spelled)
    return symbol


def _cut_one(sheet: Sheet, symbol: str, rows: list[int], window: Window) -> Rows:
    days = _days(sheet, rows)
    if any(a > b for a, b in pairwise(days)):
        order = sorted(range(len(rows)), key=days.__getitem__)
        rows, days = [rows[i] for i in order], [days[i] for i in order]
    start = bisect_left(days, window.first)
    stop = bisect_right(days, window.last)
    start = max(0, start - window.history) if start < stop else stop
    chosen = rows[start:stop]
    cells = list(csv.reader((sheet.lines[i] for i in chosen), delimiter=sheet.delimiter))
    lines = [sheet.first_line + i for i in chosen]
    _check_width(sheet, lines, cells)
    return Rows(sheet, symbol, days[start:stop], lines, cells)


def _days(sheet: Sheet, rows: list[int]) -> list[int]:
    """The date of each row; of the file's name where rows carry a time alone."""
    place = sheet.columns.get("date", sheet.columns.get("datetime"))
    if place is None:
        return [_file_day(sheet)] * len(rows)
    if place == 0:
        return [_day(sheet, i, sheet.lines[i][:10]) for i in rows]
    return [_day(sheet, i, _cell(sheet, i, sheet.lines[i], place)) for i in rows]


def _day(sheet: Sheet, row: int, text: str) -> int:
    if text[4:5] == "-" and text[7:8] == "-":
        digits = text[:4] + text[5:7] + text[8:10]
        if digits.isdigit():
            return int(digits)
    if match := _DAY.match(text.lstrip('" ')):
        return int(match[1]) * 10_000 + int(match[2]) * 100 + int(match[3])
    zh, en = f"「{text}」不是日期,如 2015-08-20", f"{text!r} is no date, as 2015-08-20 is"
    raise BadFile(sheet.path, zh, en, sheet.first_line + row)


def _file_day(sheet: Sheet) -> int:
    if match := _FILE_DAY.search(sheet.path.name):
        return int(match[1])
    zh = "行内只有时间;文件名应含日期,如 SZ000400_20220601.csv"
    en = "its rows carry a time alone; its name should hold the date, as SZ000400_20220601.csv"
    raise BadFile(sheet.path, zh, en)


def _check_width(sheet: Sheet, lines: list[int], cells: list[list[str]]) -> None:
    width = len(sheet.header)
    for line, row in zip(lines, cells, strict=True):
        if len(row) != width:
            zh = f"有 {len(row)} 列,表头有 {width} 列"
            raise BadFile(sheet.path, zh, f"has {len(row)} fields, the header {width}", line)

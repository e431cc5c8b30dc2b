"""A path to series: one file, or a folder of files of one kind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from server.market.replay.bad_file import BadFile, NothingThen
from server.market.replay.daily import read_daily
from server.market.replay.intraday import read_bars, read_points, read_trades
from server.market.replay.rows import Rows, Window, cut
from server.market.replay.series import Series
from server.market.replay.sheet import SUFFIXES, Sheet, read_sheet
from server.market.replay.snapshots import read_snapshots

TickOf: TypeAlias = Callable[[str], int]  # symbol to tick
_Reader: TypeAlias = Callable[[Rows, int], Series | None]

# A file's kind by the columns it must have; the first row that fits decides.
_READERS: tuple[tuple[frozenset[str], _Reader], ...] = (
    (frozenset({"time", "bid1", "ask1"}), read_snapshots),
    (frozenset({"time", "kind", "price", "quantity"}), read_trades),
    (frozenset({"datetime", "open", "close"}), read_bars),
    (frozenset({"datetime", "price"}), read_points),
    (frozenset({"date", "open", "close"}), read_daily),
)


def read_series(path: Path, window: Window, tick_of: TickOf) -> list[Series]:
    """Every symbol's data between the window's dates, sorted by symbol; raises `BadFile`.

    Symbols without a row in the window are left out; nothing at all is an error, and so is a
    symbol in two files or a mix of kinds.
    """
    found: dict[str, Series] = {}
    for sheet in _sheets(path, window):
        reader = _reader(sheet)
        for rows in cut(sheet, window):
            series = reader(rows, tick_of(rows.symbol))
            if series is not None:
                _add(found, sheet, series)
    if not found:
        zh = f"{window.first} 至 {window.last} 没有数据"
        raise NothingThen(path, zh, f"holds nothing from {window.first} to {window.last}")
    return [found[symbol] for symbol in sorted(found)]


def _sheets(path: Path, window: Window) -> Iterator[Sheet]:
    if not path.exists():
        raise BadFile(path, "不存在", "is not there")
    files = [path] if path.is_file() else sorted(path.iterdir())
    chosen = [file for file in files if file.name.endswith(SUFFIXES)]
    if not chosen:
        kinds = ", ".join(SUFFIXES)
        raise BadFile(path, f"没有 {kinds} 文件", f"holds no file ending in {kinds}")
    for file in chosen:
        yield read_sheet(file)


def _reader(sheet: Sheet) -> _Reader:
    for columns, reader in _READERS:
        if columns <= sheet.columns.keys():
            return reader
    found = ", ".join(sheet.header)
    zh = f"认不出的表头:{found};日线应有 date,open,high,low,close,volume"
    en = f"has a header of no known kind: {found}; daily bars have date,open,high,low,close,volume"
    raise BadFile(sheet.path, zh, en, sheet.first_line - 1)


def _add(found: dict[str, Series], sheet: Sheet, series: Series) -> None:
    symbol = series.symbol
    if symbol in found:
        zh, en = f"{symbol} 在另一个文件里也有", f"{symbol} is in another file too"
        raise BadFile(sheet.path, zh, en)
    kinds = {type(other) for other in found.values()}
    if kinds and type(series) not in kinds:
        zh = "与文件夹里其他文件的种类不同;一次只回放一种"
        raise BadFile(sheet.path, zh, "is of another kind than the folder's other files")
    found[symbol] = series

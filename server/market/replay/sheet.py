"""A data file as text: unpacked, decoded, its header found, its rows still lines."""

import gzip
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from server.market.replay.bad_file import BadFile

_GZIP = b"\x1f\x8b"
_FIELDS = re.compile(r"[,\t]")
SUFFIXES = (".csv", ".csv.gz", ".txt", ".txt.gz")

# Header words of the exports in use, by the name this package gives the column.
_ALIASES = {
    "date": ("date", "日期", "交易日期", "trade_date"),
    "datetime": ("datetime", "日期时间"),
    "time": ("time", "时间"),
    "symbol": ("symbol", "code", "股票代码", "代码", "ts_code"),
    "name": ("name", "名称", "股票名称"),
    "open": ("open", "开盘", "开盘价"),
    "high": ("high", "最高", "最高价"),
    "low": ("low", "最低", "最低价"),
    "close": ("close", "收盘", "收盘价"),
    "preclose": ("preclose", "pre_close", "昨收", "前收盘"),
    "change": ("涨跌额",),
    "volume": ("volume", "成交量", "成交量(手)"),
    "amount": ("amount", "成交额"),
    "turnover_pct": ("turnover_pct", "turn", "换手率"),
    "trade_status": ("trade_status", "tradestatus"),
    "is_st": ("is_st", "isst"),
    "price": ("price", "成交价"),
    "quantity": ("qty",),
}
_CANONICAL = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns` maps our names to positions; `lines[i]` is line `first_line + i` of the file."""

    path: Path
    header: list[str]
    columns: dict[str, int]
    lines: list[str]
    first_line: int
    delimiter: str
    title: str

    @property
    def volume_unit(self) -> int:
        """Shares in one unit of the volume column: akshare counts lots of 100."""
        spelled = self.header[self.columns["volume"]] if "volume" in self.columns else ""
        return 100 if "手" in spelled or "change" in self.columns else 1

    def place(self, name: str) -> int:
        """The position of a column the reader cannot do without; raises `BadFile`."""
        if name in self.columns:
            return self.columns[name]
        found = ", ".join(self.header)
        raise BadFile(
            self.path,
            f"缺少列 {name};表头为:{found}",
            f"there is no column {name}; the header is: {found}",
            self.first_line - 1,
        )


def read_sheet(path: Path) -> Sheet:
    """Reads a .csv or .txt, gzip-compressed or not, in UTF-8 or GBK; raises `BadFile`."""
    lines = _decode(path, _unpack(path)).splitlines()
    top = _header_line(path, lines)
    header = [word.strip().strip('"') for word in _FIELDS.split(lines[top])]
    rows = lines[top + 1 :]
    while rows and not _FIELDS.search(rows[-1]):  # blank ends, and the trailer of 通达信
        rows.pop()
    delimiter = "," if not rows or "," in rows[0] else "\t"
    columns: dict[str, int] = {}
    for place, word in enumerate(header):
        columns.setdefault(_CANONICAL.get(word.lower(), word.lower()), place)
    return Sheet(path, header, columns, rows, top + 2, delimiter, " ".join(lines[:top]))


def _unpack(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile(path, f"无法读取:{error}", f"cannot be read: {error}") from error


def _decode(path: Path, data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(path, "不是 UTF-8 或 GBK 文本", "is neither UTF-8 nor GBK text")


def _header_line(path: Path, lines: list[str]) -> int:
    """The first line of several fields of which none is a number."""
    for number, line in enumerate(lines[:10]):
        fields = _FIELDS.split(line)
        if len(fields) > 2 and not any(field.strip()[:1].isdigit() for field in fields):
            return number
    raise BadFile(
        path,
        "没有表头;首行应为列名,如 date,open,high,low,close,preclose,volume",
        "has no header; its first line should name the columns, "
        "as date,open,high,low,close,preclose,volume",
    )

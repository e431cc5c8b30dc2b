"""The instruments we know: a hand-written table of well-known ones, and entries for a replay's.

Prices of the table are simulated: plausible starting points of the agents' market, not quotations.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path

import msgspec

from server.market.dates import parse_date
from server.market.rules import LONG_LISTED, Ipo, Kind, RuleKey, Status
from server.protocol.words import Board, Exchange

MONEY = 10_000  # 1/10 000 yuan
_PRICE = re.compile(r"([0-9]+)(?:\.([0-9]{1,4}))?")
_PINYIN = re.compile(r"[a-z0-9]+")


class UniverseError(ValueError):
    """A line of the universe or a code that cannot be understood."""


class UniverseEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What does not change from day to day. Unknown figures are 0, unknown words empty."""

    code: str
    exchange: Exchange
    board: Board
    kind: Kind
    name: str
    status: Status = "normal"
    pinyin: str = ""
    sector: str = ""
    float_shares: int = 0
    list_date: int = 0
    start_price: int = 0  # simulated
    ipo: Ipo = "unknown"

    @property
    def symbol(self) -> str:
        return f"{self.code}.{self.exchange}"

    def rule_key(
        self, date: int, status: Status | None = None, listing_day: int = LONG_LISTED
    ) -> RuleKey:
        """The key of this instrument's rules on `date`; `status` is that day's when given."""
        return RuleKey(
            exchange=self.exchange,
            board=self.board,
            kind=self.kind,
            date=date,
            status=self.status if status is None else status,
            listing_day=listing_day,
            ipo=self.ipo,
        )


class _Range(msgspec.Struct, forbid_unknown_fields=True):
    exchange: Exchange
    prefixes: list[str]
    board: Board
    kind: Kind


class _Ranges(msgspec.Struct, forbid_unknown_fields=True):
    range: list[_Range]


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A line of universe.csv."""

    code: str
    exchange: Exchange
    board: Board
    kind: Kind
    status: Status
    name: str
    pinyin: str
    sector: str
    float_millions: int
    list_date: str
    simulated_price: str


@cache
def _ranges() -> list[_Range]:
    data = files("server.market").joinpath("data", "code_ranges.toml").read_bytes()
    return msgspec.toml.decode(data, type=_Ranges).range


def classify(code: str, exchange: Exchange) -> tuple[Board, Kind]:
    """Board and kind by the code's range. Raises UniverseError where the range does not say."""
    for row in _ranges():
        if row.exchange == exchange and code.startswith(tuple(row.prefixes)):
            return row.board, row.kind
    raise UniverseError(
        f"{code}.{exchange}: its code range does not say what it is; add it to the universe file"
    )


def load_universe(path: Path | None = None) -> dict[str, UniverseEntry]:
    """Entries by symbol in the file's order; without `path`, the table that comes with us.

    Raises UniverseError naming the line.
    """
    source = path if path is not None else files("server.market").joinpath("data", "universe.csv")
    entries: dict[str, UniverseEntry] = {}
    for number, entry in _entries(source.read_text("utf-8")):
        if entry.symbol in entries:
            raise UniverseError(f"line {number}: {entry.symbol} is there twice")
        entries[entry.symbol] = entry
    return entries


def _entries(text: str) -> Iterator[tuple[int, UniverseEntry]]:
    for number, row in enumerate(csv.DictReader(StringIO(text)), start=2):
        try:
            yield number, _entry(msgspec.convert(row, _Line, strict=False))
        except (UniverseError, ValueError) as error:
            raise UniverseError(f"line {number}: {error}") from error


def _entry(line: _Line) -> UniverseEntry:
    if not re.fullmatch(r"\d{6}", line.code):
        raise UniverseError(f"code {line.code!r} is not six digits")
    if not line.name or not line.sector or not _PINYIN.fullmatch(line.pinyin):
        raise UniverseError(f"{line.code}: name, pinyin or sector is empty or odd")
    if (line.board == "fund") == (line.kind == "share"):
        raise UniverseError(f"{line.code}: a {line.kind} on board {line.board}")
    if line.board != "fund" and classify(line.code, line.exchange)[0] != line.board:
        raise UniverseError(f"{line.code}.{line.exchange} is not of board {line.board}")
    price = parse_price(line.simulated_price)
    if price <= 0 or line.float_millions <= 0:
        raise UniverseError(f"{line.code}: price and float must be positive")
    return UniverseEntry(
        code=line.code,
        exchange=line.exchange,
        board=line.board,
        kind=line.kind,
        status=line.status,
        name=line.name,
        pinyin=line.pinyin,
        sector=line.sector,
        float_shares=line.float_millions * 1_000_000,
        list_date=parse_date(line.list_date) if line.list_date else 0,
        start_price=price,
    )


def parse_price(text: str) -> int:
    """A decimal in yuan as 1/10 000 yuan, exact. Raises ValueError for more than four decimals."""
    found = _PRICE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no price in yuan with at most four decimals")
    return int(found[1]) * MONEY + int((found[2] or "").ljust(4, "0"))


def replay_entry(
    symbol: str, known: dict[str, UniverseEntry], name: str = "", list_date: int = 0
) -> UniverseEntry:
    """An entry for a replayed "600000.SSE".

    The file's name of the share and its listing date win over the table's: today's say nothing
    about the past. Raises UniverseError for a code whose range does not say what it is.
    """
    entry = known.get(symbol) or _unknown(symbol)
    return msgspec.structs.replace(
        entry,
        name=name or entry.name,
        status=status_of_name(name) if name else "normal",
        list_date=list_date or entry.list_date,
        start_price=0,
    )


def _unknown(symbol: str) -> UniverseEntry:
    code, _, place = symbol.partition(".")
    exchange = msgspec.convert(place, Exchange)
    board, kind = classify(code, exchange)
    return UniverseEntry(code=code, exchange=exchange, board=board, kind=kind, name=code)


def status_of_name(name: str) -> Status:
    """The risk mark in the short name of a day (section 1.1)."""
    bare = name.removeprefix("XD").removeprefix("XR").removeprefix("DR")
    if "退" in bare and (bare.startswith("退市") or bare.endswith("退")):
        return "delisting"
    if bare.startswith(("SST", "S*ST")):
        return "unreformed_st"
    if bare.startswith(("ST", "*ST")):
        return "st"
    return "unreformed" if re.match(r"S[^A-Za-z]", bare) else "normal"

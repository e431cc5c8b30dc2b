"""The dated tables of the platform's limits (section 4.6): the built-in ones, or a house's own.

`limits.toml` says what each key means. Every row is in force from its date until the next of its
kind; what no row covers is not limited.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from server.engine.records import RATIO_TIERS
from server.protocol.words import FamilyName

PPM = 1_000_000
ClassWord = Literal["main", "wide_20", "bse_30", "risk_warning"]
ScopeWord = Literal["stock", "board"]


class LimitsRefused(ValueError):
    """A file of limits that is malformed, or contradicts itself."""


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rule: str
    valid_from: date = msgspec.field(name="from")


class LimitRow(_Row, frozen=True, kw_only=True):
    """Figures of a whole day; units as in the file."""

    lender_capital: int
    client_ppm: int
    lending_cap: int
    person_stock_cap: int
    stock_ppm: int
    stop_ppm: int
    resume_ppm: int
    fund_stop_ppm: int
    fund_resume_ppm: int
    jump_ppm: int
    confirmations: int
    price_bounds: bool


class TierRow(_Row, frozen=True, kw_only=True):
    """Tiers (lowest ratio, share of the assets), best first, for products of one family."""

    family: FamilyName
    holding_class: ClassWord
    scope: ScopeWord
    tiers: tuple[tuple[int, int], ...]

    @property
    def cell(self) -> tuple[str, str, str]:
        return self.family, self.holding_class, self.scope


class FloatRow(_Row, frozen=True, kw_only=True):
    """Shares that float, where the market's data does not say or a house knows better."""

    symbol: str
    shares: int


class LimitTables(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows of a file."""

    version: int
    limits: tuple[LimitRow, ...]
    concentration: tuple[TierRow, ...] = ()
    float_shares: tuple[FloatRow, ...] = ()

    def row_of(self, on: int) -> LimitRow | None:
        """The row of a market date, YYYYMMDD; None before the first."""
        rows = _in_force(self.limits, on)
        return rows[-1] if rows else None

    def tiers_of(self, on: int) -> list[TierRow]:
        """The tables in force, one of each kind; one without tiers is none."""
        newest = {row.cell: row for row in _in_force(self.concentration, on)}
        return [row for row in newest.values() if row.tiers]

    def floats_of(self, on: int) -> dict[str, int]:
        return {row.symbol: row.shares for row in _in_force(self.float_shares, on)}


R = TypeVar("R", bound=_Row)


def _in_force(rows: Iterable[R], on: int) -> list[R]:
    """The oldest first."""
    day = date(on // 10_000, on // 100 % 100, on % 100)
    return sorted((row for row in rows if row.valid_from <= day), key=lambda row: row.valid_from)


def load_limits(path: Path | None = None) -> LimitTables:
    """Without `path` the tables that come with us.

    Raises LimitsRefused and OSError.
    """
    return _published() if path is None else parse_limits(path.read_text("utf-8"))


@cache
def _published() -> LimitTables:
    return parse_limits(files("server.risk").joinpath("limits.toml").read_text("utf-8"))


def parse_limits(text: str) -> LimitTables:
    """Raises LimitsRefused."""
    try:
        tables = msgspec.toml.decode(text, type=LimitTables)
    except msgspec.DecodeError as error:
        raise LimitsRefused(f"limits: {error}") from error
    for row in tables.concentration:
        _check_tiers(row)
    for row in tables.limits:
        if row.resume_ppm > row.stop_ppm or row.fund_resume_ppm > row.fund_stop_ppm:
            raise LimitsRefused(
                f"{row.valid_from}: financing must resume at or below where it stops"
            )
    return tables


def _check_tiers(row: TierRow) -> None:
    name = f"{row.family} {row.holding_class} {row.scope} from {row.valid_from}"
    if len(row.tiers) > RATIO_TIERS:
        raise LimitsRefused(f"{name}: at most {RATIO_TIERS} tiers")
    if any(not 0 <= cap <= PPM or lowest < 0 for lowest, cap in row.tiers):
        raise LimitsRefused(f"{name}: shares are from 0 to {PPM} ppm")
    if any(worse[0] >= better[0] or worse[1] > better[1] for better, worse in pairwise(row.tiers)):
        raise LimitsRefused(f"{name}: tiers are best first, the lower the ratio the less")

"""Sends the platform's limits with every day (section 4.6); `limits.toml` is the data."""

from datetime import date
from functools import cache
from importlib import resources

import msgspec

from server.engine import building, building_risk
from server.engine.building import Commands
from server.engine.codes import Event
from server.engine.engine import Engine
from server.engine.terms import LimitTerms
from server.journal.batch import Applied
from server.risk.ports import Post

PPM = 1_000_000
FUND_CODES = ("50", "51", "52", "53", "55", "56", "58", "15", "16", "18")


class LimitRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In force from a date until the next row's; units as in the file."""

    rule: str
    valid_from: date = msgspec.field(name="from")
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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    limits: tuple[LimitRow, ...]


@cache
def limit_rows() -> tuple[LimitRow, ...]:
    """Oldest first."""
    text = resources.files("server.risk").joinpath("limits.toml").read_text("utf-8")
    return tuple(sorted(msgspec.toml.decode(text, type=_File).limits, key=lambda r: r.valid_from))


def row_of(on: int) -> LimitRow | None:
    """The row of a market date, YYYYMMDD; None before the first."""
    day = date(on // 10_000, on // 100 % 100, on % 100)
    rows = [row for row in limit_rows() if row.valid_from <= day]
    return rows[-1] if rows else None


def limit_commands(engine: Engine, on: int) -> Commands | None:
    """RISK_LIMITS, and STOCK_LIMIT of every instrument; None where no row is in force."""
    row = row_of(on)
    if row is None:
        return None
    terms = LimitTerms(
        client_cap=row.lender_capital * row.client_ppm // PPM,
        lending_cap=row.lending_cap,
        person_stock_cap=row.person_stock_cap,
        jump_ppm=row.jump_ppm,
        confirmations=row.confirmations,
        price_bounds=int(row.price_bounds),
    )
    count = int(engine.state.header[0]["instruments"])
    floats: list[int] = engine.state.rules["float_shares"][:count].tolist()
    cap = row.lender_capital * row.stock_ppm // PPM
    stocks = [_stock(row, engine, i, floats[i], cap) for i in range(count)]
    return building.concat([building_risk.risk_limits(terms), *stocks])


def _stock(row: LimitRow, engine: Engine, index: int, floating: int, cap: int) -> Commands:
    """Without a known float there is no share of it, and the cap alone holds."""
    is_fund = engine.symbol(index).startswith(FUND_CODES)
    stop, resume = (
        (row.fund_stop_ppm, row.fund_resume_ppm) if is_fund else (row.stop_ppm, row.resume_ppm)
    )
    shares = [-(-floating * ppm // PPM) for ppm in (stop, resume)]
    return building_risk.stock_limit(index, shares[0], shares[1], cap)


class DayLimits:
    """A listener of the sequencer: posts the limits of a day when it has opened."""

    def __init__(self, engine: Engine, post: Post) -> None:
        self._engine = engine
        self._post = post

    def applied(self, applied: Applied) -> None:
        if not (applied.events["kind"] == Event.DAY_OPENED).any():
            return
        commands = limit_commands(self._engine, self._engine.date)
        if commands is not None:
            self._post(commands)

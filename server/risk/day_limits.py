"""Sends the platform's limits with every day (section 4.6), from the dated tables."""

import numpy as np
import structlog
from numpy.typing import NDArray

from server.engine import building, building_risk, records
from server.engine.building import Commands
from server.engine.codes import Board, ConcentrationScope, Event, Family, HoldingClass
from server.engine.engine import Engine
from server.engine.terms import LimitTerms, Tier
from server.journal.batch import Applied
from server.risk.limit_tables import PPM, LimitRow, LimitTables, TierRow, load_limits
from server.risk.ports import Post

_log = structlog.get_logger("honghe.risk")


def limit_commands(engine: Engine, on: int, tables: LimitTables | None = None) -> Commands | None:
    """RISK_LIMITS, the tables of each product, and STOCK_LIMIT of every instrument.

    None where no row is in force. The engine's day must be open: products and floats are its.
    """
    tables = load_limits() if tables is None else tables
    row = tables.row_of(on)
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
    tiers = [each for found in tables.tiers_of(on) for each in _tier_commands(engine, found)]
    stocks = _stock_commands(engine, row, floats(engine, tables.floats_of(on)))
    return building.concat([building_risk.risk_limits(terms), *tiers, stocks])


def _tier_commands(engine: Engine, row: TierRow) -> list[Commands]:
    """One for each product of the family, whatever its version."""
    products = engine.state.terms[: int(engine.state.header[0]["products"])]
    family = Family[row.family.upper()]
    tiers = [Tier(*each) for each in row.tiers]
    return [
        building_risk.concentration(
            HoldingClass[row.holding_class.upper()],
            ConcentrationScope[row.scope.upper()],
            tiers,
            product,
        )
        for product in np.flatnonzero(products["family"] == family).tolist()
    ]


def floats(engine: Engine, known: dict[str, int]) -> NDArray[np.int64]:
    """Shares that float by instrument: the table's, else the market's, else 0: unknown."""
    count = int(engine.state.header[0]["instruments"])
    found: NDArray[np.int64] = engine.state.rules["float_shares"][:count].copy()
    for symbol, shares in known.items():
        try:
            found[engine.instrument(symbol)] = shares
        except KeyError:
            continue  # not in this market
    return found


def _stock_commands(engine: Engine, row: LimitRow, floating: NDArray[np.int64]) -> Commands:
    """Without a known float there is no share of it, and the cap alone holds."""
    count = len(floating)
    commands = np.repeat(building_risk.stock_limit(0, 0, 0), count)
    limits = commands.view(records.STOCK_LIMIT)
    limits["instrument"] = np.arange(count)
    limits["cap"] = row.lender_capital * row.stock_ppm // PPM
    is_fund = engine.state.rules["board"][:count] == Board.FUND
    for name, of_share, of_fund in (
        ("stop_shares", row.stop_ppm, row.fund_stop_ppm),
        ("resume_shares", row.resume_ppm, row.fund_resume_ppm),
    ):
        limits[name] = -(-floating * np.where(is_fund, of_fund, of_share) // PPM)
    return commands


class DayLimits:
    """A listener of the sequencer: posts the limits of a day when it has opened."""

    def __init__(self, engine: Engine, post: Post, tables: LimitTables | None = None) -> None:
        self._engine = engine
        self._post = post
        self._tables = load_limits() if tables is None else tables

    def applied(self, applied: Applied) -> None:
        if not (applied.events["kind"] == Event.DAY_OPENED).any():
            return
        engine = self._engine
        commands = limit_commands(engine, engine.date, self._tables)
        if commands is None:
            return
        self._post(commands)
        found = floats(engine, self._tables.floats_of(engine.date))
        unknown = int((found == 0).sum())
        _log.info("limits", date=engine.date, stocks=len(found), floats_unknown=unknown)

"""Sends the platform's limits with every day (section 4.6), from the dated tables."""

from collections.abc import Awaitable

import numpy as np
import structlog
from numpy.typing import NDArray

from server.engine import building, building_risk, records
from server.engine.building import Commands
from server.engine.codes import Board, Command, ConcentrationScope, Family, HoldingClass
from server.engine.engine import Engine
from server.engine.terms import LimitTerms, Tier
from server.risk.limit_tables import PPM, LimitRow, LimitTables, TierRow, load_limits
from server.risk.ports import Submit

_log = structlog.get_logger("honghe.risk")


def limit_commands(
    engine: Engine,
    on: int,
    tables: LimitTables | None = None,
    opening: Commands | None = None,
) -> Commands | None:
    """RISK_LIMITS, the tables of each product, and STOCK_LIMIT of every instrument.

    None where no row is in force. `opening` are the day's commands where they come before these;
    without them the engine's day must be open. Products are the engine's.
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
    rules = _rules_of_day(engine, opening)
    stocks = _stock_commands(row, rules, _floats(engine, rules, tables.floats_of(on)))
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


def _rules_of_day(engine: Engine, opening: Commands | None) -> NDArray[np.void]:
    """Rows of the engine's rules, with what an opening that has not come yet says of the day."""
    count = int(engine.state.header[0]["instruments"])
    rules: NDArray[np.void] = engine.state.rules[:count].copy()
    if opening is not None:
        said = opening[opening["kind"] == Command.INSTRUMENT_RULES].view(records.INSTRUMENT_RULES)
        for name in ("float_shares", "board"):
            rules[name][said["instrument"]] = said[name]
    return rules


def _floats(engine: Engine, rules: NDArray[np.void], known: dict[str, int]) -> NDArray[np.int64]:
    """Shares that float by instrument: the table's, else the market's, else 0: unknown."""
    found: NDArray[np.int64] = rules["float_shares"].copy()
    for symbol, shares in known.items():
        try:
            found[engine.instrument(symbol)] = shares
        except KeyError:
            continue  # not in this market
    return found


def _stock_commands(
    row: LimitRow, rules: NDArray[np.void], floating: NDArray[np.int64]
) -> Commands:
    """Without a known float there is no share of it, and the cap alone holds."""
    count = len(floating)
    commands = np.repeat(building_risk.stock_limit(0, 0, 0), count)
    limits = commands.view(records.STOCK_LIMIT)
    limits["instrument"] = np.arange(count)
    limits["cap"] = row.lender_capital * row.stock_ppm // PPM
    is_fund = rules["board"] == Board.FUND
    for name, of_share, of_fund in (
        ("stop_shares", row.stop_ppm, row.fund_stop_ppm),
        ("resume_shares", row.resume_ppm, row.fund_resume_ppm),
    ):
        limits[name] = -(-floating * np.where(is_fund, of_fund, of_share) // PPM)
    return commands


class DayLimits:
    """Between a market and the sequencer: a day's opening and its limits are one submission.

    So no order can come after a day has opened and before its limits hold.
    """

    def __init__(self, engine: Engine, submit: Submit, tables: LimitTables | None = None) -> None:
        self._engine = engine
        self._submit = submit
        self._tables = load_limits() if tables is None else tables

    def submit(self, commands: Commands, time: int) -> Awaitable[object]:
        """As the sequencer's: the frames of a market, each of one market time (µs)."""
        opened = commands[commands["kind"] == Command.DAY_OPEN].view(records.DAY_OPEN)
        if len(opened):
            commands = self._with_limits(commands, int(opened[-1]["date"]))
        return self._submit(commands, time)

    def _with_limits(self, opening: Commands, date: int) -> Commands:
        limits = limit_commands(self._engine, date, self._tables, opening)
        if limits is None:
            return opening
        stocks = limits[limits["kind"] == Command.STOCK_LIMIT].view(records.STOCK_LIMIT)
        unknown = int((stocks["stop_shares"] == 0).sum())
        _log.info("limits", date=date, stocks=len(stocks), floats_unknown=unknown)
        return building.concat([opening, limits])

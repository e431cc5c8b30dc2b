"""The limits with which a scenario's days begin, as commands."""

from collections.abc import Callable

from server.engine import building, building_risk
from server.engine.building import Commands
from server.engine.codes import ConcentrationScope, HoldingClass
from server.engine.terms import LimitTerms, Tier
from server.scenarios.kinds import money, percent
from server.scenarios.names import NameBook
from server.scenarios.page_limits import Limits, Name, StockLimit, Tiers

PPM = 1_000_000
ProductNumber = Callable[[Name], int]


def limits_commands(names: NameBook, said: Limits, product_number: ProductNumber) -> Commands:
    """RISK_LIMITS, then every table and every stock; raises ScenarioError."""
    terms = LimitTerms(
        client_cap=money(said.client_cap),
        lending_cap=money(said.lending_cap),
        person_stock_cap=money(said.person_stock_cap),
        jump_ppm=percent(said.jump),
        confirmations=said.confirmations,
        price_bounds=int(said.price_bounds),
    )
    return building.concat(
        [
            building_risk.risk_limits(terms),
            *(_tiers(table, product_number) for table in said.concentration),
            *(_stock(names, symbol, limit) for symbol, limit in said.stocks.items()),
        ]
    )


def _tiers(said: Tiers, product_number: ProductNumber) -> Commands:
    tiers = [Tier(percent(ratio), percent(cap)) for ratio, cap in said.tiers.items()]
    return building_risk.concentration(
        HoldingClass[said.holding_class.upper()],
        ConcentrationScope[said.scope.upper()],
        tiers,
        -1 if said.contract is None else product_number(said.contract),
    )


def _stock(names: NameBook, symbol: str, said: StockLimit) -> Commands:
    return building_risk.stock_limit(
        names.instrument_number(symbol),
        share_of(said.float_shares, percent(said.stop)),
        share_of(said.float_shares, percent(said.resume)),
        money(said.cap),
    )


def share_of(shares: int, ppm: int) -> int:
    """The fewest shares that are at least `ppm` of them."""
    return -(-shares * ppm // PPM)

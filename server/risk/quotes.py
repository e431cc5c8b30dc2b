"""The market as forced sales see it, read once for all who hold a share.

A quote is good until the engine has applied another command, and so is a plan made of quotes.
"""

from typing import NamedTuple

from server.engine import queries
from server.engine.codes import LimitKind, Phase, Side
from server.engine.engine import Engine
from server.risk.lots import LotRule
from server.risk.sale_fees import FeeRates, fee_rates

BEST_FIVE = 5


class Quote(NamedTuple):
    """One instrument's day and its bids, as in `portfolio.Holding`."""

    symbol: str
    mark: int
    last: int
    limit_down: int
    limit_ppm: int
    limited: bool
    turnover: int
    suspended: bool
    phase: Phase
    rule: LotRule
    largest_limit: int
    largest_market: int
    fees: FeeRates
    bids: tuple[tuple[int, int], ...]
    lowest_sale: int
    protected: bool


class Quotes:
    """Of one engine, at its last command."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._seq = -1
        self._known: dict[int, Quote] = {}

    def of(self, instrument: int) -> Quote:
        if self._seq != self.engine.seq:
            self._known.clear()
            self._seq = self.engine.seq
        quote = self._known.get(instrument)
        if quote is None:
            quote = self._known[instrument] = _read(self.engine, instrument)
        return quote


def _read(engine: Engine, instrument: int) -> Quote:
    day = engine.state.instruments[instrument]
    return Quote(
        symbol=engine.symbol(instrument),
        mark=int(day["mark"]),
        last=int(day["last"]),
        limit_down=int(day["limit_down"]),
        limit_ppm=int(day["limit_ppm"]),
        limited=int(day["limit_kind"]) == LimitKind.LIMITED,
        turnover=int(day["turnover"]),
        suspended=bool(day["suspended"]),
        phase=Phase(int(day["phase"])),
        rule=LotRule(int(day["sell_step"]), int(day["sell_minimum"])),
        largest_limit=int(day["max_limit_quantity"]),
        largest_market=int(day["max_market_quantity"]),
        fees=fee_rates(engine.state.fees[int(day["fee_schedule"])]),
        bids=tuple(queries.book_side(engine, instrument, Side.BUY, BEST_FIVE)),
        lowest_sale=queries.lowest_sale(engine, instrument),
        protected=bool(engine.state.rules[instrument]["protection"]),
    )

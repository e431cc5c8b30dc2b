"""Quotes, depth, instruments, bars and the clock as messages, read from the engine's state."""

from collections.abc import Sequence
from functools import cache
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.engine.calls import indicative
from server.engine.checks import FIRST_TYPES, PROTECTED_WITHOUT_LIMIT
from server.engine.codes import CALLS, LimitKind, OrderType, Side
from server.engine.engine import Engine
from server.engine.queries import depth
from server.gateway.ports import Listing, Market
from server.protocol import words
from server.protocol.market import Bar, Depth, Instrument, Level, Quote

DEPTH_LEVELS: Final = 5
PHASES: Final[dict[int, words.Phase]] = dict(enumerate(get_args(words.Phase)))

_QUOTE_FIELDS: Final = [
    *("last", "reference", "open", "high", "low", "volume", "turnover", "suspended", "phase"),
]
_DAY_FIELDS: Final = [
    *("tick", "lot", "limit_up", "limit_down", "reference"),
    *("limit_kind", "suspended", "same_day_sale"),
]
_RULE_FIELDS: Final = ["order_types", "protection", "after_hours"]
_BAR_FIELDS: Final = [
    *("time", "open", "high", "low", "close", "volume", "turnover", "final", "interpolated"),
]


def _best(engine: Engine, rows: NDArray[np.void], side: Side) -> tuple[list[int], list[int]]:
    """Price and quantity of the best level of one side of each instrument; 0 where it is empty."""
    level = rows["best"][:, side].astype(np.int64)
    there = level >= 0
    ladder = rows["level_base"].astype(np.int64) + side * rows["levels"]
    quantity = engine.state.levels["quantity"][np.where(there, ladder + level, 0)]
    price = rows["limit_down"] + level * rows["tick"]
    return np.where(there, price, 0).tolist(), np.where(there, quantity, 0).tolist()


def quotes(engine: Engine, market: Market, instruments: NDArray[np.intp]) -> list[Quote]:
    """The newest quote of each instrument."""
    rows = engine.state.instruments[instruments]
    bids, bid_quantities = _best(engine, rows, Side.BUY)
    asks, ask_quantities = _best(engine, rows, Side.SELL)
    time = engine.time
    found: list[Quote] = []
    for i, (figures, instrument) in enumerate(
        zip(rows[_QUOTE_FIELDS].tolist(), instruments.tolist(), strict=True)
    ):
        last, reference, opened, high, low, volume, turnover, suspended, phase = figures
        best = (bids[i], bid_quantities[i], asks[i], ask_quantities[i])
        price = left = 0
        if phase in CALLS:
            price, matched, left = map(int, indicative(engine.workspace, instrument))
            best = (price, matched, price, matched)
        found.append(
            Quote(
                *(engine.symbol(instrument), time, last, reference),
                *(opened, high, low, volume, turnover),
                *best,
                suspended=bool(suspended),
                interpolated=market.is_interpolated(instrument),
                phase=PHASES[phase],
                indicative=price,
                unmatched=abs(left),
                unmatched_side="sell" if left < 0 else "buy",
            )
        )
    return found


def _call_depth(engine: Engine, instrument: int) -> Depth:
    price, matched, left = map(int, indicative(engine.workspace, instrument))
    bids, asks = [[Level(price, matched)] if price else [] for _ in Side]
    if left:
        (bids if left > 0 else asks).append(Level(0, abs(left)))
    return Depth(engine.symbol(instrument), engine.time, bids, asks)


def depth_of(engine: Engine, instrument: int) -> Depth:
    """Five levels a side, best first; of a call what it would come to."""
    if int(engine.state.instruments[instrument]["phase"]) in CALLS:
        return _call_depth(engine, instrument)
    bids, asks = depth(engine, instrument, DEPTH_LEVELS)
    return Depth(
        engine.symbol(instrument),
        engine.time,
        [Level(*level) for level in bids],
        [Level(*level) for level in asks],
    )


def instruments(engine: Engine, market: Market) -> list[Instrument]:
    """Every listed instrument with its day's figures, in the engine's order."""
    count = int(engine.state.header[0]["instruments"])
    rows = engine.state.instruments[:count][_DAY_FIELDS].tolist()
    rules = engine.state.rules[:count][_RULE_FIELDS].tolist()
    found: list[Instrument] = []
    for i, (row, rule) in enumerate(zip(rows, rules, strict=True)):
        listing = market.listing(engine.symbol(i))
        item = _instrument(engine.symbol(i), listing, row, rule)
        if not (item.suspended and listing.list_date > engine.date):  # its listing is to come
            found.append(item)
    return found


@cache
def _order_types(
    mask: int, protection: int, after_hours: int, limited: bool
) -> list[words.OrderType]:
    """What is taken today in continuous trading (sections 2.2 and 2.5)."""
    mask = mask or FIRST_TYPES
    if not limited and protection != PROTECTED_WITHOUT_LIMIT:
        mask = 1 << OrderType.LIMIT
    if after_hours:
        mask |= 1 << OrderType.FIXED_PRICE
    types: tuple[words.OrderType, ...] = get_args(words.OrderType)
    return [word for number, word in enumerate(types) if mask >> number & 1]


def _instrument(
    symbol: str, listing: Listing, figures: Sequence[int], rules: Sequence[int]
) -> Instrument:
    tick, lot, limit_up, limit_down, reference, limit_kind, suspended, same_day = figures
    mask, protection, after_hours = rules
    return Instrument(
        *(symbol, listing.code, listing.exchange, listing.name, listing.pinyin, listing.board),
        *(listing.sector, listing.float_shares, tick, lot, limit_up, limit_down, reference),
        limited=limit_kind == LimitKind.LIMITED,
        suspended=bool(suspended),
        same_day_sale=bool(same_day),
        order_types=_order_types(mask, protection, after_hours, limit_kind == LimitKind.LIMITED),
        protection=bool(protection),
    )


def bars(symbol: str, interval: words.Interval, rows: NDArray[np.void]) -> list[Bar]:
    """Rows of a bar store as messages."""
    return [Bar(symbol, interval, *row) for row in rows[_BAR_FIELDS].tolist()]


def phase(engine: Engine) -> words.Phase:
    """The phase of the stock session: that of the first instrument; closed when there is none."""
    if not int(engine.state.header[0]["instruments"]):
        return PHASES[0]
    return PHASES[int(engine.state.instruments[0]["phase"])]

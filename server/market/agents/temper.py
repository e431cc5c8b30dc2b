"""How each instrument behaves: how far it moves a day, how much of it trades, how it is quoted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import Generator

from server.market.columns import Floats, Ints
from server.market.rules import Kind
from server.market.universe import UniverseEntry
from server.protocol.words import Board

_USUAL = 0.025  # standard deviation of a main-board share's day
_BY_BOARD: Final[Mapping[Board, float]] = {
    "main": 1.0,
    "chinext": 1.3,
    "star": 1.3,
    "bse": 1.4,
    "fund": 0.5,
}
_BY_KIND: Final[Mapping[Kind, float]] = {
    "money": 0.004,
    "bond": 0.06,
    "gold": 0.8,
    "stock_20": 1.4,
}
_RISK_WARNING = 0.6  # its limit was half the others' for most of its history

# A share's own part of its variance is what market and sector leave.
MARKET_SHARE, SECTOR_SHARE = 0.45, 0.45

_TURNOVER = 0.010  # of the float a day, for a float worth 10 billion yuan
_USUAL_WORTH = 10e9 * 10_000
_MOST_TURNOVER, _LEAST_TURNOVER = 0.05, 0.001
_SPACING = 0.0125  # of the day's deviation: between two levels of a maker
_WIDEST_SPACING = 0.0003  # of the price


@dataclass(frozen=True, slots=True)
class Temper:
    """One value an instrument; `sector` numbers the sectors."""

    deviation: Floats  # of a day's log return
    beta: Floats
    sector: Ints
    sectors: int
    day_volume: Floats  # shares

    def spacing(self, price: Ints, tick: Ints) -> Ints:
        """Ticks between two levels of a maker's ladder, at least one."""
        share = np.minimum(_WIDEST_SPACING, _SPACING * self.deviation)
        return np.maximum(1, np.rint(share * price / tick)).astype(np.int64)

    def livelier(self, deviation: Floats, volume: Floats) -> "Temper":
        """So many times its deviation and volume, by instrument."""
        return replace(
            self, deviation=self.deviation * deviation, day_volume=self.day_volume * volume
        )


def temper_of(entries: Sequence[UniverseEntry], volatility: float, rng: Generator) -> Temper:
    """Draws what sets each apart from its board's usual."""
    count = len(entries)
    sectors = {sector: i for i, sector in enumerate(sorted({e.sector for e in entries}))}
    usual = np.array([_usual_deviation(entry) for entry in entries])
    worth = np.array([float(entry.float_shares * entry.start_price) for entry in entries])
    turnover = _TURNOVER * (_USUAL_WORTH / np.maximum(worth, 1.0)) ** 0.35
    turnover = np.clip(turnover * rng.lognormal(0, 0.3, count), _LEAST_TURNOVER, _MOST_TURNOVER)
    return Temper(
        deviation=usual * volatility * rng.uniform(0.75, 1.25, count),
        beta=rng.uniform(0.7, 1.3, count),
        sector=np.array([sectors[entry.sector] for entry in entries], np.int64),
        sectors=len(sectors),
        day_volume=turnover * np.array([float(entry.float_shares) for entry in entries]),
    )


def _usual_deviation(entry: UniverseEntry) -> float:
    warned = _RISK_WARNING if entry.status != "normal" else 1.0
    return _USUAL * _BY_BOARD[entry.board] * _BY_KIND.get(entry.kind, 1.0) * warned

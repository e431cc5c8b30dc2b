"""What the agents think each instrument is worth: a walk that the market and sectors share.

Nobody sees it; it moves prices only through the orders of those who believe in it. After a restart
it starts again from the last prices.
"""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from server.market.agents.settings import EVERY, Shock
from server.market.agents.temper import MARKET_SHARE, SECTOR_SHARE, Temper
from server.market.columns import Floats
from server.market.universe import UniverseEntry

_OVERNIGHT = 0.25  # of a day's variance
_NEWS_A_DAY = 0.012  # chance of an instrument to have news
_NEWS_SIZE = (2.5, 6.0)  # in daily deviations: enough, at times, to lock a limit
_MOST_NEWS = 0.4  # log return: a new company's deviation is no measure of it
_NEWS_PACE = 1 / 300  # of what is left of it, a 1/4800 day


class FairValues:
    """`value` in 1/10 000 yuan, one an instrument; `temper` is the day's."""

    def __init__(self, temper: Temper, value: Floats, rng: Generator) -> None:
        self.value = value.copy()
        self.temper = temper
        self._rng = rng
        self._news = np.zeros_like(value)  # log return still to come

    def pass_night(self) -> None:
        """The gap between a close and the next opening."""
        self.value *= np.exp(self._returns(_OVERNIGHT))
        self._news[:] = 0.0

    def step(self, share: float) -> None:
        """Moves on by a share of a trading day."""
        rng = self._rng
        change = self._returns((1 - _OVERNIGHT) * share)
        struck = rng.random(len(self.value)) < _NEWS_A_DAY * share
        if struck.any():
            size = rng.uniform(*_NEWS_SIZE, len(self.value)) * self.temper.deviation
            size = np.minimum(size, _MOST_NEWS)
            sign = rng.choice([-1.0, 1.0], len(self.value))
            self._news += np.where(struck, sign * size, 0.0)
        coming = self._news * min(1.0, _NEWS_PACE * share * 4_800)
        self._news -= coming
        self.value *= np.exp(change + coming)

    def expect(self, change: Floats) -> None:
        """Log returns that come as news does, within the next half hour."""
        self._news += change

    def shock(self, shock: Shock, entries: Sequence[UniverseEntry]) -> None:
        hit = [shock.symbol in {EVERY, entry.symbol} for entry in entries]
        self.value *= np.where(hit, 1 + shock.change, 1.0)

    def _returns(self, variance: float) -> Floats:
        return returns(self.temper, self._rng) * np.sqrt(variance)


def returns(temper: Temper, rng: Generator) -> Floats:
    """A day's log returns: market, sector and own parts, of the temper's deviation in all."""
    market = rng.standard_normal()
    sector = rng.standard_normal(temper.sectors)[temper.sector]
    own = rng.standard_normal(len(temper.sector))
    rest = np.sqrt(1 - MARKET_SHARE**2 - SECTOR_SHARE**2)
    shared = MARKET_SHARE * temper.beta * market + SECTOR_SHARE * sector
    return temper.deviation * (shared + rest * own)

"""Those who take: informed, momentum and noise. And the patient, who wait in the book."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Side
from server.engine.layout import State
from server.market.agents.book import DayBook
from server.market.agents.population import PATIENT, some_of, takers
from server.market.columns import Floats, Ints
from server.market.market_orders import cancel_alls, limit_orders

_NOISE = 0.55  # chances that one acts when an instrument has attention
_MOMENTUM = 0.25
_PATIENT = 0.30
_GIVES_UP = 0.04
_STALE = 0.3  # of the spacing: a quote so far on the wrong side of the value is taken
_QUEUE = 60  # usual sizes: a limit's queue grows no longer by the informed


class Takers:
    """`size` is a usual order in shares, `spacing` the makers', in ticks."""

    def __init__(self, book: DayBook, spacing: Ints, size: Floats, rng: Generator) -> None:
        self._book = book
        self._spacing = spacing
        self._size = size
        self._rng = rng

    def informed(self, state: State, who: Ints, value: Floats) -> Commands:
        """Takes quotes on the wrong side of the value; queues at a limit that is behind it."""
        book = self._book
        best_bid, best_ask = (side[who] for side in book.best(state))
        slack = _STALE * self._spacing[who] * book.tick[who]
        up, down = book.limit_up[who], book.limit_down[who]
        cheap = (best_ask > 0) & (best_ask < value - slack)
        dear = (best_bid > 0) & (best_bid > value + slack)
        buys = cheap | ((value > up) & self._short(state, who, Side.BUY, up))
        sells = dear | ((value < down) & self._short(state, who, Side.SELL, down))
        side = np.where(buys, Side.BUY, Side.SELL)
        far = np.where(buys, value - best_ask, best_bid - value) / (
            self._spacing[who] * book.tick[who]
        )
        eager = np.where(cheap | dear, 1 + np.clip(far, 0, 40), 8)
        tick = book.tick[who]
        limit = (
            np.where(buys, np.floor(value / tick), np.ceil(value / tick)).astype(np.int64) * tick
        )
        price = np.clip(limit, down, up)
        return self._orders(who, side, price, eager, buys | sells)

    def momentum(self, state: State, who: Ints, trend: Floats) -> Commands:
        """Follows the trend (recent return in daily deviations), the surer the stronger it is."""
        strong = np.minimum(np.abs(trend), 1.0)
        acts = self._rng.random(len(who)) < _MOMENTUM * strong
        side = np.where(trend > 0, Side.BUY, Side.SELL)
        return self._at_best(state, who, side, acts)

    def noise(self, state: State, who: Ints) -> Commands:
        acts = self._rng.random(len(who)) < _NOISE
        side = self._rng.integers(0, 2, len(who))
        return self._at_best(state, who, side, acts)

    def patient(self, state: State, who: Ints) -> Commands:
        """Waits at or behind the best price, at times a tick before it."""
        rng, book = self._rng, self._book
        best_bid, best_ask = (side[who] for side in book.best(state))
        side = rng.integers(0, 2, len(who))
        behind = rng.geometric(0.35, len(who)) - 2  # -1 is a better price than the best
        behind = np.where(behind > 0, behind * self._spacing[who], behind)
        own = np.where(side == Side.BUY, best_bid, best_ask)
        away = behind * book.tick[who]
        price = np.where(side == Side.BUY, own - away, own + away)
        crosses = np.where(
            side == Side.BUY, (best_ask > 0) & (price >= best_ask), price <= best_bid
        )
        legal = book.inside(who, price[:, None])[:, 0] & (own > 0) & ~crosses
        acts = np.flatnonzero(legal & (rng.random(len(who)) < _PATIENT))
        size = self._size[who[acts]] * rng.lognormal(0, 0.7, len(acts))
        accounts = some_of(PATIENT, len(acts), rng)
        orders = limit_orders(
            accounts,
            who[acts],
            side[acts],
            price[acts],
            book.whole(who[acts], size),
        )
        return building.concat([self._give_up(who), orders])

    def _give_up(self, who: Ints) -> Commands:
        """One of the patient takes back all it has in an instrument."""
        some = who[self._rng.random(len(who)) < _GIVES_UP]
        return cancel_alls(some_of(PATIENT, len(some), self._rng), some)

    def _short(self, state: State, who: Ints, side: int, price: Ints) -> NDArray[np.bool_]:
        queue = self._book.quantity(state, who, side, price[:, None])[:, 0]
        return queue < _QUEUE * self._size[who]

    def _at_best(self, state: State, who: Ints, side: Ints, acts: NDArray[np.bool_]) -> Commands:
        """Takes from the best opposite price; what it does not fill waits there."""
        best_bid, best_ask = self._book.best(state)
        price = np.where(side == Side.BUY, best_ask[who], best_bid[who])
        return self._orders(who, side, price, np.ones(len(who)), acts & (price > 0))

    def _orders(
        self, who: Ints, side: Ints, price: Ints, eager: Floats, acts: NDArray[np.bool_]
    ) -> Commands:
        chosen = np.flatnonzero(acts)
        who, side = who[chosen], side[chosen]
        size = self._size[who] * eager[chosen] * self._rng.lognormal(-0.3, 0.8, len(chosen))
        accounts = takers(side, self._rng)
        whole = self._book.whole(who, size)
        return limit_orders(accounts, who, side, price[chosen], whole)

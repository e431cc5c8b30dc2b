"""Quotes and depth during a call, as the exchanges publish them."""

from typing import Any, cast

import numpy as np

from server.engine import building
from server.engine.codes import AccountClass, Phase
from server.gateway import market_views
from server.gateway.ports import Market
from server.protocol.market import Level
from tests.engine.world import BUY, MARKET, SELL, World, money


class _Market:
    def is_interpolated(self, instrument: int) -> bool:
        return False


def _quote(world: World) -> Any:
    market = cast("Market", _Market())
    return market_views.quotes(world.engine, market, np.array([0], np.intp))[0]


def test_a_call_is_published_as_the_exchanges_do() -> None:
    """Of 700 bought and 500 sold at 10.05, 200 are left of the buys."""
    world = World(a="10.00")
    world.phase(Phase.OPENING_CALL)
    assert _quote(world).indicative == 0
    assert market_views.depth_of(world.engine, 0).bids == []
    world.do(building.account_open(9, AccountClass.MARKET, 1))
    world.order(MARKET, BUY, "a", 700, "10.05")
    world.order(1, SELL, "a", 500, "10.05")
    quote, depth = _quote(world), market_views.depth_of(world.engine, 0)
    price = money("10.05")
    assert (quote.phase, quote.indicative) == ("opening_call", price)
    assert (quote.unmatched, quote.unmatched_side) == (200, "buy")
    assert (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity) == (price, 500) * 2
    assert depth.bids == [Level(price, 500), Level(0, 200)]
    assert depth.asks == [Level(price, 500)]
    world.do(building.uncross(0))
    world.phase(Phase.CONTINUOUS)
    assert _quote(world).indicative == 0
    assert _quote(world).phase == "continuous"

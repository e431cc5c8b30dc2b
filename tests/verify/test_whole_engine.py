"""The exchange's day through the whole engine, accounts of the market's class on both sides.

The bare book shows that book and auctions are exact; here the same orders come as commands, with
accounts, holdings, limits and phases in the path.
"""

from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from server.cli.verify_day import TRADE, Orders, read_orders, read_trades
from server.engine import bare_book, building, records
from server.engine.codes import AccountClass, Event, OrderType, Phase
from tests.engine.world import World, day_terms
from tests.shared_data import shared_data
from tests.verify.days import Market, made_day, write_day

BUYER, SELLER = 1, 2  # accounts of two people: one person's orders never meet


class Day:
    """An open day, and which engine order carries which number."""

    def __init__(self, orders: Orders) -> None:
        prices = orders.messages["price"][orders.messages["price"] > 0]
        top, bottom = int(prices.max()), int(prices.min())
        self.world = World(share=day_terms("5.00", limit_up=top, limit_down=bottom))
        for account, person in ((BUYER, 7), (SELLER, 8)):
            self.world.do(building.account_open(person, AccountClass.MARKET, account))
        self.ids: dict[int, int] = {}
        self.numbers: dict[int, int] = {}
        self.trades: list[tuple[int, ...]] = []

    def take(self, message: np.void, phase: int) -> None:
        number, kind = int(message["number"]), int(message["kind"])
        account = SELLER if message["side"] else BUYER
        if kind == bare_book.CALL:
            self.world.phase(Phase.OPENING_CALL)
        elif kind == bare_book.UNCROSS:
            self._keep(self.world.do(building.uncross(0)), phase)
            self.world.phase(Phase.CONTINUOUS)
        elif kind == bare_book.CANCEL:
            events = self.world.do(building.cancel(account, self.ids[number]))
            assert events[0]["kind"] == Event.ORDER_CANCELLED
            left = events.view(records.ORDER_EVENT)[0]["remaining"]
            assert left == message["quantity"]
        else:
            side, price, quantity = (int(message[name]) for name in ("side", "price", "quantity"))
            events = self.world.do(
                building.order(account, 0, side, OrderType.LIMIT, price, quantity)
            )
            assert events[0]["kind"] == Event.ORDER_ACCEPTED, self.world.reason()
            self.ids[number] = int(events.view(records.ORDER_EVENT)[0]["order_id"])
            self.numbers[self.ids[number]] = number
            self._keep(events, phase)

    def _keep(self, events: NDArray[np.void], phase: int) -> None:
        for event in events[events["kind"] == Event.TRADE].view(records.TRADE_EVENT):
            buy, sell = (self.numbers[int(event[f"{side}_order_id"])] for side in ("buy", "sell"))
            figures = (int(event[name]) for name in ("side", "price", "quantity"))
            self.trades.append((phase, *figures, buy, sell))


def trades_of(orders: Orders) -> NDArray[np.void]:
    day = Day(orders)
    for message, phase in zip(orders.messages, orders.phases, strict=True):
        day.take(message, int(phase))
    day.world.check()
    return np.array(day.trades, TRADE)


@pytest.mark.needs_data
def test_the_whole_engine_makes_the_exchange_s_trades() -> None:
    folder = shared_data("l2", "SH601825_20230711")
    expected = read_trades(folder).trades
    assert len(expected) == 5_370
    assert np.array_equal(trades_of(read_orders(folder)), expected)


def test_the_whole_engine_makes_a_made_day_s_trades(tmp_path) -> None:
    folder = write_day(tmp_path, made_day(Random(21), Market(middle=1_050)))
    expected = read_trades(folder).trades
    assert len(expected) > 100
    assert np.array_equal(trades_of(read_orders(folder)), expected)

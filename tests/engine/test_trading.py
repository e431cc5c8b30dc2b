"""Orders, matching, T+1, lots, cash (sections 1.2, 1.3, 2.4, 2.5, 6.1)."""

import pytest

from server.engine import building, records
from server.engine.codes import Event, Phase
from server.engine.reasons import Reason
from tests.engine.world import BUY, MARKET, SELL, World, day_terms, money


def test_a_trade_is_at_the_resting_price() -> None:
    world = World(a="10.00")
    trader = world.person(1, 100_000)
    world.order(MARKET, SELL, "a", 500, "10.01")
    world.order(MARKET, SELL, "a", 500, "10.00")
    world.order(trader, BUY, "a", 800, "10.05")
    assert world.kinds() == [
        Event.ORDER_ACCEPTED, Event.TRADE, Event.FILL, Event.TRADE, Event.FILL,
    ]  # fmt: skip
    trades = world.events[world.events["kind"] == Event.TRADE].view(records.TRADE_EVENT)
    assert trades["price"].tolist() == [money("10.00"), money("10.01")]
    assert trades["quantity"].tolist() == [500, 300]
    assert world.cash(trader) == money(100_000) - money("5000.00") - money("3003.00")
    world.check()


def test_the_rest_of_a_limit_order_stays_and_holds_cash() -> None:
    world = World(a="10.00")
    trader = world.person(1, 10_000)
    world.order(MARKET, SELL, "a", 300, "10.00")
    order = world.order(trader, BUY, "a", 900, "10.00")
    assert world.engine.state.accounts[trader]["frozen"] == money("6000.00")
    world.do(building.cancel(trader, order))
    assert world.kinds() == [Event.ORDER_CANCELLED]
    assert world.engine.state.accounts[trader]["frozen"] == 0
    world.check()


def test_best_five_takes_five_levels_and_cancels_the_rest() -> None:
    world = World(a="10.00")
    trader = world.person(1, 100_000)
    for i in range(7):
        world.order(MARKET, SELL, "a", 100, f"10.0{i}")
    world.order(trader, BUY, "a", 700)
    fills = world.events[world.events["kind"] == Event.FILL].view(records.FILL_EVENT)
    assert fills["price"].tolist() == [money(f"10.0{i}") for i in range(5)]
    cancelled = world.events[-1:].view(records.ORDER_EVENT)[0]
    assert (cancelled["kind"], cancelled["remaining"]) == (Event.ORDER_CANCELLED, 200)
    world.check()


def test_bought_today_is_sellable_tomorrow() -> None:
    world = World(a="10.00")
    trader = world.person(1, 10_000)
    world.holding(trader, "a", 500, "10.00")
    assert world.order(trader, SELL, "a", 100, "10.00") is None
    assert world.reason() == (Reason.NOT_SELLABLE, 0)
    world.do(building.day_close())
    world.open_day(20260106, a="10.00")
    assert world.order(trader, SELL, "a", 500, "10.00")
    world.check()


@pytest.mark.parametrize(
    ("quantity", "figure"),
    [(99, None), (100, None), (199, None), (200, None), (299, None), (1, 99), (101, 100),
     (198, 100), (298, 200)],
)  # fmt: skip
def test_the_odd_lot_of_299_is_never_split(quantity: int, figure: int | None) -> None:
    world = World(a=day_terms("10.00", buy_step=1, buy_minimum=1))
    trader = world.person(1, 10_000)
    world.holding(trader, "a", 299, "10.00")
    world.do(building.day_close())
    world.open_day(20260106)
    accepted = world.order(trader, SELL, "a", quantity, "10.00")
    if figure is None:
        assert accepted, world.reason()
    else:
        assert world.reason() == (Reason.ODD_LOT_SPLIT, figure)


@pytest.mark.parametrize(
    ("side", "quantity", "price", "reason", "figure"),
    [
        (BUY, 100, "11.01", Reason.PRICE_ABOVE_LIMIT, money("11.00")),
        (BUY, 100, "8.99", Reason.PRICE_BELOW_LIMIT, money("9.00")),
        (BUY, 100, "10.005", Reason.PRICE_OFF_TICK, money("10.01")),
        (BUY, 150, "10.00", Reason.QUANTITY_OFF_LOT, 100),
        (BUY, 50, "10.00", Reason.QUANTITY_BELOW_MINIMUM, 100),
        (BUY, 0, "10.00", Reason.QUANTITY_NOT_POSITIVE, 100),
        (BUY, 1_000_100, "10.00", Reason.QUANTITY_ABOVE_MAXIMUM, 1_000_000),
        (BUY, 1_100, "10.00", Reason.INSUFFICIENT_CASH, 1_000),
        (SELL, 100, "10.00", Reason.NOT_SELLABLE, 0),
    ],
)  # fmt: skip
def test_a_refusal_says_what_would_pass(side, quantity, price, reason, figure) -> None:
    world = World(a="10.00")
    trader = world.person(1, 10_000)
    before = world.engine.state.header[0]["positions"].copy()
    assert world.order(trader, side, "a", quantity, price) is None
    assert world.reason() == (reason, figure)
    assert world.engine.state.header[0]["positions"] == before
    world.check()


def test_nobody_trades_with_themself() -> None:
    world = World(a="10.00")
    cash = world.person(1, 100_000)
    contract = world.contract(cash, 2, 10_000)
    world.holding(contract, "a", 100, "10.00")
    world.do(building.day_close())
    world.open_day(20260106, a="10.00")
    world.order(contract, SELL, "a", 100, "10.00")
    assert world.order(cash, BUY, "a", 100, "10.00") is None
    assert world.reason() == (Reason.SELF_TRADE, money("10.00"))
    assert world.order(cash, BUY, "a", 100, "9.99")
    world.order(MARKET, SELL, "a", 100, "9.99")  # meets the buy at 9.99, not the sale at 10.00
    world.check()


def test_orders_are_refused_in_pauses_and_cancels_after_0920() -> None:
    world = World(a="10.00")
    trader = world.person(1, 100_000)
    world.phase(Phase.OPENING_CALL)
    order = world.order(trader, BUY, "a", 100, "10.00")
    world.phase(Phase.OPENING_CALL_NO_CANCEL)
    world.do(building.cancel(trader, order))
    assert world.reason()[0] == Reason.CANCEL_NOT_ALLOWED
    world.phase(Phase.LUNCH)
    assert world.order(trader, BUY, "a", 100, "10.00") is None
    assert world.reason()[0] == Reason.PHASE_CLOSED


def test_an_order_id_is_never_reused() -> None:
    world = World(a="10.00")
    trader = world.person(1, 100_000)
    first = world.order(trader, BUY, "a", 100, "9.50")
    world.do(building.cancel(trader, first))
    second = world.order(trader, BUY, "a", 100, "9.50")
    assert first != second
    world.do(building.cancel(trader, first))
    assert world.reason()[0] == Reason.UNKNOWN_ORDER


def test_orders_die_at_the_close_and_free_what_they_held() -> None:
    world = World(a="10.00")
    trader = world.person(1, 100_000)
    world.order(trader, BUY, "a", 100, "9.50")
    world.do(building.day_close())
    assert Event.ORDER_EXPIRED in world.kinds()
    assert world.engine.state.accounts[trader]["frozen"] == 0
    assert world.engine.state.header[0]["live_orders"] == 0


def test_a_day_that_was_never_closed_is_closed_by_the_next() -> None:
    world = World(a="10.00", b="10.00")
    trader = world.person(1, 100_000)
    order = world.order(trader, BUY, "a", 100, "9.50")
    world.do(building.day_open(20260106, 0))
    assert world.kinds() == [Event.ORDER_EXPIRED, Event.DAY_OPENED]
    assert world.engine.state.accounts[trader]["frozen"] == 0
    world.open_day(20260106, a="9.00", b="9.00")
    world.do(building.cancel(trader, order))
    assert world.reason()[0] == Reason.UNKNOWN_ORDER
    world.check()

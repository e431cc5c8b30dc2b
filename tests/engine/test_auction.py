"""The opening call by the SSE rule: the worked examples of section 2.3."""

import pytest

from server.engine import building, records
from server.engine.codes import AccountClass, Event, Phase
from tests.engine.world import BUY, SELL, World, day_terms, money

# (side, price, quantity) in order of arrival.
EXAMPLES = {
    "single best price": (
        "10.00",
        [(BUY, "10.05", 500), (BUY, "10.00", 300), (BUY, "9.98", 800),
         (SELL, "9.95", 400), (SELL, "10.00", 600), (SELL, "10.03", 1000)],
        ("10.00", 800),
    ),
    "only order prices compete": (
        "10.13",
        [(BUY, "10.30", 15000), (BUY, "10.20", 15000), (BUY, "10.10", 20000),
         (BUY, "10.00", 30000), (BUY, "9.90", 50000), (BUY, "9.80", 60000), (BUY, "9.70", 30000),
         (SELL, "10.50", 10000), (SELL, "10.40", 20000), (SELL, "10.30", 30000),
         (SELL, "10.20", 50000), (SELL, "10.10", 20000), (SELL, "10.00", 10000)],
        ("10.10", 30000),
    ),
    "exact balance takes the midpoint, half up": (
        "10.08",
        [(BUY, "10.20", 1000), (SELL, "10.01", 1000)],
        ("10.11", 1000),
    ),
    "the next level bounds the range": (
        "10.00",
        [(BUY, "10.20", 1000), (BUY, "10.15", 1000), (SELL, "10.00", 1000)],
        ("10.20", 1000),
    ),
    "closing example": (
        "14.90",
        [(BUY, "15.50", 2000), (BUY, "15.30", 1000), (SELL, "15.10", 1500), (SELL, "15.20", 1500)],
        ("15.25", 3000),
    ),
    "no crossing, no price": ("10.00", [(BUY, "9.99", 100), (SELL, "10.00", 100)], None),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_worked_example(name: str) -> None:
    reference, orders, expected = EXAMPLES[name]
    world = World(a=day_terms(reference))
    accounts = []
    for i in range(len(orders)):
        accounts.append(1 + i)
        world.do(building.account_open(2_000_000 + i, AccountClass.MARKET, 1 + i))
    world.phase(Phase.OPENING_CALL)
    for account, (side, price, quantity) in zip(accounts, orders, strict=True):
        assert world.order(account, side, "a", quantity, price), world.reason()
    world.do(building.uncross(0))
    auction = world.events[world.events["kind"] == Event.AUCTION].view(records.AUCTION_EVENT)
    if expected is None:
        assert len(world.events) == 0
        return
    assert (auction[0]["price"], auction[0]["quantity"]) == (money(expected[0]), expected[1])
    trades = world.events[world.events["kind"] == Event.TRADE].view(records.TRADE_EVENT)
    assert set(trades["price"].tolist()) == {money(expected[0])}
    assert trades["quantity"].sum() == expected[1]
    world.check()


def test_fills_go_by_price_then_time() -> None:
    """Example 1: B1 500, B2 300, B3 0; S1 400, S2 400 of 600, S3 0."""
    world = World(a=day_terms("10.00"))
    orders = EXAMPLES["single best price"][1]
    for i in range(6):
        world.do(building.account_open(2_000_000 + i, AccountClass.MARKET, 1 + i))
    world.phase(Phase.OPENING_CALL)
    for i, (side, price, quantity) in enumerate(orders):
        world.order(1 + i, side, "a", quantity, price)
    world.do(building.uncross(0))
    trades = world.events[world.events["kind"] == Event.TRADE].view(records.TRADE_EVENT)
    filled = dict.fromkeys(range(1, 7), 0)
    for trade in trades:
        filled[int(trade["buy_account"])] += int(trade["quantity"])
        filled[int(trade["sell_account"])] += int(trade["quantity"])
    assert filled == {1: 500, 2: 300, 3: 0, 4: 400, 5: 400, 6: 0}

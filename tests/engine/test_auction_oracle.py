"""The auctions of all three exchanges against the rule's own text, tried at every tick (2.3).

What is published during the call is what the auction comes to.
"""

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.engine import building, records
from server.engine.calls import indicative
from server.engine.codes import AccountClass, AuctionRule, Event, Phase, Side
from server.engine.terms import RuleTerms
from tests.engine.world import World, day_terms

TICK = 100
REFERENCE = 10 * 10_000


class Bid(NamedTuple):
    side: Side
    price: int  # in ticks from the reference
    quantity: int


def rule_text(bids: list[Bid], rule: AuctionRule, reference: int) -> tuple[int, int] | None:
    """(price in ticks, quantity) word by word; None without a crossing.

    Rule 1: the most trades. Rule 2: who offers better than the price trades completely. Rule 3: at
    the price one side at least trades completely. Then the least that is left untraded; then in
    Shanghai the middle of what remains, in Shenzhen and Beijing the nearest to the reference.
    """

    def total(side: Side, low: int, high: int) -> int:
        return sum(b.quantity for b in bids if b.side == side and low <= b.price <= high)

    end = 10_000
    ticks = {b.price for b in bids}
    if rule == AuctionRule.EVERY_TICK:
        ticks = set(range(min(ticks), max(ticks) + 1))
    valid: dict[int, tuple[int, int]] = {}
    for price in ticks:
        bought, sold = total(Side.BUY, price, end), total(Side.SELL, -end, price)
        volume = min(bought, sold)
        better_buys, better_sells = (
            bought - total(Side.BUY, price, price),
            sold - total(Side.SELL, price, price),
        )
        if volume and better_buys <= volume and better_sells <= volume:
            assert volume in (bought, sold)
            valid[price] = volume, abs(bought - sold)
    if not valid:
        return None
    most = max(volume for volume, _ in valid.values())
    left = min(rest for volume, rest in valid.values() if volume == most)
    remaining = [price for price, figures in valid.items() if figures == (most, left)]
    if rule != AuctionRule.EVERY_TICK:
        middle = (min(remaining) + max(remaining)) / 2
        up = rule == AuctionRule.ORDER_PRICES and middle % 1 >= 0.5
        return int(middle // 1 + up), most
    nearest = min(abs(price - reference) for price in remaining)
    return max(price for price in remaining if abs(price - reference) == nearest), most


def engine_says(
    bids: list[Bid], rule: AuctionRule, reference: int, phase: Phase
) -> tuple[int, int] | None:
    """The same of the engine; `reference` is the last trade in the closing call."""
    opening = phase == Phase.OPENING_CALL
    shown = f"{(REFERENCE + (reference * TICK if opening else 0)) / 10_000:.2f}"
    terms = day_terms(shown)._replace(limit_up=2 * REFERENCE, limit_down=TICK)
    world = World(a=terms)
    world.do(building.day_open(20260106, world.mark_policy))
    world.do(building.instrument_day(0, terms))
    world.do(building.instrument_rules(0, RuleTerms(auction_rule=rule)))
    world.do(building.ladders())
    if not opening:
        world.do(building.price(0, REFERENCE + reference * TICK))
    world.phase(phase)
    for number, bid in enumerate(bids):
        world.do(building.account_open(2_000_000 + number, AccountClass.MARKET, 1 + number))
        price = REFERENCE + bid.price * TICK
        world.do(building.order(1 + number, 0, bid.side, 0, price, bid.quantity))
    price, matched, left = indicative(world.engine.workspace, 0)
    offered = [
        sum(b.quantity for b in bids if b.side == side and sign * b.price >= sign * at)
        for side, sign in ((Side.BUY, 1), (Side.SELL, -1))
        for at in [(price - REFERENCE) // TICK]
    ]
    assert left == (offered[0] - offered[1] if price else 0)
    world.do(building.uncross(0) if opening else building.closing(0))
    found = world.events[world.events["kind"] == Event.AUCTION].view(records.AUCTION_EVENT)
    world.check()
    if not len(found):
        assert (price, matched) == (0, 0)
        return None
    assert (price, matched) == (found[0]["price"], found[0]["quantity"])
    return (int(found[0]["price"]) - REFERENCE) // TICK, int(found[0]["quantity"])


bids = st.lists(
    st.builds(
        Bid,
        st.sampled_from(Side),
        st.integers(-12, 12),
        st.sampled_from([100, 200, 300, 500]),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("rule", AuctionRule)
@given(bids=bids, reference=st.integers(-15, 15), opening=st.booleans())
@settings(max_examples=150)
def test_the_engine_finds_the_price_that_the_rule_names(
    rule: AuctionRule, bids: list[Bid], reference: int, opening: bool
) -> None:
    phase = Phase.OPENING_CALL if opening else Phase.CLOSING_CALL
    assert engine_says(bids, rule, reference, phase) == rule_text(bids, rule, reference)


def test_of_two_prices_as_near_and_as_uneven_the_higher_is_taken() -> None:
    """At -1 a buy of 100 is left, at +1 a sale of 100; nothing in between fills all better ones."""
    bids = [
        Bid(Side.BUY, 1, 200), Bid(Side.BUY, -1, 200),
        Bid(Side.SELL, -1, 300), Bid(Side.SELL, 1, 100),
    ]  # fmt: skip
    found = rule_text(bids, AuctionRule.EVERY_TICK, 0)
    assert engine_says(bids, AuctionRule.EVERY_TICK, 0, Phase.OPENING_CALL) == found

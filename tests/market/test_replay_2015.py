"""A replay of 2015-08-24 has that day's rules for orders (sections 1.6, 2.1, 2.5, 3.1)."""

import pytest

from server.engine import building
from server.engine.codes import Event, OrderType, Phase, Side
from server.engine.reasons import Reason
from server.engine.records import FILL_EVENT, ORDER_EVENT
from server.market.calendar import TradingCalendar
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from server.market.rules import Rules
from server.market.rules.fees import Commission
from tests.market.play import KNOWN, Play, at
from tests.shared_data import shared_data

DAY = 20150824
SYMBOL = "600000.SSE"
RULES = Rules(Commission(all_in=False))
pytestmark = pytest.mark.needs_data


@pytest.fixture(scope="module")
def played() -> Play:
    days = TradingCalendar([20150820, 20150821, DAY, 20150825], RULES, "a test")
    folder = shared_data("daily_2007_2019_sse")
    settings = ReplaySettings(folder, DAY, DAY, symbols=(SYMBOL,), steps_a_day=240, history_days=2)
    return Play(ReplaySource(settings, KNOWN, days, RULES))


def order(
    play: Play, account: int, side: Side, kind: OrderType, price: int, size: int
) -> list[int]:
    """Kinds and reasons of what is told."""
    command = building.order(account, play.engine.instrument(SYMBOL), side, kind, price, size)
    told = play.apply(command, play.engine.time).view(ORDER_EVENT)
    return [int(told[0]["kind"]), int(told[0]["reason"])]


def test_orders_by_the_rules_of_the_day(played: Play) -> None:
    account = played.trader()
    played.until(at(DAY, "09:40"))
    row = played.row(SYMBOL)
    assert (row["limit_up"], row["limit_down"]) == (156_400, 128_000)  # of 14.22
    accepted, refused = int(Event.ORDER_ACCEPTED), int(Event.ORDER_REJECTED)
    for kind in (
        OrderType.OPPOSITE_BEST,
        OrderType.OWN_BEST,
        OrderType.IOC,
        OrderType.FILL_OR_KILL,
    ):
        said = order(played, account, Side.BUY, kind, 0, 100)
        assert said == [refused, Reason.ORDER_TYPE_NOT_ON_BOARD]
    for kind in (OrderType.BEST_FIVE_IOC, OrderType.BEST_FIVE_LIMIT):
        assert order(played, account, Side.BUY, kind, 0, 100) == [accepted, 0]
    # No price cage yet: a buy at limit-up is valid wherever the market is.
    assert order(played, account, Side.BUY, OrderType.LIMIT, 156_400, 100) == [accepted, 0]


def test_trading_goes_on_until_three_o_clock(played: Play) -> None:
    """No closing call in Shanghai before 2018-08-20, and no after-hours trading."""
    played.until(at(DAY, "14:58"))
    assert played.row(SYMBOL)["phase"] == Phase.CONTINUOUS
    account = played.trader()
    said = order(played, account, Side.BUY, OrderType.LIMIT, 128_000, 100)
    assert said == [int(Event.ORDER_ACCEPTED), 0]
    played.to_end()
    assert played.row(SYMBOL)["phase"] == Phase.CLOSED


def test_fees_of_the_day(played: Play) -> None:
    """Stamp duty 0.1 % of sales alone; transfer and regulatory fee 0.002 %, handling 0.00487 %."""
    terms = RULES.fees(played.source.entries[0].rule_key(DAY))
    assert (terms.stamp_buy_ppb, terms.stamp_sell_ppb) == (0, 1_000_000)
    passed_on = terms.handling_ppb, terms.regulatory_ppb
    assert (terms.transfer_ppb, *passed_on) == (20_000, 48_700, 20_000)
    fill = played.of(Event.FILL, FILL_EVENT)[-1]
    amount = int(fill["price"]) * int(fill["quantity"])
    assert int(fill["transfer_fee"]) == (amount * 20_000 // 10**9 + 50) // 100 * 100
    assert int(fill["stamp_duty"]) == 0

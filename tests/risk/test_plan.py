"""The deterministic order of section 4.5, with the numbers on the page."""

from dataclasses import replace

import pytest

from server.engine.codes import OrderType, Phase
from server.risk.lots import LotRule
from server.risk.plan import Obstacle, Plan, plan_liquidation, plan_reduction
from server.risk.portfolio import Holding, Portfolio
from server.risk.sale_fees import FeeRates, fees_at_most

YUAN = 10_000
NO_FEES = FeeRates(0, 0, 0)
DEEP = 10_000_000


def holding(
    instrument: int = 0,
    quantity: int = 10_000,
    price: int = 10 * YUAN,
    *,
    limit_ppm: int = 100_000,
    turnover: int = 0,
    bids: tuple[tuple[int, int], ...] | None = None,
) -> Holding:
    """A main-board holding that anyone will buy at its price, unless the test says otherwise."""
    return Holding(
        instrument=instrument,
        symbol=f"60000{instrument}.SSE",
        balance=quantity,
        frozen=0,
        sellable=quantity,
        mark=price,
        last=price,
        limit_down=price * 9 // 10,
        limit_ppm=limit_ppm,
        limited=True,
        turnover=turnover,
        suspended=False,
        phase=Phase.CONTINUOUS,
        rule=LotRule(step=100, minimum=100),
        largest_limit=1_000_000,
        largest_market=1_000_000,
        fees=NO_FEES,
        bids=((price, DEEP),) if bids is None else bids,
    )


def contract(*holdings: Holding, debt: int, cash: int = 0, line: int = 1_300_000) -> Portfolio:
    """A contract with this debt and cash, in yuan."""
    return Portfolio(
        account=1,
        person=1,
        cash=cash * YUAN,
        free_cash=cash * YUAN,
        assets=cash * YUAN + sum(h.value for h in holdings),
        debt=debt * YUAN,
        owed=debt * YUAN,
        restrict_ppm=line,
        holdings=holdings,
    )


def sold(plan: Plan) -> list[tuple[int, int]]:
    return [(order.instrument, order.quantity) for order in plan.orders]


def test_a_liquidation_sells_everything_by_best_five_orders() -> None:
    plan = plan_liquidation(contract(holding(0, 700), holding(1, 300), debt=8_000))
    assert sold(plan) == [(0, 700), (1, 300)]
    assert {order.order_type for order in plan.orders} == {OrderType.BEST_FIVE_IOC}
    assert plan.repay == 0  # it repays when everything is sold (5.3)


def test_highest_board_limit_times_weight_goes_first() -> None:
    # 10 % x 60,000 = 6,000; 20 % x 40,000 = 8,000; 30 % x 10,000 = 3,000.
    main = holding(0, 6_000)
    star = holding(1, 4_000, limit_ppm=200_000)
    bse = holding(2, 1_000, limit_ppm=300_000)
    plan = plan_liquidation(contract(main, star, bse, debt=90_000))
    assert [order.instrument for order in plan.orders] == [1, 0, 2]
    assert [order.rank for order in plan.orders] == [1, 2, 3]
    assert plan.orders[0].weight_ppm == 363_636  # 40,000 of 110,000
    assert plan.orders[0].reason == "rank 1: board limit 20% x weight 36.4%"


def test_then_the_more_liquid_one_then_the_lower_index() -> None:
    thin, thick, thick_too = (holding(i, 100, turnover=t) for i, t in ((0, 5), (1, 9), (2, 9)))
    plan = plan_liquidation(contract(thick_too, thin, thick, debt=2_500))
    assert [order.instrument for order in plan.orders] == [1, 2, 0]


def test_shares_bought_today_wait_and_the_rest_is_sold() -> None:
    part = replace(holding(0, 1_000), sellable=600)
    whole = replace(holding(1, 500), sellable=0)
    plan = plan_liquidation(contract(part, whole, debt=12_000))
    assert sold(plan) == [(0, 600)]
    assert [(q.instrument, q.quantity, q.obstacle) for q in plan.queued] == [
        (0, 400, Obstacle.T_PLUS_ONE),
        (1, 500, Obstacle.T_PLUS_ONE),
    ]


@pytest.mark.parametrize(
    ("changed", "obstacle"),
    [
        ({"suspended": True}, Obstacle.SUSPENDED),
        ({"bids": (), "last": 9 * YUAN}, Obstacle.LIMIT_DOWN_LOCKED),
        ({"bids": ()}, Obstacle.NO_BID),
        ({"phase": Phase.LUNCH}, Obstacle.PHASE),
    ],
)
def test_what_cannot_be_sold_is_queued(changed: dict[str, object], obstacle: Obstacle) -> None:
    stuck = replace(holding(0, 1_000), **changed)  # type: ignore[arg-type]
    plan = plan_liquidation(contract(stuck, holding(1, 100), debt=10_000))
    assert sold(plan) == [(1, 100)]
    assert [(q.instrument, q.quantity, q.obstacle) for q in plan.queued] == [(0, 1_000, obstacle)]


@pytest.mark.parametrize("phase", [Phase.OPENING_CALL, Phase.CLOSING_CALL])
def test_in_a_call_a_liquidation_asks_limit_down_and_a_reduction_waits(phase: Phase) -> None:
    early = replace(holding(0, 1_000), phase=phase, bids=())
    account = contract(early, debt=8_000)
    (order,) = plan_liquidation(account).orders
    assert (order.order_type, order.price) == (OrderType.LIMIT, 9 * YUAN)
    assert plan_reduction(account).orders == ()
    assert plan_reduction(account).queued[0].obstacle == Obstacle.PHASE


def test_while_halted_a_liquidation_asks_the_lowest_price_of_the_call() -> None:
    """10 % below the last trade, where the ladder goes on below."""
    halted = replace(holding(0, 1_000), phase=Phase.HALTED, limited=False, lowest_sale=95_000)
    (order,) = plan_liquidation(contract(halted, debt=8_000)).orders
    assert (order.order_type, order.price) == (OrderType.LIMIT, 95_000)
    assert plan_reduction(contract(halted, debt=8_000)).queued[0].obstacle == Obstacle.PHASE


def test_without_a_price_limit_the_order_is_a_limit_order_at_the_fifth_bid() -> None:
    bids = tuple((10 * YUAN - 100 * n, 500) for n in range(5))
    fresh = replace(holding(0, 1_000, bids=bids), limited=False)
    (order,) = plan_liquidation(contract(fresh, debt=8_000)).orders
    assert (order.order_type, order.price) == (OrderType.LIMIT, 99_600)


def test_shares_already_in_the_market_are_not_offered_twice() -> None:
    resting = replace(holding(0, 0), frozen=1_000)
    plan = plan_liquidation(contract(resting, debt=8_000))
    assert plan == Plan(0, (), ())


def test_a_large_holding_goes_in_orders_the_exchange_takes() -> None:
    plan = plan_liquidation(contract(holding(0, 2_300_000), debt=20_000_000))
    assert sold(plan) == [(0, 1_000_000), (0, 1_000_000), (0, 300_000)]


# 1:2 with 100,000 of debt at its reduce line: assets 125,000, ratio 125 %, restrict line 130 %.
# (125,000 - x) / (100,000 - x) > 1.3, so x > 5,000 / 0.3 = 16,666.67.
NEED = 166_666_700


def test_a_reduction_sells_just_enough_lots_and_repays_from_cash_first() -> None:
    account = contract(holding(0, 12_000), debt=100_000, cash=5_000)
    plan = plan_reduction(account)
    assert plan.repay == 5_000 * YUAN
    assert sold(plan) == [(0, 1_200)]  # 11,666.67 at 10.00 a share, in lots
    assert 1_100 * 10 * YUAN < NEED - plan.repay <= 1_200 * 10 * YUAN


def test_a_reduction_that_cash_covers_sells_nothing() -> None:
    plan = plan_reduction(contract(holding(0, 10_000), debt=100_000, cash=25_000))
    assert plan == Plan(NEED, (), ())


def test_what_a_sale_loses_below_the_mark_is_sold_as_well() -> None:
    # Bids at 9.90: each share sold costs 0.10 of assets and 0.10 / 0.3 more repayment.
    # n * (9.90 - 0.3333) >= 16,666.67 at n = 1,742.2, so 1,800; at the mark 1,700 would do.
    dear = contract(holding(0, 12_500, bids=((99_000, DEEP),)), debt=100_000)
    fair = contract(holding(0, 12_500), debt=100_000)
    assert sold(plan_reduction(dear)) == [(0, 1_800)]
    assert sold(plan_reduction(fair)) == [(0, 1_700)]


def test_fees_are_deducted_before_the_proceeds_count() -> None:
    rates = FeeRates(rate_ppb=10_000_000, per_share=0, commission_minimum=5 * YUAN)  # 1 %
    costly = replace(holding(0, 12_500), fees=rates)
    assert sold(plan_reduction(contract(costly, debt=100_000))) == [(0, 1_800)]


def test_a_reduction_goes_on_to_the_next_holding_when_the_first_is_not_enough() -> None:
    star = holding(1, 1_000, limit_ppm=200_000)
    main = holding(0, 11_500)
    stuck = replace(main, suspended=True)
    plan = plan_reduction(contract(main, star, debt=100_000))
    assert sold(plan) == [(0, 1_700)]  # 10 % x 115,000 outranks 20 % x 10,000
    plan = plan_reduction(contract(stuck, star, debt=100_000))
    assert sold(plan) == [(1, 1_000)]
    assert plan.queued[0].obstacle == Obstacle.SUSPENDED


def test_the_depth_in_sight_is_what_a_reduction_counts_on() -> None:
    bids = ((10 * YUAN, 1_000), (99_000, 500), (98_000, 300))
    account = contract(holding(0, 12_500, bids=bids), debt=100_000)
    # 1,700 shares: 10,000 + 4,950 + 1,960 = 16,910, 90 below the mark; need 16,667 + 300 = 16,967.
    assert sold(plan_reduction(account)) == [(0, 1_800)]


def test_above_the_line_a_reduction_does_nothing() -> None:
    assert plan_reduction(contract(holding(0, 13_100), debt=100_000)) == Plan(0, (), ())


def test_fees_at_most_covers_the_rule_books_sale() -> None:
    # 3.3: 19,900 at 20.00, net commission 0.015 %: 284.21 in all.
    rates = FeeRates(150_000 + 500_000 + 10_000 + 34_100 + 20_000, 0, 5 * YUAN)
    most = fees_at_most(rates, 19_900, 398_000 * YUAN)
    assert 2_842_100 <= most <= 2_842_100 + 6 * YUAN

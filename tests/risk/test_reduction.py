"""Margin calls and forced reductions (sections 4.5, 5.3): cure in time, or be sold down."""

from datetime import time

import pytest

from server.engine import building
from server.engine.codes import Family, Grade, OrderType, Phase, Side
from server.engine.terms import MoreTerms
from server.risk.calls import deadline_of
from server.risk.statements import check_statement
from server.risk.times import market_time
from tests.risk.stage import (
    FEES,
    MONDAY,
    NO_FEES,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    YUAN,
    Stage,
    next_session,
    product_terms,
)

PRICE = 83_000  # 30,000 shares: 249,000 against 200,000, 124.5 %


def called(clock: time = time(10, 0), *, fees: bool = False) -> tuple[Stage, int]:
    """A 1:2 contract, 30,000 shares from 10.00 over 9.00 to 8.30: called on Wednesday."""
    stage = Stage(FEES if fees else NO_FEES)
    stage.open_day(MONDAY)
    account = stage.contract(2, 100_100 if fees else 100_000)
    stage.buy(account, 0, 30_000, 10 * YUAN)
    stage.close_day()
    stage.open_day(TUESDAY)
    stage.frame(9 * YUAN, 10 * YUAN)
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10])
    stage.at(clock.hour, clock.minute)
    stage.frame(PRICE, 10 * YUAN)
    return stage, account


def deadline(date: int) -> int:
    return market_time(date, time(14, 30))


@pytest.mark.parametrize(
    ("crossed", "session", "expected"),
    [
        ((WEDNESDAY, time(10, 0)), WEDNESDAY, WEDNESDAY),
        ((WEDNESDAY, time(14, 29, 59)), WEDNESDAY, WEDNESDAY),
        ((WEDNESDAY, time(14, 30)), WEDNESDAY, THURSDAY),
        ((WEDNESDAY, time(15, 5)), WEDNESDAY, THURSDAY),
        ((20250111, time(9, 0)), 20250110, 20250113),  # interest on a Saturday
        ((20250113, time(14, 45)), 20250113, 20250114),  # the calendar ends with that session
    ],
)
def test_the_deadline_is_the_cut_off_that_still_lies_ahead(
    crossed: tuple[int, time], session: int, expected: int
) -> None:
    def sessions(date: int) -> int:
        if date >= 20250113:
            raise LookupError
        return next_session(date)

    assert deadline_of(market_time(*crossed), session, sessions) == deadline(expected)


def test_the_call_names_the_deadline_and_both_ways_to_cure() -> None:
    stage, account = called()
    (notice,) = [n for n in stage.notices if n.code == "line_reduce"]
    assert stage.book.calls[account].deadline == deadline(WEDNESDAY)
    assert notice.severity == 3
    assert "2025-01-08 14:30" in notice.title_zh
    assert "124.50%" in notice.body_en
    assert "11,000.01" in notice.body_zh  # 260,000 - 249,000, and a fen to be above the line
    assert "36,666.67" in notice.body_zh  # 11,000 / 0.3


def test_nothing_is_sold_before_the_deadline() -> None:
    stage, _ = called()
    stage.at(14, 29)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.forced_orders() == []
    assert stage.book.runs == {}


def test_at_the_deadline_it_sells_and_repays_down_to_the_restrict_line() -> None:
    stage, account = called()
    stage.at(14, 30)
    stage.frame(PRICE, 10 * YUAN)
    # 36,666.67 at 8.30 a share are 4,418 shares: 4,500 in lots.
    assert stage.forced_orders() == [(account, 0, 4_500)]
    assert stage.debt(account) == 200_000 * YUAN - 366_666_700
    assert stage.cash(account) == 4_500 * PRICE - 366_666_700
    assert stage.ratio(account) == pytest.approx(130.0, abs=0.0001)
    assert stage.grade(account) == Grade.REMIND
    assert stage.codes(account)[-4:] == [
        "reduction_started",
        "reduction_order",
        "reduction_finished",
        "statement_ready",
    ]
    (statement,) = stage.statements
    check_statement(statement)
    assert statement.kind == "reduction"
    assert stage.rejections() == 0


def test_with_fees_it_sells_what_they_take_as_well() -> None:
    stage, account = called(fees=True)
    stage.at(14, 30)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.grade(account) == Grade.REMIND
    assert stage.quantity(account, 0) >= 30_000 - 4_800
    assert stage.ratio(account) < 130.5
    check_statement(stage.statements[0])
    assert stage.book.runs == {}


def test_a_deposit_before_the_deadline_cancels_the_call() -> None:
    stage, account = called()
    stage.at(14, 0)
    stage.run(building.transfer(1, account, 110_000_000))
    assert account in stage.book.calls  # 260,000 / 200,000 is the line itself
    stage.run(building.transfer(1, account, 100))
    assert stage.book.calls == {}
    assert stage.codes(account)[-1] == "call_cured"
    stage.at(14, 30)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.forced_orders() == []


def test_a_sale_alone_does_not_cure_but_its_cash_repays_at_the_deadline() -> None:
    stage, account = called()
    stage.sell(account, 0, 5_000, PRICE)
    assert account in stage.book.calls
    stage.at(14, 30)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.forced_orders() == []
    assert stage.debt(account) == 200_000 * YUAN - 366_666_700
    assert stage.grade(account) == Grade.REMIND


def test_the_clients_own_repayment_cures() -> None:
    stage, account = called()
    stage.sell(account, 0, 5_000, PRICE)
    stage.run(building.repay(account, 366_666_700))
    assert stage.book.calls == {}


def test_a_rise_to_the_restrict_line_is_not_enough_above_it_is() -> None:
    stage, account = called()
    stage.frame(86_600, 10 * YUAN)  # 259,800: 129.9 %
    assert account in stage.book.calls
    stage.frame(86_700, 10 * YUAN)  # 260,100: 130.05 %
    assert stage.book.calls == {}


def test_a_second_crossing_does_not_put_the_deadline_off() -> None:
    stage, account = called()
    stage.at(13, 0)
    stage.frame(86_000, 10 * YUAN)  # 129 %: restricted, the call stands
    stage.at(14, 29)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.codes(account).count("line_reduce") == 2
    assert stage.book.calls[account].deadline == deadline(WEDNESDAY)


def test_crossed_at_the_cut_off_the_call_runs_to_the_next_session_s() -> None:
    stage, account = called(time(14, 30))
    assert stage.book.calls[account].deadline == deadline(THURSDAY)
    stage.at(14, 59)
    stage.frame(PRICE, 10 * YUAN)
    assert stage.forced_orders() == []


def test_a_liquidation_takes_over_from_a_call() -> None:
    stage, account = called()
    stage.at(11, 0)
    stage.frame(81_000, 10 * YUAN)  # 121.5 %
    assert stage.forced_orders() == []
    stage.close_day()
    assert stage.book.runs[account].kind == "reduction"  # the deadline passed without a frame
    stage.references = [81_000, 10 * YUAN]
    stage.open_day(THURSDAY, phase=None)
    stage.at(9, 30)
    stage.run(building.frame_begin(), building.price(0, 79_000), building.frame_end())
    assert stage.codes(account)[-3:] == [
        "reduction_overtaken",
        "liquidation_started",
        "liquidation_queued",
    ]
    assert stage.book.runs[account].kind == "liquidation"
    stage.run(building.phase(-1, Phase.CONTINUOUS), stage.quote(0, bid=79_000))
    assert stage.quantity(account, 0) == 0


def test_a_reduction_that_finds_no_bid_waits_and_goes_on_the_next_day() -> None:
    stage, account = called()
    stage.at(14, 30)
    stage.frame(81_000, 10 * YUAN, bids=[None, 10 * YUAN])  # locked
    assert stage.codes(account)[-2:] == ["reduction_started", "reduction_queued"]
    stage.close_day()
    stage.references = [81_000, 10 * YUAN]
    stage.open_day(THURSDAY, phase=None)
    stage.at(9, 15)
    stage.run(building.phase(-1, Phase.OPENING_CALL))
    assert stage.forced_orders() == []  # reductions sell in continuous trading only
    stage.at(9, 30)
    stage.run(building.phase(-1, Phase.CONTINUOUS))
    stage.frame(82_000, 10 * YUAN)
    # 246,000 and 200,000: x > 14,000 / 0.3 = 46,666.67, 5,692 shares at 8.20.
    assert stage.forced_orders() == [(account, 0, 5_700)]
    assert stage.grade(account) == Grade.REMIND


def test_thin_bids_are_taken_as_they_come_in_the_plans_order() -> None:
    stage, account = called()
    stage.at(14, 30)
    parts = [building.price(0, PRICE), stage.quote(0, bid=PRICE, quantity=2_000)]
    stage.run(*parts)
    assert stage.quantity(account, 0) == 28_000
    assert stage.debt(account) == 200_000 * YUAN - 2_000 * PRICE  # repaid as it comes
    stage.run(building.frame_begin(), building.frame_end())
    assert len(stage.forced_orders()) == 1  # nothing has changed for the share
    stage.run(*parts)
    stage.run(*parts)
    assert stage.grade(account) == Grade.REMIND
    assert stage.quantity(account, 0) == 25_500
    check_statement(stage.statements[0])
    assert len(stage.statements[0].fills) == 3


def test_the_risk_desk_may_order_a_reduction_at_once() -> None:
    stage, account = called()
    stage.sales.reduce_now(account)
    stage.run()
    assert stage.forced_orders() == [(account, 0, 4_500)]
    assert stage.book.calls == {}
    assert stage.grade(account) == Grade.REMIND


def test_a_reduction_is_not_ordered_twice() -> None:
    stage, account = called()
    stage.run(stage.quote(0))
    stage.sales.reduce_now(account)
    stage.run()
    with pytest.raises(ValueError, match="under way"):
        stage.sales.reduce_now(account)
    with pytest.raises(ValueError, match="no open contract"):
        stage.sales.reduce_now(1)


def test_prices_may_cure_before_the_reduction_finds_a_buyer() -> None:
    stage, account = called()
    stage.at(14, 30)
    stage.frame(PRICE, 10 * YUAN, bids=[None, None])
    stage.frame(88_000, 10 * YUAN)  # 132 %
    assert stage.codes(account)[-1] == "reduction_cured"
    assert stage.forced_orders() == []
    assert stage.statements == []


def licensed(clock: time) -> tuple[Stage, int]:
    """20,000 shares on margin beside 100,000: 300,000 of 200,000; called at 8.00 on Tuesday."""
    stage = Stage()
    terms = product_terms(2)._replace(
        remind_ppm=1_500_000,
        restrict_ppm=1_400_000,
        reduce_ppm=1_300_000,
        liquidate_ppm=1_150_000,
        class_cap_ppm=(1_000_000, 0, 0, 0),
    )
    more = MoreTerms(
        Family.LICENSED,
        financing_margin_ppm=500_000,
        class_haircut_ppm=(650_000,) * 4,
        call_restore_ppm=1_500_000,
        call_days=1,
        credit_maximum=10_000_000 * YUAN,
    )
    stage.run(building.product(5, terms), building.product_terms(5, more))
    stage.open_day(MONDAY)
    account = stage.contract(7, 100_000)  # product 5
    buy = (account, 0, Side.BUY, OrderType.LIMIT, 10 * YUAN, 20_000)
    stage.run(stage.quote(0, ask=10 * YUAN), building.order(*buy, financed=1))
    stage.close_day()
    stage.open_day(TUESDAY, references=[8, 10])
    stage.at(clock.hour, clock.minute)
    stage.frame(8 * YUAN, 10 * YUAN)  # 260,000: 130 %
    return stage, account


@pytest.mark.parametrize("clock", [time(10, 0), time(14, 45)])
def test_a_licensed_account_has_until_the_close_of_the_next_session(clock: time) -> None:
    stage, account = licensed(clock)
    assert stage.book.calls[account].deadline == market_time(WEDNESDAY, time(15, 0))
    (notice,) = [n for n in stage.notices if n.code == "line_reduce"]
    assert "2025-01-08 15:00" in notice.title_zh
    assert "150.00%" in notice.body_en
    assert "40,000.01" in notice.body_en  # 300,000 - 260,000, and a fen to be above


def test_its_call_is_cured_above_150_percent_only() -> None:
    stage, account = licensed(time(10, 0))
    stage.frame(95_000, 10 * YUAN)  # 290,000: 145 %, above the restrict line
    assert stage.grade(account) == Grade.REMIND
    assert account in stage.book.calls
    stage.frame(10 * YUAN + 100, 10 * YUAN)
    assert stage.codes(account)[-1] == "call_cured"


def test_not_restored_it_is_sold_down_to_150_percent_in_the_session_after() -> None:
    stage, account = licensed(time(10, 0))
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[8, 10])
    stage.close_day()
    stage.run(building.frame_begin(), building.frame_end())
    assert stage.forced_orders() == []
    stage.open_day(THURSDAY, references=[8, 10])
    stage.frame(8 * YUAN, 10 * YUAN)
    # Its cash repays 80,000.01, what lifts 130 % to 150 %: nothing need be sold.
    assert stage.ratio(account) == pytest.approx(150.0, abs=0.001)
    assert stage.grade(account) == Grade.NORMAL
    assert account not in stage.book.runs
    assert stage.codes(account)[-2:] == ["reduction_finished", "statement_ready"]

"""Look-ahead lines: interest until the next session, by the kernel itself, and who is told."""

from collections.abc import Sequence
from dataclasses import replace

from server.engine import building
from server.engine.codes import Family, Grade, OrderType, Side
from server.engine.engine import Engine
from server.engine.term_codes import Billing
from server.engine.terms import MoreTerms, RuleTerms
from server.risk.batch_context import Rules
from server.risk.calls import CUT_OFF
from server.risk.look_ahead import Change, look_ahead, look_ahead_together
from server.risk.tomorrow import falling
from tests.risk.stage import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    YUAN,
    Commands,
    Stage,
    day_terms,
    interest_alone,
    next_session,
    product_terms,
)

FRIDAY, NEXT_MONDAY = 20250110, 20250113


def contract_at(stage: Stage, price: int) -> int:
    """A 1:2 contract of 100,000, 28,900 shares at 10.00, then marked."""
    account = stage.contract(2, 100_000)
    stage.buy(account, 0, 28_900, 10 * YUAN)
    stage.frame(price, 10 * YUAN)
    return account


def test_a_weekend_of_interest_takes_an_account_below_its_line() -> None:
    stage = Stage(rate_ppm=72_000)  # 40.00 a day on 200,000
    stage.open_day(FRIDAY)
    # 280,059 of 200,040 is 140.001 %; of 200,120 it is 139.95 %
    account = contract_at(stage, 93_100)
    found = look_ahead(stage.engine, interest_alone, account, NEXT_MONDAY)
    assert (found.interest, found.after.debt) == (120 * YUAN, 200_120 * YUAN)
    assert (found.grade_before, found.grade_after) == (Grade.NORMAL, Grade.REMIND)
    assert found.changes == (Change("interest", -1, 0, 120 * YUAN, 0),)
    falls = falling(stage.engine, interest_alone, NEXT_MONDAY)
    assert falls == [replace(found, changes=())]
    stage.close_day()
    assert stage.codes(account)[-1] == "below_a_line_tomorrow"
    told = stage.notices[-1]
    assert "120.00" in told.body_en
    assert "2025-01-13" in told.title_en
    stage.references[0] = 93_100
    stage.open_day(NEXT_MONDAY)
    stage.run(building.accrue(3))
    row = stage.engine.state.accounts[account]
    assert (int(row["debt"]), int(row["grade"])) == (found.after.debt, Grade.REMIND)


def test_one_day_of_it_does_not() -> None:
    stage = Stage(rate_ppm=72_000)
    stage.open_day(MONDAY)
    account = contract_at(stage, 93_100)
    before = stage.engine.state_hash()
    found = look_ahead(stage.engine, interest_alone, account, TUESDAY)
    assert found.grade_after == Grade.NORMAL
    assert falling(stage.engine, interest_alone, TUESDAY) == []
    assert stage.engine.state_hash() == before
    stage.close_day()
    assert "below_a_line_tomorrow" not in stage.codes(account)


def product_of(stage: Stage, more: MoreTerms, rate_ppm: int = 0) -> None:
    """Product 5, of which `stage.contract(7, …)` opens one."""
    terms = product_terms(2, rate_ppm)._replace(class_cap_ppm=(1_000_000, 0, 0, 0))
    stage.run(building.product(5, terms), building.product_terms(5, more))


def test_who_falls_overdue_is_told_the_evening_before() -> None:
    stage = Stage()
    more = MoreTerms(Family.FIXED, term_days=4, overdue_ppm=1_500_000)
    product_of(stage, more, 108_000)
    stage.open_day(THURSDAY)
    account = stage.contract(7, 100_000)
    stage.close_day()
    assert "overdue_tomorrow" not in stage.codes(account)
    stage.run(building.accrue(1))
    stage.open_day(FRIDAY)
    stage.close_day()
    assert stage.codes(account)[-1] == "overdue_tomorrow"
    assert "200,240.00" in stage.notices[-1].body_en  # 60.00 a day for the four days of the term


def test_whose_bill_finds_no_cash_is_told_the_evening_before() -> None:
    stage = Stage()
    more = MoreTerms(Family.FIXED, billing_days=1, billing=Billing.ARREARS)
    product_of(stage, more, 108_000)
    stage.open_day(MONDAY)
    rich, poor = stage.contract(7, 100_000), stage.contract(7, 100_000, cash_account=2)
    stage.buy(poor, 0, 30_000, 10 * YUAN)
    stage.close_day()
    assert stage.codes(poor)[-1] == "overdue_tomorrow"
    assert "overdue_tomorrow" not in stage.codes(rich)


def haircut_of_nothing(engine: Engine, session: int, instruments: Sequence[int]) -> Commands:
    """After it the first share no longer counts as margin; the second is suspended."""
    days = [
        building.instrument_day(0, day_terms(10 * YUAN)),
        building.instrument_rules(0, RuleTerms(collateral_ppm=-1)),
        building.instrument_day(1, day_terms(10 * YUAN)._replace(valuation_ppm=900_000)),
    ]
    kept = [each for each in days if each[0]["instrument"] in instruments]
    return building.concat([interest_alone(engine, session, instruments), *kept])


def licensed(stage: Stage, deposit: int) -> int:
    more = MoreTerms(
        Family.LICENSED,
        financing_margin_ppm=1_000_000,
        class_haircut_ppm=(650_000, 0, 0, 0),
        credit_maximum=1_000_000 * YUAN,
    )
    product_of(stage, more)
    stage.open_day(MONDAY)
    stage.run(building.financing_margin(1_000_000))
    return stage.contract(7, deposit)


def test_a_haircut_that_leaves_margin_short_is_told_the_evening_before() -> None:
    stage = Stage(rules=Rules(next_session, CUT_OFF, haircut_of_nothing))
    account = licensed(stage, 100_000)
    stage.buy(account, 0, 10_000, 10 * YUAN)  # 65,000 of margin, no cash
    stage.run(
        stage.quote(1, ask=10 * YUAN),
        building.order(account, 1, Side.BUY, OrderType.LIMIT, 10 * YUAN, 3_000, financed=1),
        stage.quote(1, bid=10 * YUAN),
    )
    found = look_ahead(stage.engine, haircut_of_nothing, account, TUESDAY)
    assert (found.before.margin, found.after.margin) == (35_000 * YUAN, -33_000 * YUAN)
    assert found.changes == (
        Change("margin_terms", 0, 0, 0, -65_000 * YUAN),
        Change("valuation", 1, -3_000 * YUAN, 0, -3_000 * YUAN),
    )
    stage.close_day()
    assert stage.codes(account)[-1] == "margin_short_tomorrow"
    assert "33,000.00" in stage.notices[-1].body_en


def test_a_suspension_that_reaches_a_line_is_told_with_what_it_takes() -> None:
    stage = Stage(rules=Rules(next_session, CUT_OFF, haircut_of_nothing))
    stage.open_day(MONDAY)
    account = stage.contract(2, 100_000)
    stage.buy(account, 1, 29_900, 10 * YUAN)
    stage.close_day()
    assert stage.codes(account)[-1] == "below_a_line_tomorrow"
    told = stage.notices[-1]
    assert "change the assets by -29,900.00" in told.body_en
    assert "135.05%" in told.body_en


def test_many_are_looked_at_together_as_each_alone() -> None:
    stage = Stage(rate_ppm=72_000)
    stage.open_day(FRIDAY)
    accounts = [stage.contract(2, 1_000, cash_account=1 + i % 2) for i in range(6)]
    for i, account in enumerate(accounts):
        stage.buy(account, i % 2, 200 + 100 * (i // 5), 10 * YUAN)
    stage.frame(8 * YUAN, 9 * YUAN)
    alone = [look_ahead(stage.engine, interest_alone, each, NEXT_MONDAY) for each in accounts]
    together = look_ahead_together(stage.engine, interest_alone, accounts, NEXT_MONDAY)
    assert together == [replace(each, changes=()) for each in alone]

"""Debts past their due day (sections 4.5, 5.4): told of, and repaid by a forced sale in time."""

from datetime import time

from server.engine import building
from server.engine.codes import Family, Grade, OrderType, Side
from server.engine.queries import is_overdue
from server.engine.term_codes import Billing
from server.engine.terms import MoreTerms
from server.risk.statements import check_statement
from server.risk.times import market_time
from tests.risk.stage import MONDAY, THURSDAY, TUESDAY, WEDNESDAY, YUAN, Stage, product_terms

RATE = 108_000
DEADLINE = market_time(WEDNESDAY, time(14, 30))


def stage_with(more: MoreTerms, deposit: int) -> tuple[Stage, int]:
    """A contract of a product with a term, opened on Monday."""
    stage = Stage()
    terms = product_terms(2, RATE)._replace(class_cap_ppm=(1_000_000, 0, 0, 0))
    stage.run(building.product(5, terms), building.product_terms(5, more))
    stage.open_day(MONDAY)
    account = stage.contract(7, deposit)  # product 5
    return stage, account


def next_day(stage: Stage, date: int, *references: int) -> None:
    """Interest accrues before the opening, as the market sources have it."""
    stage.close_day()
    stage.now = market_time(date, time(8, 0))
    stage.run(building.accrue(1))
    stage.open_day(date, references=references)


def overdue_contract(shares: int = 20_000, price: int = 10) -> tuple[Stage, int]:
    """1:2, two days: 20,000 shares at 10.00 and 100,000 in cash, due on Wednesday."""
    more = MoreTerms(Family.FIXED, term_days=2, overdue_ppm=1_500_000)
    stage, account = stage_with(more, 100_000)
    stage.buy(account, 0, shares, 10 * YUAN)
    next_day(stage, TUESDAY, 10, 10)
    next_day(stage, WEDNESDAY, price, 10)
    stage.at(10, 0)
    stage.frame(price * YUAN, 10 * YUAN)
    return stage, account


def test_it_is_told_of_with_amount_and_deadline() -> None:
    stage, account = overdue_contract()
    (notice,) = [each for each in stage.notices if each.code == "overdue"]
    assert "2025-01-08 14:30" in notice.title_zh
    assert "200,120.00" in notice.body_en  # 60.00 a day for two days
    assert stage.book.calls[account].deadline == DEADLINE
    assert stage.grade(account) == Grade.NORMAL
    assert stage.forced_orders() == []


def test_at_the_deadline_cash_repays_and_what_is_missing_is_sold() -> None:
    stage, account = overdue_contract()
    stage.at(14, 30)
    stage.frame(10 * YUAN, 10 * YUAN)
    # 100,120.00 at 10.00 a share are 10,012 shares: 10,100 in lots.
    assert stage.forced_orders() == [(account, 0, 10_100)]
    said = [code for code in stage.codes(account) if code.startswith("collection")]
    assert said == ["collection_started", "collection_order", "collection_finished"]
    assert stage.debt(account) == 0
    assert not is_overdue(stage.engine, account)
    assert stage.cash(account) == (101_000 - 100_120) * YUAN
    assert stage.book.runs == {}
    assert stage.book.calls == {}
    (statement,) = stage.statements
    check_statement(statement)
    assert stage.rejections() == 0


def test_a_repayment_in_time_ends_the_call() -> None:
    stage, account = overdue_contract()
    stage.sell(account, 0, 10_100, 10 * YUAN)
    stage.run(building.repay(account, 200_120 * YUAN))
    assert stage.codes(account)[-1] == "overdue_cured"
    assert stage.book.calls == {}
    stage.at(14, 31)
    stage.frame(10 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == []


def test_a_better_ratio_is_no_cure() -> None:
    stage, account = overdue_contract()
    stage.frame(8 * YUAN, 10 * YUAN)  # 260,000 of 200,120: reached the restrict line
    stage.frame(11 * YUAN, 10 * YUAN)
    assert stage.grade(account) == Grade.NORMAL
    assert stage.book.calls[account].deadline == DEADLINE
    assert "call_cured" not in stage.codes(account)


def test_it_is_told_of_again_until_somebody_acknowledges_it() -> None:
    stage, account = overdue_contract()
    stage.at(11, 30)
    stage.frame(10 * YUAN, 10 * YUAN)
    assert stage.codes(account)[-1] == "overdue_reminder"


def test_a_debt_that_assets_no_longer_cover_becomes_a_shortfall() -> None:
    stage, account = overdue_contract(30_000, price=6)  # 180,000 of 200,120
    assert stage.codes(account)[-3:] == ["liquidation_finished", "shortfall", "statement_ready"]
    assert int(stage.engine.state.contracts[account]["shortfall"]) == 20_120 * YUAN
    assert stage.book.calls == stage.book.runs == {}


def test_an_extension_is_told_as_what_it_is() -> None:
    more = MoreTerms(Family.FIXED, term_days=2, extensions=1, extension_days=30)
    stage, account = stage_with(more, 100_000)
    next_day(stage, TUESDAY, 10, 10)
    stage.run(building.extend(account, 0))
    (notice,) = [each for each in stage.notices if each.code == "contract_extended"]
    assert notice.title_en == "Extended: 31 days left"


def test_a_bill_of_interest_is_sold_for_alone() -> None:
    """All is invested: 120.00 of interest on 200,000 for two days finds no cash."""
    more = MoreTerms(Family.FIXED, billing_days=2, billing=Billing.ARREARS)
    stage, account = stage_with(more, 100_000)
    stage.buy(account, 0, 30_000, 10 * YUAN)
    next_day(stage, TUESDAY, 10, 10)
    next_day(stage, WEDNESDAY, 10, 10)
    (notice,) = [each for each in stage.notices if each.code == "interest_unpaid"]
    assert "120.00 of the interest due" in notice.body_en
    stage.at(14, 30)
    stage.frame(10 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == [(account, 0, 100)]
    assert stage.debt(account) == 200_000 * YUAN
    assert stage.cash(account) == 880 * YUAN
    assert not is_overdue(stage.engine, account)
    assert stage.book.runs == {}
    assert stage.rejections() == 0


def test_shares_of_overdue_loans_go_first() -> None:
    """Though the other holding weighs more."""
    more = MoreTerms(
        Family.LICENSED,
        financing_margin_ppm=500_000,
        class_haircut_ppm=(700_000,) * 4,
        term_days=2,
        overdue_ppm=1_500_000,
        credit_maximum=10_000_000 * YUAN,
    )
    stage, account = stage_with(more, 100_000)
    finance(stage, account, 0, 3_000)
    next_day(stage, TUESDAY, 10, 10)
    finance(stage, account, 1, 6_000)
    stage.buy(account, 1, 9_500, 10 * YUAN)
    next_day(stage, WEDNESDAY, 10, 10)
    stage.at(10, 0)
    stage.frame(10 * YUAN, 10 * YUAN)
    assert [each.code for each in stage.notices].count("overdue") == 1
    stage.at(14, 30)
    stage.frame(10 * YUAN, 10 * YUAN)
    # 30,018.00 less 5,000.00 of cash: 2,502 shares of the loan's own.
    assert stage.forced_orders() == [(account, 0, 2_600)]
    assert not is_overdue(stage.engine, account)
    assert stage.debt(account) > 59_000 * YUAN
    assert stage.rejections() == 0
    next_day(stage, THURSDAY, 10, 10)  # the other loan's day
    assert stage.codes(account).count("overdue") == 2


def finance(stage: Stage, account: int, share: int, quantity: int) -> None:
    """A buy on margin at 10.00."""
    buy = (account, share, Side.BUY, OrderType.LIMIT, 10 * YUAN, quantity)
    stage.run(stage.quote(share, ask=10 * YUAN), building.order(*buy, financed=1))
    stage.run(stage.quote(share, bid=10 * YUAN))

"""Look-ahead lines: interest until the next session, by the kernel itself, and who is told."""

from server.engine import building
from server.engine.codes import Grade
from server.risk.tomorrow import falling, tomorrow_of
from tests.risk.stage import MONDAY, TUESDAY, YUAN, Stage

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
    found = tomorrow_of(stage.engine, account, NEXT_MONDAY)
    assert (found.days, found.interest, found.debt) == (3, 120 * YUAN, 200_120 * YUAN)
    assert (found.before, found.after) == (Grade.NORMAL, Grade.REMIND)
    assert falling(stage.engine, NEXT_MONDAY) == [found]
    stage.close_day()
    assert stage.codes(account)[-1] == "below_a_line_tomorrow"
    told = stage.notices[-1]
    assert "120.00" in told.body_en
    assert "2025-01-13" in told.title_en
    stage.references[0] = 93_100
    stage.open_day(NEXT_MONDAY)
    stage.run(building.accrue(3))
    row = stage.engine.state.accounts[account]
    assert (int(row["debt"]), int(row["grade"])) == (found.debt, Grade.REMIND)


def test_one_day_of_it_does_not() -> None:
    stage = Stage(rate_ppm=72_000)
    stage.open_day(MONDAY)
    account = contract_at(stage, 93_100)
    before = stage.engine.state_hash()
    assert tomorrow_of(stage.engine, account, TUESDAY).after == Grade.NORMAL
    assert falling(stage.engine, TUESDAY) == []
    assert stage.engine.state_hash() == before
    stage.close_day()
    assert "below_a_line_tomorrow" not in stage.codes(account)

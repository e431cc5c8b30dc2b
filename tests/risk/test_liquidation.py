"""Forced liquidation from the first warning to the statement (sections 4.5, 5.2, 5.3)."""

from collections.abc import Callable

import pytest

from server.engine import building
from server.engine.codes import AccountStatus, Event, Grade, OrderType, Phase, Side
from server.engine.terms import FeeTerms
from server.risk.statements import check_statement
from tests.risk.stage import FEES, MONDAY, THURSDAY, TUESDAY, WEDNESDAY, YUAN, Stage

LINE_CODES = ["line_remind", "line_restrict", "line_reduce", "line_liquidate"]


@pytest.fixture
def invested() -> Callable[..., tuple[Stage, int]]:
    """A fully invested 1:N contract of 100,000 yuan: the shares are at 10.00 and sellable."""

    def build(leverage: int, *, spare: int = 0, **options: object) -> tuple[Stage, int]:
        stage = Stage(**options)  # type: ignore[arg-type]
        stage.open_day(MONDAY)
        account = stage.contract(leverage, 100_000)
        stage.buy(account, 0, (leverage + 1) * 10_000 - spare, 10 * YUAN)
        stage.close_day()
        stage.open_day(TUESDAY)
        return stage, account

    return build


@pytest.mark.parametrize(
    ("leverage", "ratios"),
    [(2, [150.0, 135.0, 121.5, 109.35]), (3, [133.3333, 120.0, 108.0]), (4, [125.0, 112.5])],
)
def test_successive_limit_downs_give_the_ratios_of_5_2(leverage: int, ratios: list[float]) -> None:
    stage = Stage(instruments=1, acting=False)
    stage.open_day(MONDAY)
    account = stage.contract(leverage, 100_000)
    stage.buy(account, 0, (leverage + 1) * 10_000, 10 * YUAN)
    seen = [stage.ratio(account)]
    price = 10 * YUAN
    for date in (TUESDAY, WEDNESDAY, THURSDAY)[: len(ratios) - 1]:
        stage.close_day()
        stage.references = [price]
        stage.open_day(date)
        price = price * 9 // 10
        stage.frame(price)
        seen.append(stage.ratio(account))
    assert seen == pytest.approx(ratios, abs=0.0001)


def test_one_limit_down_takes_1_to_4_from_normal_past_every_line(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    # 125.0 % x 0.9 = 112.5 %, below 121, 118, 115.5 and 113 at once.
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN)
    codes = stage.codes(account)
    assert [code for code in codes if code.startswith("line_")] == LINE_CODES
    assert codes.count("liquidation_started") == 1
    assert "reduction_started" not in codes
    assert stage.forced_orders() == [(account, 0, 50_000)]


def test_everything_is_sold_repaid_and_returned(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    # 50,000 shares at 9.00 bring 450,000; 400,000 go to the lender, 50,000 back to the person.
    stage, account = invested(4)
    before = stage.cash(1)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.quantity(account, 0) == 0
    assert stage.cash(1) - before == 50_000 * YUAN
    assert stage.cash(account) == stage.debt(account) == 0
    assert stage.engine.state.accounts[account]["status"] == AccountStatus.SETTLED
    assert stage.codes(account)[-2:] == ["liquidation_finished", "statement_ready"]
    assert stage.book.runs == {}
    assert stage.rejections() == 0


def test_shares_bought_today_wait_for_the_next_session() -> None:
    # Bought at 10.00, closed at 9.00 on the same day: 125 % becomes 112.5 % and nothing can go.
    stage = Stage()
    stage.open_day(MONDAY)
    account = stage.contract(4, 100_000)
    stage.buy(account, 0, 50_000, 10 * YUAN)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == []
    assert stage.codes(account)[-1] == "liquidation_queued"
    assert "次一交易日方可卖出" in stage.notices[-1].body_zh
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.codes(account).count("liquidation_queued") == 1  # told once a day

    stage.close_day()
    stage.open_day(TUESDAY, references=[9, 10])
    assert stage.forced_orders() == []  # no bid yet
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == [(account, 0, 50_000)]
    assert stage.quantity(account, 0) == 0


def test_a_suspended_share_waits_until_it_trades_again() -> None:
    # 30,000 shares fall to 8.10 in two days, 20,000 are suspended at 10.00: 443,000, 110.75 %.
    stage = Stage()
    stage.open_day(MONDAY)
    account = stage.contract(4, 100_000)
    stage.buy(account, 0, 30_000, 10 * YUAN)
    stage.buy(account, 1, 20_000, 10 * YUAN)
    stage.close_day()
    stage.open_day(TUESDAY, suspended=[1])
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.grade(account) == Grade.RESTRICT
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10], suspended=[1])
    stage.frame(81_000, 10 * YUAN)
    assert stage.forced_orders() == [(account, 0, 30_000)]
    (queued,) = [n for n in stage.notices if n.code == "liquidation_queued"]
    assert "600001.SSE 20,000 股停牌" in queued.body_zh
    assert stage.quantity(account, 1) == 20_000
    assert account in stage.book.runs

    stage.close_day()
    stage.open_day(THURSDAY)
    stage.frame(81_000, 10 * YUAN)
    assert stage.quantity(account, 1) == 0
    assert stage.engine.state.accounts[account]["status"] == AccountStatus.SETTLED


def test_a_share_locked_at_limit_down_is_tried_when_a_bid_appears(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    assert stage.forced_orders() == []
    assert "封于跌停" in stage.notices[-1].body_zh
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    assert stage.forced_orders() == []
    stage.run(stage.quote(0, bid=9 * YUAN, quantity=20_000))
    assert stage.forced_orders() == [(account, 0, 50_000)]
    assert stage.quantity(account, 0) == 30_000  # the rest of a best-five order is cancelled
    stage.run(stage.quote(0, bid=9 * YUAN, quantity=30_000))
    assert stage.forced_orders()[1:] == [(account, 0, 30_000)]
    assert stage.quantity(account, 0) == 0


def test_what_is_locked_is_queued_at_limit_down_in_the_next_opening_call(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10], phase=None)
    stage.at(9, 15)
    stage.run(building.phase(-1, Phase.OPENING_CALL))
    assert stage.forced_orders() == [(account, 0, 50_000)]
    assert "限价 8.10 元" in stage.notices[-1].body_zh
    stage.run(stage.quote(0, bid=85_000, quantity=50_000))
    stage.at(9, 25)
    stage.run(building.uncross(0), building.phase(-1, Phase.PAUSE))
    assert stage.quantity(account, 0) == 0
    stage.at(9, 30)
    stage.run(building.phase(-1, Phase.CONTINUOUS))
    # Sold at one price, that of the auction: 8.10 and 8.50 tie, their midpoint is 8.30.
    assert stage.statements[-1].account == account
    assert {line.key: line.amount for line in stage.statements[-1].lines}["closing_debt"] == 0


def test_a_resting_call_order_keeps_its_place_and_is_not_sent_twice(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10], phase=None)
    stage.at(9, 15)
    stage.run(building.phase(-1, Phase.OPENING_CALL))
    stage.at(9, 30)
    stage.run(building.phase(-1, Phase.CONTINUOUS))
    stage.frame(81_000, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.frame(81_000, 10 * YUAN, bids=[None, 10 * YUAN])
    assert stage.forced_orders() == [(account, 0, 50_000)]
    stage.run(stage.quote(0, bid=81_000))
    assert stage.quantity(account, 0) == 0


def test_a_shortfall_is_a_debt_that_blocks_the_persons_other_withdrawals(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    # 1:4 locked for two days: 50,000 shares at 7.50 bring 375,000 against 400,000 of debt.
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10])
    stage.frame(81_000, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.close_day()
    stage.references = [81_000, 10 * YUAN]
    stage.open_day(THURSDAY)
    stage.frame(75_000, 10 * YUAN)
    assert stage.quantity(account, 0) == 0
    assert stage.engine.state.contracts[account]["shortfall"] == 25_000 * YUAN
    assert "25,000.00" in next(n for n in stage.notices if n.code == "shortfall").title_zh

    (batch,) = stage.run(building.withdraw(1, YUAN))
    assert Event.COMMAND_REJECTED in batch.events["kind"]
    (batch,) = stage.run(building.withdraw(2, YUAN))
    assert Event.COMMAND_REJECTED not in batch.events["kind"]
    stage.transfer(1, account, 25_000)
    (batch,) = stage.run(building.withdraw(1, YUAN))
    assert Event.COMMAND_REJECTED not in batch.events["kind"]


def test_open_orders_are_cancelled_before_anything_is_sold(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.sell(account, 0, 20_000, 108_000)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == [(account, 0, 50_000)]


def test_the_clients_own_order_during_a_liquidation_does_not_keep_shares_from_it(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.sell(account, 0, 50_000, 108_000)
    stage.run(stage.quote(0, bid=9 * YUAN))
    assert stage.quantity(account, 0) == 0


def test_the_persons_own_bid_elsewhere_gives_way(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.run(stage.quote(0))
    stage.run(building.order(1, 0, Side.BUY, OrderType.LIMIT, 95_000, 1_000))
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.quantity(account, 0) == 0
    assert stage.quantity(1, 0) == 0
    assert stage.engine.state.accounts[1]["frozen"] == 0
    assert stage.rejections() == 0


def test_a_deposit_while_the_rest_waits_ends_the_liquidation(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    # Locked at 9.00: 450,000 against 400,000. Above 118 % needs 22,000 and a fen.
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.transfer(1, account, 22_000)
    assert account in stage.book.runs
    stage.run(building.transfer(1, account, 100))
    assert stage.book.runs == {}
    assert stage.codes(account)[-2:] == ["liquidation_cured", "statement_ready"]
    stage.run(stage.quote(0, bid=9 * YUAN))
    assert stage.forced_orders() == []


def test_a_cure_takes_back_what_rests_in_the_opening_call(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.frame(9 * YUAN, 10 * YUAN, bids=[None, 10 * YUAN])
    stage.close_day()
    stage.open_day(WEDNESDAY, references=[9, 10], phase=None)
    stage.at(9, 15)
    stage.run(building.phase(-1, Phase.OPENING_CALL))
    stage.transfer(1, account, 30_000)
    stage.run(stage.quote(0, bid=9 * YUAN))
    stage.at(9, 25)
    stage.run(building.uncross(0))
    assert stage.quantity(account, 0) == 50_000


def test_a_held_account_is_left_alone_until_it_is_released_or_the_time_is_up(
    invested: Callable[..., tuple[Stage, int]],
) -> None:
    stage, account = invested(4)
    stage.at(9, 40)
    stage.sales.hold(account, stage.now + 20 * 60 * 1_000_000)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.codes(account)[-1] == "line_liquidate"
    stage.at(9, 59)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == []
    stage.at(10, 0)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.forced_orders() == [(account, 0, 50_000)]


def test_a_released_account_is_sold_at_once(invested: Callable[..., tuple[Stage, int]]) -> None:
    stage, account = invested(4)
    stage.sales.hold(account, stage.now + 10**12)
    stage.frame(9 * YUAN, 10 * YUAN)
    stage.sales.release(account)
    stage.run()
    assert stage.quantity(account, 0) == 0


def test_interest_alone_can_cross_the_line() -> None:
    # 1:3 at 120 % of 300,000: interest of 36 % a year is 300 yuan a day; 52 days take it to 114 %.
    stage = Stage(rate_ppm=360_000)
    stage.open_day(MONDAY)
    account = stage.contract(3, 100_000)
    stage.buy(account, 0, 40_000, 10 * YUAN)
    stage.close_day()
    stage.open_day(TUESDAY)
    stage.frame(9 * YUAN, 10 * YUAN)
    assert stage.ratio(account) == 120.0
    stage.run(building.accrue(52))
    assert stage.debt(account) == 315_600 * YUAN
    assert stage.ratio(account) == pytest.approx(114.0684, abs=1e-4)
    assert "liquidation_started" not in stage.codes(account)
    stage.run(building.accrue(1))
    assert stage.ratio(account) < 114.0
    assert stage.codes(account)[-1] == "statement_ready"


@pytest.mark.parametrize(
    "fees", [FEES, FeeTerms(0, 150_000, 5 * YUAN, 0, 500_000, 10_000, 0, 34_100, 20_000)]
)
def test_the_statement_adds_up_and_names_every_fill(
    invested: Callable[..., tuple[Stage, int]], fees: FeeTerms
) -> None:
    stage, account = invested(4, fees=fees, spare=100)
    held = stage.quantity(account, 0)
    stage.run(building.accrue(3))
    stage.run(stage.quote(0, bid=9 * YUAN, quantity=15_000))
    stage.run(building.price(0, 9 * YUAN))
    stage.run(stage.quote(0, bid=9 * YUAN))
    (statement,) = stage.statements
    check_statement(statement)
    amounts = {line.key: line.amount for line in statement.lines}
    assert len(statement.fills) == 2
    assert amounts["total_sales"] == held * 9 * YUAN
    assert amounts["total_fees"] < 0
    assert amounts["closing_cash"] == amounts["closing_debt"] == 0
    assert (statement.kind, statement.account, statement.date) == ("liquidation", account, TUESDAY)
    assert "不构成要约" in statement.title_zh
    assert "not an offer" in statement.title_en
    assert statement.first_seq < statement.last_seq == stage.batches[-1].last_seq
    assert statement.digest == "01" * 32

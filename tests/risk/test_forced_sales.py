"""Whatever the market does: forced sales end, add up, and are never refused."""

from random import Random

import numpy as np
import pytest

from server.engine import building, records
from server.engine.codes import AccountClass, Command, Event, Grade, OrderType, Origin, Phase, Side
from server.engine.reasons import Reason
from server.risk.plan import plan_liquidation
from server.risk.reading import read_portfolio
from server.risk.statements import check_statement
from tests.risk.stage import FEES, SESSIONS, YUAN, Stage

SHARES = 3
CALL_PHASES = (
    (9, 15, Phase.OPENING_CALL),
    (9, 20, Phase.OPENING_CALL_NO_CANCEL),
    (9, 25, Phase.PAUSE),
)


class Week:
    """A week of random prices, thin bids, locks, suspensions, and clients who interfere."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.stage = Stage(FEES, SHARES, rate_ppm=360_000)
        self.stage.limits = [100_000, 100_000, 200_000]
        self.accounts: list[int] = []
        self._minute_began = 0

    def run(self) -> Stage:
        stage = self.stage
        for day, date in enumerate(SESSIONS[:5]):
            suspended = [2] if day and self.random.random() < 0.2 else []
            stage.open_day(date, suspended=suspended, phase=None)
            self._opening_call()
            if day == 0:
                self._invest()
            for minute in range(12):
                stage.at(10 + minute // 3, minute * 5)
                self._minute()
            for minute in (0, 29, 30, 45):
                stage.at(14, minute)
                self._minute()
            stage.close_day()
            stage.references = [int(s["last"]) for s in stage.engine.state.instruments[:SHARES]]
            stage.run(building.accrue(1))
        return stage

    def _opening_call(self) -> None:
        stage = self.stage
        for hour, minute, phase in CALL_PHASES:
            stage.at(hour, minute)
            if phase == Phase.PAUSE:
                stage.run(*[building.uncross(i) for i in range(SHARES)])
            stage.run(building.phase(-1, phase))
            stage.run(*[self._bid(i, stage.references[i]) for i in range(SHARES)])
        stage.at(9, 30)
        stage.run(building.phase(-1, Phase.CONTINUOUS))

    def _invest(self) -> None:
        for number in range(12):
            source = 1 + number % 2
            account = self.stage.contract(2 + number % 3, 100_000, source)
            self.accounts.append(account)
            for share in range(SHARES):
                lots = self.random.randrange(1, 9)
                self.stage.buy(account, share, lots * 1_000, self.stage.references[share])

    def _bid(self, share: int, price: int) -> building.Commands:
        """Thin at times, and none at the limit."""
        day = self.stage.engine.state.instruments[share]
        locked = price <= day["limit_down"] and self.random.random() < 0.7
        quantity = self.random.choice((300, 2_000, 50_000))
        return self.stage.quote(share, 0 if locked else price, quantity)

    def _minute(self) -> None:
        stage = self.stage
        self._minute_began = len(stage.batches)
        parts = [building.frame_begin()]
        for share in range(SHARES):
            day = stage.engine.state.instruments[share]
            move = self.random.uniform(-0.05, 0.035)
            price = round(int(day["last"]) * (1 + move) / 100) * 100
            price = min(max(price, int(day["limit_down"])), int(day["limit_up"]))
            parts += [building.price(share, price), self._bid(share, price)]
        stage.run(*parts, building.frame_end())
        if self.random.random() < 0.3:
            self._interfere()
        self._check_that_all_was_tried()

    def _check_that_all_was_tried(self) -> None:
        """What has a bid and may be sold was offered in this very minute."""
        stage = self.stage
        offered = {
            (account, share) for account, share, _ in stage.forced_orders(self._minute_began)
        }
        for account, run in stage.book.runs.items():
            if run.kind == "liquidation":
                plan = plan_liquidation(read_portfolio(stage.engine, account))
                assert {(account, order.instrument) for order in plan.orders} <= offered

    def _interfere(self) -> None:
        """A client sells high, bids in another account, deposits, or cancels."""
        stage, account = self.stage, self.random.choice(self.accounts)
        person = int(stage.engine.state.accounts[account]["person"])
        share = self.random.randrange(SHARES)
        day = stage.engine.state.instruments[share]
        kind = OrderType.LIMIT
        stage.run(
            self.random.choice(
                (
                    building.order(account, share, Side.SELL, kind, int(day["limit_up"]), 500),
                    building.order(person, share, Side.BUY, kind, int(day["last"]), 500),
                    building.transfer(person, account, 20_000 * YUAN),
                    building.cancel_all(account),
                )
            )
        )


@pytest.fixture(scope="module", params=range(12))
def week(request: pytest.FixtureRequest) -> Stage:
    return Week(request.param).run()


def test_every_statement_adds_up(week: Stage) -> None:
    assert week.statements
    for statement in week.statements:
        check_statement(statement)


def test_no_forced_command_is_ever_refused(week: Stage) -> None:
    """But a cancel of the person's own bid, when another forced sale has just met that bid."""
    refusals = (Event.ORDER_REJECTED, Event.COMMAND_REJECTED, Event.CANCEL_REJECTED)
    for batch in week.batches:
        events = batch.events.view(records.ORDER_EVENT)
        for event in events[np.isin(events["kind"], refusals)]:
            command = batch.commands[int(event["seq"]) - batch.first_seq]
            if command["origin"] >= Origin.FORCED_REDUCE:
                assert command["kind"] == Command.CANCEL
                assert event["reason"] == Reason.UNKNOWN_ORDER


def test_liquidations_and_reductions_both_came_to_an_end(week: Stage) -> None:
    codes = {notice.code for notice in week.notices}
    assert codes & {"liquidation_finished", "reduction_finished"}
    assert max(run.steps for run in week.book.runs.values()) < 500 if week.book.runs else True


def test_a_run_is_under_way_for_exactly_those_who_need_one(week: Stage) -> None:
    rows = week.engine.state.accounts[: int(week.engine.state.header[0]["accounts"])]
    contracts = (rows["klass"] == AccountClass.CONTRACT) & (rows["status"] == 0)
    liquidated = set(np.flatnonzero(contracts & (rows["grade"] == Grade.LIQUIDATE)).tolist())
    running = {a for a, run in week.book.runs.items() if run.kind == "liquidation"}
    assert liquidated <= running
    assert all(week.grade(account) >= Grade.RESTRICT for account in running)


def test_cash_and_shares_still_sum_to_zero(week: Stage) -> None:
    state = week.engine.state
    count = int(state.header[0]["accounts"])
    assert int(state.accounts["cash"][:count].sum()) + int(state.header[0]["ledger"].sum()) == 0
    for share in range(SHARES):
        held = [week.quantity(account, share) for account in range(count)]
        assert sum(held) == 0

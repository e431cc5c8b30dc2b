"""What an account's copy does is what the engine then does: in random histories, and by hand."""

from random import Random

import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.checks import LUNCH_QUEUE
from server.engine.codes import AccountClass, Command, Event, Grade, OrderType, Phase, Side
from server.engine.copying import BY_ROWS, SHARED, AccountCopy
from server.engine.engine import Engine
from server.engine.layout import State
from server.engine.reasons import Reason
from server.engine.supposing import Rest, SupposedOrder, suppose
from server.engine.terms import FeeTerms, RuleTerms
from tests.engine.twin.histories import history
from tests.engine.world import BUY, MARKET, SELL, World, money

LENGTH = 600
FIGURES = ("cash", "value", "debt", "frozen", "grade", "status")
# What others' orders are called differs, and whose they are; how a fill is cut into others' too.
OURS = (Event.ORDER_ACCEPTED, Event.ORDER_REJECTED, Event.ORDER_CANCELLED, Event.COMMAND_REJECTED)


def _of(events: NDArray[np.void], account: int) -> list[tuple[int, ...]]:
    chosen = events[(events["account"] == account) & np.isin(events["kind"], OURS)]
    names = ("kind", "price", "quantity", "remaining", "figure", "reason")
    return [tuple(int(e[name]) for name in names) for e in chosen.view(records.ORDER_EVENT)]


def _fees(events: NDArray[np.void], account: int) -> list[int]:
    fills = events[(events["account"] == account) & (events["kind"] == Event.FILL)]
    names = ("commission", "stamp_duty", "transfer_fee", "handling_fee", "regulatory_fee")
    return [int(fills.view(records.FILL_EVENT)[name].sum()) for name in names]


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_does_what_the_engine_then_does(seed: int) -> None:
    random = Random(seed)
    engine = Engine()
    compared = 0
    for command in history(random, LENGTH).commands:
        account = int(command["account"][0])
        mine = int(command["kind"][0]) in (Command.ORDER, Command.DEPOSIT, Command.REPAY)
        known = 0 <= account < int(engine.state.header[0]["accounts"])
        if not (mine and known and engine.state.accounts[account]["klass"] != AccountClass.MARKET):
            engine.apply(command)
            continue
        instrument = int(command["instrument"][0])
        orders: list[tuple[int, int, int]] = []
        if command["kind"][0] == Command.ORDER and 0 <= instrument < int(
            engine.state.header[0]["instruments"]
        ):
            quantity = int(command.view(records.ORDER)[0]["quantity"])
            orders = [(instrument, int(command["side"][0]), min(quantity, 10**12))]
        before = engine.state_hash()
        copy = AccountCopy(engine, account, orders)
        seen = copy.apply(command, time=int(command["time"][0]))
        assert engine.state_hash() == before
        events = engine.apply(command)
        assert _of(seen, account) == _of(events, account)
        assert _fees(seen, account) == _fees(events, account)
        for figure in FIGURES:
            if figure == "grade" and engine.state.header[0]["in_frame"]:
                continue  # a frame is graded when it is over, a copy at once
            assert copy.state.accounts[account][figure] == engine.state.accounts[account][figure]
        compared += 1
    assert compared > LENGTH // 20


def test_every_table_is_copied_by_rows_or_whole_or_shared() -> None:
    """A table added to the engine is copied whole; if it grows with the accounts, say so here."""
    assert set(State._fields) - BY_ROWS - SHARED == {"header", "limits", "fees"}


def test_nothing_supposed_changes_what_a_copy_shares() -> None:
    world, contract = _invested()
    before = [getattr(world.engine.state, name).tobytes() for name in sorted(SHARED)]
    order = SupposedOrder(1, Side.BUY, OrderType.LIMIT, 100_000, 100)
    suppose(world.engine, contract, [order], deposit=10_000, prices={0: 90_000})
    assert before == [getattr(world.engine.state, name).tobytes() for name in sorted(SHARED)]


def _invested() -> tuple[World, int]:
    world = World(a="10.00", b="10.00")
    cash = world.person(1, 100_000)
    contract = world.contract(cash, 2, 40_000)
    world.holding(contract, "a", 9_000, "10.00")
    world.open_day(20250107, a="10.00", b="10.00")  # what was bought may be sold
    return world, contract


def test_a_price_move_tells_every_line_and_sells_nothing_here() -> None:
    world, contract = _invested()
    seen = suppose(world.engine, contract, prices={0: money("8.20")})  # 120,000 - 16,200
    assert seen.after.assets == 103_800 * 10_000
    assert (seen.after.ratio_ppm, seen.after.grade) == (1_297_500, Grade.RESTRICT)
    assert seen.crossed == [Grade.REMIND, Grade.RESTRICT]
    assert seen.before.grade == Grade.NORMAL
    assert world.engine.state.instruments[0]["mark"] == money("10.00")


def test_a_deposit_comes_before_the_move() -> None:
    world, contract = _invested()
    seen = suppose(world.engine, contract, deposit=10_000 * 10_000, prices={0: money("8.20")})
    assert (seen.after.ratio_ppm, seen.after.grade) == (1_422_500, Grade.NORMAL)
    assert seen.crossed == []


def test_a_basket_is_sent_in_order_and_a_refusal_stops_nothing() -> None:
    world, contract = _invested()
    world.order(MARKET, SELL, "b", 500, "10.01")
    world.order(MARKET, BUY, "a", 300, "9.99")
    basket = [
        SupposedOrder(1, Side.BUY, OrderType.LIMIT, money("10.01"), 800),
        SupposedOrder(1, Side.BUY, OrderType.LIMIT, money("10.005"), 100),
        SupposedOrder(0, Side.SELL, OrderType.BEST_FIVE_IOC, 0, 200),
    ]
    first, second, third = suppose(world.engine, contract, basket).orders
    assert (first.reason, first.filled_now, first.amount_now) == (
        Reason.NONE, 500, money("5005.00"),
    )  # fmt: skip
    assert first.amount == money("8008.00")  # the rest at its limit
    assert second.reason == Reason.PRICE_OFF_TICK
    assert (third.filled_now, third.amount) == (200, money("1998.00"))


def test_ones_own_order_in_the_way_is_found() -> None:
    world, contract = _invested()
    world.order(contract, SELL, "a", 100, "10.10")
    found = suppose(
        world.engine, contract, [SupposedOrder(0, Side.BUY, OrderType.LIMIT, money("10.10"), 100)]
    ).orders[0]
    assert (found.reason, found.figure) == (Reason.SELF_TRADE, money("10.10"))


def test_interest_that_a_repayment_pays_is_seen() -> None:
    world, contract = _invested()
    world.do(building.accrue(10))
    copy = AccountCopy(world.engine, contract)
    copy.apply(building.repay(contract, 1_000 * 10_000))
    world.do(building.repay(contract, 1_000 * 10_000))
    assert copy.state.accounts[contract]["debt"] == world.engine.state.accounts[contract]["debt"]


def test_a_day_looked_ahead_to_changes_nothing_of_the_original() -> None:
    """Fees and rules of the copy are its own, and so are the orders that end on it."""
    world, contract = _invested()
    before = world.engine.state_hash()
    copy = AccountCopy(world.engine, contract)
    copy.end_orders()
    copy.apply(
        building.fee_schedule(0, FeeTerms(1, 0, 0, 0, 0, 0, 0, 0, 0)),
        building.instrument_rules(0, RuleTerms(collateral_ppm=-1)),
    )
    assert int(copy.state.accounts[contract]["frozen"]) == 0
    assert int(copy.engine.state.rules[0]["collateral_ppm"]) == -1
    assert world.engine.state_hash() == before


# What does not trade at once, by the session that is now ------------------------------------------


def _after_hours(phase: Phase) -> tuple[World, int]:
    """A share of fixed price trading that has closed at 10.00."""
    world, contract = _invested()
    world.do(building.instrument_rules(0, RuleTerms(after_hours=1, fixed_maximum=1_000_000)))
    world.do(building.closing(0))
    world.do(building.phase(-1, phase))
    return world, contract


@pytest.mark.parametrize("phase", [Phase.AFTER_HOURS_ENTRY, Phase.AFTER_HOURS])
def test_a_fixed_price_sale_is_taken_to_fill_at_the_close(phase: Phase) -> None:
    world, contract = _after_hours(phase)
    before = world.engine.state_hash()
    sale = SupposedOrder(0, Side.SELL, OrderType.FIXED_PRICE, money("9.50"), 300)
    seen = suppose(world.engine, contract, [sale])
    found = seen.orders[0]
    assert (found.reason, found.rest, found.rest_price) == (
        Reason.NONE, Rest.AT_CLOSE, money("10.00"),
    )  # fmt: skip
    assert found.amount == 300 * money("10.00")
    assert seen.after.cash == seen.before.cash + found.amount - found.fees
    assert world.engine.state_hash() == before


def test_a_fixed_price_order_before_the_close_waits_for_it() -> None:
    world, contract = _invested()
    world.do(building.instrument_rules(0, RuleTerms(after_hours=1, fixed_maximum=1_000_000)))
    world.do(building.phase(-1, Phase.CONTINUOUS))
    sale = SupposedOrder(0, Side.SELL, OrderType.FIXED_PRICE, money("9.50"), 300)
    found = suppose(world.engine, contract, [sale]).orders[0]
    assert (found.reason, found.rest, found.amount) == (Reason.NONE, Rest.AFTER_HOURS, 0)


@pytest.mark.parametrize(("price", "rest"), [("10.10", Rest.CALL_FILLS), ("9.90", Rest.CALL_WAITS)])
def test_a_call_is_not_traded_through(price: str, rest: Rest) -> None:
    world, contract = _invested()
    world.do(building.phase(-1, Phase.OPENING_CALL))
    world.order(MARKET, SELL, "b", 500, "10.00")
    world.order(world.person(2, 100_000), BUY, "b", 500, "10.00")
    buy = SupposedOrder(1, Side.BUY, OrderType.LIMIT, money(price), 100)
    seen = suppose(world.engine, contract, [buy])
    found = seen.orders[0]
    assert (found.reason, found.filled_now, found.amount) == (Reason.NONE, 0, 0)
    assert (found.rest, found.rest_price) == (rest, money("10.00"))
    assert found.frozen == 100 * money(price)
    assert seen.after.assets == seen.before.assets


def test_continuous_trading_fills_the_rest_at_its_limit() -> None:
    world, contract = _invested()
    buy = SupposedOrder(1, Side.BUY, OrderType.LIMIT, money("9.90"), 100)
    found = suppose(world.engine, contract, [buy]).orders[0]
    assert (found.rest, found.rest_price) == (Rest.AT_LIMIT, money("9.90"))
    assert found.amount == 100 * money("9.90")


def test_what_the_broker_keeps_in_a_pause_is_said_to_be_kept() -> None:
    world, contract = _invested()
    world.do(building.instrument_rules(1, RuleTerms(queue=LUNCH_QUEUE)))
    world.do(building.phase(-1, Phase.LUNCH))
    buy = SupposedOrder(1, Side.BUY, OrderType.LIMIT, money("9.90"), 100)
    found = suppose(world.engine, contract, [buy]).orders[0]
    assert (found.reason, found.rest, found.amount) == (Reason.NONE, Rest.KEPT, 0)

"""Contracts: lines, grades, interest, admission, cash, settlement (sections 5.1 to 5.5)."""

import pytest

from server.engine import building, records
from server.engine.codes import AccountStatus, Event, Grade, HoldingClass, OrderType, Side
from server.engine.queries import position
from server.engine.reasons import Reason
from server.engine.what_if import what_if
from tests.engine.world import BUY, FREE_FEES, MARKET, SELL, World, day_terms, money


def invested(n: int, deposit: int = 10_000, quantity: int | None = None) -> tuple[World, int, int]:
    """A fully invested contract 1:n in two shares at 10.00, and its cash account."""
    world = World(a="10.00", b="10.00", c="10.00", d="10.00")
    cash = world.person(1, 10 * deposit)
    contract = world.contract(cash, n, deposit)
    each = quantity or deposit * (n + 1) // 40 // 100 * 100
    for name in "abcd":
        world.holding(contract, name, each, "10.00")
    return world, cash, contract


def frame(world: World, price: str) -> None:
    parts = [building.frame_begin()]
    parts += [building.price(i, money(price), 0) for i in range(4)]
    world.do(building.concat([*parts, building.frame_end()]))


def crossed(world: World) -> list[int]:
    events = world.events[world.events["kind"] == Event.LINE_CROSSED].view(records.GRADE_EVENT)
    return events["new_grade"].tolist()


# One limit-down after another from fully invested (table of section 5.2), before interest.
LIMIT_DOWNS = {
    2: [("9.00", 1_350_000, Grade.REMIND), ("8.10", 1_215_000, Grade.REDUCE)],
    3: [("9.00", 1_200_000, Grade.RESTRICT), ("8.10", 1_080_000, Grade.LIQUIDATE)],
    4: [("9.00", 1_125_000, Grade.LIQUIDATE)],
}


@pytest.mark.parametrize("n", [2, 3, 4])
def test_limit_downs_of_the_table(n: int) -> None:
    world, _, contract = invested(n, deposit=40_000)
    for price, ratio, grade in LIMIT_DOWNS[n]:
        frame(world, price)
        account = world.engine.state.accounts[contract]
        assert world.assets(contract) * 1_000_000 // int(account["debt"]) == ratio
        assert account["grade"] == grade
        assert Event.GRADE_CHANGED in world.kinds()
        world.check()


def test_a_gap_sends_every_line_and_one_change() -> None:
    world, _, _ = invested(4)
    frame(world, "9.00")
    assert crossed(world) == [Grade.REMIND, Grade.RESTRICT, Grade.REDUCE, Grade.LIQUIDATE]
    assert world.kinds().count(Event.GRADE_CHANGED) == 1
    frame(world, "10.00")
    assert crossed(world) == []
    assert world.engine.state.accounts[2]["grade"] == Grade.NORMAL


def test_a_half_updated_frame_grades_nobody() -> None:
    world, _, contract = invested(4)
    world.do(building.frame_begin())
    world.price("a", "9.00")
    world.price("b", "9.00")
    assert world.engine.state.accounts[contract]["grade"] == Grade.NORMAL
    world.price("a", "10.00")
    world.price("b", "10.00")
    world.do(building.frame_end())
    assert world.kinds() == []


def test_restrict_binds_from_the_next_order_and_says_what_would_lift_it() -> None:
    world, cash, contract = invested(3, deposit=40_000)
    frame(world, "9.00")
    assert world.order(contract, BUY, "a", 100, "9.00") is None
    reason, figure = world.reason()
    assert reason == Reason.GRADE_RESTRICTED
    # 122 % of 120,000 is 146,400; assets are 144,000; one unit above the line, up to the fen.
    assert figure == money("2400.01")
    world.do(building.transfer(cash, contract, figure))
    assert world.engine.state.accounts[contract]["grade"] == Grade.REMIND


def test_a_sale_is_never_refused_for_margin() -> None:
    world, _, contract = invested(4)
    world.do(building.day_close())
    world.open_day(20260106)
    frame(world, "9.00")
    assert world.engine.state.accounts[contract]["grade"] == Grade.LIQUIDATE
    assert world.order(contract, SELL, "a", 100, "9.00")


def test_interest_accrues_exactly_and_is_billed_to_the_fen() -> None:
    """300,000 at 10.8 % over 360 days is 90.00 a day (section 5.5)."""
    world = World(a="20.00")
    cash = world.person(1, 100_000)
    contract = world.contract(cash, 3, 100_000)
    world.do(building.accrue(12))
    assert world.engine.state.accounts[contract]["debt"] == money(301_080)
    world.do(building.contract_settle(contract, cash))
    settled = world.events[world.events["kind"] == Event.CONTRACT_SETTLED]
    assert settled.view(records.CONTRACT_EVENT)[0]["interest"] == money(1_080)
    assert world.cash(cash) == money(98_920)
    world.check()


def test_the_liquidation_price_of_the_reference() -> None:
    """Section 5.5: the trigger is 17.15; at 17.16 the ratio is 114.05 %."""
    fees = FREE_FEES._replace(commission_ppb=250_000, transfer_ppb=10_000)
    terms = day_terms("20.00", limit_down=money("16.00"), limit_ppm=100_000)
    world = World(fees=fees, a=terms)
    cash = world.person(1, 100_000)
    contract = world.contract(cash, 3, 100_000)
    world.engine.state.terms[3]["single_cap_ppm"] = 1_000_000
    world.holding(contract, "a", 19_900, "20.00")
    assert world.cash(contract) == money("1896.52")
    world.do(building.accrue(12))
    world.price("a", "17.16")
    assert world.engine.state.accounts[contract]["grade"] == Grade.REDUCE
    world.price("a", "17.15")
    assert world.engine.state.accounts[contract]["grade"] == Grade.LIQUIDATE


@pytest.mark.parametrize(
    ("n", "changes", "reason"),
    [
        (4, {"holding_class": HoldingClass.WIDE_20, "limit_ppm": 200_000},
         Reason.HOLDING_NOT_ADMITTED),
        (2, {"holding_class": HoldingClass.RISK_WARNING}, Reason.HOLDING_NOT_ADMITTED),
        (3, {}, Reason.CONCENTRATION),
        (2, {"limit_ppm": 200_000}, Reason.GAP_NOT_SURVIVED),
    ],
)  # fmt: skip
def test_admissible_holdings(n: int, changes: dict[str, int], reason: Reason) -> None:
    world = World(a=day_terms("10.00", **changes))
    cash = world.person(1, 100_000)
    contract = world.contract(cash, n, 100_000)
    quantity = (n + 1) * 10_000 - 100
    assert world.order(contract, BUY, "a", quantity, "10.00") is None
    found, figure = world.reason()
    assert found == reason
    if figure:
        assert world.order(contract, BUY, "a", figure, "10.00"), world.reason()
    assert world.order(contract, BUY, "a", figure + 100, "10.00") is None


def test_profit_leaves_only_above_the_initial_ratio() -> None:
    world, cash, contract = invested(2, deposit=40_000)
    world.do(building.day_close())
    world.open_day(20260106, a="11.00", b="11.00", c="11.00", d="11.00")
    world.order(MARKET, BUY, "a", 3_000, "11.00")
    world.order(contract, SELL, "a", 3_000, "11.00")
    world.do(building.transfer(contract, cash, money(1)))
    assert world.reason() == (Reason.WITHDRAWABLE_EXCEEDED, 0)  # proceeds are withdrawable T+1
    world.do(building.day_close())
    world.open_day(20260107)
    world.do(building.transfer(contract, cash, money(40_000)))
    # Assets 132,000 less 80,000 x 3/2 leave 12,000.
    assert world.reason() == (Reason.WITHDRAWABLE_EXCEEDED, money(12_000))
    world.do(building.transfer(contract, cash, money(12_000)))
    assert world.cash(cash) == money(372_000)
    world.check()


def test_a_shortfall_is_a_debt_that_blocks_the_persons_withdrawals() -> None:
    world, cash, contract = invested(4, deposit=40_000)
    world.do(building.day_close())
    world.open_day(20260106, a="7.00", b="7.00", c="7.00", d="7.00")
    for name in "abcd":
        world.order(MARKET, BUY, name, 5_000, "7.00")
        world.order(contract, SELL, name, 5_000, "7.00")
    world.do(building.contract_settle(contract, cash))
    shortfall = money(160_000 - 140_000)
    assert world.engine.state.contracts[contract]["shortfall"] == shortfall
    assert world.engine.state.accounts[contract]["status"] == AccountStatus.SHORTFALL
    world.do(building.withdraw(cash, money(1)))
    assert world.reason() == (Reason.DEBT_BLOCKS_WITHDRAWAL, shortfall)
    world.do(building.transfer(cash, contract, shortfall))
    assert world.engine.state.accounts[contract]["status"] == AccountStatus.SETTLED
    world.do(building.withdraw(cash, money(1)))
    assert world.kinds() == [Event.CASH_MOVED]
    world.check()


def profit(world: World, account: int) -> tuple[int, int]:
    """(total, today's) profit of an account, as its owner reckons it."""
    row, own = world.engine.state.accounts[account], world.engine.state.contracts[account]
    assets = int(row["cash"]) + int(row["value"])
    total = assets - int(row["debt"]) - int(own["shortfall"]) - int(own["deposit"])
    return total, assets - int(own["opening_assets"])


def test_repaying_and_settling_change_no_profit() -> None:
    world, cash, contract = invested(2, deposit=40_000)
    world.do(building.day_close())
    world.open_day(20260106)
    for name in "abcd":
        world.order(MARKET, BUY, name, 3_000, "9.50")
        world.order(contract, SELL, name, 3_000, "9.50")
    lost = (money(-6_000), money(-6_000))
    assert profit(world, contract) == lost
    world.do(building.repay(contract, money(50_000)))
    assert profit(world, contract) == lost
    world.do(building.contract_settle(contract, cash))
    assert world.kinds()[-1] == Event.CONTRACT_SETTLED
    assert profit(world, contract) == lost
    assert profit(world, cash) == (0, 0)


@pytest.mark.parametrize("paid_back", [False, True])
def test_a_shortfall_is_part_of_the_loss(paid_back: bool) -> None:
    world, cash, contract = invested(4, deposit=40_000)
    world.do(building.day_close())
    world.open_day(20260106, a="7.00", b="7.00", c="7.00", d="7.00")
    for name in "abcd":
        world.order(MARKET, BUY, name, 5_000, "7.00")
        world.order(contract, SELL, name, 5_000, "7.00")
    world.do(building.contract_settle(contract, cash))
    if paid_back:
        world.do(building.transfer(cash, contract, money(20_000)))
    assert profit(world, contract)[0] == money(-60_000)


def test_an_entitlement_moves_no_value() -> None:
    world, _, contract = invested(3, deposit=40_000)
    before = world.assets(contract)
    world.do(building.day_close())
    world.do(building.day_open(20260106, 0))
    world.do(building.entitlement(0, money("10.00"), money("6.57")))
    assert world.assets(contract) == before
    held = world.engine.state.positions[position(world.engine, contract, 0)]
    assert int(held["quantity"]) == 4_000 * 1000 // 657
    world.check()


def test_what_if_says_what_the_order_then_does() -> None:
    world, _, contract = invested(3, deposit=40_000, quantity=3_000)
    world.order(MARKET, SELL, "a", 100, "10.02")
    world.order(MARKET, SELL, "a", 100, "10.03")
    seen = what_if(world.engine, contract, 0, Side.BUY, OrderType.LIMIT, money("10.03"), 200)
    assert (seen.reason, seen.filled_now, seen.amount) == (Reason.NONE, 200, money("2005.00"))
    hash_before = world.engine.state_hash()
    what_if(world.engine, contract, 0, Side.BUY, OrderType.LIMIT, money("10.03"), 900_000)
    assert world.engine.state_hash() == hash_before
    world.order(contract, BUY, "a", 200, "10.03")
    assert world.assets(contract) == seen.assets_after
    assert [line.grade for line in seen.lines] == [1, 2, 3, 4]
    remind = seen.lines[0]
    assert remind.assets == 120_000 * 10_000 * 127 // 100
    assert remind.fall == seen.assets_after - remind.assets


def test_largest_quantity_is_accepted_and_one_lot_more_is_not() -> None:
    world = World(a="10.00")
    cash = world.person(1, 100_000)
    contract = world.contract(cash, 3, 50_000)
    seen = what_if(world.engine, contract, 0, Side.BUY, OrderType.LIMIT, money("10.00"), 100)
    most = seen.largest_quantity
    assert most == 10_000  # half of 200,000 at 10.00
    assert world.order(contract, BUY, "a", most + 100, "10.00") is None
    assert world.order(contract, BUY, "a", most, "10.00")

"""The day's limits come from dated data, in the engine's units."""

import asyncio
from collections.abc import Awaitable

import numpy as np
import pytest

from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import Board, Command, Event, OrderType, Phase, Side
from server.engine.reasons import Reason
from server.engine.terms import RuleTerms
from server.risk.day_limits import DayLimits, limit_commands
from server.risk.limit_tables import LimitsRefused, LimitTables, load_limits, parse_limits
from tests.engine.world import World, day_terms, money


def test_no_limits_before_the_first_row() -> None:
    world = World(a="10.00")
    assert load_limits().row_of(19901218) is None
    assert limit_commands(world.engine, 19901218) is None


async def _sent(commands: Commands) -> Commands:
    return commands


def opened_with(world: World, *opening: Commands, tables: LimitTables | None = None) -> Commands:
    """What reaches the sequencer, as one submission, when the market sends `opening`."""
    sent: list[Commands] = []

    def submit(commands: Commands, _: int) -> Awaitable[Commands]:
        sent.append(commands)
        return _sent(commands)

    asyncio.run(_wait(DayLimits(world.engine, submit, tables), building.concat([*opening])))
    return sent[0]


async def _wait(limits: DayLimits, commands: Commands) -> None:
    await limits.submit(commands, 0)


def test_a_day_that_opens_brings_its_limits() -> None:
    world = World(a="10.00", b="10.00")
    assert opened_with(world, building.day_close())["kind"].tolist() == [Command.DAY_CLOSE]
    opened = opened_with(world, building.day_open(20260106, 0))
    kinds = [Command(int(kind)) for kind in opened["kind"][1:]]
    assert kinds == [Command.RISK_LIMITS, Command.STOCK_LIMIT, Command.STOCK_LIMIT]
    world.do(opened)
    row = load_limits().row_of(20260106)
    assert row is not None
    assert world.engine.state.limits[0]["client_cap"] * 20 == row.lender_capital
    assert world.engine.state.header[0]["limits"] == 1


def test_an_order_behind_the_opening_in_its_turn_meets_the_days_limits() -> None:
    world = World(a="10.00")
    contract = world.contract(world.person(1, 100_000), 2, 30_000)
    house = parse_limits(HOUSE.replace("stock_ppm = 50_000", "stock_ppm = 1_000_000"))
    days = [building.instrument_day(0, day_terms("10.00")), building.ladders()]
    opened = opened_with(world, building.day_open(20260106, 0), *days, tables=house)
    order = building.order(contract, 0, Side.BUY, OrderType.LIMIT, money("10.00"), 200)
    phase = building.phase(building.ALL, Phase.CONTINUOUS)
    world.do(building.concat([opened, phase, order]))  # 2,000 yuan where 100 are the most
    assert world.kinds()[-1] == Event.ORDER_REJECTED
    refused = world.events[-1:].view(records.ORDER_EVENT)[0]
    assert (Reason(int(refused["reason"])), refused["figure"]) == (Reason.STOCK_CAP, 0)


def test_floats_are_those_of_the_day_that_opens() -> None:
    world = World(a="10.00")
    day = building.instrument_rules(0, RuleTerms(float_shares=2_000, board=Board.FUND))
    opened = opened_with(world, building.day_open(20260106, 0), day)
    stock = opened[opened["kind"] == Command.STOCK_LIMIT].view(records.STOCK_LIMIT)[0]
    assert (stock["stop_shares"], stock["resume_shares"]) == (1_500, 1_400)


def test_a_share_of_the_float_is_rounded_up() -> None:
    world = World(a="10.00")
    world.engine.state.rules["float_shares"][0] = 1_001
    commands = limit_commands(world.engine, 20260106)
    assert commands is not None
    stock = commands[1:].view(records.STOCK_LIMIT)[0]
    assert np.array_equal([stock["stop_shares"], stock["resume_shares"]], [251, 201])


HOUSE = """
version = 1
[[limits]]
rule = "4.6"
from = 2020-01-01
lender_capital = 1_000_000
client_ppm = 50_000
lending_cap = 0
person_stock_cap = 0
stock_ppm = 50_000
stop_ppm = 250_000
resume_ppm = 200_000
fund_stop_ppm = 750_000
fund_resume_ppm = 700_000
jump_ppm = 0
confirmations = 0
price_bounds = false
[[concentration]]
rule = "4.6"
from = 2020-01-01
family = "fixed"
holding_class = "main"
scope = "stock"
tiers = [[1_500_000, 500_000], [1_300_000, 300_000]]
[[concentration]]
rule = "4.6"
from = 2026-01-01
family = "fixed"
holding_class = "main"
scope = "stock"
tiers = []
[[float_shares]]
rule = "4.6"
from = 2020-01-01
symbol = "000002.SZSE"
shares = 2_000
"""


def test_a_house_has_limits_of_its_own_by_date() -> None:
    tables = parse_limits(HOUSE)
    assert [row.tiers for row in tables.tiers_of(20251231)] == [
        ((1_500_000, 500_000), (1_300_000, 300_000))
    ]
    assert tables.tiers_of(20260101) == []  # an empty table ends the one before it
    assert tables.floats_of(20191231) == {}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("[1_300_000, 300_000]", "[1_500_000, 300_000]"),
        ("[1_300_000, 300_000]", "[1_300_000, 500_001]"),
        ("500_000], [", "1_000_001], ["),
        ("\nresume_ppm = 200_000", "\nresume_ppm = 250_001"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(said: str, wrong: str) -> None:
    assert said in HOUSE
    with pytest.raises(LimitsRefused):
        parse_limits(HOUSE.replace(said, wrong))


def test_a_houses_float_goes_before_the_markets() -> None:
    world = World(a="10.00", b="10.00")
    world.engine.state.rules["float_shares"][:2] = [1_000, 1_000]
    symbol = world.engine.symbol(1)
    tables = parse_limits(HOUSE.replace("000002.SZSE", symbol))
    commands = limit_commands(world.engine, 20251231, tables)
    assert commands is not None
    stocks = commands[commands["kind"] == Command.STOCK_LIMIT].view(records.STOCK_LIMIT)
    assert stocks["stop_shares"].tolist() == [250, 500]
    tiers = commands[commands["kind"] == Command.CONCENTRATION].view(records.CONCENTRATION)
    families = world.engine.state.terms["family"][tiers["product"]]
    assert len(tiers) > 0
    assert set(families.tolist()) == {0}

"""The day's limits come from dated data, in the engine's units."""

import numpy as np

from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import Command
from server.journal.batch import Applied
from server.risk.day_limits import DayLimits, limit_commands, row_of
from tests.engine.world import World


def test_no_limits_before_the_first_row() -> None:
    world = World(a="10.00")
    assert row_of(19901218) is None
    assert limit_commands(world.engine, 19901218) is None


def test_a_day_that_opens_brings_its_limits() -> None:
    world = World(a="10.00", b="10.00")
    posted: list[Commands] = []
    limits = DayLimits(world.engine, posted.append)
    limits.applied(Applied(1, 1, 0, building.day_close(), world.events))
    assert posted == []
    opened = building.day_open(20260106, 0)
    limits.applied(Applied(1, 1, 0, opened, world.do(opened)))
    kinds = [Command(int(kind)) for kind in posted[0]["kind"]]
    assert kinds == [Command.RISK_LIMITS, Command.STOCK_LIMIT, Command.STOCK_LIMIT]
    world.do(posted[0])
    row = row_of(20260106)
    assert row is not None
    assert world.engine.state.limits[0]["client_cap"] * 20 == row.lender_capital
    assert world.engine.state.header[0]["limits"] == 1


def test_a_share_of_the_float_is_rounded_up() -> None:
    world = World(a="10.00")
    world.engine.state.rules["float_shares"][0] = 1_001
    commands = limit_commands(world.engine, 20260106)
    assert commands is not None
    stock = commands[1:].view(records.STOCK_LIMIT)[0]
    assert np.array_equal([stock["stop_shares"], stock["resume_shares"]], [251, 201])

"""Systemic figures against a plain count over the tables, and the rules that act on them."""

from random import Random

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine import building, building_risk, records
from server.engine.codes import AccountClass, AccountStatus, LimitKind, Phase, PlatformState
from server.engine.engine import Engine
from server.engine.queries import assets, positions_of
from server.journal.batch import Applied
from server.protocol.systemic import PlatformChanged, SystemicFigures
from server.risk.platform_rules import (
    RulesRefused,
    decide,
    figure_ppm,
    load_rules,
    platform_rules,
)
from server.risk.systemic import EVERY_US, MINUTE_US, PAUSE_US, SystemicWatch
from server.risk.systemic_figures import take_figures
from tests.engine.twin.histories import history
from tests.engine.world import World, money

PPM = 1_000_000
Commands = NDArray[np.void]


def _falls(engine: Engine, index: int) -> list[int]:
    """The mark now, after one limit-down and after two."""
    row = engine.state.instruments[index]
    marks = [int(row["mark"])]
    for _ in range(2):
        marks.append(marks[-1] - marks[-1] * int(row["limit_ppm"]) // PPM)
    return marks


def _stress(engine: Engine) -> list[list[int]]:
    """(accounts of each grade, then the loss), by limit-downs."""
    found = [[0] * 6 for _ in range(3)]
    for index in range(int(engine.state.header[0]["accounts"])):
        account = engine.state.accounts[index]
        debt = int(account["debt"])
        if account["klass"] != AccountClass.CONTRACT or debt <= 0:
            continue
        if account["status"] != AccountStatus.OPEN:
            continue
        lines = engine.state.terms[account["product"]]["line_ppm"].tolist()
        for scenario in range(3):
            left = assets(engine, index)
            for place in positions_of(engine, index):
                row = engine.state.positions[place]
                marks = _falls(engine, int(row["instrument"]))
                left -= int(row["quantity"]) * (marks[0] - marks[scenario])
            grade = sum(left <= debt * line // PPM for line in lines)
            found[scenario][grade] += 1
            found[scenario][5] += max(0, debt - left)
    return found


def _unsellable(engine: Engine) -> tuple[int, int]:
    """(financed value, what of it cannot be sold)."""
    worth = locked = 0
    count = int(engine.state.header[0]["positions"])
    for row in engine.state.positions[1:count]:
        if engine.state.accounts[row["account"]]["klass"] != AccountClass.CONTRACT:
            continue
        instrument = engine.state.instruments[row["instrument"]]
        value = int(row["quantity"]) * int(instrument["mark"])
        down = instrument["limit_kind"] == LimitKind.LIMITED and (
            instrument["last"] <= instrument["limit_down"] and instrument["best"][0] < 0
        )
        worth += value
        locked += value * bool(down or instrument["suspended"])
    return worth, locked


@pytest.mark.parametrize("seed", range(6))
def test_the_figures_are_those_of_a_plain_count(seed: int) -> None:
    engine = Engine()
    engine.apply(history(Random(seed), 700).batch)
    figures = take_figures(engine)
    told = [[*msgspec.structs.astuple(each)[1:]] for each in figures.stress]
    assert told == _stress(engine)
    assert (figures.financed, figures.unsellable) == _unsellable(engine)
    assert sum(told[0][:5]) > 0


class Watched:
    """A world whose batches a watch hears of; what it posts is applied at once."""

    def __init__(self, published_ppm: int | None = None) -> None:
        self.world = World(a="10.00", b="10.00")
        self.watch = SystemicWatch(
            self.world.engine, self._posted, published_index=lambda _: published_ppm
        )
        self.wall_time = 0
        self.taken: list[SystemicFigures] = []
        self.changes: list[PlatformChanged] = []
        self.posted: list[Commands] = []
        self.watch.on_figures(self.taken.append)
        self.watch.on_change(self.changes.append)

    def _posted(self, commands: Commands) -> None:
        self.posted.append(commands)

    def hear(self, commands: Commands) -> None:
        self.world.do(commands)
        self.watch.applied(Applied(1, 1, self.wall_time, commands, self.world.events))

    def let_post(self) -> None:
        for commands in self.posted:
            self.hear(commands)
        self.posted = []

    def price(self, price: str, minutes: int = 1) -> None:
        self.world.time += minutes * MINUTE_US
        self.hear(building.concat([building.price(i, money(price)) for i in (0, 1)]))


def test_a_published_index_stands_for_the_markets_own() -> None:
    watched = Watched(published_ppm=-70_000)
    watched.price("10.00")
    watched.let_post()
    assert (watched.taken[0].index_ppm, watched.taken[0].index_by) == (-70_000, "published")
    assert [change.state for change in watched.changes] == ["reduce_only"]


def test_figures_follow_within_seconds_but_no_faster_than_the_wall_clock_allows() -> None:
    watched = Watched()
    watched.world.time = MINUTE_US
    watched.price("10.01", minutes=0)  # takes two seconds, as every price here
    assert len(watched.taken) == 1
    watched.wall_time += 2 * PAUSE_US
    watched.price("10.02", minutes=0)
    assert len(watched.taken) == 1
    watched.price("10.02", minutes=0)
    assert watched.taken[1].time - watched.taken[0].time >= EVERY_US
    watched.wall_time += PAUSE_US - 1
    for _ in range(3):
        watched.price("10.03", minutes=0)
    assert len(watched.taken) == 2
    watched.wall_time += 1
    watched.price("10.03", minutes=0)
    assert len(watched.taken) == 3


def test_figures_are_taken_once_a_minute_while_the_market_trades() -> None:
    watched = Watched()
    watched.price("10.01")
    watched.price("10.02", minutes=0)
    assert len(watched.taken) == 1
    watched.price("10.03")
    assert len(watched.taken) == 2
    watched.hear(building.phase(building.ALL, Phase.CLOSED))
    watched.price("10.04")
    assert len(watched.taken) == 2


def test_the_rules_move_the_platform_and_everybody_hears_why() -> None:
    watched = Watched()
    watched.price("9.50")
    assert len(watched.posted) == 1
    watched.let_post()
    header = watched.world.engine.state.header[0]
    assert header["platform"] == PlatformState.NO_NEW_FINANCING
    assert [(each.state, each.reason) for each in watched.changes] == [
        ("no_new_financing", "index_5")
    ]
    watched.price("9.55")
    assert watched.posted == []
    watched.price("9.70")
    watched.let_post()
    assert [each.reason for each in watched.changes] == ["index_5", "clear"]
    assert header["platform"] == PlatformState.NORMAL


def test_an_officers_state_stays_when_the_rules_are_content() -> None:
    watched = Watched()
    watched.watch.set_by_hand(PlatformState.HALTED, 7, "drill")
    watched.let_post()
    watched.price("9.50")
    watched.let_post()
    assert [(each.state, each.reason) for each in watched.changes] == [("halted", "officer")]
    assert watched.taken[-1].of_officer == "halted"
    told = watched.world.engine.state.header[0]
    assert (told["platform"], told["platform_rules"]) == (3, 1)


def test_every_rule_of_the_table_can_ask() -> None:
    engine = Watched().world.engine
    calm = take_figures(engine)
    assert decide(calm, platform_rules()).state is PlatformState.NORMAL
    assert {figure_ppm(calm, rule.figure) for rule in platform_rules()} == {0}
    fallen = msgspec.structs.replace(calm, index_ppm=-70_000)
    decision = decide(fallen, platform_rules())
    assert (decision.state, decision.figure) == (PlatformState.REDUCE_ONLY, 70_000)
    assert platform_rules()[decision.number - 1].key == "index_7"


@pytest.mark.parametrize("change", ["clear_ppm = 50_001", "clear_ppm = 0"])
def test_a_rule_that_would_flutter_is_refused(change: str) -> None:
    text = """
    version = 1
    [[rule]]
    key = "x"
    rule = "7.5"
    figure = "index_fall"
    state = "halted"
    at_ppm = 50_000
    zh = "x"
    en = "x"
    """
    with pytest.raises(RulesRefused):
        load_rules(text + change)


def test_a_note_is_cut_between_characters() -> None:
    command = building_risk.platform_state(1, note="跌" * 20)
    note = bytes(command.view(records.PLATFORM_STATE)[0]["note"])
    assert note.decode() == "跌" * 16

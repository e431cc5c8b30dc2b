"""The evening's look at the next opening: what the market then sends, when no price moves."""

from pathlib import Path

import pytest

from server.engine import records
from server.engine.building import Commands
from server.engine.codes import Command
from server.market.agents.settings import AgentsSettings
from server.market.agents.source import AgentsSource
from server.market.calendar import TradingCalendar
from tests.market.play import CALENDAR, KNOWN, RULES, Play, replay, write_daily

DAY, NEXT, BEYOND = 20240924, 20240925, 20240926
PUFA = ("2024-09-24", 10.10, 10.50, 9.80, 10.20, 10.00, 1_000_000)


def evening(play: Play) -> None:
    """To the day's end."""
    while not (play.engine.date == DAY and Command.DAY_CLOSE in play.frames[-1].commands["kind"]):
        assert play.step()


def start(play: Play) -> Play:
    assert play.step()
    return play


def unmoved(play: Play, date: int) -> Commands:
    return play.source.opening_unmoved(play.engine, date, range(len(play.source.entries)))


@pytest.mark.parametrize("seed", [1, 2])
def test_agents_open_as_foreseen(seed: int) -> None:
    settings = AgentsSettings(start_date=DAY, seed=seed, steps_a_day=48, history_days=0)
    entries = list(KNOWN.values())[::8]
    play = start(Play(AgentsSource(settings, entries, CALENDAR, RULES)))
    evening(play)
    foreseen = unmoved(play, NEXT)
    assert play.step()
    assert play.frames[-1].commands.tobytes() == foreseen.tobytes()


def test_a_replay_opens_as_foreseen(tmp_path: Path) -> None:
    """An ex-date, a suspension and a plain share, within their limits."""
    ex_date = ("2024-09-25", 5.10, 5.20, 5.00, 5.15, 5.10, 1_000_000)  # 10.20 became 5.10
    write_daily(tmp_path, "SH600000", [PUFA, ex_date])
    halted = [("2024-09-24", 30, 31, 29, 30.5, 30, 1_000), ("2024-09-25", *[30.5] * 5, 0)]
    write_daily(tmp_path, "SH600009", halted)
    plain = [PUFA, ("2024-09-25", 10.2, 10.3, 10.1, 10.2, 10.2, 9_000)]
    write_daily(tmp_path, "SH600016", plain)
    play = start(Play(replay(tmp_path, DAY, NEXT)))
    evening(play)
    foreseen = unmoved(play, NEXT)
    assert play.step()
    assert play.frames[-1].commands.tobytes() == foreseen.tobytes()


def test_beyond_its_files_a_replay_stays_as_it_is(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [PUFA])
    play = start(Play(replay(tmp_path, DAY, DAY)))
    evening(play)
    told = unmoved(play, BEYOND)
    (day,) = told[told["kind"] == Command.INSTRUMENT_DAY].view(records.INSTRUMENT_DAY)
    assert (day["reference"], day["suspended"], day["valuation_ppm"]) == (102_000, 0, 1_000_000)
    assert told[told["kind"] == Command.ACCRUE].view(records.ACCRUE)["days"].tolist() == [2]


def test_only_the_instruments_that_are_asked_for_and_nothing_is_changed() -> None:
    settings = AgentsSettings(start_date=DAY, seed=1, steps_a_day=48, history_days=0)
    calendar = TradingCalendar([20240923, DAY, NEXT], RULES, "a test")
    play = start(Play(AgentsSource(settings, list(KNOWN.values())[:4], calendar, RULES)))
    before = play.engine.state_hash()
    told = play.source.opening_unmoved(play.engine, NEXT, [2])
    assert set(told["instrument"].tolist()) == {-1, 2}
    assert play.engine.state_hash() == before

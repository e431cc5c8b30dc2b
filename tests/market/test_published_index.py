"""A published index beside a replay: its change at every moment, and the days it does not have."""

from pathlib import Path

import pytest

from server.market.calendar import TradingCalendar
from server.market.replay.bad_file import BadFile
from server.market.replay.published_index import PublishedIndex, read_index
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from server.market.rules import Choices, Rules
from tests.market.play import CALENDAR, KNOWN, WEEK, Play, at, replay, write, write_daily
from tests.shared_data import shared_data

DAYS = "date,open,high,low,close,volume"
FALL = [
    ("2024-09-23", 3000, 3010, 2990, 3000.00, 1),
    ("2024-09-24", 2940, 2950, 2760, 2850.00, 1),
]
DAY = WEEK[1]
NO_DATA = Path("not/read")


def index(folder: Path, *, symbol: str = "000001.SSE") -> PublishedIndex:
    path = write(folder / "SH000001.csv", DAYS, FALL)
    settings = ReplaySettings(NO_DATA, DAY, DAY, index=path, index_symbol=symbol)
    found = read_index(settings, CALENDAR, [DAY])
    assert found is not None
    return found


def test_the_change_is_from_the_close_before_and_ends_at_the_close(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert found.change_ppm(at(DAY, "09:00")) == 0
    assert found.change_ppm(at(DAY, "09:25")) == -20_000
    assert found.change_ppm(at(DAY, "15:00")) == -50_000
    assert found.change_ppm(at(DAY, "15:20")) == -50_000


def test_inside_the_day_it_stays_in_the_bar_and_touches_its_ends(tmp_path: Path) -> None:
    found = index(tmp_path)
    seen = [found.change_ppm(at(DAY, f"{h}:{m:02}")) for h in (10, 11, 13, 14) for m in range(60)]
    known = [change for change in seen if change is not None]
    assert len(known) == len(seen)
    assert min(known) == -80_000
    assert max(known) <= -16_666
    assert index(tmp_path).change_ppm(at(DAY, "10:31")) == found.change_ppm(at(DAY, "10:31"))


def test_a_day_it_does_not_have_is_said_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    path = write(folder / "SH000001.csv", DAYS, FALL)
    bars = tmp_path / "bars"
    bars.mkdir()
    rows = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 1_000) for day in ("2024-09-24", "2024-09-25")]
    write_daily(bars, "SH600000", rows)
    source = replay(bars, DAY, WEEK[2], index=path)
    assert source.index_ppm(at(DAY, "15:00")) == -50_000
    assert source.index_ppm(at(WEEK[2], "15:00")) is None
    assert "000001.SSE on 1 of 2 days, the first 20240925" in caplog.text


def test_a_file_of_other_years_leaves_all_to_the_own_index(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "SH000001.csv", DAYS, FALL)
    settings = ReplaySettings(NO_DATA, WEEK[4], WEEK[5], index=path)
    assert read_index(settings, CALENDAR, WEEK[4:6]) is None
    assert "on 2 of 2 days" in caplog.text


def test_without_a_file_there_is_none(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [("2024-09-24", 10.0, 10.0, 10.0, 10.0, 10.0, 1_000)])
    assert replay(tmp_path, DAY, DAY).index_ppm(at(DAY, "15:00")) is None


def test_a_file_without_the_symbol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"holds no 399001\.SZSE, only 000001\.SSE"):
        index(tmp_path, symbol="399001.SZSE")


def test_what_it_has_done_since_a_share_last_traded(tmp_path: Path) -> None:
    """From the close of the 23rd to that of the 24th, on the 25th; 0 for days it lacks."""
    days = [20240920, 20240923, 20240924, 20240925, 20240926]
    calendar = TradingCalendar(days, Rules(), "a test")
    rows = [
        *FALL,
        ("2024-09-25", 2850, 2860, 2840, 2850.00, 1),
    ]
    path = write(tmp_path / "SH000001.csv", DAYS, rows)
    settings = ReplaySettings(NO_DATA, days[1], days[3], index=path)
    found = read_index(settings, calendar, days[1:4])
    assert found is not None
    assert found.since_ppm(20240923, 20240925) == 950_000
    assert found.since_ppm(20240924, 20240925) == 1_000_000
    assert found.since_ppm(20240923, 20240926) == 0


def test_a_suspended_share_goes_down_with_it(tmp_path: Path) -> None:
    """600000 trades on the 24th alone; the index loses 4 % on the 25th."""
    folder, bars = tmp_path / "index", tmp_path / "bars"
    folder.mkdir()
    bars.mkdir()
    rows = [*FALL, *((f"2024-09-{day}", 2736, 2736, 2736, 2736.00, 1) for day in (25, 26))]
    path = write(folder / "SH000001.csv", DAYS, rows)
    for symbol, days in (("SH600000", (24,)), ("SH600036", (24, 25, 26))):
        flat = [(f"2024-09-{day}", 10.0, 10.0, 10.0, 10.0, 10.0, 1_000) for day in days]
        write_daily(bars, symbol, flat)
    settings = ReplaySettings(bars, DAY, WEEK[3], steps_a_day=24, index=path)
    rules = Rules(choices=Choices(suspended_shares="index"))
    play = Play(ReplaySource(settings, KNOWN, CALENDAR, rules))
    play.until(at(WEEK[3], "10:00"))
    assert [int(play.row(symbol)["valuation_ppm"]) for symbol in ("600000.SSE", "600036.SSE")] == [
        960_000,
        1_000_000,
    ]


@pytest.mark.needs_data
def test_the_composite_of_2015_08_24_falls_past_seven_per_cent() -> None:
    days = [20150821, 20150824, 20150825]
    calendar = TradingCalendar(days, Rules(), "a test")
    settings = ReplaySettings(NO_DATA, days[0], days[2], index=shared_data("index"))
    found = read_index(settings, calendar, days[1:])
    assert found is not None
    assert found.change_ppm(at(20150824, "15:00")) == -84_907  # 3507.74 to 3209.91
    assert found.change_ppm(at(20150825, "15:00")) == -76_308

import gzip
import subprocess
import sys
from datetime import time
from pathlib import Path

import pytest

from server.engine.codes import Phase
from server.market import calendar as module
from server.market.calendar import CACHE_NAME, CalendarExhausted, TradingCalendar, load_calendar
from server.market.dates import (
    calendar_days_between,
    date_of,
    from_date,
    parse_date,
    shanghai,
    time_us,
    to_date,
)
from server.market.rules import RuleMissing, Rules
from tests.shared_data import shared_data

WEEK = [20150819, 20150820, 20150821, 20150824, 20150825]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


@pytest.fixture(scope="module")
def calendar(rules: Rules, tmp_path_factory: pytest.TempPathFactory) -> TradingCalendar:
    return load_calendar(tmp_path_factory.mktemp("data"), rules)


@pytest.fixture
def week(rules: Rules) -> TradingCalendar:
    return TradingCalendar(WEEK, rules, "a week")


def test_runs_from_the_first_session_of_1990(calendar: TradingCalendar) -> None:
    assert calendar.first_session == 19901219
    assert calendar.last_session >= 20261231
    assert len(calendar.sessions(20260101, 20261231)) == 242


def test_equals_the_exchanges_trading_days(calendar: TradingCalendar) -> None:
    path = shared_data("calendar", "trading_days.csv.gz")
    lines = gzip.decompress(path.read_bytes()).decode().split()[1:]
    assert calendar.sessions(19901219, 20261231) == [parse_date(line) for line in lines]


def test_weekend_is_no_session(week: TradingCalendar) -> None:
    assert week.is_session(20150821)
    assert not week.is_session(20150822)


def test_make_up_working_day_is_no_session(calendar: TradingCalendar) -> None:
    assert not calendar.is_session(20240929)  # a Sunday that offices worked


def test_neighbours_of_a_session_and_of_a_weekend(week: TradingCalendar) -> None:
    assert week.next_session(20150821) == 20150824
    assert week.next_session(20150822) == 20150824
    assert week.previous_session(20150824) == 20150821
    assert week.previous_session(20150823) == 20150821


def test_sessions_include_both_ends(week: TradingCalendar) -> None:
    assert week.sessions(20150820, 20150824) == [20150820, 20150821, 20150824]
    assert week.sessions(20150822, 20150823) == []


def test_sessions_between_counts_the_later_end(week: TradingCalendar) -> None:
    assert week.sessions_between(20150819, 20150824) == 3
    assert week.sessions_between(20150824, 20150824) == 0


@pytest.mark.parametrize("date", [20150818, 20150826, 20270104])
def test_outside_fails_loudly_and_says_what_to_do(week: TradingCalendar, date: int) -> None:
    with pytest.raises(CalendarExhausted, match=r"20150819 to 20150825.*install a release"):
        week.is_session(date)


def test_steps_off_either_end_fail(week: TradingCalendar) -> None:
    with pytest.raises(CalendarExhausted, match="after 20150825"):
        week.next_session(20150825)
    with pytest.raises(CalendarExhausted, match="before 20150819"):
        week.previous_session(20150819)


def test_phases_of_a_day(calendar: TradingCalendar) -> None:
    clock = [(f"{shanghai(at):%Y%m%d %H:%M}", phase) for at, phase in calendar.phases(20150820, 0)]
    assert clock == [
        ("20150820 09:15", Phase.OPENING_CALL),
        ("20150820 09:20", Phase.OPENING_CALL_NO_CANCEL),
        ("20150820 09:25", Phase.PAUSE),
        ("20150820 09:30", Phase.CONTINUOUS),
        ("20150820 11:30", Phase.LUNCH),
        ("20150820 13:00", Phase.CONTINUOUS),
        ("20150820 15:00", Phase.CLOSED),
    ]


SSE, FUNDS, SZSE, BSE, STAR, CHINEXT = range(6)  # session groups


@pytest.mark.parametrize(
    ("group", "date", "closing_call", "after_hours"),
    [
        (SSE, 20180817, False, False),
        (SSE, 20180820, True, False),
        (SSE, 20260703, True, False),
        (SSE, 20260706, True, True),
        (FUNDS, 20260703, False, False),
        (FUNDS, 20260706, True, True),
        (SZSE, 20060703, True, False),
        (SZSE, 20260706, True, True),
        (BSE, 20211115, True, False),
        (BSE, 20260706, True, True),
        (STAR, 20190722, True, True),
        (CHINEXT, 20200821, True, False),
        (CHINEXT, 20200824, True, True),
    ],
)
def test_the_end_of_a_day(
    calendar: TradingCalendar, group: int, date: int, *, closing_call: bool, after_hours: bool
) -> None:
    steps = {phase: f"{shanghai(at):%H:%M}" for at, phase in calendar.phases(date, group)}
    assert steps.get(Phase.CLOSING_CALL) == ("14:57" if closing_call else None)
    assert steps.get(Phase.AFTER_HOURS_ENTRY) == ("15:00" if after_hours else None)
    assert steps.get(Phase.AFTER_HOURS) == ("15:05" if after_hours else None)
    assert steps[Phase.CLOSED] == ("15:30" if after_hours else "15:00")


def test_every_group_has_phases_on_every_kind_of_day(
    calendar: TradingCalendar, rules: Rules
) -> None:
    for group in rules.session_groups():
        for date in (19901219, 20060703, 20180820, 20261231):
            assert calendar.phases(date, group)[-1][1] is Phase.CLOSED


def test_phases_of_a_weekend_or_an_unknown_group_fail(calendar: TradingCalendar) -> None:
    with pytest.raises(ValueError, match="no session"):
        calendar.phases(20150822, 0)
    with pytest.raises(RuleMissing, match="group 9"):
        calendar.phases(20150820, 9)


def test_cache_is_read_without_the_package(
    rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_sessions_of_package", lambda: WEEK)
    load_calendar(tmp_path, rules)
    monkeypatch.setattr(module, "_sessions_of_package", lambda: pytest.fail("asked the package"))
    assert load_calendar(tmp_path, rules).sessions(WEEK[0], WEEK[-1]) == WEEK


@pytest.mark.parametrize("damage", ["", "cut", "other version"])
def test_damaged_or_foreign_cache_is_made_anew(
    rules: Rules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(module, "_sessions_of_package", lambda: WEEK[:3])
    load_calendar(tmp_path, rules)
    cache = tmp_path / CACHE_NAME
    text = cache.read_text()
    changed = {"": "", "cut": text[:-3], "other version": text.replace("calendars ", "calendars 0")}
    cache.write_text(changed[damage])
    monkeypatch.setattr(module, "_sessions_of_package", lambda: WEEK)
    assert load_calendar(tmp_path, rules).last_session == WEEK[-1]
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_NAME]


def test_warm_load_imports_no_pandas(rules: Rules, tmp_path: Path) -> None:
    load_calendar(tmp_path, rules)
    code = (
        "import sys, pathlib\n"
        "from server.market.calendar import load_calendar\n"
        "from server.market.rules import Rules\n"
        "load_calendar(pathlib.Path(sys.argv[1]), Rules())\n"
        "print(sorted({'pandas', 'exchange_calendars', 'numba'} & sys.modules.keys()))\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_dates_and_times() -> None:
    assert from_date(to_date(20240229)) == 20240229
    assert parse_date("2015-08-20") == parse_date("20150820") == 20150820
    assert calendar_days_between(20240930, 20241008) == 8
    assert time_us(19700101, time(8)) == 0
    assert time_us(20150820, time(9, 15)) == 1_440_033_300_000_000
    assert date_of(time_us(20150820, time(0))) == 20150820
    assert date_of(time_us(20150820, time(0)) - 1) == 20150819
    with pytest.raises(ValueError, match="day"):
        to_date(20230229)

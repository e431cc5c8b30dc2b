"""A file of listings and the names of the time: first days, ends, codes before (1.1, 1.4, 6.2)."""

import gzip
from pathlib import Path
from typing import Any, cast

import pytest

from server.engine.codes import Event, LimitKind, Side
from server.engine.records import ACTION_EVENT
from server.market.beijing_codes import new_codes
from server.market.calendar import TradingCalendar
from server.market.desk import MarketDesk
from server.market.pacing import Pacer
from server.market.replay.bad_file import BadFile
from server.market.replay.settings import ReplaySettings
from server.market.replay.source import ReplaySource
from server.market.universe import classify
from tests.market.play import KNOWN, RULES, Play, at, replay, write, write_daily
from tests.shared_data import shared_data

TUE, WED, THU, FRI = 20240924, 20240925, 20240926, 20240927
NAMED = "date,open,high,low,close,preclose,volume,name"
Bar = tuple[int, float, str]  # date, price all day, name


def write_named(folder: Path, symbol: str, *bars: Bar) -> Path:
    """Days at one price, each from the price before."""
    before = [bars[0][1], *(bar[1] for bar in bars)]
    rows = [
        (day, price, price, price, price, close, 1_000_000, name)
        for (day, price, name), close in zip(bars, before, strict=False)
    ]
    return write(folder / f"{symbol}.csv", NAMED, rows)


def listings(folder: Path, *rows: str) -> Path:
    path = folder / "listings" / "listings.csv"
    path.parent.mkdir()
    head = "symbol,list_date,end_date,announced,ipo,old_symbol"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_names_and_marks_are_those_of_their_day(tmp_path: Path) -> None:
    bars = [
        (TUE, 10.0, "甲股份"),
        (WED, 10.0, "*ST甲"),
        (THU, 10.0, "乙股份"),
        (FRI, 10.0, "乙股份"),
    ]
    write_named(tmp_path, "SH600001", *bars)
    source = replay(tmp_path, WED, FRI)
    play = Play(source)
    desk = MarketDesk(source, cast(Pacer, None), play.engine)
    seen: list[tuple[str, int]] = []
    while play.step():
        day = desk.listing("600001.SSE").name, int(play.row("600001.SSE")["limit_up"])
        seen += [day] if day not in seen else []
    assert seen == [("*ST甲", 105_000), ("乙股份", 110_000)]


def test_the_delisting_period_begins_without_limit_and_ends_the_listing(tmp_path: Path) -> None:
    ends = [(TUE, 2.0, "*ST甲"), (WED, 1.0, "退市甲"), (THU, 0.95, "退市甲")]
    write_named(tmp_path, "SH600001", *ends)
    others = [(day, 9.0, 9.0, 9.0, 9.0, 9.0, 1_000) for day in (TUE, WED, THU, FRI)]
    write_daily(tmp_path, "SH600002", others)
    file = listings(tmp_path, f"600001.SSE,,{THU},{WED},,")
    play = Play(replay(tmp_path, TUE, FRI, listings=file))
    account = play.trader()
    play.until(at(TUE, "10:00"))
    assert play.row("600001.SSE")["limit_up"] == 21_000  # *ST: 5 %
    play.until(at(WED, "10:00"))
    assert play.row("600001.SSE")["limit_kind"] == LimitKind.UNLIMITED
    play.order(account, "600001.SSE", Side.BUY, 1.0, 1_000)
    play.until(at(THU, "10:00"))
    assert play.row("600001.SSE")["limit_down"] == 9_000  # 10 %
    play.until(at(FRI, "10:00"))
    (gone,) = play.of(Event.DELISTED, ACTION_EVENT)
    assert (gone["account"], gone["old_quantity"], gone["new_quantity"]) == (account, 1_000, 0)
    (told,) = play.of(Event.ANNOUNCED, ACTION_EVENT)
    assert play.row("600001.SSE")["suspended"] == 1
    assert told["instrument"] == gone["instrument"]


def test_first_days_by_the_file(tmp_path: Path) -> None:
    prices = [(TUE, 9.0, 12.0, 9.0, 12.0, 6.0, 1_000), (WED, 12.0, 12.0, 12.0, 12.0, 12.0, 1_000)]
    write_daily(tmp_path, "SH603999", prices)
    file = listings(tmp_path, f"603999.SSE,{TUE},,,registration,")
    play = Play(replay(tmp_path, TUE, WED, listings=file))
    play.until(at(TUE, "10:00"))
    assert play.row("603999.SSE")["limit_kind"] == LimitKind.UNLIMITED


def test_an_old_beijing_code_goes_on_under_the_new(tmp_path: Path) -> None:
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 100_000) for day in (TUE, WED, THU, FRI)]
    write_daily(tmp_path, "BJ430047", days[:2])
    write_daily(tmp_path, "BJ920047", days[2:])
    file = listings(tmp_path, "920047.BSE,,,,,430047.BSE")
    source = replay(tmp_path, TUE, FRI, listings=file)
    assert [entry.symbol for entry in source.entries] == ["920047.BSE"]
    play = Play(source)
    account = play.trader()
    play.until(at(WED, "10:00"))
    play.order(account, "920047.BSE", Side.BUY, 10.0, 101)
    play.until(at(FRI, "10:00"))
    play.order(account, "920047.BSE", Side.SELL, 9.9, 101)
    assert [quantity for _, quantity in play.trades_of(account)] == [101, 101]
    by_the_old = replay(tmp_path, TUE, FRI, listings=file, symbols=("430047.BSE",))
    assert [entry.symbol for entry in by_the_old.entries] == ["920047.BSE"]


CHANGE = [20250929, 20250930, 20251009, 20251010]


def over_the_change(folder: Path, first: int, last: int, **settings: Any) -> ReplaySource:
    calendar = TradingCalendar(CHANGE, RULES, "a test")
    chosen = ReplaySettings(folder, first, last, steps_a_day=24, **settings)
    return ReplaySource(chosen, KNOWN, calendar, RULES)


def test_a_replay_over_the_change_of_2025_takes_beijings_new_codes(tmp_path: Path) -> None:
    """873726 is one of those whose last digits another company kept: it became 920026."""
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 100_000) for day in CHANGE]
    write_daily(tmp_path, "BJ873726", days[:2])
    write_daily(tmp_path, "BJ920026", days[2:])
    write_daily(tmp_path, "BJ831726", days[:2])
    source = over_the_change(tmp_path, CHANGE[0], CHANGE[3])
    assert [entry.symbol for entry in source.entries] == ["920026.BSE", "920726.BSE"]
    assert list(source.dates) == CHANGE
    chosen = over_the_change(tmp_path, CHANGE[0], CHANGE[3], symbols=("873726.BSE",))
    assert [entry.symbol for entry in chosen.entries] == ["920026.BSE"]


def test_a_replay_that_ends_before_the_change_keeps_the_old_codes(tmp_path: Path) -> None:
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 100_000) for day in CHANGE[:2]]
    write_daily(tmp_path, "BJ873726", days)
    write_daily(tmp_path, "BJ833819", days)  # on trial since May
    source = over_the_change(tmp_path, CHANGE[0], CHANGE[3])
    assert [entry.symbol for entry in source.entries] == ["873726.BSE", "920819.BSE"]


def test_what_a_file_says_of_an_old_code_is_said_of_the_new(tmp_path: Path) -> None:
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 100_000) for day in CHANGE]
    write_daily(tmp_path, "BJ873726", days)
    file = listings(tmp_path, f"873726.BSE,{CHANGE[1]},,,,")
    source = over_the_change(tmp_path, CHANGE[1], CHANGE[3], listings=file)
    assert [(e.symbol, e.list_date) for e in source.entries] == [("920026.BSE", CHANGE[1])]


def test_the_table_of_beijings_codes_is_whole() -> None:
    codes = new_codes()
    assert len(codes) == len({new.symbol for new in codes.values()}) == 248
    assert sum(old[3:6] != new.symbol[3:6] for old, new in codes.items()) == 26
    assert {new.since for new in codes.values()} == {20250506, 20251009}
    assert all(classify(new.symbol[:6], "BSE") == ("bse", "share") for new in codes.values())


@pytest.mark.needs_data
def test_every_old_code_of_early_2025_has_a_new_one() -> None:
    with gzip.open(shared_data("symbols", "symbols.csv.gz"), "rt", encoding="utf-8") as lines:
        listed = {line[2:8] for line in lines if line.startswith("BJ")}
    old = {code for code in listed if not code.startswith("920")}
    assert {f"{code}.BSE" for code in old} == set(new_codes())
    taken = {f"{code}.BSE" for code in listed - old}
    assert taken.isdisjoint(new.symbol for new in new_codes().values())


def test_codes_whose_days_overlap_are_refused(tmp_path: Path) -> None:
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 100_000) for day in (TUE, WED)]
    for symbol in ("BJ430047", "BJ920047"):
        write_daily(tmp_path, symbol, days)
    file = listings(tmp_path, "920047.BSE,,,,,430047.BSE")
    with pytest.raises(BadFile, match="overlap"):
        replay(tmp_path, TUE, WED, listings=file)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("nothing,,,,,", "no symbol"),
        ("600001.SSE,soon,,,,", "no date"),
        ("600001.SSE,,,,lottery,", "registration, approval"),
        ("600001.SSE,,,,,old", "no symbol"),
    ],
)
def test_a_line_that_will_not_do_is_named(row: str, complaint: str, tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600001", [(TUE, 9.0, 9.0, 9.0, 9.0, 9.0, 1_000)])
    with pytest.raises(BadFile, match=complaint) as raised:
        replay(tmp_path, TUE, TUE, listings=listings(tmp_path, row))
    assert raised.value.line == 2


@pytest.mark.needs_data
def test_the_delisting_of_600087_in_2014() -> None:
    """Its last two days as they were; on the day after the end the shares are gone."""
    folder = shared_data("daily_2007_2019_sse")
    ends = shared_data("symbols", "delisted_to_2020_01.csv.gz")
    source = replay_2014(folder, ends)
    play = Play(source)
    account = play.trader()
    play.until(at(20140603, "10:00"))
    assert source.name_on(play.engine.instrument("600087.SSE"), 20140603) == "退市长油"
    play.order(account, "600087.SSE", Side.BUY, float(play.best("600087.SSE")[1]), 1_000)
    play.until(at(20140606, "10:00"))
    (gone,) = play.of(Event.DELISTED, ACTION_EVENT)
    assert (gone["account"], gone["old_quantity"]) == (account, 1_000)


def replay_2014(folder: Path, ends: Path) -> ReplaySource:
    symbols = ("600087.SSE", "600000.SSE")
    settings = ReplaySettings(
        folder, 20140603, 20140606, steps_a_day=24, symbols=symbols, listings=ends, history_days=5
    )
    days = [20140527, 20140528, 20140529, 20140530, 20140603, 20140604, 20140605, 20140606]
    return ReplaySource(settings, KNOWN, TradingCalendar(days, RULES, "a test"), RULES)


def test_without_names_in_the_file_the_first_days_are_marked(tmp_path: Path) -> None:
    days = [(day, 10.0, 10.0, 10.0, 10.0, 10.0, 1_000) for day in (TUE, WED)]
    write_daily(tmp_path, "SZ300014", days)
    source = replay(tmp_path, TUE, WED, listings=listings(tmp_path, f"300014.SZSE,{TUE},,,,"))
    name = KNOWN["300014.SZSE"].name
    assert [source.name_on(0, day) for day in (TUE, WED)] == ["N" + name[:3], "C" + name[:3]]

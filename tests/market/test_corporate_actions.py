"""Corporate actions as data: reference prices, holding periods, files, what a day books."""

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from server.engine.codes import Event, Side
from server.engine.records import ACTION_EVENT
from server.market.agents.dividends import announced_actions
from server.market.calendar import TradingCalendar
from server.market.corporate_actions import CorporateAction, check_action, reference_price
from server.market.replay.actions import read_actions
from server.market.replay.bad_file import BadFile
from server.market.rules.dividend_tax import tax_periods
from tests.market.play import CALENDAR, KNOWN, RULES, Play, at, replay, write_daily
from tests.shared_data import shared_data

HEAD = (
    "symbol,date,bonus_shares_per10,rights_shares_per10,rights_price,cash_per10,"
    "conversion_shares_per10\n"
)
DAY, NEXT = 20240924, 20240925


def action(**terms: int) -> CorporateAction:
    return CorporateAction(symbol="600000.SSE", number=1, ex_date=NEXT, **terms)


@pytest.mark.parametrize(
    ("terms", "close", "tick", "reference"),
    [
        ({"cash": 3_000 * 10**6}, 100_000, 100, 97_000),
        ({"cash": 150 * 10**6}, 100_000, 100, 99_900),  # 9.985
        ({"cash": 151 * 10**6}, 100_000, 100, 99_800),
        ({"bonus_ppb": 3 * 10**8, "conversion_ppb": 10**8}, 100_000, 100, 71_400),
        ({"rights_ppb": 3 * 10**8, "rights_price": 50_000}, 100_000, 100, 88_500),
        ({"factor_ppb": 10**8}, 20_000, 10, 200_000),
        ({"cash": 99_999 * 10**6}, 100_000, 100, 100),  # never below a tick
    ],
)
def test_reference_price(terms: dict[str, int], close: int, tick: int, reference: int) -> None:
    assert reference_price(action(**terms), close, tick) == reference


@pytest.mark.parametrize(
    ("sold", "month_from", "year_from"),
    [
        (20260208, 20260108, 20250208),  # of 8 January: exactly a month
        (20260209, 20260109, 20250209),
        (20260228, 20260128, 20250228),
        (20260301, 20260129, 20250301),  # 29 to 31 January: February is their month
        (20260302, 20260202, 20250302),
        (20240229, 20240129, 20230301),
        (20240301, 20240130, 20230301),  # 30 and 31 January
        (20250301, 20250129, 20240229),
    ],
)
def test_holding_periods_are_calendar_months(sold: int, month_from: int, year_from: int) -> None:
    assert tax_periods(sold) == (month_from, year_from)


@pytest.mark.parametrize(
    "terms",
    [
        {"pay_date": DAY, "cash": 1},
        {"rights_ppb": 1, "rights_until": NEXT},
        {"rights_ppb": 1, "rights_until": DAY, "list_date": 20240926},
        {"factor_ppb": 1, "cash": 1},
    ],
)
def test_dates_that_contradict_each_other_are_refused(terms: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"600000\.SSE"):
        check_action(action(**terms))


def write_actions(folder: Path, *rows: str) -> Path:
    path = folder / "actions.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_file_of_actions(tmp_path: Path) -> None:
    path = write_actions(
        tmp_path,
        "SH600000,2024-09-25,1,0,0,2.5,2",
        "SH600000,2024-09-26,0,0,0,0,0",  # share counts alone
        "SZ000001,2024-09-25,0,3,5.2,0,0",
        "SH600000,2011-01-04,0,0,0,1,0",
    )
    found = read_actions(path, DAY, 20241010, CALENDAR)
    assert sorted(found) == ["000001.SZSE", "600000.SSE"]
    (one,), (rights,) = found["600000.SSE"], found["000001.SZSE"]
    assert (one.ex_date, one.record_date, one.cash) == (NEXT, DAY, 2_500 * 10**6)
    assert (one.bonus_ppb, one.conversion_ppb) == (10**8, 2 * 10**8)
    assert (rights.rights_ppb, rights.rights_price) == (3 * 10**8, 52_000)
    assert (rights.rights_until, rights.list_date) == (20241008, 20241010)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (["SH600000,2024-09-25,1,0,0,x,0"], 2),
        (["SH600000,2024-09-25,1,0,0,-1,0"], 2),
        (["SH600000,2024-13-25,1,0,0,1,0"], 2),
        (["SH600000,2024-09-25,1,0,0,1,0", "SH600000,2024-09-25,1,0,0,1,0"], 3),
        (["SH600000,2024-09-25,1"], 2),
    ],
)
def test_a_file_that_will_not_do_names_its_line(tmp_path: Path, rows: list[str], line: int) -> None:
    with pytest.raises(BadFile) as refused:
        read_actions(write_actions(tmp_path, *rows), DAY, 20241010, CALENDAR)
    assert refused.value.line == line


def test_a_replay_books_the_real_action(tmp_path: Path) -> None:
    """10.00, ten for ten and 2.00 in cash: 4.90 is the file's reference price, too."""
    actions = write_actions(tmp_path, "SH600000,2024-09-25,0,0,0,2,10")
    prices = tmp_path / "prices"
    prices.mkdir()
    rows = [
        ("2024-09-24", 10.00, 10.00, 10.00, 10.00, 10.00, 1_000_000),
        ("2024-09-25", 4.90, 4.90, 4.90, 4.90, 4.90, 1_000_000),
    ]
    write_daily(prices, "SH600000", rows)
    play = Play(replay(prices, DAY, NEXT, actions=actions))
    play.until(at(DAY, "10:00"))
    account = play.trader()
    play.order(account, "600000.SSE", Side.BUY, 10.99, 1_000)
    play.to_end()
    events = play.events
    assert Event.ENTITLED not in events["kind"]
    (booked,) = events[events["kind"] == Event.EX_RIGHTS].view(ACTION_EVENT)
    assert (booked["old_quantity"], booked["new_quantity"]) == (1_000, 2_000)
    assert booked["cash"] == 200 * 10_000


def test_some_companies_of_the_agents_market_announce_a_dividend() -> None:
    entries = list(KNOWN.values())
    calendar = TradingCalendar([*CALENDAR.sessions(DAY, 20241010), 20241011], RULES, "a test")
    found = announced_actions(entries, DAY, calendar, seed=1)
    assert found == announced_actions(entries, DAY, calendar, seed=1)
    assert found != announced_actions(entries, DAY, calendar, seed=2)
    assert found
    for symbol, (each,) in found.items():
        assert KNOWN[symbol].kind == "share"
        assert DAY < each.announced < each.record_date < each.ex_date
        check_action(each)


REFORM = "share reform: paid to the holders of tradable shares alone, the price is not adjusted"
OTHER_DAY = "the price was adjusted on another day than the file says: the file's date is wrong"
DIFFERING = {
    ("600003.SSE", "2007-02-08"): REFORM,
    ("600031.SSE", "2007-04-24"): "adjusted the day before, on which the share was suspended",
    ("600039.SSE", "2007-01-08"): REFORM,
    ("600052.SSE", "2007-04-13"): REFORM,
    ("600067.SSE", "2007-07-30"): "a tick higher: published on another base than all shares",
    ("600081.SSE", "2007-01-10"): REFORM,
    ("600089.SSE", "2007-06-19"): OTHER_DAY,  # 2007-06-11: 20.41 to 20.31
    ("600094.SSE", "2007-03-19"): REFORM,
    ("600096.SSE", "2008-11-10"): OTHER_DAY,
}


def _ex_dates() -> Iterator[tuple[str, str, int, int, int]]:
    """(symbol, date, close before, published, computed) where the file has the ex-date."""
    path = shared_data("corporate_actions", "ex_rights_1990_2011.csv.gz")
    folder = shared_data("daily_2007_2019_sse")
    sessions = shared_data("calendar", "trading_days.csv.gz")
    with gzip.open(sessions, "rt") as lines:
        days = [int(line.replace("-", "")) for line in lines if line[:1].isdigit()]
    actions = read_actions(path, 20070105, 20111231, TradingCalendar(days, RULES, "a test"))
    for file in sorted(folder.iterdir()):
        symbol = f"{file.name[2:8]}.SSE"
        by_date = {each.ex_date: each for each in actions.get(symbol, ())}
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            before = 0
            for row in csv.DictReader(lines):
                day = int(row["date"].replace("-", ""))
                published = int(Decimal(row["preclose"]) * 10_000)
                if before and day in by_date:
                    computed = reference_price(by_date[day], before, 100)
                    yield symbol, row["date"], before, published, computed
                before = int(Decimal(row["close"]) * 10_000)


@pytest.mark.needs_data
def test_real_ex_dates_have_the_published_reference_price() -> None:
    found = list(_ex_dates())
    differing = {(symbol, day) for symbol, day, _, published, mine in found if published != mine}
    assert len(found) == 192
    assert differing == set(DIFFERING)

import csv
import gzip
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from server.engine.codes import HoldingClass, LimitKind
from server.market.calendar import TradingCalendar, load_calendar
from server.market.dates import parse_date
from server.market.replay.symbols import symbol_in
from server.market.rules import (
    LONG_LISTED,
    Ipo,
    Kind,
    RuleAmbiguous,
    RuleKey,
    RuleMissing,
    Rules,
    Status,
    limit_prices,
)
from server.market.rules.limits import LimitRow
from server.market.rules.tables import Row, Table
from server.market.rules.trading import QuantityRow
from server.market.special_days import special_day
from server.market.universe import classify
from server.protocol.words import Board, Exchange
from tests.shared_data import shared_data

MAIN = RuleKey("SSE", "main", "share", 20150820)
RULES = Rules()


def key(board: Board, date: int, **changes: object) -> RuleKey:
    exchanges: dict[Board, Exchange] = {"star": "SSE", "chinext": "SZSE", "bse": "BSE"}
    plain = MAIN._replace(board=board, date=date, exchange=exchanges.get(board, "SSE"))
    return plain._replace(**changes)


# Rounding (section 1.5) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("previous_close", "ratio_ppm", "rounding", "up", "down"),
    [
        (100_500, 100_000, "half_up", 110_600, 90_500),  # 10.05: 11.055 and 9.045 round up
        (18_200, 300_000, "inward", 23_600, 12_800),  # 1.82: 2.366 down, 1.274 up
        (17_000, 50_000, "half_up", 17_900, 16_200),  # 1.70: 1.785 and 1.615
        (18_700, 100_000, "half_up", 20_600, 16_800),
        (500, 50_000, "half_up", 600, 400),  # the two one-tick guards
        (100, 100_000, "half_up", 200, 100),  # and never below one tick
        (300, 300_000, "inward", 400, 200),
    ],
)
def test_limit_prices(
    previous_close: int, ratio_ppm: int, rounding: str, up: int, down: int
) -> None:
    assert limit_prices(previous_close, ratio_ppm, 100, rounding) == (up, down)


def test_fund_limits_are_on_the_small_tick() -> None:
    assert limit_prices(27_850, 100_000, 10, "half_up") == (30_640, 25_070)


def test_way_down_may_differ() -> None:
    assert limit_prices(21_700, 440_000, 100, "half_up", 360_000) == (31_200, 13_900)


# Ratios by date (section 1.4) ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "ratio_ppm"),
    [
        (key("main", 20260630, status="st"), 50_000),
        (key("main", 20260705, status="st"), 50_000),
        (key("main", 20260706, status="st"), 100_000),
        (key("main", 20260706), 100_000),
        (key("main", 20260924, status="unreformed"), 50_000),
        (key("main", 20260924, status="delisting"), 100_000),
        (key("chinext", 20200823), 100_000),
        (key("chinext", 20200824), 200_000),
        (key("chinext", 20200823, status="st"), 50_000),
        (key("chinext", 20200824, status="st"), 200_000),
        (key("star", 20190729), 200_000),
        (key("bse", 20260803), 300_000),
        (key("bse", 20260803, status="st"), 300_000),
        (key("fund", 20260803, kind="gold"), 100_000),
        (key("fund", 20200823, kind="stock_20"), 100_000),
        (key("fund", 20200824, kind="stock_20"), 200_000),
    ],
)
def test_ratio_of_a_date(asked: RuleKey, ratio_ppm: int) -> None:
    row = RULES.limit(asked)
    assert (row.kind_code, row.up_ppm, row.fall_ppm) == (LimitKind.LIMITED, ratio_ppm, ratio_ppm)
    assert row.daily_limit_ppm == ratio_ppm


def test_the_st_limit_doubled_overnight() -> None:
    before = key("main", 20260630, exchange="SZSE", status="st")
    assert RULES.limit_prices(before, 17_000) == (17_900, 16_200)
    assert RULES.limit_prices(before._replace(date=20260706), 18_700) == (20_600, 16_800)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (key("star", 20190722, listing_day=1), LimitKind.UNLIMITED),
        (key("star", 20190726, listing_day=5), LimitKind.UNLIMITED),
        (key("star", 20190729, listing_day=6), LimitKind.LIMITED),
        (key("chinext", 20200821, listing_day=3), LimitKind.LIMITED),
        (key("chinext", 20200824, listing_day=3), LimitKind.UNLIMITED),
        (key("main", 20230410, listing_day=5, ipo="registration"), LimitKind.UNLIMITED),
        (key("main", 20230410, listing_day=5, ipo="approval"), LimitKind.LIMITED),
        (key("main", 20230410, listing_day=5), LimitKind.UNKNOWN),
        (key("main", 20230407, listing_day=5), LimitKind.LIMITED),
        (key("main", 20131219, listing_day=1), LimitKind.UNKNOWN),
        (key("main", 20131220, listing_day=2), LimitKind.LIMITED),
        (key("bse", 20211115, listing_day=1), LimitKind.UNLIMITED),
        (key("bse", 20211116, listing_day=2), LimitKind.LIMITED),
        (key("main", 20210810, status="relisted"), LimitKind.UNLIMITED),
        (key("main", 20210810, status="delisting_first"), LimitKind.UNLIMITED),
    ],
)
def test_first_days(asked: RuleKey, kind: LimitKind) -> None:
    assert RULES.limit(asked).kind_code is kind


def test_approval_ipo_trades_within_64_to_144_percent_of_the_issue_price() -> None:
    asked = key("main", 20171215, listing_day=1)
    assert RULES.limit_prices(asked, 21_700) == (31_200, 13_900)
    assert RULES.limit(asked).daily_limit_ppm == 100_000


@pytest.mark.parametrize("asked", [key("star", 20190722, listing_day=1), key("main", 20131219)])
def test_no_limit_prices_where_there_is_no_limit(asked: RuleKey) -> None:
    with pytest.raises(ValueError, match=r"un\w+ price limit"):
        RULES.limit_prices(asked._replace(listing_day=1), 100_000)


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        (key("main", 20260706), HoldingClass.MAIN),
        (key("main", 20260706, status="st"), HoldingClass.RISK_WARNING),
        (key("main", 20260706, listing_day=5, ipo="registration"), HoldingClass.RISK_WARNING),
        (key("chinext", 20150820), HoldingClass.MAIN),
        (key("chinext", 20260706), HoldingClass.WIDE_20),
        (key("star", 20260706), HoldingClass.WIDE_20),
        (key("bse", 20260706), HoldingClass.BSE_30),
        (key("fund", 20260706, kind="bond"), HoldingClass.MAIN),
        (key("fund", 20260706, kind="stock_20"), HoldingClass.WIDE_20),
    ],
)
def test_column_of_the_admissible_holdings(asked: RuleKey, column: HoldingClass) -> None:
    assert RULES.limit(asked).holding_class is column


# Missing and ambiguous rules ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        key("main", 19961213),
        key("star", 20190719),
        key("bse", 20211112),
        key("fund", 20260706, kind="share"),
        key("fund", 20260706, kind="gold", status="st"),
    ],
)
def test_missing_rule_names_the_key(asked: RuleKey) -> None:
    with pytest.raises(RuleMissing, match=f"price_limits.*board {asked.board}.*{asked.date}"):
        RULES.limit(asked)


def test_ambiguous_rule_names_both_rows() -> None:
    row = RULES.limit(MAIN)
    table: Table[LimitRow] = Table("price_limits", [row, row])
    with pytest.raises(RuleAmbiguous, match=r"1\.4 V from .* and 1\.4 V from"):
        table.find(MAIN)


def test_no_key_meets_two_rows() -> None:
    """On every day on which any rule changes, for every combination of conditions."""
    for table in RULES.tables:
        starts = {parse_date(row.valid_from.isoformat()) for row in table.rows}
        ends = {parse_date(row.valid_to.isoformat()) for row in table.rows if row.valid_to}
        listing_days = {day for row in table.rows for day in row.days}
        answers = 0
        for parts in product(
            get_args(Exchange),
            get_args(Board),
            get_args(Kind),
            starts | ends,
            get_args(Status),
            listing_days,
            get_args(Ipo),
        ):
            asked = RuleKey(*parts)
            if (asked.board == "fund") != (asked.kind == "share"):  # else no such instrument
                answers += table.get(asked) is not None
        assert answers > 0, table.name


# Order sizes (section 1.2) ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (MAIN, (100, 100, 100, 100, 100, 100, 1_000_000, 1_000_000)),
        (key("star", 20260706), (100, 1, 200, 1, 200, 1, 100_000, 50_000)),
        (key("chinext", 20200823), (100, 100, 100, 100, 100, 100, 1_000_000, 1_000_000)),
        (key("chinext", 20200824), (100, 100, 100, 100, 100, 100, 300_000, 150_000)),
        (key("bse", 20260706), (100, 1, 100, 1, 100, 1, 1_000_000, 1_000_000)),
        (
            key("fund", 20260706, kind="gold"),
            (10, 100, 100, 100, 100, 100, 1_000_000, 1_000_000),
        ),
    ],
)
def test_order_sizes(asked: RuleKey, expected: tuple[int, ...]) -> None:
    row = RULES.quantity(asked)
    own = [name for name in QuantityRow.__struct_fields__ if name not in _row_fields()]
    assert tuple(getattr(row, name) for name in own) == expected


def _row_fields() -> set[str]:
    return set(Row.__struct_fields__)


# Against what was traded --------------------------------------------------------------------------


class Day(NamedTuple):
    symbol: str
    date: int
    preclose: int
    high: int
    low: int
    status: Status
    listing_day: int


def _price(text: str) -> int:
    return round(float(text) * 10_000)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _listing_dates() -> dict[str, int]:
    rows = _rows(shared_data("symbols", "symbols.csv.gz"))
    return {row["symbol"]: parse_date(row["list_date"]) for row in rows}


def _status(row: dict[str, str]) -> Status:
    return "st" if row["is_st"] == "1" else "normal"


def _traded_days(folder: Path, calendar: TradingCalendar) -> Iterator[Day]:
    listed = _listing_dates()
    for path in sorted(folder.glob("*.csv.gz")):
        symbol = path.name.removesuffix(".csv.gz")
        list_date = listed.get(symbol, 0)
        for row in _rows(path):
            if row["trade_status"] != "1":
                continue
            date = parse_date(row["date"])
            new = list_date and date <= list_date + 100
            listing_day = 1 + calendar.sessions_between(list_date, date) if new else LONG_LISTED
            prices = (_price(row[name]) for name in ("preclose", "high", "low"))
            yield Day(symbol, date, *prices, _status(row), listing_day)


def _key(day: Day) -> RuleKey:
    exchange: Exchange = "SSE" if day.symbol.startswith("SH") else "SZSE"
    board, kind = classify(day.symbol[2:], exchange)
    return RuleKey(exchange, board, kind, day.date, day.status, day.listing_day, ipo="registration")


@pytest.fixture(scope="module")
def calendar(tmp_path_factory: pytest.TempPathFactory) -> TradingCalendar:
    return load_calendar(tmp_path_factory.mktemp("data"), RULES)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("folder", "derived", "touches"),
    [
        ("daily_2007_2019_sse", "limit_events_2007_2019.csv.gz", 8_160),
        ("daily_2020_2025", "limit_events_2020_2025.csv.gz", 3_792),
    ],
)
def test_every_traded_price_lies_within_the_limits(
    calendar: TradingCalendar, folder: str, derived: str, touches: int
) -> None:
    derived_rows = list(_rows(shared_data("derived", derived)))
    events = {(row["symbol"], parse_date(row["date"])): row for row in derived_rows}
    beyond: set[tuple[str, int]] = set()
    agreed: set[tuple[str, int]] = set()
    for day in _traded_days(shared_data(folder), calendar):
        place = (day.symbol, day.date)
        asked, event = _key(day), events.get(place)
        if RULES.limit(asked).kind_code is not LimitKind.LIMITED:
            assert day.listing_day <= 5
            continue
        up, down = RULES.limit_prices(asked, day.preclose)
        if day.high > up or day.low < down:
            beyond.add(place)
        elif day.listing_day > 1:  # the derived file knows no first days
            assert (day.high == up, day.low == down) == _touched(event), place
            if event:
                assert (_price(event["limit_up"]), _price(event["limit_down"])) == (up, down), place
                agreed.add(place)
    assert len(events) == touches
    special = {place for place in events if special_day(symbol_in(place[0]) or "", place[1])}
    assert beyond == special
    first_days = events.keys() - agreed - beyond
    assert all(_listing_day(place, calendar) <= 5 for place in first_days)
    assert len(beyond) + len(agreed) + len(first_days) == touches


def _touched(event: dict[str, str] | None) -> tuple[bool, bool]:
    return (
        (False, False) if event is None else (event["touch_up"] == "1", event["touch_down"] == "1")
    )


def _listing_day(place: tuple[str, int], calendar: TradingCalendar) -> int:
    symbol, date = place
    return 1 + calendar.sessions_between(_listing_dates()[symbol], date)


@pytest.mark.needs_data
def test_unreformed_shares_moved_five_percent_at_most_from_2007_01_08() -> None:
    seen = 0
    for path in sorted(shared_data("daily_2007_2019_sse").glob("*.csv.gz")):
        for row in _rows(path):
            if row["trade_status"] != "1" or not re.match(r"S[^T*]", row["name"]):
                continue
            asked = MAIN._replace(date=parse_date(row["date"]), status="unreformed")
            up, down = RULES.limit_prices(asked, _price(row["preclose"]))
            assert down <= _price(row["low"]) <= _price(row["high"]) <= up, (path.name, row["date"])
            seen += 1
    assert seen > 40

"""Bars from events: minutes, longer intervals, days, and what is said of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.engine.codes import Event, MarkPolicy
from server.engine.records import DAY_EVENT, EVENT, PRICE_EVENT, TRADE_EVENT
from server.market.bars import BAR, BarStore
from tests.market.play import at

DAY, NEXT = 20240924, 20240925
Events = NDArray[np.void]


def day_event(kind: Event, date: int, clock: str) -> Events:
    out = np.zeros(1, DAY_EVENT)
    out["kind"], out["date"], out["time"] = kind, date, at(date, clock)
    return out.view(EVENT)


def opened(date: int = DAY) -> Events:
    return day_event(Event.DAY_OPENED, date, "09:00")


def closed(date: int = DAY) -> Events:
    return day_event(Event.DAY_CLOSED, date, "15:00")


def trade(clock: str, price: int, quantity: int, instrument: int = 0, date: int = DAY) -> Events:
    out = np.zeros(1, TRADE_EVENT)
    out["kind"], out["time"], out["instrument"] = Event.TRADE, at(date, clock), instrument
    out["price"], out["quantity"] = price, quantity
    return out.view(EVENT)


def mark(clock: str, price: int, volume: int) -> Events:
    out = np.zeros(1, PRICE_EVENT)
    out["kind"], out["time"] = Event.PRICE_MARKED, at(DAY, clock)
    out["price"], out["volume"] = price, volume
    return out.view(EVENT)


def fed(*events: Events, store: BarStore | None = None) -> BarStore:
    store = store or BarStore(2, MarkPolicy.LAST_TRADE)
    store.apply(np.concatenate(events))
    return store


def rows(bars: NDArray[np.void]) -> list[tuple[int, ...]]:
    names = ("open", "high", "low", "close", "volume", "turnover")
    return [tuple(int(bar[name]) for name in names) for bar in bars]


MORNING = (
    opened(),
    trade("09:25", 100, 10),
    trade("09:30:30", 120, 5),
    trade("09:30:59", 90, 5),
    trade("09:31", 95, 1),
    trade("09:36", 130, 2),
)


def test_a_minute_has_its_trades_and_the_first_the_auctions() -> None:
    bars = fed(*MORNING).bars(0, "1m", 10)
    assert rows(bars) == [
        (100, 120, 90, 90, 20, 2_050),
        (95, 95, 95, 95, 1, 95),
        (130, 130, 130, 130, 2, 260),
    ]
    assert bars["time"].tolist() == [at(DAY, clock) for clock in ("09:30", "09:31", "09:36")]


def test_longer_bars_are_folded_from_minutes() -> None:
    store = fed(*MORNING)
    assert rows(store.bars(0, "5m", 10)) == [
        (100, 120, 90, 95, 21, 2_145),
        (130, 130, 130, 130, 2, 260),
    ]
    assert rows(store.bars(0, "60m", 10)) == [(100, 130, 90, 130, 23, 2_405)]
    assert rows(store.bars(0, "1d", 10)) == [(100, 130, 90, 130, 23, 2_405)]


@pytest.mark.parametrize(
    ("clock", "start"),
    [
        ("09:25", "09:30"),
        ("11:29:59", "11:29"),
        ("11:30", "11:29"),
        ("13:00", "13:00"),
        ("15:00", "14:59"),
    ],
)
def test_stamps_at_the_edges_of_a_session_count_inside_it(clock: str, start: str) -> None:
    bars = fed(opened(), trade(clock, 100, 1)).bars(0, "1m", 5)
    assert bars["time"].tolist() == [at(DAY, start)]


def test_an_hour_does_not_span_the_break() -> None:
    store = fed(opened(), trade("11:29", 100, 1), trade("13:01", 200, 1))
    bars = store.bars(0, "60m", 5)
    assert bars["time"].tolist() == [at(DAY, "10:30"), at(DAY, "13:00")]


def test_only_the_newest_are_given_oldest_first() -> None:
    bars = fed(*MORNING).bars(0, "1m", 2)
    assert bars["close"].tolist() == [95, 130]
    assert rows(fed(*MORNING).current(0, "1m")) == [(130, 130, 130, 130, 2, 260)]


def test_an_instrument_without_trades_has_no_bars() -> None:
    store = fed(*MORNING)
    assert len(store.bars(1, "1m", 10)) == len(store.bars(1, "1d", 10)) == 0
    assert len(BarStore(1, MarkPolicy.SOURCE).bars(0, "1m", 5)) == 0


def test_it_says_whose_bars_have_changed() -> None:
    store = fed(opened())
    batch = np.concatenate([trade("10:00", 5, 1, 1), trade("10:00", 6, 1, 1)])
    assert store.apply(batch).tolist() == [1]
    assert store.apply(closed()).tolist() == []


def test_a_bar_is_final_when_its_time_is_over() -> None:
    store = fed(*MORNING)
    assert store.bars(0, "1m", 10)["final"].tolist() == [True, True, False]
    assert store.bars(0, "1d", 10)["final"].tolist() == [False]
    fed(trade("09:40", 1, 1, instrument=1), store=store)
    assert store.bars(0, "1m", 10)["final"].all()
    assert store.bars(0, "5m", 10)["final"].tolist() == [True, True]
    fed(closed(), store=store)
    assert store.bars(0, "1d", 10)["final"].tolist() == [True]


def test_days_follow_each_other_and_the_loaded_past() -> None:
    past = np.zeros(2, BAR)
    past["time"] = [at(20240920, "09:30"), at(20240923, "09:30")]
    past["close"] = [10, 11]
    store = BarStore(2, MarkPolicy.LAST_TRADE)
    store.load_daily(0, past)
    fed(*MORNING, closed(), opened(NEXT), trade("10:00", 140, 1, date=NEXT), store=store)
    days = store.bars(0, "1d", 10)
    assert days["close"].tolist() == [10, 11, 130, 140]
    assert days["final"].tolist() == [True, True, True, False]
    assert len(store.bars(0, "1m", 10)) == 4
    assert store.bars(0, "1d", 2)["close"].tolist() == [130, 140]


def test_minutes_are_kept_for_some_days_only() -> None:
    store = BarStore(1, MarkPolicy.LAST_TRADE, minute_days=2, daily_bars=3)
    for date in (20240923, 20240924, 20240925, 20240926):
        fed(opened(date), trade("10:00", date % 100, 1, date=date), closed(date), store=store)
    assert store.bars(0, "1m", 10)["close"].tolist() == [25, 26]
    assert store.bars(0, "1d", 10)["close"].tolist() == [24, 25, 26]


def test_where_the_source_marks_trades_do_not_count() -> None:
    store = BarStore(1, MarkPolicy.SOURCE)
    fed(opened(), mark("10:00", 100, 7), trade("10:00", 999, 50), store=store)
    assert rows(store.bars(0, "1m", 5)) == [(100, 100, 100, 100, 7, 700)]


def test_paths_inside_daily_bars_are_marked_until_the_bar_is_whole() -> None:
    store = BarStore(1, MarkPolicy.SOURCE, interpolated_below=240)
    fed(opened(), mark("10:00", 100, 7), mark("10:01", 101, 7), store=store)
    assert store.bars(0, "1m", 5)["interpolated"].tolist() == [True, True]
    assert store.bars(0, "1d", 5)["interpolated"].tolist() == [True]
    fed(closed(), store=store)
    assert store.bars(0, "1d", 5)["interpolated"].tolist() == [False]
    assert store.bars(0, "60m", 5)["interpolated"].all()


def test_real_minutes_are_not_marked() -> None:
    store = BarStore(1, MarkPolicy.SOURCE, interpolated_below=1)
    fed(opened(), mark("10:00", 100, 7), mark("10:01", 101, 7), store=store)
    assert store.bars(0, "1m", 5)["interpolated"].tolist() == [False, True]


@given(
    trades=st.lists(
        st.tuples(st.integers(0, 239), st.integers(1, 99), st.integers(1, 9), st.integers(0, 1)),
        max_size=30,
    ),
    cuts=st.lists(st.integers(0, 32), max_size=5),
)
def test_how_events_are_cut_into_batches_changes_nothing(
    trades: list[tuple[int, int, int, int]], cuts: list[int]
) -> None:
    events = [opened()]
    for minute, price, quantity, instrument in sorted(trades, key=lambda each: each[0]):
        hour, rest = divmod(9 * 60 + 30 + minute + (90 if minute >= 120 else 0), 60)
        events.append(trade(f"{hour:02}:{rest:02}", price, quantity, instrument))
    whole = np.concatenate([*events, closed()])
    one = fed(whole)
    many = BarStore(2, MarkPolicy.LAST_TRADE)
    for part in np.split(whole, sorted(cuts)):
        many.apply(part)
    for instrument in (0, 1):
        for interval in ("1m", "5m", "15m", "30m", "60m", "1d"):
            mine, theirs = (s.bars(instrument, interval, 300) for s in (one, many))
            assert mine.tolist() == theirs.tolist()
            assert mine["volume"].sum() == sum(q for _, _, q, i in trades if i == instrument)


def test_what_is_exported_is_of_that_moment_whenever_it_is_encoded() -> None:
    store = fed(*MORNING, closed(), opened(NEXT), trade("10:00", 140, 1, date=NEXT))
    then = store.export()()
    encode = store.export()
    fed(trade("10:00:30", 150, 1, date=NEXT), closed(NEXT), store=store)
    assert encode() == then
    assert store.export()() != then


def test_what_is_exported_can_be_taken_back() -> None:
    store = fed(*MORNING, closed(), opened(NEXT), trade("10:00", 140, 1, date=NEXT))
    copy = BarStore(2, MarkPolicy.LAST_TRADE)
    copy.load(store.export()())
    later = trade("10:00:30", 150, 1, date=NEXT)
    for each in (store, copy):
        fed(later, store=each)
    for interval in ("1m", "1d"):
        mine, theirs = (s.bars(0, interval, 50) for s in (store, copy))
        assert mine.tolist() == theirs.tolist()
    with pytest.raises(ValueError, match=r"reshape|broadcast"):
        BarStore(3, MarkPolicy.LAST_TRADE).load(store.export()())

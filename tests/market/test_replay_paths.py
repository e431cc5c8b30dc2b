"""Paths inside bars, and how each kind of data is laid along the day."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.market.hours import Hours, hours_of, phase_commands, turns_of
from server.market.replay.bridge import MINIMUM_POINTS, Candle, bridge
from server.market.replay.series import IntradaySeries, SnapshotSeries
from server.market.replay.strips import bars_strip, daily_strip, snapshots_strip, ticks_strip
from server.market.replay.tape import Depth, Strip, merge, turning_points
from tests.market.play import CALENDAR, at

DAY = 20240924
MINUTE = 60_000_000


def hours() -> Hours:
    """Of funds in Shanghai, which had no closing call yet."""
    return hours_of(CALENDAR, DAY, 1)


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@st.composite
def candles(draw: st.DrawFn) -> Candle:
    low = draw(st.integers(1, 2_000))
    high = low + draw(st.integers(0, 500))
    return Candle(draw(st.integers(low, high)), high, low, draw(st.integers(low, high)))


@given(candle=candles(), points=st.integers(MINIMUM_POINTS, 300), seed=st.integers(0, 2**32))
def test_a_path_touches_all_four_prices_and_never_leaves_the_bar(
    candle: Candle, points: int, seed: int
) -> None:
    tick = 100
    scaled = Candle(*(price * tick for price in candle))
    path = bridge(scaled, tick, points, np.random.default_rng(seed))
    assert (path[0], path[-1]) == (scaled.open, scaled.close)
    assert (path.max(), path.min()) == (scaled.high, scaled.low)
    assert len(path) == points
    assert not (path % tick).any()


def test_a_path_does_not_stick_to_its_bounds() -> None:
    candle = Candle(100_000, 101_000, 99_000, 100_000)
    paths = [bridge(candle, 100, 241, np.random.default_rng(seed)) for seed in range(50)]
    at_bounds = np.mean([(path == 101_000) | (path == 99_000) for path in paths])
    assert at_bounds < 0.15


def test_the_days_volume_is_spread_without_loss() -> None:
    candle = Candle(100_000, 101_000, 99_000, 100_500)
    strip = daily_strip(candle, 1_234_567, 100, 240, hours(), np.random.default_rng(1))
    assert strip.volume.sum() == 1_234_567
    assert (strip.volume > 0).all()
    assert strip.time[0] == at(DAY, "09:25")
    assert (strip.time[1], strip.time[120]) == (at(DAY, "09:31"), at(DAY, "11:30"))
    assert (strip.time[121], strip.time[-1]) == (at(DAY, "13:01"), at(DAY, "15:00"))
    assert set(strip.bar.tolist()) == {0}


def minutes(*rows: tuple[int, int, int, int, int], span: int = MINUTE) -> IntradaySeries:
    """(open, high, low, close, volume) of the minutes from 9:30."""
    table = np.array(rows, np.int64)
    start = at(DAY, "09:30") + np.arange(len(rows)) * span
    quotes = dict(zip(("open", "high", "low", "close", "volume"), table.T, strict=True))
    return IntradaySeries("600000.SSE", np.full(len(rows), DAY), start, span, **quotes)


def test_a_minute_bar_is_played_inside_its_minute() -> None:
    series = minutes((1000, 1200, 900, 1100, 403), (1100, 1100, 1100, 1100, 7))
    rng = np.random.default_rng(1)
    strip = bars_strip(series, slice(0, 2), 100, 240, hours(), rng)
    first = (strip.time >= at(DAY, "09:30")) & (strip.time < at(DAY, "09:31"))
    assert (strip.time[0], strip.price[0], strip.volume[0]) == (at(DAY, "09:25"), 1000, 0)
    assert strip.price[first].max() == 1200
    assert strip.price[first].min() == 900
    assert strip.price[first][-1] == 1100
    assert strip.volume[first].sum() == 403
    assert strip.bar.tolist() == [0] * 5 + [1] * 4
    assert strip.capacity[-1] == 7


def test_a_longer_bar_gets_its_share_of_the_days_steps() -> None:
    series = minutes((1000, 1200, 900, 1100, 403), span=5 * MINUTE)
    strip = bars_strip(series, slice(0, 1), 100, 480, hours(), np.random.default_rng(1))
    assert len(strip.time) == 1 + 10


def test_a_minute_line_has_one_price_a_minute_at_its_end() -> None:
    series = minutes((1000, 1000, 1000, 1000, 5), (1100, 1100, 1100, 1100, 6))
    strip = bars_strip(series, slice(0, 2), 100, 240, hours(), np.random.default_rng(1))
    assert strip.price.tolist() == [1000, 1100]
    assert strip.time.tolist() == [at(DAY, "09:30:59"), at(DAY, "09:31:59")]


def test_stray_stamps_are_brought_to_the_hours() -> None:
    stray = [
        "09:24:59",
        "09:25:02",
        "09:29",
        "09:30:02",
        "11:30:02",
        "12:59",
        "14:59:59",
        "15:00:03",
    ]
    clamped = hours().clamp(ints(*(at(DAY, clock) for clock in stray)))
    wanted = ["09:25", "09:25", "09:30:02", "11:30", "11:30", "14:59:59", "15:00"]
    assert clamped.tolist() == [0, *(at(DAY, clock) for clock in wanted)]


def test_ticks_of_one_second_keep_their_extremes_and_their_last() -> None:
    clock = at(DAY, "10:00")
    time = clock + ints(-3, 100_000, 200_000, 300_000, 400_000, 500_000)
    price = ints(500, 700, 900, 650, 400, 600)
    series = IntradaySeries(
        "600000.SSE", np.full(6, DAY), time, 0, price, price, price, price, ints(1, 2, 3, 4, 5, 6)
    )
    strip = ticks_strip(series, slice(0, 6), hours())
    assert strip.time.tolist() == [clock] + [clock + 1_000_000] * 3
    assert strip.price.tolist() == [500, 900, 400, 600]
    assert strip.volume.tolist() == [1, 0, 0, 20]
    assert strip.capacity.tolist() == [1, 20, 20, 20]


@given(
    groups=st.lists(
        st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), min_size=1, max_size=6),
        min_size=1,
        max_size=8,
    )
)
def test_thinning_keeps_highs_lows_lasts_and_volume(groups: list[list[tuple[int, int]]]) -> None:
    time = ints(*(k for k, group in enumerate(groups) for _ in group))
    price = ints(*(price for group in groups for price, _ in group))
    volume = ints(*(v for group in groups for _, v in group))
    keep, gathered = turning_points(time, price, volume)
    assert gathered[keep].sum() == volume.sum()
    for k, group in enumerate(groups):
        kept = price[keep & (time == k)]
        prices = [p for p, _ in group]
        assert (kept.max(), kept.min(), kept[-1]) == (max(prices), min(prices), prices[-1])
        assert len(kept) <= 3


def snapshots(rows: list[tuple[str, int, int, int, int, int, int]]) -> SnapshotSeries:
    """(clock, last, high, low, volume so far, best bid, best ask)."""
    table = np.array([row[1:] for row in rows], np.int64)
    bid, ask = table[:, 4:5], table[:, 5:6]
    return SnapshotSeries(
        symbol="600000.SSE",
        date=DAY,
        preclose=1000,
        time=ints(*(at(DAY, row[0]) for row in rows)),
        last=table[:, 0],
        high=table[:, 1],
        low=table[:, 2],
        volume=table[:, 3],
        bid_price=bid,
        bid_quantity=bid * 0 + 500,
        ask_price=ask,
        ask_quantity=ask * 0 + 700,
    )


def test_a_high_between_two_snapshots_is_shown() -> None:
    strip = snapshots_strip(
        snapshots(
            [
                ("09:24:59", 0, 0, 0, 0, 990, 990),
                ("09:25:01", 1000, 1000, 1000, 50, 1000, 1100),
                ("09:30:03", 1100, 1300, 1000, 80, 1000, 1100),
            ]
        ),
        hours(),
    )
    assert strip.price[-2:].tolist() == [1300, 1100]
    assert strip.volume.sum() == 80
    assert strip.time.min() == at(DAY, "09:25")


def test_the_crossed_levels_of_a_call_are_not_quoted() -> None:
    strip = snapshots_strip(
        snapshots(
            [
                ("10:00", 1000, 1000, 1000, 50, 900, 1000),
                ("14:58", 1000, 1000, 1000, 50, 1000, 1000),
            ]
        ),
        hours(),
    )
    assert strip.depth is not None
    assert strip.depth.quantity[0, :, 0].tolist() == [500, 700]
    assert strip.depth.quantity[-1].sum() == 0


def test_strips_merge_in_order_of_time_then_instrument() -> None:
    def strip(*times: int) -> Strip:
        column = ints(*times)
        return Strip(column, column * 10, column, column * 0, column)

    tape = merge([(1, strip(1, 3)), (0, strip(2, 3, 3))])
    assert tape.times.tolist() == [1, 2, 3]
    assert tape.instrument.tolist() == [1, 0, 0, 0, 1]
    assert tape.rows(2) == slice(2, 5)
    assert merge([]).times.tolist() == []


def test_depth_follows_its_rows() -> None:
    depth = Depth(np.arange(8).reshape(2, 2, 2), np.arange(8).reshape(2, 2, 2))
    column = ints(5, 6)
    first = Strip(column, column, column, column, column, depth)
    later = Strip(column - 3, column, column, column, column, depth)
    tape = merge([(0, first), (1, later)])
    assert tape.depth is not None
    assert tape.depth.price[:, 0, 0].tolist() == [0, 4, 0, 4]
    assert tape.instrument.tolist() == [1, 1, 0, 0]


def test_a_turn_of_all_groups_is_one_command() -> None:
    turns = turns_of(CALENDAR, DAY, [0, 2, 3])
    assert [len(phase_commands(turn, [0, 2, 3])) for turn in turns] == [1] * len(turns)
    assert len(phase_commands(turns[0]._replace(groups=(0, 2)), [0, 2, 3])) == 2


@pytest.mark.parametrize("elapsed", [0, 1, 120, 121, 240])
def test_hours_count_trading_time_only(elapsed: int) -> None:
    session = hours()
    moment = int(session.at(ints(elapsed * MINUTE))[0])
    assert session.elapsed(moment) == elapsed * MINUTE
    assert session.length == 240 * MINUTE


def test_the_closing_call_has_no_trading_time_and_one_moment_of_prices() -> None:
    """What falls between 14:57 and 15:00 is the closing auction's."""
    session = hours_of(CALENDAR, DAY, 0)
    assert session.length == 237 * MINUTE
    assert session.close == at(DAY, "15:00")
    clamped = session.clamp(ints(at(DAY, "14:56:59"), at(DAY, "14:57"), at(DAY, "14:59")))
    assert clamped.tolist() == [at(DAY, "14:56:59"), at(DAY, "15:00"), at(DAY, "15:00")]
    candle = Candle(100_000, 101_000, 99_000, 100_500)
    strip = daily_strip(candle, 1_000, 100, 240, session, np.random.default_rng(1))
    assert strip.time[-2] <= at(DAY, "14:57")
    assert (strip.time[-1], strip.price[-1]) == (at(DAY, "15:00"), 100_500)

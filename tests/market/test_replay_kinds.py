"""Intraday files replayed: minutes, minute lines, ticks, snapshots with their own depth."""

from pathlib import Path

import numpy as np

from server.engine.codes import Event, Side
from server.engine.engine import Engine
from server.engine.records import PRICE_EVENT
from server.market.bars import BarStore
from tests.market.play import Play, at, replay, write

DAY = 20240924
PINGAN = "000001.SZSE"
BAR = "datetime,open,high,low,close,volume,amount"
LEVELS = (
    ",".join(f"bid{n},bidq{n}" for n in (1, 2)) + "," + ",".join(f"ask{n},askq{n}" for n in (1, 2))
)


def minute_file(folder: Path) -> Path:
    return write(
        folder / "SZ000001.csv",
        BAR,
        [
            ("2024-09-23 15:00", 10.0, 10.0, 10.0, 10.0, 900, 9_000),
            ("2024-09-24 09:31", 10.1, 10.3, 10.0, 10.2, 100_000, 0),
            ("2024-09-24 09:32", 10.2, 10.2, 9.9, 9.9, 60_000, 0),
            ("2024-09-24 15:00", 9.9, 10.0, 9.9, 10.0, 40_000, 0),
        ],
    )


def test_minute_bars_come_out_as_they_went_in(tmp_path: Path) -> None:
    source = replay(minute_file(tmp_path), DAY, DAY)
    play = Play(source)
    play.to_end()
    store = BarStore(1, source.mark_policy, source.interpolated_below)
    store.apply(play.events)
    bars = store.bars(0, "1m", 10)
    assert source.interpolated_below == 1
    assert [bars[n].tolist() for n in ("open", "high", "low", "close", "volume")] == [
        [101_000, 102_000, 99_000],
        [103_000, 102_000, 100_000],
        [100_000, 99_000, 99_000],
        [102_000, 99_000, 100_000],
        [100_000, 60_000, 40_000],
    ]
    assert bars["time"][1] == at(DAY, "09:31")
    assert not bars["interpolated"].any()


def test_each_minute_brings_new_size_and_no_more(tmp_path: Path) -> None:
    play = Play(replay(minute_file(tmp_path), DAY, DAY))
    play.until(at(DAY, "09:30:15"))
    account = play.trader()
    assert play.size(PINGAN, Side.SELL) == 5_000
    play.order(account, PINGAN, Side.BUY, 10.90, 4_000)
    play.until(at(DAY, "09:30:45"))
    assert play.size(PINGAN, Side.SELL) == 1_000
    play.until(at(DAY, "09:31"))
    assert play.size(PINGAN, Side.SELL) == 3_000


def test_a_restart_within_a_minute_leaves_it_what_it_had(tmp_path: Path) -> None:
    path = minute_file(tmp_path)
    play = Play(replay(path, DAY, DAY))
    play.until(at(DAY, "09:31:15"))
    assert play.size(PINGAN, Side.SELL) == 3_000
    play.order(play.trader(), PINGAN, Side.BUY, 10.90, 1_200)
    resumed = Play(replay(path, DAY, DAY), Engine.restore(play.engine.snapshot()))
    resumed.until(at(DAY, "09:31:30"))
    assert resumed.size(PINGAN, Side.SELL) == 1_800
    resumed.until(at(DAY, "14:57"))
    account = resumed.trader()
    resumed.order(account, PINGAN, Side.BUY, 10.50, 1_000)  # meets the closing call
    resumed.to_end()
    assert resumed.trades_of(account) == [(10.00, 1_000)]
    assert int(resumed.row(PINGAN)["close"]) == 100_000


def test_a_minute_line_plays_its_prices(tmp_path: Path) -> None:
    path = write(
        tmp_path / "SZ000001.csv",
        "datetime,price,volume",
        [
            ("2024-09-23 14:59", 10.0, 500),
            ("2024-09-24 09:30", 10.1, 5_000),
            ("2024-09-24 09:31", 10.3, 7_000),
            ("2024-09-24 14:59", 10.2, 3_000),
        ],
    )
    source = replay(path, DAY, DAY)
    play = Play(source)
    play.to_end()
    marks = play.of(Event.PRICE_MARKED, PRICE_EVENT)
    assert marks["price"].tolist() == [101_000, 103_000, 102_000]
    assert source.interpolated_below == 0


def test_ticks_give_the_days_figures(tmp_path: Path) -> None:
    path = write(
        tmp_path / "SZ000001.csv",
        "datetime,price,volume,side",
        [
            ("2024-09-23 15:00:00", 10.0, 500, "N"),
            ("2024-09-24 09:25:02", 10.1, 8_000, "N"),
            ("2024-09-24 09:30:02", 10.4, 7_000, "B"),
            ("2024-09-24 09:30:02", 9.8, 100, "S"),
            ("2024-09-24 15:00:00", 10.2, 3_000, "N"),
        ],
    )
    play = Play(replay(path, DAY, DAY))
    play.to_end()
    row = play.row(PINGAN)
    figures = [int(row[n]) for n in ("open", "high", "low", "last", "volume")]
    assert figures == [101_000, 104_000, 98_000, 102_000, 18_100]
    assert play.refusals() == []


def snapshot_file(folder: Path) -> Path:
    header = f"time,preclose,last,open,high,low,volume,amount,{LEVELS}"
    empty = ("", "") * 3
    rows = [
        ("09:24:57.000", 10.0, 0, 0, 0, 0, 0, 0, 10.1, 300, *empty),
        (
            "09:25:00.000",
            10.0,
            10.1,
            10.1,
            10.1,
            10.1,
            900,
            0,
            10.0,
            500,
            9.9,
            800,
            10.1,
            600,
            10.2,
            50,
        ),
        (
            "09:30:03.000",
            10.0,
            10.1,
            10.1,
            10.1,
            10.1,
            950,
            0,
            10.0,
            400,
            9.9,
            800,
            10.1,
            700,
            10.3,
            900,
        ),
        (
            "09:30:06.000",
            10.0,
            10.2,
            10.1,
            10.2,
            10.1,
            990,
            0,
            10.2,
            100,
            10.1,
            200,
            10.4,
            300,
            10.5,
            200,
        ),
    ]
    return write(folder / "SZ000001_20240924.csv", header, rows)


def test_snapshots_are_quoted_level_by_level_in_their_sizes(tmp_path: Path) -> None:
    play = Play(replay(snapshot_file(tmp_path), DAY, DAY))
    play.until(at(DAY, "09:30:03"))
    assert play.best(PINGAN) == (10.0, 10.1)
    assert (play.size(PINGAN, Side.BUY), play.size(PINGAN, Side.SELL)) == (400, 700)
    play.until(at(DAY, "09:30:06"))
    assert play.best(PINGAN) == (10.2, 10.4)
    assert play.refusals() == []


def test_a_snapshots_sizes_can_be_scaled(tmp_path: Path) -> None:
    play = Play(replay(snapshot_file(tmp_path), DAY, DAY, depth_ppm=500_000))
    play.until(at(DAY, "09:30:03"))
    assert (play.size(PINGAN, Side.BUY), play.size(PINGAN, Side.SELL)) == (200, 300)


def test_a_waiting_order_meets_a_snapshots_levels(tmp_path: Path) -> None:
    play = Play(replay(snapshot_file(tmp_path), DAY, DAY))
    account = play.trader()
    play.until(at(DAY, "09:30:03"))
    play.order(account, PINGAN, Side.BUY, 10.1, 200)
    play.until(at(DAY, "15:00"))
    assert play.trades_of(account) == [(10.1, 200)]
    assert np.isclose(float(play.row(PINGAN)["last"]), 102_000)

"""A replayed day against the engine: the bar's prices exactly, and what traders can do in it."""

from pathlib import Path

import numpy as np
import pytest

from server.engine.codes import Event, Phase, Side
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.engine.records import AUCTION_EVENT, ENTITLED_EVENT, PRICE_EVENT
from server.market.replay.accounts import ACCOUNTS
from server.market.replay.bad_file import BadFile
from server.market.source import WrongMarket
from tests.market.play import Play, at, replay, write_daily

DAY = 20240924
NEXT = 20240925
PUFA = "600000.SSE"  # main board, lots of 100, ten per cent

# open, high, low, close, preclose, volume
PLAIN = ("2024-09-24", 10.10, 10.50, 9.80, 10.20, 10.00, 1_000_000)


def plain(folder: Path, **settings: object) -> Play:
    write_daily(folder, "SH600000", [PLAIN])
    return Play(replay(folder, DAY, DAY, **settings))


def figures(play: Play, symbol: str = PUFA) -> list[float]:
    row = play.row(symbol)
    return [int(row[name]) / 10_000 for name in ("open", "high", "low", "last")]


def test_the_day_has_the_bars_prices_and_volume_exactly(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.to_end()
    assert figures(play) == [10.10, 10.50, 9.80, 10.20]
    assert int(play.row(PUFA)["volume"]) == 1_000_000
    assert int(play.row(PUFA)["phase"]) == Phase.CLOSED
    assert play.refusals() == []


def test_the_days_limits_come_from_the_reference_price(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.step()
    row = play.row(PUFA)
    assert (row["reference"], row["limit_up"], row["limit_down"]) == (100_000, 110_000, 90_000)


def test_quotes_are_a_tick_apart_around_the_price_and_never_cross(tmp_path: Path) -> None:
    play = plain(tmp_path)
    seen = 0
    while play.step():
        if not play.trading:
            continue
        bid, ask = play.best(PUFA)
        last = int(play.row(PUFA)["last"]) / 10_000
        assert round(ask - bid, 4) == 0.01
        assert last in {bid, ask}
        seen += 1
    assert seen == 25  # 24 steps less the one that is the close, and the two that begin a session


def test_the_size_of_both_sides_is_the_participation_in_the_bars_volume(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.until(at(DAY, "10:00"))
    assert play.size(PUFA, Side.BUY) == play.size(PUFA, Side.SELL) == 50_000
    half = plain(tmp_path, participation_ppm=50_000)
    half.until(at(DAY, "10:00"))
    assert half.size(PUFA, Side.BUY) == 25_000


def test_what_traders_take_is_not_put_back_within_the_bar(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.until(at(DAY, "10:00"))
    account = play.trader()
    play.order(account, PUFA, Side.BUY, 10.99, 30_000)
    play.until(at(DAY, "10:30"))
    assert play.size(PUFA, Side.SELL) == 20_000
    play.order(account, PUFA, Side.BUY, 10.99, 50_000)  # the rest waits at 10.99
    play.to_end()
    assert sum(quantity for _, quantity in play.trades_of(account)) == 50_000


def test_the_market_never_trades_more_than_its_participation_with_traders(tmp_path: Path) -> None:
    play = plain(tmp_path)
    account = play.trader()
    play.until(at(DAY, "09:30"))
    while play.step():
        if play.trading:
            play.order(account, PUFA, Side.BUY, 11.00, 20_000)
    bought = sum(quantity for _, quantity in play.trades_of(account))
    assert 0 < bought <= 100_000


def test_a_waiting_buy_is_met_when_the_price_falls_through_it(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.until(at(DAY, "09:30"))
    account = play.trader()
    play.order(account, PUFA, Side.BUY, 9.90, 1_000)  # the day's low is 9.80
    assert play.trades_of(account) == []
    play.to_end()
    assert play.trades_of(account) == [(9.90, 1_000)]


def test_a_buy_below_the_low_is_never_met(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.until(at(DAY, "09:30"))
    account = play.trader()
    play.order(account, PUFA, Side.BUY, 9.79, 1_000)
    play.to_end()
    assert play.trades_of(account) == []


def test_an_order_of_the_call_is_filled_at_the_open(tmp_path: Path) -> None:
    play = plain(tmp_path)
    account = play.trader()
    play.until(at(DAY, "09:15"))
    play.order(account, PUFA, Side.BUY, 10.40, 700)
    play.order(account, PUFA, Side.BUY, 10.05, 700)
    play.until(at(DAY, "09:25"))
    assert play.trades_of(account) == [(10.10, 700)]
    auction = play.of(Event.AUCTION, AUCTION_EVENT)
    assert auction["price"].tolist() == [101_000]


def test_what_the_call_took_counts_against_the_first_bar(tmp_path: Path) -> None:
    play = plain(tmp_path)
    account = play.trader()
    play.until(at(DAY, "09:15"))
    play.order(account, PUFA, Side.BUY, 10.40, 20_000)
    play.until(at(DAY, "09:30"))
    assert play.size(PUFA, Side.SELL) == 30_000
    assert play.size(PUFA, Side.BUY) == 50_000


@pytest.mark.parametrize(
    ("row", "there", "locked"),
    [
        (("2024-09-24", 11.00, 11.00, 11.00, 11.00, 10.00, 1_000_000), (11.00, 0), Side.SELL),
        (("2024-09-24", 9.00, 9.00, 9.00, 9.00, 10.00, 1_000_000), (0, 9.00), Side.BUY),
    ],
    ids=["limit-up", "limit-down"],
)
def test_a_locked_day_has_no_quotes_on_the_locked_side(
    tmp_path: Path, row: tuple[object, ...], there: tuple[float, float], locked: Side
) -> None:
    write_daily(tmp_path, "SH600000", [row])
    play = Play(replay(tmp_path, DAY, DAY))
    account = play.trader()
    play.until(at(DAY, "09:15"))
    play.order(account, PUFA, Side.BUY, 11.00, 500)
    play.until(at(DAY, "10:00"))
    market = (0.0, 9.00) if locked is Side.BUY else (11.00, 0.0)
    assert play.best(PUFA) == market == there
    bought = [(9.00, 500)] if locked is Side.BUY else []
    assert play.trades_of(account) == bought
    assert play.refusals() == []


def test_a_holder_can_sell_into_limit_up(tmp_path: Path) -> None:
    second = ("2024-09-25", 11.22, 11.22, 11.22, 11.22, 10.20, 400_000)
    write_daily(tmp_path, "SH600000", [PLAIN, second])
    play = Play(replay(tmp_path, DAY, NEXT))
    account = play.trader()
    play.until(at(DAY, "09:30"))
    play.order(account, PUFA, Side.BUY, 11.00, 1_000)
    play.until(at(NEXT, "10:00"))
    play.forget()
    play.order(account, PUFA, Side.SELL, 11.22, 1_000)
    assert play.trades_of(account) == [(11.22, 1_000)]


def test_a_suspended_row_and_a_missing_one_are_suspended(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [PLAIN, ("2024-09-25", 10.3, 10.4, 10.1, 10.3, 10.2, 9_000)])
    write_daily(
        tmp_path,
        "SH600009",
        [("2024-09-24", 30, 31, 29, 30.5, 30, 1_000), ("2024-09-25", *[30.5] * 5, 0)],
    )
    write_daily(tmp_path, "SH600016", [("2024-09-24", 4.1, 4.2, 4.0, 4.1, 4.1, 5_000)])
    play = Play(replay(tmp_path, DAY, NEXT))
    account = play.trader()
    play.until(at(NEXT, "10:00"))
    assert [int(play.row(s)["suspended"]) for s in (PUFA, "600009.SSE", "600016.SSE")] == [0, 1, 1]
    assert int(play.row("600016.SSE")["last"]) == 41_000
    play.forget()
    play.order(account, "600016.SSE", Side.BUY, 4.10, 100)
    assert play.refusals() == [Reason.SUSPENDED]


def test_an_ex_date_books_the_ratio_as_an_entitlement(tmp_path: Path) -> None:
    ex_date = ("2024-09-25", 5.10, 5.20, 5.00, 5.15, 5.10, 1_000_000)  # 10.20 became 5.10
    write_daily(tmp_path, "SH600000", [PLAIN, ex_date])
    play = Play(replay(tmp_path, DAY, NEXT))
    account = play.trader()
    play.until(at(DAY, "09:30"))
    play.order(account, PUFA, Side.BUY, 10.20, 1_000)
    play.until(at(NEXT, "09:30"))
    entitled = play.of(Event.ENTITLED, ENTITLED_EVENT)
    mine = entitled[entitled["account"] == account]
    assert (mine["old_quantity"].tolist(), mine["new_quantity"].tolist()) == ([1_000], [2_000])
    assert int(play.row(PUFA)["limit_up"]) == 56_100
    assert play.refusals() == []


def test_the_first_day_has_no_entitlement_and_needs_no_row_before_it(tmp_path: Path) -> None:
    before = ("2024-09-23", 20, 20.4, 19.9, 20.4, 20, 500_000)
    write_daily(tmp_path, "SH600000", [before, PLAIN])
    play = Play(replay(tmp_path, DAY, DAY))
    play.step()
    assert play.of(Event.ENTITLED, ENTITLED_EVENT).size == 0
    assert int(play.row(PUFA)["reference"]) == 100_000


def test_a_day_beyond_its_limits_is_played_without_them(tmp_path: Path) -> None:
    relisted = ("2024-09-24", 12.0, 15.0, 11.9, 14.0, 10.0, 1_000_000)
    write_daily(tmp_path, "SH600000", [relisted])
    play = Play(replay(tmp_path, DAY, DAY))
    play.to_end()
    assert figures(play) == [12.0, 15.0, 11.9, 14.0]
    assert play.refusals() == []


def test_prices_of_one_moment_are_one_group(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [PLAIN])
    write_daily(tmp_path, "SH600009", [("2024-09-24", 30, 31, 29, 30.5, 30, 100_000)])
    play = Play(replay(tmp_path, DAY, DAY))
    play.until(at(DAY, "10:00"))
    marks = play.of(Event.PRICE_MARKED, PRICE_EVENT)
    for time in np.unique(marks["time"]).tolist():
        assert sorted(marks["instrument"][marks["time"] == time].tolist()) == [0, 1]


def test_the_same_seed_plays_the_same_commands(tmp_path: Path) -> None:
    def stream(seed: int) -> list[bytes]:
        play = plain(tmp_path, seed=seed)
        play.to_end()
        return [frame.commands.tobytes() for frame in play.frames]

    assert stream(5) == stream(5)
    assert stream(5) != stream(6)


def test_a_path_does_not_depend_on_what_else_is_replayed(tmp_path: Path) -> None:
    alone = plain(tmp_path)
    alone.to_end()
    write_daily(tmp_path, "SH600009", [("2024-09-24", 30, 31, 29, 30.5, 30, 100_000)])
    together = Play(replay(tmp_path, DAY, DAY))
    together.to_end()

    def path(play: Play) -> list[int]:
        marks = play.of(Event.PRICE_MARKED, PRICE_EVENT)
        return marks["price"][marks["instrument"] == play.engine.instrument(PUFA)].tolist()

    assert path(alone) == path(together)


def test_a_restart_in_the_day_goes_on_as_if_there_had_been_none(tmp_path: Path) -> None:
    def first_half() -> Play:
        play = plain(tmp_path)
        account = play.trader()
        play.until(at(DAY, "10:00"))
        play.order(account, PUFA, Side.BUY, 11.00, 12_300)
        return play

    whole = first_half()
    kept = len(whole.frames)
    whole.to_end()
    broken = first_half()
    copy = Engine.restore(broken.engine.snapshot())
    resumed = Play(replay(tmp_path, DAY, DAY), copy)
    resumed.to_end()

    assert [f.time for f in resumed.frames] == [f.time for f in whole.frames[kept:]]
    assert figures(resumed) == figures(whole)
    market = whole.engine.state.positions["quantity"]
    assert resumed.engine.state.positions["quantity"].tolist() == market.tolist()


def test_a_restart_does_not_put_back_what_was_taken(tmp_path: Path) -> None:
    play = plain(tmp_path)
    account = play.trader()
    play.until(at(DAY, "10:00"))
    play.order(account, PUFA, Side.BUY, 11.00, 12_300)
    resumed = Play(replay(tmp_path, DAY, DAY), Engine.restore(play.engine.snapshot()))
    resumed.until(at(DAY, "10:30"))
    assert resumed.size(PUFA, Side.SELL) == 37_700


def test_an_engine_of_another_market_is_refused(tmp_path: Path) -> None:
    play = plain(tmp_path)
    play.step()
    write_daily(tmp_path, "SH600009", [("2024-09-24", 30, 31, 29, 30.5, 30, 100_000)])
    with pytest.raises(WrongMarket, match="1 instruments, not the 2"):
        next(replay(tmp_path, DAY, DAY).frames(play.engine))


def test_market_accounts_are_persons_of_their_own(tmp_path: Path) -> None:
    play = plain(tmp_path)
    persons = play.engine.state.accounts["person"][:ACCOUNTS].tolist()
    assert min(persons) >= 1_000_000
    assert persons[2] != persons[3]  # their orders of the call meet


def test_data_on_a_holiday_is_refused(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [("2024-09-28", 10, 10, 10, 10, 10, 100)])
    with pytest.raises(BadFile, match="20240928, which is no session"):
        replay(tmp_path, 20240923, 20240930)


def test_a_first_day_without_a_close_before_it_cannot_be_played(tmp_path: Path) -> None:
    rows = ["2024-09-24,10,10.1,9.9,10,1000", "2024-09-25,10,10.2,9.9,10.1,2000"]
    path = tmp_path / "SH600000.csv"
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]))
    assert list(replay(path, DAY, NEXT).dates) == [NEXT]
    with pytest.raises(BadFile, match="no close before it is known"):
        replay(path, DAY, DAY)


def test_charts_get_the_days_before_the_replay(tmp_path: Path) -> None:
    before = [("2024-09-23", 9.9, 10.1, 9.8, 10.0, 9.9, 500_000)]
    write_daily(tmp_path, "SH600000", [*before, PLAIN])
    [(instrument, bars)] = replay(tmp_path, DAY, DAY).history()
    assert instrument == 0
    assert bars["close"].tolist() == [100_000]
    assert bars["time"].tolist() == [at(20240923, "09:30")]

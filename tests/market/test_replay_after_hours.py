"""After hours in a replay: fixed price orders meet what the market brings at the close."""

from pathlib import Path

from server.engine import building
from server.engine.codes import OrderType, Side
from tests.market.play import YUAN, Play, at, replay, write, write_daily

DAY, NEXT = 20240924, 20240925
CHINEXT = "300014.SZSE"
PLAIN = ("2024-09-24", 10.10, 10.50, 9.80, 10.20, 10.00, 1_000_000)
SEALED = ("2024-09-24", 12.00, 12.00, 12.00, 12.00, 10.00, 1_000_000)
MINUTES = "datetime,open,high,low,close,volume"


def chinext(folder: Path, bar: tuple[object, ...] = PLAIN, **settings: object) -> Play:
    write_daily(folder, "SZ300014", [bar])
    return Play(replay(folder, DAY, DAY, **settings))


def fixed(play: Play, account: int, side: Side, price: float, quantity: int) -> None:
    instrument = play.engine.instrument(CHINEXT)
    ticks = round(price * YUAN)
    kind = OrderType.FIXED_PRICE
    play.apply(building.order(account, instrument, side, kind, ticks, quantity))


def bought(play: Play, account: int) -> int:
    return sum(quantity for _, quantity in play.trades_of(account))


def test_a_buy_that_waits_for_its_time_is_met_at_the_close(tmp_path: Path) -> None:
    play = chinext(tmp_path)
    account = play.trader()
    play.until(at(DAY, "10:00"))
    fixed(play, account, Side.BUY, 10.50, 500)
    play.until(at(DAY, "15:05"))
    assert play.trades_of(account) == []
    play.to_end()
    assert {price for price, _ in play.trades_of(account)} == {10.20}
    assert bought(play, account) == 500
    assert play.refusals() == []
    assert int(play.row(CHINEXT)["volume"]) == 1_000_000  # the file's: what is drawn is offered


def test_a_sale_is_met_too(tmp_path: Path) -> None:
    following = ("2024-09-25", 10.20, 10.40, 10.10, 10.30, 10.20, 1_000_000)
    write_daily(tmp_path, "SZ300014", [PLAIN, following])
    play = Play(replay(tmp_path, DAY, NEXT))
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 10.20, 300)
    play.until(at(NEXT, "15:05"))
    fixed(play, account, Side.SELL, 10.00, 300)
    play.to_end()
    assert sum(quantity for price, quantity in play.trades_of(account) if price == 10.30) == 300


def test_no_more_is_offered_than_twice_the_share_of_the_days_volume(tmp_path: Path) -> None:
    play = chinext(tmp_path, after_hours_ppm=2_000)
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 10.20, 100_000)
    play.to_end()
    assert 0 < bought(play, account) <= 4_000
    assert bought(play, account) % 100 == 0


def test_without_a_share_nothing_is_offered(tmp_path: Path) -> None:
    play = chinext(tmp_path, after_hours_ppm=0)
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 10.20, 100)
    play.to_end()
    assert play.trades_of(account) == []


def test_nobody_sells_at_a_limit_up_close(tmp_path: Path) -> None:
    play = chinext(tmp_path, SEALED)
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 12.00, 100)
    play.to_end()
    assert play.trades_of(account) == []
    assert play.refusals() == []


def test_the_files_own_minutes_after_the_close_are_what_is_offered(tmp_path: Path) -> None:
    rows = [
        ("2024-09-24 14:57", 10.2, 10.2, 10.2, 10.2, 90_000),
        ("2024-09-24 15:00", 10.2, 10.2, 10.2, 10.2, 10_000),
        ("2024-09-24 15:11", 10.2, 10.2, 10.2, 10.2, 700),
        ("2024-09-24 15:30", 10.2, 10.2, 10.2, 10.2, 300),
    ]
    write(tmp_path / "SZ300014_1m.csv", MINUTES, rows)
    play = Play(replay(tmp_path, DAY, DAY, previous_closes={CHINEXT: 10 * YUAN}))
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 10.20, 100_000)
    play.until(at(DAY, "15:10:59"))
    assert bought(play, account) == 700
    play.to_end()
    assert bought(play, account) == 1_000
    assert int(play.row(CHINEXT)["volume"]) == 101_000


def test_no_more_comes_at_once_than_one_order_may_have(tmp_path: Path) -> None:
    rows = [
        ("2024-09-24 14:59", 10.2, 10.2, 10.2, 10.2, 90_000),
        ("2024-09-24 15:00", 10.2, 10.2, 10.2, 10.2, 10_000),
        ("2024-09-24 15:20", 10.2, 10.2, 10.2, 10.2, 90_000_000),
    ]
    write(tmp_path / "SZ300014_1m.csv", MINUTES, rows)
    play = Play(replay(tmp_path, DAY, DAY, previous_closes={CHINEXT: 10 * YUAN}))
    account = play.trader()
    play.until(at(DAY, "15:05"))
    fixed(play, account, Side.BUY, 10.20, 100_000)
    play.to_end()
    assert bought(play, account) == 100_000
    assert play.refusals() == []


def test_a_board_without_it_closes_at_three(tmp_path: Path) -> None:
    write_daily(tmp_path, "SH600000", [PLAIN])
    play = Play(replay(tmp_path, DAY, DAY))
    play.to_end()
    assert play.frames[-1].time == at(DAY, "15:00")


def test_a_restart_among_them_offers_what_is_left(tmp_path: Path) -> None:
    whole = chinext(tmp_path)
    first = whole.trader()
    whole.until(at(DAY, "15:05"))
    fixed(whole, first, Side.BUY, 10.20, 100_000)
    whole.until(at(DAY, "15:15"))
    again = Play(replay(tmp_path, DAY, DAY), whole.engine)
    before = bought(whole, first)
    again.to_end()
    straight = chinext(tmp_path)
    second = straight.trader()
    straight.until(at(DAY, "15:05"))
    fixed(straight, second, Side.BUY, 10.20, 100_000)
    straight.to_end()
    assert before + bought(again, first) == bought(straight, second) > before

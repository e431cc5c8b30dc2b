"""The mirror keeps the newest of everything and tells what changed."""

import msgspec

from honghe_tui.frame import FramePump
from honghe_tui.mirror import Dirty, Mirror
from server.protocol.market import Bar, Bars, Instruments
from server.protocol.session import BarTopic
from server.protocol.trading import Fills, Order, Orders, Placed
from tests.tui import canned
from tests.tui.canned import DATE, SYMBOLS


def test_a_thousand_ticks_are_one_dirty_key() -> None:
    mirror = Mirror()
    for step in range(1_000):
        mirror.apply(canned.quote(3, step))
    dirty = mirror.take_dirty()
    assert dirty.quotes == {SYMBOLS[3]}
    assert mirror.quotes[SYMBOLS[3]] == canned.quote(3, 999)
    assert mirror.take_dirty() == Dirty()


def test_history_never_overwrites_a_newer_state() -> None:
    mirror = Mirror()
    old = canned.orders()[1]
    new = msgspec.structs.replace(old, seq=old.seq + 5, status="cancelled")
    mirror.apply(new)
    mirror.apply(Orders(1, [old]))
    assert mirror.orders[old.order_id].status == "cancelled"
    mirror.apply(Placed(2, msgspec.structs.replace(new, seq=new.seq + 1, status="filled")))
    assert mirror.orders[old.order_id].status == "filled"


def test_fills_are_merged_and_only_pushed_ones_are_news() -> None:
    mirror = Mirror()
    mirror.apply(Fills(1, canned.fills()))
    mirror.apply(canned.fills()[0])
    assert len(mirror.fills) == 2
    assert mirror.take_dirty().news == [canned.fills()[0]]


def test_an_empty_holding_is_gone() -> None:
    mirror = Mirror()
    held = canned.positions()[0]
    mirror.apply(held)
    assert len(mirror.positions) == 1
    mirror.apply(msgspec.structs.replace(held, quantity=0))
    assert mirror.positions == {}
    assert mirror.take_dirty().positions == {(held.account, held.symbol)}


def test_bars_are_kept_in_order_and_the_last_is_replaced() -> None:
    mirror = Mirror()
    topic = BarTopic(SYMBOLS[0], "1m")
    series = canned.bars(SYMBOLS[0], "1m")
    early: Bar = series[-1]
    mirror.apply(early)  # before the series: nobody asked
    assert topic not in mirror.bars
    mirror.apply(Bars(1, topic.symbol, topic.interval, list(series)))
    mirror.apply(msgspec.structs.replace(early, close=early.close + 100))
    assert len(mirror.bars[topic]) == len(series)
    assert mirror.bars[topic][-1].close == early.close + 100
    mirror.apply(msgspec.structs.replace(early, time=early.time + 60_000_000))
    assert len(mirror.bars[topic]) == len(series) + 1


def test_the_days_lowest_and_highest_ratio_are_remembered() -> None:
    mirror = Mirror()
    mirror.apply(canned.clock())
    account = canned.accounts()[2]
    for ratio in (1_262_000, 1_240_000, 1_300_000, 1_280_000):
        mirror.apply(msgspec.structs.replace(account, ratio_ppm=ratio))
    seen = mirror.ratio_ranges[account.account]
    assert (seen.low_ppm, seen.high_ppm) == (1_240_000, 1_300_000)
    mirror.apply(canned.clock(DATE + 1))
    mirror.apply(account)
    assert mirror.ratio_ranges[account.account].low_ppm == 1_262_000


def test_unread_notices_are_those_not_acknowledged() -> None:
    mirror = Mirror()
    for notice in canned.notices():
        mirror.apply(notice)
    assert [notice.notice_id for notice in mirror.unread] == [1]
    mirror.apply(msgspec.structs.replace(canned.notices()[0], acknowledged=True))
    assert mirror.unread == []


def test_another_day_replaces_the_instruments_in_place() -> None:
    mirror = Mirror()
    held = mirror.instruments
    mirror.apply(Instruments(0, DATE, canned.instruments()))
    mirror.apply(Instruments(0, DATE + 1, canned.instruments()[:3]))
    assert held is mirror.instruments
    assert list(held) == SYMBOLS[:3]
    assert mirror.take_dirty().instruments


def test_a_new_session_forgets_the_person_and_a_resumed_one_does_not() -> None:
    mirror = Mirror()
    for order in canned.orders():
        mirror.apply(order)
    mirror.apply(canned.welcome(1, "t", resumed=True, seq=9))
    assert len(mirror.orders) == 4
    mirror.apply(canned.welcome(1, "t", resumed=False, seq=9))
    assert mirror.orders == {}


def test_the_tape_is_what_traded_between_two_quotes() -> None:
    mirror = Mirror()
    mirror.apply(canned.quote(0))
    mirror.follow_tape(SYMBOLS[0])
    mirror.apply(canned.quote(0, 1))  # at the ask of before or above: bought
    mirror.apply(canned.quote(0, 1))  # no volume
    mirror.apply(canned.quote(1, 2))  # another instrument
    assert [(trade.quantity, trade.aggressor) for trade in mirror.prints] == [(300, "buy")]
    mirror.follow_tape(SYMBOLS[1])
    assert list(mirror.prints) == []


def test_one_frame_hands_the_dirty_sets_to_every_drawn_screen() -> None:
    class Screen:
        def __init__(self) -> None:
            self.got: list[tuple[set[str], float]] = []

        def draw_frame(self, dirty: Dirty, now_s: float) -> None:
            self.got.append((dirty.quotes, now_s))

    mirror, page, popup = Mirror(), Screen(), Screen()
    pump = FramePump(mirror, lambda: [object(), page, popup], lambda: 5.0)
    mirror.apply(canned.quote(0))
    pump.tick()
    pump.tick()
    assert page.got == popup.got == [({SYMBOLS[0]}, 5.0), (set(), 5.0)]
    assert pump.frames == 2


def test_an_order_of_a_later_state_is_dirty_once() -> None:
    mirror = Mirror()
    order: Order = canned.orders()[0]
    mirror.apply(order)
    mirror.apply(order)
    assert mirror.take_dirty().orders == {order.order_id}

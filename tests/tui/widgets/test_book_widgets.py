"""Depth ladder, tape and sparkline."""

import msgspec

from honghe_tui.prints import Print
from honghe_tui.widgets.depth_ladder import DepthLadder
from honghe_tui.widgets.sparkline import Sparkline, spark
from honghe_tui.widgets.tape import Tape
from server.protocol.market import Depth, Level
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look
from tests.tui.widgets.samples import SYMBOL, instruments

PING_AN = instruments()[SYMBOL]
LOOK = make_look()


async def test_the_ladder_has_sells_above_the_last_price_and_buys_below() -> None:
    ladder = DepthLadder(LOOK)
    async with hosted(ladder, size=(30, 13)):
        ladder.show(canned.depth(SYMBOL), canned.quote(1), PING_AN)
        words = [line.split() for line in lines(ladder)]
    assert words[0] == ["涨停", "57.54"]
    assert words[1][:3] == ["卖5", "51.30", "85"]
    assert words[5][:3] == ["卖1", "51.26", "45"]
    assert words[6] == ["最新", "51.26", "-2.01%"]
    assert words[7][:3] == ["买1", "51.25", "123"]
    assert words[12] == ["跌停", "47.08"]


async def test_bars_are_as_long_as_the_quantities() -> None:
    ladder = DepthLadder(make_look("en", "ascii"))
    depth = Depth(SYMBOL, 1, [Level(100, 1_000), Level(99, 500)], [Level(101, 1)])
    async with hosted(ladder, size=(33, 11)):
        ladder.show(depth, canned.quote(1), PING_AN)
        drawn = lines(ladder)
    assert [drawn[y].count("=") for y in (6, 7, 4)] == [10, 5, 1]


async def test_less_than_a_lot_is_not_nothing() -> None:
    ladder = DepthLadder(LOOK)
    depth = Depth(SYMBOL, 1, [Level(512_500, 40)], [Level(512_600, 4_500)])
    async with hosted(ladder, size=(33, 11)):
        ladder.show(depth, canned.quote(1), PING_AN)
        assert lines(ladder)[6].split()[:3] == ["买1", "51.25", "<1"]


async def test_a_locked_limit_is_told_in_words() -> None:
    ladder = DepthLadder(LOOK)
    locked = msgspec.structs.replace(canned.quote(1), last=PING_AN.limit_up, ask=0)
    depth = Depth(SYMBOL, 1, [Level(PING_AN.limit_up, 99_900)], [])
    async with hosted(ladder, size=(40, 13)):
        ladder.show(depth, locked, PING_AN)
        drawn = lines(ladder)
    assert "无卖盘" in drawn[5]
    assert "▲57.54" in drawn[6]
    assert "涨停" in drawn[6]
    assert "▲57.54" in drawn[7]


async def test_a_call_has_its_price_what_trades_and_what_is_left() -> None:
    ladder = DepthLadder(LOOK)
    price = PING_AN.previous_close + PING_AN.tick
    calling = msgspec.structs.replace(
        canned.quote(1), phase="closing_call", indicative=price, unmatched=300
    )
    depth = Depth(SYMBOL, 1, [Level(price, 1_200), Level(0, 300)], [Level(price, 1_200)])
    async with hosted(ladder, size=(40, 11)):
        ladder.show(depth, calling, PING_AN)
        words = [line.split() for line in lines(ladder)]
    assert words[4][:3] == ["卖1", "52.32", "12"]
    assert words[5][:2] == ["参考", "52.32"]
    assert words[5][-1] == "收盘集合竞价"
    assert words[6][:3] == ["买1", "52.32", "12"]
    assert words[7][0] == "未配"
    assert words[7][2] == "3"


async def test_a_day_without_limits_has_none_drawn() -> None:
    ladder = DepthLadder(LOOK)
    free = msgspec.structs.replace(PING_AN, limited=False)
    async with hosted(ladder, size=(40, 13)):
        ladder.show(canned.depth(SYMBOL), canned.quote(1), free)
        drawn = "".join(lines(ladder))
    assert "涨停" not in drawn
    assert "无涨跌幅限制" in drawn


async def test_a_change_of_one_level_repaints_one_line() -> None:
    ladder, depth = DepthLadder(LOOK), canned.depth(SYMBOL)
    async with hosted(ladder, size=(30, 13)):
        ladder.show(depth, canned.quote(1), PING_AN)
        painted = ladder.painted
        asks = [Level(depth.asks[0].price, 4_600), *depth.asks[1:]]
        ladder.show(Depth(SYMBOL, 2, depth.bids, asks), canned.quote(1), PING_AN)
        assert ladder.painted == painted + 1


async def test_a_low_ladder_keeps_the_best_levels() -> None:
    ladder = DepthLadder(LOOK)
    async with hosted(ladder, size=(30, 5)):
        ladder.show(canned.depth(SYMBOL), canned.quote(1), PING_AN)
        assert [line.split()[0] for line in lines(ladder)] == ["卖2", "卖1", "最新", "买1", "买2"]


def trade(number: int) -> Print:
    return Print(canned.OPEN + number * 1_000_000, 523_100 + number * 100, 1_500, "buy")


async def test_the_newest_trade_is_on_top() -> None:
    tape = Tape(LOOK, keep=3)
    async with hosted(tape, size=(30, 5)):
        assert "暂无成交明细" in lines(tape)[0]
        tape.show([trade(n) for n in range(3)], 523_100)
        tape.push([trade(3)])
        drawn = lines(tape)
    assert drawn[0].split() == ["09:30:03", "52.34", "15", "买"]
    assert drawn[2].split()[0] == "09:30:01"
    assert not drawn[3].strip()


async def test_no_new_trades_draw_nothing() -> None:
    tape = Tape(LOOK)
    async with hosted(tape, size=(30, 5)):
        tape.show([trade(1)], 523_100)
        painted = tape.painted
        tape.push([])
        assert tape.painted == painted


def test_a_sparkline_folds_what_is_too_long_and_pads_what_is_short() -> None:
    assert spark([0, 7, 14], 5, LOOK) == "  ▁▄█"
    assert spark(range(0, 800, 10), 4, LOOK) == "▁▃▅█"
    assert spark([5, 5], 3, LOOK) == " ▁▁"
    assert spark([], 3, LOOK) == "   "
    assert spark([0, 7], 2, make_look("en", "ascii")) == "_^"


async def test_a_sparkline_is_coloured_by_its_direction() -> None:
    line = Sparkline(LOOK)
    async with hosted(line, size=(10, 1)):
        line.show([1, 2, 3])
        inks = {segment.style.color for segment in line.render_line(0) if segment.style}
        assert LOOK.change(1).color in inks

"""Candles: hollow and filled, axes, lines, crosshair, and columns drawn only once."""

import msgspec
import pytest

from honghe_tui.widgets.candle_shape import Shape, candle_column
from honghe_tui.widgets.candles import Candles, PriceLine
from honghe_tui.widgets.scale import Scale, around
from server.protocol.market import Bar
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look
from tests.tui.widgets.samples import SYMBOL, instruments, walk

LOOK = make_look()
PING_AN = instruments()[SYMBOL]
SCALE = Scale(0, 70, 8)  # half cells of ten, four cells


@pytest.mark.parametrize(
    ("shape", "filled", "ascii_drawn"),
    [
        (Shape(10, 70, 0, 40), "│╥║╨", "|ooo"),  # risen: hollow
        (Shape(40, 70, 0, 10), "│▄█▀", "|###"),  # fallen: filled
        (Shape(0, 70, 0, 70), "║║║║", "oooo"),
        (Shape(70, 70, 0, 0), "████", "####"),
        (Shape(30, 70, 0, 30), "││┼│", "||+|"),  # unchanged: a cross
        (Shape(30, 30, 30, 30), "  ─ ", "  + "),
        (Shape(30, 40, 20, 40), " ╥╨ ", " oo "),
    ],
)
def test_the_shape_tells_risen_from_fallen_without_colour(
    shape: Shape, filled: str, ascii_drawn: str
) -> None:
    assert "".join(candle_column(shape, SCALE, ascii_only=False)) == filled
    assert "".join(candle_column(shape, SCALE, ascii_only=True)) == ascii_drawn


def test_a_scale_maps_prices_to_the_nearest_row_and_back() -> None:
    scale = Scale(100_000, 110_000, 11)
    assert [scale.row(price) for price in (110_000, 105_400, 100_000)] == [0, 5, 10]
    assert scale.price(5) == 105_000
    assert Scale(5, 5, 9).row(5) == 4


def test_a_scale_takes_in_a_line_that_at_most_doubles_it() -> None:
    assert around(100_000, 110_000, 100, [118_000], 10).high == 118_000
    far = around(100_000, 110_000, 100, [131_000], 10)
    assert (far.low, far.high) == (100_000, 110_000)


async def test_new_prices_compute_the_changed_column_alone() -> None:
    chart, bars = Candles(LOOK), walk(60)
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, bars)
        computed = chart.columns_drawn
        assert 0 < computed <= 40
        inside = msgspec.structs.replace(bars[-1], close=bars[-1].open)
        chart.update(inside)
        assert chart.columns_drawn == computed + 1
        chart.update(inside)
        assert chart.columns_drawn == computed + 1


async def test_a_new_bar_is_appended_and_an_old_one_ignored() -> None:
    chart, bars = Candles(LOOK), walk(30)
    async with hosted(chart):
        chart.show(PING_AN, bars)
        later = msgspec.structs.replace(bars[-1], time=bars[-1].time + 86_400_000_000)
        chart.update(later)
        chart.update(bars[3])
        assert [bar.time for bar in chart.bars] == [*(bar.time for bar in bars), later.time]


async def test_the_read_out_has_the_newest_bar_s_figures_and_averages() -> None:
    chart = Candles(LOOK)
    bars = [bar_at(i, 500_000 + i * 1_000) for i in range(30)]
    async with hosted(chart, size=(120, 20)):
        chart.show(PING_AN, bars)
        shown = lines(chart)[0]
    assert "开52.90 高53.00 低52.80 收52.90 +0.19% 量100" in shown
    assert "MA5 52.70 MA10 52.45 MA20 51.95" in shown


def bar_at(day: int, close: int) -> Bar:
    time = canned.OPEN + day * 1_440 * canned.MINUTE
    return Bar(SYMBOL, "1d", time, close, close + 1_000, close - 1_000, close, 10_000, close)


async def test_the_crosshair_moves_over_the_bars_and_leaves() -> None:
    chart, bars = Candles(LOOK), walk(60)
    async with hosted(chart, size=(120, 20)) as pilot:
        chart.show(PING_AN, bars)
        chart.focus()
        await pilot.press("left")
        assert chart.cursor == 59
        await pilot.press("left", "left", "right")
        assert chart.cursor == 58
        assert "15-10-17" in lines(chart)[0]
        assert "^" in lines(chart)[-1]
        await pilot.press("home")
        assert chart.cursor == max(0, 60 - (120 - 11 - 1 + 1) // 2)
        await pilot.press("escape")
        assert chart.cursor is None
        assert "15-10-18" in lines(chart)[0]


async def test_wider_candles_show_fewer_bars() -> None:
    chart, bars = Candles(LOOK), walk(120)
    async with hosted(chart, size=(80, 20)) as pilot:
        chart.show(PING_AN, bars)
        chart.focus()
        for key, first_date in (("minus", "15-10-1"), ("plus", "15-11-1"), ("plus", "15-11-2")):
            await pilot.press(key)
            assert lines(chart)[-1].startswith(first_date)


async def test_lines_stand_at_their_price_with_their_word_and_far_ones_at_the_edge() -> None:
    chart, bars = Candles(LOOK), walk(60)
    high, low = max(bar.high for bar in bars), min(bar.low for bar in bars)
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, bars)
        chart.set_lines([
            PriceLine("cost", (high + low) // 2),
            PriceLine("limit_up", high * 2),
            PriceLine("liquidation", low // 2),
            PriceLine("limit_down", 0),  # not known: no line
        ])  # fmt: skip
        drawn = lines(chart)
    assert any("成本" in line and "╌" in line for line in drawn)
    assert "^涨停" in drawn[1]
    assert any("v强平" in line for line in drawn)
    assert not any("跌停" in line for line in drawn)


async def test_a_single_bar_is_a_chart() -> None:
    chart = Candles(LOOK)
    async with hosted(chart, size=(40, 10)):
        chart.show(PING_AN, walk(1))
        assert lines(chart)[0].startswith("15-08-20 开52.00 高52.03 低51.90 收51.92")


async def test_averages_can_be_taken_away() -> None:
    chart = Candles(LOOK)
    async with hosted(chart, size=(120, 20)) as pilot:
        chart.show(PING_AN, walk(60))
        assert "MA5" in lines(chart)[0]
        chart.focus()
        await pilot.press("m")
        assert "MA5" not in lines(chart)[0]
        await pilot.press("m")
        chart.set_averages([30])
        assert "MA30" in lines(chart)[0]


async def test_without_bars_it_says_so() -> None:
    chart = Candles(LOOK)
    async with hosted(chart, size=(40, 10)):
        chart.show(PING_AN, [])
        assert any("暂无K线数据" in line for line in lines(chart))


async def test_an_interpolated_bar_is_marked() -> None:
    chart = Candles(LOOK)
    bars = [msgspec.structs.replace(bar, interpolated=True) for bar in walk(5, "1m")]
    async with hosted(chart, size=(120, 20)):
        chart.show(PING_AN, bars)
        assert "插值" in lines(chart)[0]
        assert lines(chart)[-1].startswith("09:30")

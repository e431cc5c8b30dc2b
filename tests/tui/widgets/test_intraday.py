"""The day's line: lunch folded, previous close in the middle, average, volume."""

import msgspec
import pytest

from honghe_tui.widgets.intraday import IntradayLine, slot
from server.protocol.market import Bar
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look
from tests.tui.widgets.samples import SYMBOL, instruments, walk

PING_AN = instruments()[SYMBOL]
CLOSE = PING_AN.previous_close


@pytest.mark.parametrize(
    ("clock", "place"),
    [("9:25", 0), ("9:30", 0), ("11:29", 119), ("11:30", 119), ("12:10", 119), ("13:00", 120),
     ("14:59", 239), ("15:00", 239), ("15:30", 239)],
)  # fmt: skip
def test_the_lunch_break_takes_no_room(clock: str, place: int) -> None:
    hour, minute = map(int, clock.split(":"))
    assert slot(hour * 60 + minute) == place


def minute(number: int, close: int, day: int = 0) -> Bar:
    time = canned.OPEN + (number + day * 1_440) * canned.MINUTE
    return Bar(SYMBOL, "1m", time, close, close, close, close, 10_000, 10_000 * close)


async def test_the_previous_close_is_in_the_middle_of_a_symmetric_scale() -> None:
    chart = IntradayLine(make_look())
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, [minute(0, CLOSE), minute(1, CLOSE + 10_000)])
        drawn = lines(chart)
    assert drawn[1].startswith("53.31")
    assert drawn[1].rstrip().endswith("+1.91%")
    assert [line[:5] for line in drawn if line.startswith("52.31")] == ["52.31"]
    assert any(line.startswith("51.31") and line.rstrip().endswith("-1.91%") for line in drawn)


async def test_the_read_out_has_price_average_and_volume() -> None:
    chart = IntradayLine(make_look())
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, [minute(0, CLOSE), minute(1, CLOSE + 10_000)])
        first = lines(chart)[0]
        assert "09:31 53.31 +1.91% 均价 52.81 量200" in first
        assert first.rstrip().endswith("昨收 52.31")
        chart.update(msgspec.structs.replace(minute(1, CLOSE), interpolated=True))
        assert "09:31 52.31 0.00% 均价 52.31 量200 插值" in lines(chart)[0]


async def test_what_is_still_to_come_stays_empty() -> None:
    chart = IntradayLine(make_look())
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, walk(120, "1m"))
        plotted = [line[5:71] for line in lines(chart)[1:-1] if "╌" not in line]
        assert all(not line[34:].strip() for line in plotted)
        assert any(line[:34].strip() for line in plotted)


async def test_a_new_day_begins_anew() -> None:
    chart = IntradayLine(make_look())
    async with hosted(chart, size=(80, 24)):
        chart.show(PING_AN, [minute(n, CLOSE + n * 100) for n in range(50)])
        chart.update(minute(0, CLOSE, day=1))
        assert "09:30 52.31" in lines(chart)[0]
        assert "量100" in lines(chart)[0]


async def test_without_bars_there_are_axes() -> None:
    chart = IntradayLine(make_look())
    async with hosted(chart, size=(60, 12)):
        chart.show(PING_AN, [])
        drawn = lines(chart)
    assert "9:30" in drawn[-1]
    assert "11:30/13:00" in drawn[-1]
    assert "15:00" in drawn[-1]

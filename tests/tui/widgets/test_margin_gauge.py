"""The margin gauge: grade in words, lines with sign and name, distances, the call."""

import msgspec
import pytest

from honghe_tui.widgets.margin_gauge import GaugeRange, MarginGauge
from honghe_tui.widgets.margin_lines import distance, gauge_ends, next_line
from server.protocol.accounts import Account
from server.protocol.words import Grade
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look

YUAN = canned.YUAN
# deposit 100,000, N = 3, debt 300,000, all in shares
CONTRACT = Account(
    7, "1:3 合约", "contract", "open", 0, 0, 0, 0, 390_000 * YUAN, 390_000 * YUAN,
    100_000 * YUAN, 300_000 * YUAN, 0, 300_000 * YUAN, 1_300_000, "normal", 1, 3,
    1_270_000, 1_220_000, 1_180_000, 1_140_000, 90 * YUAN, -10_000 * YUAN, -10_000 * YUAN,
)  # fmt: skip


def at(ratio_ppm: int, grade: Grade = "normal") -> Account:
    assets = 300_000 * YUAN * ratio_ppm // 1_000_000
    return msgspec.structs.replace(
        CONTRACT, ratio_ppm=ratio_ppm, assets=assets, market_value=assets, grade=grade
    )


@pytest.mark.parametrize(
    ("ratio_ppm", "grade"),
    [(1_300_000, "remind"), (1_270_000, "restrict"), (1_200_000, "reduce"),
     (1_150_000, "liquidate"), (1_140_000, None)],
)  # fmt: skip
def test_the_next_line_is_the_highest_that_is_not_reached(
    ratio_ppm: int, grade: Grade | None
) -> None:
    assert next_line(at(ratio_ppm)) == grade


def test_the_distance_is_told_in_yuan_percent_and_limit_down_days() -> None:
    # 390,000 - 1.14 x 300,000 = 48,000; of 390,000 that is 12.31 %; one limit-down costs 39,000
    far = distance(CONTRACT, "liquidate", 39_000 * YUAN)
    assert far.fall == 48_000 * YUAN
    assert far.fall_ppm == 123_077
    assert far.limit_downs_ppm == 1_230_769
    assert distance(CONTRACT, "liquidate", 0).limit_downs_ppm == -1


@pytest.mark.parametrize("ratio", [900_000, 1_140_000, 1_300_000, 1_333_333, 2_400_000])
def test_all_four_lines_are_on_the_gauge_whatever_the_ratio(ratio: int) -> None:
    low, high = gauge_ends(at(ratio), 0, 0)
    assert low < 1_140_000
    assert high > 1_333_332


async def test_six_lines_say_everything() -> None:
    gauge = MarginGauge(make_look())
    async with hosted(gauge, size=(80, 6)):
        gauge.show(CONTRACT, GaugeRange(1_280_000, 1_333_000, 39_000 * YUAN))
        drawn = lines(gauge)
    assert drawn[0].split() == [
        "1:3", "合约", "#7", "[o", "正常]", "维持担保比例", "130.00%", "今日", "128.00%~133.30%",
    ]  # fmt: skip
    assert [sign for sign in drawn[1] if sign in "xv=!│[]"] == list("xv=![│]")
    assert drawn[2].split() == ["x平仓", "114%", "v减仓", "118%", "=限制", "122%", "!提醒", "127%"]
    assert drawn[3].split() == ["资产", "390,000.00", "负债", "300,000.00", "市值", "390,000.00"]
    assert drawn[4].split() == [
        "距提醒", "9000", "2.31%", "0.23个跌停", "距平仓", "4.800万", "12.31%", "1.23个跌停",
    ]  # fmt: skip
    assert drawn[5].split() == ["今日盈亏", "-1.000万", "累计盈亏", "-1.000万", "日息", "90.00"]
    assert gauge.preferred_height == 6


@pytest.mark.parametrize(
    ("ratio", "grade", "words"),
    [(1_300_000, "normal", "[o 正常]"), (1_250_000, "remind", "[! 提醒]"),
     (1_210_000, "restrict", "[= 限制]"), (1_170_000, "reduce", "[v 减仓]"),
     (1_130_000, "liquidate", "[x 平仓]")],
)  # fmt: skip
async def test_each_grade_has_its_word_sign_and_colour(
    ratio: int, grade: Grade, words: str
) -> None:
    look = make_look()
    gauge = MarginGauge(look)
    async with hosted(gauge, size=(60, 3)):
        gauge.show(at(ratio, grade))
        inks = [s.style for s in gauge.render_line(0) if words in s.text]
        assert [ink.color.name for ink in inks if ink and ink.color] == [look.palette.grades[grade]]


async def test_a_call_shows_deadline_time_left_and_the_deposit_that_cures_it() -> None:
    called = msgspec.structs.replace(
        at(1_170_000, "reduce"),
        cure_deadline=canned.OPEN + 300 * canned.MINUTE,  # 14:30
        cure_deposit=15_000 * YUAN,
    )
    gauge = MarginGauge(make_look())
    async with hosted(gauge, size=(80, 7)):
        gauge.show(called, GaugeRange(market_time=canned.OPEN + 60 * canned.MINUTE))
        assert gauge.preferred_height == 7
        assert "追保: 14:30前须补 15,000.00 元 剩余4:00" in lines(gauge)[3]


async def test_the_compact_gauge_puts_the_call_before_the_distance() -> None:
    gauge = MarginGauge(make_look())
    called = msgspec.structs.replace(
        at(1_170_000), cure_deadline=canned.NOW, cure_deposit=15_000 * YUAN
    )
    async with hosted(gauge, size=(60, 3)):
        gauge.show(CONTRACT)
        assert lines(gauge)[2].startswith("距提醒 9000 2.31%")
        gauge.show(called)
        assert "追保" in lines(gauge)[2]


async def test_liquidation_and_shortfall_are_told() -> None:
    gauge = MarginGauge(make_look("en"))
    async with hosted(gauge, size=(80, 7)):
        gauge.show(msgspec.structs.replace(at(1_130_000, "liquidate"), liquidating=True))
        assert "Liquidation under way" in lines(gauge)[3]
        assert "Below every line" in "".join(lines(gauge))
        owing = msgspec.structs.replace(at(1_130_000), shortfall=1_234 * YUAN)
        gauge.show(msgspec.structs.replace(owing, debt=0, ratio_ppm=0))
        assert "Shortfall of 1,234.00 yuan" in "".join(lines(gauge))


async def test_a_cash_account_has_no_gauge() -> None:
    gauge = MarginGauge(make_look())
    async with hosted(gauge, size=(60, 6)):
        gauge.show(canned.accounts()[0])
        drawn = lines(gauge)
    assert "无融资负债" in drawn[0]
    assert "资产 500,000.00" in drawn[1]


async def test_a_moved_ratio_repaints_only_what_tells_it() -> None:
    gauge = MarginGauge(make_look())
    async with hosted(gauge, size=(80, 6)):
        gauge.show(CONTRACT)
        painted = gauge.painted
        gauge.show(msgspec.structs.replace(CONTRACT, profit_today=-20_000 * YUAN))
        assert gauge.painted == painted + 1

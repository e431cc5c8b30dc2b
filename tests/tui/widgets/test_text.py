"""Text made safe, fitted to cells, and figures as a trader reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from honghe_tui import text

MORNING = 1_440_037_865_000_000  # 2015-08-20 10:31:05 in Shanghai


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("plain 中文", "plain 中文"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("x\x1b]52;c;SGVsbG8=\x07y", "xy"),
        ("x\x1b]8;;http://evil\x1b\\link", "xlink"),
        ("x\x9b31my", "xy"),
        ("cut\x1b]0;title without end", "cut0;title without end"),
        ("bell\x07\x00\x7f", "bell"),
        ("\u202egnirts", "gnirts"),
        ("a\u200b\u200d\ufeffb", "ab"),
        ("tab\tstop", "tab stop"),
        ("one\r\ntwo\nthree", "one two three"),
        ("non\u00a0breaking", "non breaking"),
        ("z\u0300\u0301\u0302\u0303\u0304", "z\u0300\u0301"),
        ("[@click=quit]ok[/]", "[@click=quit]ok[/]"),
        ("\ue000private", "private"),
    ],
)
def test_clean_takes_out_what_acts_or_hides(hostile: str, harmless: str) -> None:
    assert text.clean(hostile) == harmless


def test_clean_keeps_line_breaks_on_request() -> None:
    assert text.clean("one\r\ntwo\u2028three", newlines=True) == "one\ntwo\nthree"


@given(st.text(max_size=60))
def test_nothing_that_clean_returns_can_act(anything: str) -> None:
    cleaned = text.clean(anything)
    assert not set(cleaned) & {chr(c) for c in (*range(32), *range(0x7F, 0xA0), 0x202E, 0x200B)}
    assert text.clean(cleaned) == cleaned


@given(st.text(max_size=40), st.integers(0, 30), st.sampled_from(["left", "right", "center"]))
def test_fitted_text_is_exactly_as_wide_as_asked(anything: str, width: int, align: text.Align):
    assert cell_len(text.fit(text.clean(anything), width, align)) == width


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert text.fit("贵州茅台", 6) == "贵州.."
    assert text.fit("贵州茅台", 7) == "贵州.. "
    assert text.fit("贵州茅台", 1) == "."
    assert text.fit("贵州", 6, "right") == "  贵州"


def test_wrapping_keeps_words_and_breaks_chinese_anywhere() -> None:
    assert text.wrap("你好 hello world 这是一个很长的句子", 10) == [
        "你好 hello",
        "world 这是",
        "一个很长的",
        "句子",
    ]
    assert text.wrap("a\n\nb", 10) == ["a", "", "b"]


@pytest.mark.parametrize(
    ("value", "tick", "shown"),
    [(16_800_000, 100, "1680.00"), (39_510, 10, "3.951"), (52_350, 100, "5.24"), (0, 100, "--")],
)
def test_a_price_has_the_digits_of_its_tick(value: int, tick: int, shown: str) -> None:
    assert text.price(value, tick) == shown


def test_signed_figures() -> None:
    assert text.price_change(-4_200) == "-0.42"
    assert text.price_change(100) == "+0.01"
    assert text.price_change(0) == "0.00"
    assert text.percent(-25_000, signed=True) == "-2.50%"
    assert text.percent(1_234_567) == "123.46%"
    assert text.percent(-4, signed=True) == "0.00%"


def test_money_has_separators_and_rounds_half_up_to_the_fen() -> None:
    assert text.money(12_345_678_950) == "1,234,567.90"
    assert text.money(-50) == "-0.01"
    assert text.money(1_000_049) == "100.00"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (9_999, "9999", "9.999K"),
        (10_000, "1.000万", "10.00K"),
        (99_996, "10.00万", "100.0K"),
        (12_345_678, "1235万", "12.35M"),
        (99_999_999, "1.000亿", "100.0M"),
        (123_456_789_012, "1235亿", "123.5B"),
        (-12_345, "-1.235万", "-12.35K"),
    ],
)
def test_large_counts_are_short_in_both_languages(value: int, zh: str, en: str) -> None:
    assert text.short_count(value, "zh") == zh
    assert text.short_count(value, "en") == en


def test_short_money_counts_yuan() -> None:
    assert text.short_money(12_345_000_000, "zh") == "123.5万"
    assert text.short_money(9_999_5000, "zh") == "1.000万"
    assert text.short_money(5_000, "zh") == "1"
    assert text.short_money(10_000, "en", signed=True) == "+1"


@given(st.integers(0, 10**18))
def test_a_short_count_is_right_within_its_last_digit(value: int) -> None:
    shown = text.short_count(value, "en")
    scale = {"T": 10**12, "B": 10**9, "M": 10**6, "K": 10**3}.get(shown[-1], 1)
    whole, _, fraction = shown.rstrip("TBMK").partition(".")
    read = int(whole + fraction) * scale // 10 ** len(fraction)
    assert abs(read - value) <= scale // 10 ** len(fraction)


def test_changes_and_parts() -> None:
    assert text.change_ppm(110_000, 100_000) == 100_000
    assert text.change_ppm(99_999, 300_000) == -666_670
    assert text.change_ppm(1, 0) == 0
    assert text.part_ppm(1, 3) == 333_333


def test_times_are_shanghai_s() -> None:
    assert text.clock(MORNING) == "10:31:05"
    assert text.clock(MORNING, seconds=False) == "10:31"
    assert text.clock(0) == "--"
    assert text.minute_of_day(MORNING) == 10 * 60 + 31
    assert text.date_of(MORNING) == 20150820
    assert text.date_of(1_440_086_400_000_000) == 20150821  # midnight there, 16:00 UTC
    assert text.date(20150820) == "2015-08-20"


def test_lots_round_half_up() -> None:
    assert text.lots(12_300, 100, "zh") == "123"
    assert text.lots(150, 100, "zh") == "2"
    assert text.lots(99, 100, "zh") == text.lots(1, 100, "en") == "<1"
    assert text.lots(0, 100, "zh") == "0"

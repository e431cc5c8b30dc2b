"""Text for a terminal: made safe, fitted to cells, and figures written as a trader reads them.

Money and prices are integers in 1/10 000 yuan, ratios in parts per million, times microseconds
since the epoch (UTC), shown at UTC+8. Nothing here computes in floats.
"""

import re
import unicodedata
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Literal

from rich.cells import cell_len

from honghe_tui.i18n import Language

Align = Literal["left", "right", "center"]

MISSING = "--"
ELLIPSIS = ".."  # "…" is two cells wide in some terminals
_YUAN = 10_000
_FIGURES = 16_384  # prices and percentages come back all day long
_SECOND = 1_000_000
_DAY_S = 86_400
_SHANGHAI_S = 8 * 3_600
_SHANGHAI = timezone(timedelta(seconds=_SHANGHAI_S))

# Sequences go with all their parameters, so that no half of one stays behind as text. One that
# never ends loses only its introducer: the rest is shown.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[\]PX^_\[]"
    r"|\x1b[ -/]*[0-~]?"
)
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_MARKS_A_LETTER = 2


def clean(text: str, newlines: bool = False) -> str:
    """`text` without anything that acts on a terminal or hides.

    Takes out escape sequences, control characters, bidirectional overrides, zero-width and
    private characters, and more than two combining marks on a letter. Line breaks become spaces
    unless `newlines`; tabs become spaces. What remains is still data: never give it to markup.
    """
    if text.isascii() and text.isprintable():
        return text
    plain = _SEQUENCE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _without_tricks(plain, newlines)


def _without_tricks(text: str, newlines: bool) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MARKS_A_LETTER:
            kept.append(_harmless(character, newlines))
    return "".join(kept)


@lru_cache(maxsize=8192)
def _harmless(character: str, newlines: bool) -> str:
    if character in "\n\u2028\u2029":
        return "\n" if newlines else " "
    if character == "\t":
        return " "
    category = unicodedata.category(character)
    if category == "Zs":
        return "\u3000" if character == "\u3000" else " "
    if category[0] == "C" or category == "Me" or character in _BLANK_LETTERS:
        return ""
    if category == "Mn" and not unicodedata.combining(character):
        return ""  # variation selectors and the like: they change widths
    return character


_ascii_or_chinese = re.compile("[ -~\u4e00-\u9fff]*").fullmatch


def cells(text: str) -> int:
    """Width of `text` on the screen."""
    if text.isascii():
        return len(text)
    if _ascii_or_chinese(text):  # one byte in UTF-8 is one cell, three are two
        return (len(text) + len(text.encode())) // 2
    return cell_len(text)


def fit(text: str, width: int, align: Align = "left", ellipsis: str = ELLIPSIS) -> str:
    """`text` in exactly `width` cells: padded, or cut with the ellipsis at its end."""
    if text.isascii() and len(text) <= width and align != "center":
        return text.rjust(width) if align == "right" else text.ljust(width)
    length = cells(text)
    if length > width:
        return cut(text, width, ellipsis)
    if align == "left":
        return text + " " * (width - length)
    if align == "right":
        return " " * (width - length) + text
    left = (width - length) // 2
    return " " * left + text + " " * (width - length - left)


def cut(text: str, width: int, ellipsis: str = ELLIPSIS) -> str:
    """The beginning of `text` in exactly `width` cells, the ellipsis last if it was too long."""
    if width <= 0:
        return ""
    if cells(text) <= width:
        return text + " " * (width - cells(text))
    room = width - cells(ellipsis)
    taken: list[str] = []
    for character in text:
        room -= cells(character)
        if room < 0:
            room += cells(character)
            break
        taken.append(character)
    return "".join(taken) + ellipsis + " " * room if room >= 0 else ellipsis[:width]


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells: words stay whole where they fit, Chinese breaks anywhere."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, max(2, width)))
    return lines


_WORDS = re.compile(r"[!-~]+|\s+|[^!-~\s]")


def _wrap_paragraph(text: str, width: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in _pieces(text, width):
        if cells(line) + cells(word) > width:
            lines.append(line.rstrip())
            line = ""
        line = "" if not line and word.isspace() else line + word
    lines.append(line.rstrip())
    return lines


def _pieces(text: str, width: int) -> list[str]:
    pieces: list[str] = []
    for word in _WORDS.findall(text):
        pieces.extend(word[start : start + width] for start in range(0, len(word), width))
    return pieces


def _half_up(value: int, divisor: int) -> int:
    """`value / divisor` to the nearest integer, halves away from zero."""
    magnitude = (abs(value) + divisor // 2) // divisor
    return -magnitude if value < 0 else magnitude


def _decimal(value: int, decimals: int, separators: bool = False, signed: bool = False) -> str:
    """`value` counted in units of 10 ** -decimals."""
    whole, fraction = divmod(abs(value), 10**decimals)
    sign = "-" if value < 0 else "+" if signed and value > 0 else ""
    digits = f"{whole:,}" if separators else str(whole)
    return f"{sign}{digits}.{fraction:0{decimals}d}" if decimals else f"{sign}{digits}"


def price_decimals(tick: int) -> int:
    """Digits after the point that a tick (1/10 000 yuan) needs: 100 → 2, 10 → 3, 1 → 4."""
    return 2 if tick % 100 == 0 else 3 if tick % 10 == 0 else 4


@lru_cache(maxsize=_FIGURES)
def price(value: int, tick: int = 100) -> str:
    """A price with the digits of its tick: 16800000 → "1680.00"; 0 is no price: "--"."""
    if value == 0:
        return MISSING
    decimals = price_decimals(tick)
    return _decimal(_half_up(value, 10 ** (4 - decimals)), decimals)


@lru_cache(maxsize=_FIGURES)
def price_change(value: int, tick: int = 100) -> str:
    """A signed difference of prices."""
    decimals = price_decimals(tick)
    return _decimal(_half_up(value, 10 ** (4 - decimals)), decimals, signed=True)


def money(value: int, decimals: int = 2, signed: bool = False) -> str:
    """Yuan with thousands separators, half up to `decimals` (at most 4)."""
    return _decimal(_half_up(value, 10 ** (4 - decimals)), decimals, True, signed)


_SCALES: dict[Language, tuple[tuple[int, str], ...]] = {
    "zh": ((10**12, "万亿"), (10**8, "亿"), (10**4, "万")),
    "en": ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")),
}


def short_count(value: int, language: Language) -> str:
    """A whole number in four significant digits with 万, 亿 (K, M, B): 12345678 → "1235万"."""
    return _short(value, 1, language)


def short_money(value: int, language: Language, signed: bool = False) -> str:
    """Yuan in four significant digits with 万, 亿 (K, M, B); below the first unit, whole yuan."""
    sign = "+" if signed and value > 0 else ""
    return sign + _short(value, _YUAN, language)


def _short(value: int, unit: int, language: Language) -> str:
    sign, magnitude = ("-" if value < 0 else ""), abs(value)
    for scale, word in _SCALES[language]:
        # what would round up to one of this scale is written in it: 9999.96 → "1.000万"
        if magnitude * 10_000 >= scale * unit * 9_999 + scale * unit // 2:
            return sign + _significant(magnitude, scale * unit) + word
    return sign + str(_half_up(magnitude, unit))


def _significant(magnitude: int, divisor: int) -> str:
    for decimals in (3, 2, 1):
        scaled = _half_up(magnitude * 10**decimals, divisor)
        if scaled < 10_000:
            return _decimal(scaled, decimals)
    return str(_half_up(magnitude, divisor))


@lru_cache(maxsize=_FIGURES)
def percent(ppm: int, decimals: int = 2, signed: bool = False) -> str:
    """Parts per million as a percentage: 1_234_500 → "123.45%"."""
    return _decimal(_half_up(ppm, 10 ** (4 - decimals)), decimals, signed=signed) + "%"


def change_ppm(now: int, before: int) -> int:
    """How far `now` is from `before`, in ppm, half up; 0 when `before` is."""
    return _half_up((now - before) * 1_000_000, before) if before > 0 else 0


def part_ppm(part: int, whole: int) -> int:
    """`part` of `whole` in ppm, half up; 0 when `whole` is."""
    return _half_up(part * 1_000_000, whole) if whole > 0 else 0


def thousandths(ppm: int, decimals: int = 2) -> str:
    """Parts per million as a plain number: 1_320_000 → "1.32"."""
    return _decimal(_half_up(ppm, 10 ** (6 - decimals)), decimals)


def quantity(shares: int) -> str:
    """Whole shares with separators."""
    return f"{shares:,}"


def lots(shares: int, lot: int, language: Language) -> str:
    """Shares as lots (手) in short form, rounded half up; less than one lot is "<1", never 0."""
    if 0 < shares < lot:
        return "<1"
    return short_count(_half_up(shares, max(1, lot)), language)


def clock(time: int, seconds: bool = True) -> str:
    """Shanghai's time of day: "10:31:05"; 0 is no time."""
    if time == 0:
        return MISSING
    minutes, second = divmod((time // _SECOND + _SHANGHAI_S) % _DAY_S, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}" if seconds else f"{hour:02d}:{minute:02d}"


def minute_of_day(time: int) -> int:
    """Minutes since midnight in Shanghai."""
    return (time // _SECOND + _SHANGHAI_S) % _DAY_S // 60


def day_number(time: int) -> int:
    """Shanghai's days since 1970-01-01: equal for times of one date."""
    return (time // _SECOND + _SHANGHAI_S) // _DAY_S


def date(yyyymmdd: int) -> str:
    """20150820 → "2015-08-20"."""
    return f"{yyyymmdd // 10_000:04d}-{yyyymmdd // 100 % 100:02d}-{yyyymmdd % 100:02d}"


def date_of(time: int) -> int:
    """YYYYMMDD in Shanghai."""
    day = datetime.fromtimestamp(time // _SECOND, _SHANGHAI)
    return day.year * 10_000 + day.month * 100 + day.day

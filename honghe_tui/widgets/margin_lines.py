"""What a margin account's figures mean: its lines, the next one, how far it is."""

from dataclasses import dataclass

from honghe_tui.text import part_ppm, percent
from server.protocol.accounts import Account
from server.protocol.words import Grade

GRADES: tuple[Grade, ...] = ("remind", "restrict", "reduce", "liquidate")
SIGNS: dict[Grade, str] = {
    "normal": "o",
    "remind": "!",
    "restrict": "=",
    "reduce": "v",
    "liquidate": "x",
}
_MILLION = WHOLE_PPM = 1_000_000  # holdings cannot fall by more


@dataclass(frozen=True, slots=True)
class Distance:
    """From the present assets down to a line."""

    grade: Grade
    line_ppm: int
    fall: int  # money; negative when the line is passed
    fall_ppm: int  # of the holdings' value
    limit_downs_ppm: int  # in limit-down days, ppm of a day; -1: not known


def lines_of(account: Account) -> dict[Grade, int]:
    """The four lines in ppm, highest first."""
    return {
        "remind": account.remind_ppm,
        "restrict": account.restrict_ppm,
        "reduce": account.reduce_ppm,
        "liquidate": account.liquidate_ppm,
    }


def line_percent(line_ppm: int) -> str:
    """A line's level: "130%", "115.5%"."""
    return percent(line_ppm, 0 if line_ppm % 10_000 == 0 else 1)


def next_line(account: Account) -> Grade | None:
    """The highest line below the ratio; None when all are reached."""
    for grade, line_ppm in lines_of(account).items():
        if account.ratio_ppm > line_ppm:
            return grade
    return None


def distance(account: Account, grade: Grade, limit_down_fall: int) -> Distance:
    """`limit_down_fall`: money lost when all holdings fall to one limit-down; 0: not known."""
    line_ppm = lines_of(account)[grade]
    at_line = account.debt * line_ppm // _MILLION
    fall = account.assets - at_line
    days = fall * _MILLION // limit_down_fall if limit_down_fall > 0 else -1
    return Distance(grade, line_ppm, fall, part_ppm(fall, account.market_value), days)


def gauge_ends(account: Account, low_ppm: int, high_ppm: int) -> tuple[int, int]:
    """The ratios at both ends of a gauge: all lines, today's range and the start are inside."""
    spread = max(1, account.remind_ppm - account.liquidate_ppm)
    start = (account.leverage + 1) * _MILLION // account.leverage if account.leverage else 0
    seen = [ppm for ppm in (account.ratio_ppm, low_ppm, high_ppm) if ppm > 0]
    top = max(start, account.remind_ppm + spread // 2)
    low = min([account.liquidate_ppm - spread // 3, *seen])
    high = max([top, *(min(ppm, top + 2 * spread) for ppm in seen)])
    return max(0, low, account.liquidate_ppm - 2 * spread), high

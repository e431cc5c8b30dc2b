"""`honghe verify limits`: every row of a folder of daily bars against the limits of its day."""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from server.cli.audit_text import IMPOSSIBLE, Text, fail
from server.cli.verify_days import DayProbe, DayRow, daily_plan
from server.cli.verify_files import rows_of
from server.engine.codes import LimitKind
from server.market.dates import parse_date
from server.market.replay.bad_file import BadFile
from server.market.replay.symbols import symbol_in
from server.market.special_days import special_day
from server.market.universe import parse_price
from server.protocol.reasons import yuan

_WORDS = {
    "zh": {
        "rows": "日线",
        "rows_text": "{rows:,} 行，{days:,} 天，{symbols} 只",
        "suspended": "停牌，不接受委托",
        "limited": "在涨跌停之内",
        "touched": "触及涨停或跌停",
        "free": "当日无涨跌停",
        "different": "不一致",
        "equal": "逐行一致",
        "row": "  {symbol} {date} {low}–{high}（{down}–{up}） {why}",
        "outside": "引擎拒绝了当日的最高价或最低价",
        "open": "引擎接受了涨跌停以外或停牌的委托",
        "unreformed": "未股改，涨跌停 5%；对照文件按 10%",
        "first_day": "核准制上市首日：发行价的 64% 至 144%",
        "explained": "触及与对照文件不同，有原因",
        "touch": "触及与对照文件不同",
        "missing": "对照文件中有，日线中没有",
    },
    "en": {
        "rows": "rows",
        "rows_text": "{rows:,}, on {days:,} days, of {symbols} shares",
        "suspended": "suspended",
        "limited": "within the limits",
        "touched": "at a limit",
        "free": "no limit that day",
        "different": "different",
        "equal": "equal row by row",
        "row": "  {symbol} {date} {low}-{high} ({down}-{up}) {why}",
        "outside": "the engine refused the day's high or low",
        "open": "the engine took an order beyond a limit, or of a suspended share",
        "unreformed": "share reform not done: 5 %, where the file of touches takes 10 %",
        "first_day": "first day of an approved listing: 64 % to 144 % of the issue price",
        "explained": "touches explained",
        "touch": "touches otherwise than the file of touches says",
        "missing": "in the file of touches, not among the bars",
    },
}
_COLUMNS = ("symbol", "date", "limit_up", "limit_down", "touch_up", "touch_down")


class Touch(NamedTuple):
    """A row of a file of touches; limits in 1/10 000 yuan."""

    limit_up: int
    limit_down: int
    up: bool
    down: bool


Touches = dict[tuple[str, int], Touch]
NO_TOUCH = Touch(0, 0, up=False, down=False)


@dataclass(slots=True)
class Findings:
    """What a folder came to; `different` has the word for why."""

    rows: int = 0
    days: set[int] = field(default_factory=set[int])
    symbols: set[str] = field(default_factory=set[str])
    suspended: int = 0
    limited: int = 0
    touched: int = 0
    explained: list[tuple[str, DayRow]] = field(default_factory=list[tuple[str, DayRow]])
    free: list[DayRow] = field(default_factory=list[DayRow])
    different: list[tuple[str, DayRow]] = field(default_factory=list[tuple[str, DayRow]])
    missing: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])


def limits_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False)
    about = "不复权日线，含 preclose / unadjusted daily bars with preclose"
    options.add_argument("folder", metavar="DIR", type=Path, help=about)
    about = "列 symbol, list_date / columns symbol, list_date"
    options.add_argument("--listings", metavar="FILE", type=Path, help=about)
    about = "哪些天触及涨跌停 / which days touch their limits"
    options.add_argument("--touches", metavar="FILE", type=Path, help=about)
    return options


def run_limits(options: argparse.Namespace) -> int:
    """0 when every row is as the rules have it, 1 when not. Raises Malformed and OSError."""
    text = Text(_WORDS[options.lang])
    touches = read_touches(options.touches) if options.touches else None
    try:
        findings = examine(options.folder, options.listings, touches)
    except BadFile as error:
        return fail("verify", error.zh if options.lang == "zh" else error.en, IMPOSSIBLE)
    _print(text, options.lang, findings)
    return 1 if findings.different or findings.missing else 0


def read_touches(path: Path) -> Touches:
    found: Touches = {}
    for row in rows_of(path, _COLUMNS):
        symbol, date, up, down, touched_up, touched_down = row.cells
        place = symbol_in(symbol) or symbol, parse_date(date)
        found[place] = Touch(
            parse_price(up), parse_price(down), touched_up == "1", touched_down == "1"
        )
    return found


def examine(folder: Path, listings: Path | None, touches: Touches | None) -> Findings:
    """Raises BadFile, Malformed and OSError."""
    findings = Findings()
    for row in DayProbe(daily_plan(folder, listings)).rows():
        _count(findings, row, touches)
    findings.missing = _missing(findings, touches or {})
    return findings


def _count(findings: Findings, row: DayRow, touches: Touches | None) -> None:
    findings.rows += 1
    findings.days.add(row.date)
    findings.symbols.add(row.symbol)
    if row.traded and row.limit_kind != LimitKind.LIMITED:
        findings.free.append(row)
        return
    if wrong := _broken(row):
        findings.different.append((wrong, row))
    elif not row.traded:
        findings.suspended += 1
    elif _touches_otherwise(row, touches):
        known = _explanation(row)
        (findings.explained if known else findings.different).append((known or "touch", row))
        findings.limited += bool(known)
    else:
        findings.limited += 1
        findings.touched += row.high == row.limit_up or row.low == row.limit_down


def _broken(row: DayRow) -> str:
    if not row.inside:
        return "outside"
    return "" if row.closed else "open"


def _touches_otherwise(row: DayRow, touches: Touches | None) -> bool:
    if touches is None:
        return False
    touch = touches.get((row.symbol, row.date), NO_TOUCH)
    same = touch is NO_TOUCH or (touch.limit_up, touch.limit_down) == (row.limit_up, row.limit_down)
    at_limits = (row.high == row.limit_up, row.low == row.limit_down)
    return not (same and at_limits == (touch.up, touch.down))


def _explanation(row: DayRow) -> str:
    """Why a file that knows ST and boards alone has other limits; empty where it should agree."""
    if row.status == "unreformed":
        return "unreformed"
    return "first_day" if row.listing_day == 1 else ""


def _missing(findings: Findings, touches: Touches) -> set[tuple[str, int]]:
    return {place for place in touches if place[0] not in findings.symbols}


# Printing ----------------------------------------------------------------------------------------


def _print(text: Text, language: str, findings: Findings) -> None:
    counts = {"days": len(findings.days), "symbols": len(findings.symbols)}
    print(text.fact("rows", text("rows_text", rows=findings.rows, **counts)))
    print(text.fact("suspended", f"{findings.suspended:,}"))
    print(text.fact("limited", f"{findings.limited:,}"))
    print(text.fact("touched", f"{findings.touched:,}"))
    print(text.fact("explained", f"{len(findings.explained):,}"))
    _print_rows(text, ((text(why), row) for why, row in findings.explained))
    print(text.fact("free", f"{len(findings.free):,}"))
    _print_rows(text, ((_why(row, language), row) for row in findings.free))
    print(text.fact("different", f"{len(findings.different) + len(findings.missing):,}"))
    _print_rows(text, ((text(why), row) for why, row in findings.different))
    for symbol, date in sorted(findings.missing):
        print(f"  {symbol} {date} {text('missing')}")
    if not findings.different and not findings.missing:
        print(text("equal"))


def _why(row: DayRow, language: str) -> str:
    special = special_day(row.symbol, row.date)
    zh = special.reason_zh if special else f"上市第 {row.listing_day} 天"
    en = special.reason_en if special else f"day {row.listing_day} of listing"
    return f"{zh if language == 'zh' else en} [{row.rule}]"


def _print_rows(text: Text, rows: Iterable[tuple[str, DayRow]]) -> None:
    for why, row in rows:
        prices = {"low": yuan(row.low), "high": yuan(row.high)}
        limits = {"down": yuan(row.limit_down), "up": yuan(row.limit_up)}
        print(text("row", symbol=row.symbol, date=row.date, why=why, **prices, **limits))

"""A file of corporate actions beside the prices: what each share gives, by its ex-dates.

Columns: `symbol, date` (the ex-date), `bonus_shares_per10, conversion_shares_per10,
rights_shares_per10, rights_price, cash_per10`; rows of nothing but share counts are passed over.
Such a file says nothing of other dates. Cash and shares then arrive on the ex-date, and rights are
to be paid for within five sessions from it, which a file of prices can still show: in the market
itself the shares are suspended for the payment and the ex-date comes after it.
"""

import csv
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from server.market.calendar import TradingCalendar
from server.market.corporate_actions import CorporateAction
from server.market.dates import parse_date
from server.market.replay.bad_file import BadFile
from server.market.replay.sheet import Sheet, read_sheet
from server.market.replay.symbols import symbol_in

RIGHTS_SESSIONS = 5
_UNITS = {  # of CorporateAction in one of a file's, for ten shares
    "cash_per10": ("cash", 10**9),
    "bonus_shares_per10": ("bonus_ppb", 10**8),
    "conversion_shares_per10": ("conversion_ppb", 10**8),
    "rights_shares_per10": ("rights_ppb", 10**8),
    "rights_price": ("rights_price", 10**4),
}
_GIVES = ("cash", "bonus_ppb", "conversion_ppb", "rights_ppb")
Actions = Mapping[str, tuple[CorporateAction, ...]]


def read_actions(path: Path, first: int, last: int, calendar: TradingCalendar) -> Actions:
    """Actions with an ex-date from `first` to `last`, by symbol; raises `BadFile`."""
    sheet = read_sheet(path)
    places = {name: sheet.place(name) for name in ("symbol", "date", *_UNITS)}
    found: dict[str, dict[int, CorporateAction]] = {}
    for row, cells in enumerate(csv.reader(sheet.lines, delimiter=sheet.delimiter)):
        line = sheet.first_line + row
        if len(cells) != len(sheet.header):
            raise BadFile(path, f"有 {len(cells)} 列", f"has {len(cells)} fields", line)
        date = date_in(sheet, cells[places["date"]], line)
        symbol = symbol_in(cells[places["symbol"]])
        if symbol is None or not first <= date <= last:
            continue
        terms = {
            field: _exact(sheet, cells[places[name]], unit, line)
            for name, (field, unit) in _UNITS.items()
        }
        if not any(terms[name] for name in _GIVES):
            continue
        own = found.setdefault(symbol, {})
        if date in own:
            zh, en = f"{symbol} 在 {date} 有两行", f"{symbol} has two rows on {date}"
            raise BadFile(path, zh, en, line)
        number = len(own) + 1
        own[date] = _action(symbol, number, date, terms, calendar)
    return {symbol: tuple(own.values()) for symbol, own in found.items()}


def _action(
    symbol: str, number: int, date: int, terms: dict[str, int], calendar: TradingCalendar
) -> CorporateAction:
    until = listed = 0
    if terms["rights_ppb"]:
        until = date
        for _ in range(RIGHTS_SESSIONS - 1):
            until = calendar.next_session(until)
        listed = calendar.next_session(calendar.next_session(until))
    return CorporateAction(
        symbol=symbol,
        number=number,
        ex_date=date,
        announced=date,
        record_date=calendar.previous_session(date),
        rights_until=until,
        list_date=listed,
        **terms,
    )


def date_in(sheet: Sheet, cell: str, line: int) -> int:
    """YYYYMMDD; raises `BadFile`."""
    try:
        return parse_date(cell.strip())
    except ValueError as error:
        zh, en = f"「{cell}」不是日期", f"{cell!r} is no date"
        raise BadFile(sheet.path, zh, en, line) from error


def _exact(sheet: Sheet, cell: str, unit: int, line: int) -> int:
    try:
        value = Decimal(cell.strip() or "0") * unit
    except InvalidOperation as error:
        zh, en = f"「{cell}」不是数字", f"{cell!r} is no number"
        raise BadFile(sheet.path, zh, en, line) from error
    if value < 0 or value != int(value):
        zh, en = f"「{cell}」太细或为负", f"{cell!r} is too fine, or negative"
        raise BadFile(sheet.path, zh, en, line)
    return int(value)

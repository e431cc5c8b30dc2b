"""A file of listings: when each began and ended, its kind of offering, and the code before."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import msgspec
import numpy as np

from server.market.beijing_codes import new_codes
from server.market.corporate_actions import CorporateAction
from server.market.replay.actions import Actions, date_in
from server.market.replay.bad_file import BadFile
from server.market.replay.series import DailySeries, Series
from server.market.replay.sheet import Sheet, read_sheet
from server.market.replay.symbols import symbol_in
from server.market.rules import Ipo

_COLUMNS = ("list_date", "end_date", "announced", "ipo", "old_symbol")


@dataclass(frozen=True, slots=True)
class Listing:
    """Dates YYYYMMDD, 0 where the file has none. `announced` is the announcement of the end."""

    list_date: int = 0
    end_date: int = 0
    announced: int = 0
    ipo: Ipo = "unknown"
    old_symbol: str = ""


Listings = Mapping[str, Listing]


def read_listings(path: Path) -> Listings:
    """By symbol; all columns but the symbol's may be missing or empty. Raises `BadFile`."""
    sheet = read_sheet(path)
    place = sheet.place("symbol")
    found: dict[str, Listing] = {}
    for row, cells in enumerate(csv.reader(sheet.lines, delimiter=sheet.delimiter)):
        line = sheet.first_line + row
        symbol = symbol_in(cells[place]) if len(cells) == len(sheet.header) else None
        if symbol is None:
            raise BadFile(path, "看不出证券代码", "no symbol is to be seen", line)
        if symbol in found:
            raise BadFile(path, f"{symbol} 有两行", f"{symbol} has two rows", line)
        found[symbol] = _listing(sheet, cells, line)
    return found


def _listing(sheet: Sheet, cells: list[str], line: int) -> Listing:
    words = {
        name: cells[sheet.columns[name]].strip() if name in sheet.columns else ""
        for name in _COLUMNS
    }
    dates = {
        name: date_in(sheet, words[name], line) if words[name] else 0
        for name in ("list_date", "end_date", "announced")
    }
    old = symbol_in(words["old_symbol"]) if words["old_symbol"] else ""
    if old is None:
        zh, en = f"「{words['old_symbol']}」不是证券代码", f"{words['old_symbol']!r} is no symbol"
        raise BadFile(sheet.path, zh, en, line)
    for ipo in get_args(Ipo):
        if ipo == (words["ipo"] or "unknown"):
            return Listing(**dates, ipo=ipo, old_symbol=old)
    zh = f"「{words['ipo']}」应为 registration、approval 或空"
    en = f"{words['ipo']!r} should be registration, approval, or empty"
    raise BadFile(sheet.path, zh, en, line)


def with_new_codes(listings: Listings, last: int) -> Listings:
    """With the new code of each Beijing company that had one by a replay's last day.

    What a file says of an old code is then said of the new; its own `old_symbol` stands.
    """
    found = dict(listings)
    for old, new in new_codes().items():
        if new.since <= last:
            known = found.pop(old, Listing())
            listing = found.get(new.symbol, known)
            if not listing.old_symbol:
                found[new.symbol] = replace(listing, old_symbol=old)
    return found


def with_ends(actions: Actions, listings: Listings) -> Actions:
    """The corporate actions, those under an old code too, and the ends of listings."""
    found = dict(actions)
    for symbol, listing in listings.items():
        own = [*found.pop(listing.old_symbol, ()), *found.get(symbol, ())]
        if listing.end_date:
            end = {"announced": listing.announced, "last_day": listing.end_date}
            own.append(CorporateAction(symbol=symbol, number=1, **end))
        if own:
            found[symbol] = tuple(
                msgspec.structs.replace(action, symbol=symbol, number=number)
                for number, action in enumerate(own, 1)
            )
    return found


def under_new_codes(series: Iterable[Series], listings: Listings, path: Path) -> list[Series]:
    """Data under an old code goes on under the new one (section 1.1); raises `BadFile`.

    Two files of one share, one before its change of code and one after, become one.
    """
    new = {each.old_symbol: symbol for symbol, each in listings.items() if each.old_symbol}
    found: dict[str, Series] = {}
    for each in series:
        renamed = replace(each, symbol=new.get(each.symbol, each.symbol))
        other = found.get(renamed.symbol)
        found[renamed.symbol] = renamed if other is None else _joined(other, renamed, path)
    return [found[symbol] for symbol in sorted(found)]


def _joined(one: Series, other: Series, path: Path) -> DailySeries:
    symbol = one.symbol
    if not isinstance(one, DailySeries) or not isinstance(other, DailySeries):
        zh = f"{symbol} 新旧代码的数据只有日线可以接上"
        raise BadFile(path, zh, f"{symbol}: only daily bars of an old and a new code can be joined")
    before, after = sorted((one, other), key=lambda each: int(each.date[0]))
    if before.date[-1] >= after.date[0]:
        zh = f"{symbol} 新旧代码的数据日期重叠"
        raise BadFile(path, zh, f"{symbol}: the data of its old and its new code overlap")
    columns = {
        name: np.concatenate([getattr(before, name), getattr(after, name)])
        for name in DailySeries.__dataclass_fields__
        if name not in {"symbol", "names"}
    }
    return DailySeries(symbol=symbol, names=[*before.names, *after.names], **columns)

"""A share's short name on a day, with the mark that the exchange puts before it (section 1.1)."""

from collections.abc import Iterable

from server.market.corporate_actions import CorporateAction
from server.market.rules import Status

_WIDTH = 8  # of a short name, in which a Chinese character takes two
_FRESH = 5  # sessions from the listing whose names are marked


def listing_mark(listing_day: int, *, unlimited: bool) -> str:
    """N on the first day; C on the next four while they have no price limit."""
    if listing_day == 1:
        return "N"
    return "C" if listing_day <= _FRESH and unlimited else ""


def ex_mark(actions: Iterable[CorporateAction], date: int) -> str:
    """XD on the ex-date of cash, XR of shares, DR of both."""
    today = [action for action in actions if action.ex_date == date]
    cash = any(action.cash for action in today)
    shares = any(action.new_shares_ppb or action.rights_ppb for action in today)
    return {(True, False): "XD", (False, True): "XR", (True, True): "DR"}.get((cash, shares), "")


def status_mark(status: Status) -> str:
    return "ST" if status == "st" else ""


def marked(name: str, mark: str) -> str:
    """As much of the name as there is room for behind a mark."""
    if not mark or name.startswith(mark):
        return name
    room = _WIDTH - len(mark)
    kept = ""
    for character in name:
        room -= 1 if character.isascii() else 2
        if room < 0:
            break
        kept += character
    return mark + kept

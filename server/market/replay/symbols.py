"""Symbols as data vendors write them, a bare code among them, brought to `code.exchange`."""

import re
from typing import get_args

from server.market.universe import UniverseError, classify
from server.protocol.words import Exchange

_EXCHANGES: dict[str, Exchange] = {
    **dict.fromkeys(("SH", "SS", "XSHG"), "SSE"),
    **dict.fromkeys(("SZ", "XSHE"), "SZSE"),
    "BJ": "BSE",
    **{exchange: exchange for exchange in get_args(Exchange)},
}
_PREFIXED = re.compile(r"(?<![A-Z])(SH|SZ|BJ)[._#-]?(\d{6})(?!\d)", re.IGNORECASE)
_SUFFIXED = re.compile(
    r"(?<!\d)(\d{6})[._](SSE|SZSE|BSE|SH|SS|SZ|BJ|XSHG|XSHE)(?![A-Z])", re.IGNORECASE
)
_BARE = re.compile(r"(?<!\d)(\d{6})(?!\d)")


def symbol_in(text: str) -> str | None:
    """The symbol that a cell, a title or a file name holds, as "600519.SSE"; None without one.

    A code without its exchange is a share's where only one exchange has shares of that range.
    """
    if match := _PREFIXED.search(text):
        return f"{match[2]}.{_EXCHANGES[match[1].upper()]}"
    if match := _SUFFIXED.search(text):
        return f"{match[1]}.{_EXCHANGES[match[2].upper()]}"
    if match := _BARE.search(text):
        exchanges = [exchange for exchange in get_args(Exchange) if _admits(match[1], exchange)]
        return f"{match[1]}.{exchanges[0]}" if len(exchanges) == 1 else None
    return None


def _admits(code: str, exchange: Exchange) -> bool:
    try:
        classify(code, exchange)
    except UniverseError:
        return False
    return True

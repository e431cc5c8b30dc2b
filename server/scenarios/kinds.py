"""Kinds of figures on a page: how each is written, and how the engine's ints are shown like it.

An expected figure and the engine's are compared as the text the page would have.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import IntEnum
from typing import Protocol

from server.market.dates import shanghai
from server.protocol.reasons import yuan
from server.scenarios.wording import Text, unknown, wrong

_MONEY = re.compile(r"(-?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d{1,4}))?")
_PERCENT = re.compile(r"(\d+)(?:\.(\d{1,4}))?%")
_PPM_DIGITS = 4  # a percent has four decimals in ppm
UNIT = 10_000


def money(raw: object) -> int:
    """Yuan as text to 1/10 000 yuan, exactly; raises ScenarioError."""
    found = _MONEY.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise wrong(
            f'{raw!r} 不是金额；金额写成带引号的元，如 "10.05"',
            f'{raw!r} is no amount; write yuan as text, like "10.05"',
        )
    sign, whole, rest = found[1], found[2].replace(",", ""), found[3] or ""
    value = int(whole) * UNIT + int(rest.ljust(4, "0"))
    return -value if sign else value


def percent(raw: object) -> int:
    """A percentage as text to ppm; raises ScenarioError."""
    found = _PERCENT.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        raise wrong(
            f'{raw!r} 不是百分比；应如 "133.33%"',
            f'{raw!r} is no percentage; write it like "133.33%"',
        )
    return int(found[1]) * 10**_PPM_DIGITS + int((found[2] or "").ljust(_PPM_DIGITS, "0"))


def clock(raw: object) -> time:
    """A time of the day as text; raises ScenarioError."""
    try:
        return time.fromisoformat(str(raw))
    except ValueError as error:
        raise wrong(
            f'{raw!r} 不是时刻；应如 "10:10:00"', f'{raw!r} is no time; write it like "10:10:00"'
        ) from error


class Names(Protocol):
    """What the engine's numbers are called on the page."""

    def account(self, index: int) -> str: ...
    def symbol(self, index: int, like: str) -> str: ...
    def order(self, order_id: int) -> str: ...
    def counter(self, value: int) -> str: ...


class Kind(Protocol):
    def read(self, raw: object) -> str:
        """The page's figure in its plainest form; raises ScenarioError."""
        ...

    def show(self, value: int, like: str, names: Names) -> str:
        """The engine's figure, written as `like` is; `like` may be empty."""
        ...


class Money:
    def read(self, raw: object) -> str:
        return yuan(money(raw))

    def show(self, value: int, like: str, names: Names) -> str:
        return yuan(value)


class Count:
    def read(self, raw: object) -> str:
        if not isinstance(raw, int) or isinstance(raw, bool):
            raise wrong(f"{raw!r} 应为整数", f"{raw!r} must be a whole number")
        return f"{raw:,}"

    def show(self, value: int, like: str, names: Names) -> str:
        return f"{value:,}"


class Figure:
    """Yuan where the page has text, a number where it has a number."""

    def read(self, raw: object) -> str:
        return MONEY.read(raw) if isinstance(raw, str) else COUNT.read(raw)

    def show(self, value: int, like: str, names: Names) -> str:
        return yuan(value) if "." in like else f"{value:,}"


class Percent:
    """Cut after as many decimals as the page has; 0 is no debt, "none" on the page."""

    def read(self, raw: object) -> str:
        if raw != "none":
            percent(raw)
        return str(raw)

    def show(self, value: int, like: str, names: Names) -> str:
        if value == 0:
            return "none"
        digits = len(like.partition(".")[2]) - 1 if "." in like else 0
        digits = digits if like.endswith("%") else _PPM_DIGITS
        whole, rest = divmod(value, 10**_PPM_DIGITS)
        decimals = f"{rest:0{_PPM_DIGITS}d}"[:digits]
        return f"{whole}.{decimals}%" if digits > 0 else f"{whole}%"


class Clock:
    """A market time, as the clock in Shanghai shows it."""

    def read(self, raw: object) -> str:
        return clock(raw).isoformat()

    def show(self, value: int, like: str, names: Names) -> str:
        return shanghai(value).time().isoformat()


@dataclass(frozen=True)
class Word:
    """A member of one of the engine's enumerations, in lower case."""

    codes: type[IntEnum]
    what: Text

    def read(self, raw: object) -> str:
        known = [code.name.lower() for code in self.codes]
        if raw not in known:
            raise unknown(self.what, str(raw), known)
        return str(raw)

    def show(self, value: int, like: str, names: Names) -> str:
        return self.codes(value).name.lower()


@dataclass(frozen=True)
class Named:
    """Something the page has a name for."""

    name: Callable[[Names, int, str], str]

    def read(self, raw: object) -> str:
        if not isinstance(raw, str | int):
            raise wrong(f"{raw!r} 不是名称", f"{raw!r} is no name")
        return str(raw)

    def show(self, value: int, like: str, names: Names) -> str:
        return self.name(names, value, like)


MONEY = Money()
COUNT = Count()
FIGURE = Figure()
PERCENT = Percent()
CLOCK = Clock()
ACCOUNT = Named(lambda names, value, _: names.account(value))
SYMBOL = Named(lambda names, value, like: names.symbol(value, like))
ORDER = Named(lambda names, value, _: names.order(value))
COUNTER = Named(lambda names, value, _: names.counter(value))

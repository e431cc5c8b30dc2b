"""The exchanges' sessions (section 6.3): XSHG of exchange_calendars, kept in a file.

Dates are ints YYYYMMDD, times int microseconds since the epoch (UTC). `exchange_calendars` takes a
second or more to import, so its sessions are kept in the data directory under its version, and it
is imported only when that file is missing, damaged or of another version.
"""

import os
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from server.engine.codes import Phase
from server.market.dates import from_date, time_us
from server.market.rules import Rules

FIRST_SESSION = 19901219  # the first day of the Shanghai exchange
CACHE_NAME = "sessions.txt"
_PACKAGE = "exchange_calendars"


class CalendarExhausted(LookupError):
    """A date outside the sessions the calendar knows."""


class TradingCalendar:
    """Sessions of SSE, SZSE and BSE. Every method raises CalendarExhausted out of its range."""

    def __init__(self, sessions: Sequence[int], rules: Rules, source: str) -> None:
        """`sessions` ascending; `source` names where they come from, for the error."""
        self._sessions = list(sessions)
        self._rules = rules
        self._source = source

    @property
    def first_session(self) -> int:
        return self._sessions[0]

    @property
    def last_session(self) -> int:
        return self._sessions[-1]

    def sessions(self, first: int, last: int) -> list[int]:
        """Sessions from `first` to `last`, both included and neither necessarily a session."""
        self._check(first)
        self._check(last)
        return self._sessions[
            bisect_left(self._sessions, first) : bisect_right(self._sessions, last)
        ]

    def is_session(self, date: int) -> bool:
        self._check(date)
        return self._sessions[bisect_left(self._sessions, date)] == date

    def next_session(self, date: int) -> int:
        """The first session after `date`, which need not be one itself."""
        self._check(date)
        if date == self.last_session:
            raise self._exhausted(f"no session is known after {date}")
        return self._sessions[bisect_right(self._sessions, date)]

    def previous_session(self, date: int) -> int:
        """The last session before `date`."""
        self._check(date)
        if date == self.first_session:
            raise self._exhausted(f"no session is known before {date}")
        return self._sessions[bisect_left(self._sessions, date) - 1]

    def sessions_between(self, first: int, last: int) -> int:
        """Number of sessions after `first` up to and including `last`."""
        self._check(first)
        self._check(last)
        return bisect_right(self._sessions, last) - bisect_right(self._sessions, first)

    def phases(self, date: int, session_group: int) -> list[tuple[int, Phase]]:
        """(market time, phase that begins then) of a session, in order (section 2.1).

        Raises ValueError when `date` is no session.
        """
        if not self.is_session(date):
            raise ValueError(f"{date} is no session")
        steps = self._rules.phase_steps(session_group, date)
        return [(time_us(date, step.at), step.code) for step in steps]

    def _check(self, date: int) -> None:
        if not self.first_session <= date <= self.last_session:
            raise self._exhausted(f"{date} is outside it")

    def _exhausted(self, what: str) -> CalendarExhausted:
        return CalendarExhausted(
            f"the trading calendar of {self._source} runs from {self.first_session} to"
            f" {self.last_session}: {what}; install a release of {_PACKAGE} that knows more,"
            " or choose another date"
        )


def load_calendar(data_dir: Path, rules: Rules) -> TradingCalendar:
    """The calendar from the file in `data_dir`, which is made when it is not there or stale."""
    version = metadata.version(_PACKAGE)
    source = f"{_PACKAGE} {version}"
    path = data_dir / CACHE_NAME
    sessions = _read(path, source)
    if sessions is None:
        sessions = _sessions_of_package()
        _write(path, source, sessions)
    return TradingCalendar(sessions, rules, source)


def _read(path: Path, source: str) -> list[int] | None:
    """The sessions of a whole file of this source, else None."""
    try:
        text = path.read_text("ascii")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    head, _, body = text.partition("\n")
    if head != _head(source, body):
        return None
    return [int(line) for line in body.split()]


def _write(path: Path, source: str, sessions: list[int]) -> None:
    body = "".join(f"{session}\n" for session in sessions)
    path.parent.mkdir(parents=True, exist_ok=True)
    half_done = path.with_suffix(f".{os.getpid()}")
    half_done.write_text(f"{_head(source, body)}\n{body}", "ascii")
    half_done.replace(path)


def _head(source: str, body: str) -> str:
    return f"{source} XSHG {zlib.crc32(body.encode()):08x}"


def _sessions_of_package() -> list[int]:
    """Every session the package knows: the slow way."""
    from exchange_calendars.exchange_calendar_xshg import XSHGExchangeCalendar

    first = f"{FIRST_SESSION // 10_000}-{FIRST_SESSION // 100 % 100:02}-{FIRST_SESSION % 100:02}"
    # The package's default end follows today's date; its bound is what its data covers.
    calendar = XSHGExchangeCalendar(start=first, end=XSHGExchangeCalendar.bound_max())
    return [from_date(session.date()) for session in calendar.sessions]

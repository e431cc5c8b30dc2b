"""Margin calls (section 5.3): when one is opened, until when it can be met, and when it is.

Crossing the reduce line opens a call. Until the cut-off (14:30 market time) the client sells and
repays, or deposits, back above the restrict line; then the system does it. Crossed before the
cut-off of its session, the deadline is that day's; at or after it, or outside the session's date,
the next session's, so that nobody is called for a time already past. A product may give sessions
instead, and another ratio to restore: the licensed account has until the close of T+1 (4.5).
"""

from datetime import time

import msgspec

from server.risk.ports import NextSession
from server.risk.runs import Trigger
from server.risk.times import date_of, day_after, market_time

CUT_OFF = time(14, 30)
CLOSE = time(15, 0)


class MarginCall(msgspec.Struct, frozen=True):
    """An open call: until when (market time), and the crossing of the reduce line.

    `remind_at` is when it is told of again, 0 never: it is past, or somebody has acknowledged it.
    """

    account: int
    deadline: int
    trigger: Trigger
    remind_at: int = 0
    reminders: int = 0  # sent
    acknowledged: bool = False


def deadline_of(
    crossed: int,
    session: int,
    next_session: NextSession,
    cut_off: time = CUT_OFF,
    sessions: int = 0,
) -> int:
    """The deadline of a call that was opened at market time `crossed` in `session` (YYYYMMDD).

    With `sessions` it is the close of so many sessions after the crossing's (4.5: T+1, T+2).
    """
    if sessions > 0:
        day = session if date_of(crossed) <= session else _after(session, next_session)
        for _ in range(sessions):
            day = _after(day, next_session)
        return market_time(day, CLOSE)
    today = market_time(session, cut_off)
    if crossed < today and date_of(crossed) <= session:
        return today
    return market_time(_after(session, next_session), cut_off)


def _after(session: int, next_session: NextSession) -> int:
    """Past the calendar's end no session opens before it is renewed: any later day will do."""
    try:
        return next_session(session)
    except LookupError:
        return day_after(session)

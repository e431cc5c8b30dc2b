"""Corporate actions that the agents' companies announce: made up, the same for a seed."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from server.market.calendar import CalendarExhausted, TradingCalendar
from server.market.corporate_actions import CorporateAction
from server.market.universe import UniverseEntry

FEN = 100
_CHANCE = 1 / 8  # that a share announces a dividend in the first weeks
_ANNOUNCED_BY = 10  # sessions after the market's first day
_NOTICE = 3  # sessions from the announcement to the record date
_YIELD = (0.008, 0.03)
_CONVERSION = 400_000_000  # four for ten, by one in five of them


def announced_actions(
    entries: Sequence[UniverseEntry], first_date: int, calendar: TradingCalendar, seed: int
) -> Mapping[str, tuple[CorporateAction, ...]]:
    """By symbol. At least one share's dividend is announced on the second day; none past the
    calendar's end.
    """
    rng = np.random.default_rng([seed, 3])
    found: dict[str, tuple[CorporateAction, ...]] = {}
    shares = [entry for entry in entries if entry.kind == "share"]
    first = int(rng.integers(len(shares))) if shares else 0
    for number, entry in enumerate(shares):
        chance, wait, part, converts = rng.random(4)
        if chance >= _CHANCE and number != first:
            continue
        sessions = 1 if number == first else 1 + int(wait * _ANNOUNCED_BY)
        cash = round(entry.start_price * (_YIELD[0] + part * (_YIELD[1] - _YIELD[0])) / FEN) * FEN
        action = _action(entry.symbol, _later(calendar, first_date, sessions), calendar)
        if action is not None and cash > 0:
            conversion = _CONVERSION if converts < 1 / 5 else 0
            given = {"cash": cash * 1_000_000, "conversion_ppb": conversion}
            found[entry.symbol] = (msgspec.structs.replace(action, **given),)
    return found


def _later(calendar: TradingCalendar, date: int, sessions: int) -> int:
    """0 past the calendar's end."""
    try:
        for _ in range(sessions):
            date = calendar.next_session(date)
    except CalendarExhausted:
        return 0
    return date


def _action(symbol: str, announced: int, calendar: TradingCalendar) -> CorporateAction | None:
    if not announced:
        return None
    record = _later(calendar, announced, _NOTICE)
    ex_date = _later(calendar, record, 1) if record else 0
    if not ex_date:
        return None
    return CorporateAction(
        symbol=symbol, number=1, announced=announced, record_date=record, ex_date=ex_date
    )

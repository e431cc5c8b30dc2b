"""Market dates are ints YYYYMMDD, market times int microseconds since the epoch (UTC).

Shanghai is UTC+8 throughout; the summer time of 1986 to 1991 is left out, as the exchange's own
records leave it out.
"""

from datetime import date, datetime, time, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
DAY_US = 86_400_000_000
_EPOCH = date(1970, 1, 1)
_OFFSET_US = 8 * 3_600_000_000


def to_date(day: int) -> date:
    """Raises ValueError for an int that is no date."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def from_date(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


def parse_date(text: str) -> int:
    """An ISO date, with or without hyphens. Raises ValueError for what is none."""
    return from_date(date.fromisoformat(text))


def calendar_days_between(first: int, last: int) -> int:
    """Days from `first` to `last`, negative when `last` is earlier."""
    return (to_date(last) - to_date(first)).days


def time_us(day: int, clock: time) -> int:
    """Market time of a wall clock reading in Shanghai."""
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    days = (to_date(day) - _EPOCH).days
    return days * DAY_US + seconds * 1_000_000 + clock.microsecond - _OFFSET_US


def date_of(market_time: int) -> int:
    """The date in Shanghai at a market time."""
    return from_date(_EPOCH + timedelta(days=(market_time + _OFFSET_US) // DAY_US))


def shanghai(market_time: int) -> datetime:
    """A market time for display."""
    return datetime.fromtimestamp(market_time // 1_000_000, SHANGHAI).replace(
        microsecond=market_time % 1_000_000
    )

"""Market time and market dates: microseconds since the epoch, and YYYYMMDD in Shanghai (UTC+8)."""

from datetime import date, datetime, time, timedelta, timezone

SECOND = 1_000_000
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def shanghai(market_time: int) -> datetime:
    """A market time for display, to the second."""
    return datetime.fromtimestamp(market_time // SECOND, SHANGHAI)


def date_of(market_time: int) -> int:
    local = shanghai(market_time)
    return local.year * 10_000 + local.month * 100 + local.day


def _to_date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)


def day_after(day: int) -> int:
    """The next calendar day."""
    following = _to_date(day) + timedelta(days=1)
    return following.year * 10_000 + following.month * 100 + following.day


def market_time(day: int, clock: time) -> int:
    """Market time of a wall clock's reading on a day."""
    return int(datetime.combine(_to_date(day), clock, SHANGHAI).timestamp()) * SECOND

"""Dividend tax by holding period (section 6.2): rates by the record date, periods by calendar."""

from calendar import monthrange
from datetime import date, timedelta

from server.market.dates import from_date, to_date
from server.market.rules.tables import Row


class DividendTaxRow(Row, frozen=True, kw_only=True):
    """Parts of a dividend: at the sale by how long the shares were held, or withheld at once."""

    month_ppm: int  # held up to a month
    year_ppm: int  # up to a year
    long_ppm: int
    withheld_ppm: int


def tax_periods(day: int) -> tuple[int, int]:
    """Shares got on or after these dates are held up to a month, up to a year, when sold on `day`.

    A period ends the day before the delivery of the sale: shares of 8 January are held for exactly
    a month when they are sold on 8 February, and longer from the 9th on. Where the later month has
    no such day, the period ends with the month.
    """
    sold = to_date(day)
    return _earliest(sold, 1), _earliest(sold, 12)


def _earliest(sold: date, months: int) -> int:
    got = sold - timedelta(days=31 * months + 3)
    while _anniversary(got, months) < sold:
        got += timedelta(days=1)
    return from_date(got)


def _anniversary(got: date, months: int) -> date:
    """The same day months later, or the first of the month after when that month has none."""
    years, month = divmod(got.month - 1 + months, 12)
    year, month = got.year + years, month + 1
    if got.day <= monthrange(year, month)[1]:
        return date(year, month, got.day)
    return date(year, month, 1) + timedelta(days=monthrange(year, month)[1])

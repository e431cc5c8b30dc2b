"""Single days whose status no bar and no short name tells: relistings, the end of a share reform.

`data/special_days.csv` holds those of the shares we have replayed; a day that is missing there
shows as a replayed day beyond its limits, with a warning.
"""

import csv
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import NamedTuple

import msgspec

from server.market.dates import parse_date
from server.market.rules import Status


class SpecialDay(NamedTuple):
    status: Status
    reason_zh: str
    reason_en: str


@cache
def _days() -> dict[tuple[str, int], SpecialDay]:
    text = files("server.market").joinpath("data", "special_days.csv").read_text("utf-8")
    return {
        (row["symbol"], parse_date(row["date"])): msgspec.convert(
            (row["status"], row["reason_zh"], row["reason_en"]), SpecialDay
        )
        for row in csv.DictReader(StringIO(text))
    }


def special_day(symbol: str, date: int) -> SpecialDay | None:
    return _days().get((symbol, date))

"""Codes of Beijing's companies before and after the change to 920 (section 1.1).

`data/beijing_codes.csv` says what the exchange's table says (https://www.bse.cn/service/
code_mapping.html): the last three digits stay, but for the 26 companies whose digits another one
kept. Six changed on trial on 2025-05-06, the other 242 on 2025-10-09.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import NamedTuple

from server.market.dates import parse_date


class NewCode(NamedTuple):
    """`since` is the first day under it, YYYYMMDD."""

    symbol: str
    since: int


@cache
def new_codes() -> Mapping[str, NewCode]:
    """By old symbol."""
    text = files("server.market").joinpath("data", "beijing_codes.csv").read_text("utf-8")
    return {
        f"{row['old']}.BSE": NewCode(f"{row['new']}.BSE", parse_date(row["since"]))
        for row in csv.DictReader(StringIO(text))
    }

"""What a page may say of the platform's limits and of the risk desk (sections 4.6, 7.5)."""

from datetime import datetime
from typing import Literal

import msgspec

Name = str | int


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the page, as in `page`."""


class Tiers(Part, frozen=True, kw_only=True):
    """Lowest ratio = share of the assets, best first; below the last one no increase."""

    tiers: dict[str, str]
    holding_class: Literal["main", "wide_20", "bse_30", "risk_warning"] = "main"
    scope: Literal["stock", "board"] = "stock"
    contract: Name | None = None  # none: every product without a table of its own


class StockLimit(Part, frozen=True, kw_only=True):
    float_shares: int = 0
    stop: str = "25%"
    resume: str = "20%"
    cap: str = "0.00"


class Limits(Part, frozen=True, kw_only=True):
    """The limits of a day; what is not said is none."""

    client_cap: str = "0.00"
    lending_cap: str = "0.00"
    person_stock_cap: str = "0.00"
    jump: str = "0%"
    confirmations: int = 0
    price_bounds: bool = False
    stocks: dict[str, StockLimit] = {}
    concentration: list[Tiers] = []


class Platform(Part, frozen=True, kw_only=True):
    state: str
    by: Literal["rules", "officer"] = "officer"
    figure: int = 0
    note: str = ""


class Stop(Part, frozen=True, kw_only=True):
    """Of an account, of the person of an account, or of an instrument."""

    account: Name | None = None
    person_of: Name | None = None
    symbol: Name | None = None
    level: str = "no_orders"
    until: datetime | None = None  # market time


class Override(Part, frozen=True, kw_only=True):
    symbol: Name
    price: str = "0.00"  # discards the one that waits

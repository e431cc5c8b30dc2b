"""What the rules leave open, each with its default (section 9.1): a setting decides.

A row of a dated table that belongs to one answer says so: `choice = ["star_cage_floor", "none"]`.
"""

from typing import Literal

import msgspec


class Choices(msgspec.Struct, frozen=True, kw_only=True):
    """`[rules]` of the config file."""

    star_cage_floor: Literal["none", "ten_ticks"] = "none"
    sse_main_best_orders: Literal["closed", "open"] = "closed"
    sse_opening_range: Literal["50_to_900", "none"] = "50_to_900"
    sse_midpoint: Literal["half_up", "half_down"] = "half_up"
    bse_auction: Literal["every_tick", "order_prices"] = "every_tick"
    pause_orders: Literal["queued", "refused"] = "queued"
    lunch_orders: Literal["queued", "refused"] = "queued"
    fund_handling_fee: Literal["reduced", "earlier"] = "reduced"
    suspended_shares: Literal["haircut", "index"] = "haircut"  # their valuation (5.6)
    # Members of SSE 180 and SZSE 100, which count for more as collateral (4.4): `600519.SSE`.
    index_members: tuple[str, ...] = ()
    # What the broker sets lower than the exchanges, by symbol: `["600519.SSE", "50%"]`. Shares of a
    # static P/E above 300 or negative count for nothing (4.4); the market's data has no P/E.
    haircuts: tuple[tuple[str, str], ...] = ()

    def admits(self, choice: tuple[str, str] | None) -> bool:
        """Whether a row of this choice is in force. Raises AttributeError for an unknown one."""
        return choice is None or getattr(self, choice[0]) == choice[1]

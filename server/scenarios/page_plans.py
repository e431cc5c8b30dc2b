"""What a page may say of forced sales and of the plan they follow (sections 4.5, 5.3)."""

from typing import Literal

import msgspec

from server.protocol.words import OrderType

Name = str | int


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the page, as in `page`."""


class SellLast(Part, frozen=True, kw_only=True):
    account: Name
    symbols: list[Name]  # all that the client tags so; what is not here is no longer tagged


class PlannedSale(Part, frozen=True, kw_only=True):
    """What is not written is not compared."""

    sell: Name
    quantity: int
    price: str | None = None  # "0.00" of a market order without protection
    type: OrderType | None = None
    rank: int | None = None  # of the holding, in the order of section 4.5
    wish: (
        Literal["none", "all_is_sold", "others_do_not_suffice", "others_cannot_be_sold"] | None
    ) = None


class Waiting(Part, frozen=True, kw_only=True):
    symbol: Name
    quantity: int
    why: Literal["t_plus_one", "suspended", "limit_down_locked", "no_bid", "phase"]


class Plan(Part, frozen=True, kw_only=True):
    """Orders and what waits are whole lists, in order."""

    kind: Literal["none", "reduction", "liquidation"] = "reduction"
    repay: str = "0.00"
    orders: list[PlannedSale] = []
    waiting: list[Waiting] = []
    spared: list[Name] = []  # tagged 'sell last', and left alone

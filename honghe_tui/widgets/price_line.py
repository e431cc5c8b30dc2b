"""A horizontal line on a chart with a word at the axis."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PriceLine:
    """`kind` names its text and its colour."""

    kind: Literal["limit_up", "limit_down", "cost", "liquidation"]
    price: int

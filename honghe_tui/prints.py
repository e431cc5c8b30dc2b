"""One line of the tape."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Print:
    """One trade; `aggressor` "" when it is not known."""

    time: int
    price: int
    quantity: int
    aggressor: Literal["buy", "sell", ""] = ""

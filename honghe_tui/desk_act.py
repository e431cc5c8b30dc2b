"""What a risk officer may do to an account."""

from dataclasses import dataclass
from typing import Literal

Act = Literal["hold", "release", "reduce"]


@dataclass(frozen=True, slots=True)
class DeskAct:
    """A risk officer's act, complete; `until` is the end of a hold, market time."""

    act: Act
    account: int
    why: str
    until: int = 0

"""What a risk officer may do, and to whom."""

from dataclasses import dataclass
from typing import Literal

from server.protocol.words import PlatformWord, StopLevel

Act = Literal["hold", "release", "reduce", "stop", "price", "platform"]


@dataclass(frozen=True, slots=True)
class Subject:
    """An account, a person or a share: the one that is not -1 or empty; else the platform."""

    account: int = -1
    person: int = -1
    symbol: str = ""

    def __str__(self) -> str:
        if self.account >= 0:
            return f"#{self.account}"
        return f"@{self.person}" if self.person >= 0 else self.symbol


@dataclass(frozen=True, slots=True)
class DeskAct:
    """A risk officer's act, complete; `until` is the end of a hold or a stop, market time."""

    act: Act
    of: Subject
    why: str
    until: int = 0
    level: StopLevel = "none"
    price: int = 0  # 1/10 000 yuan; 0 discards the one that waits
    state: PlatformWord = "normal"

"""Which orders an instrument takes, and at which prices beside its limits (1.6, 2.1, 2.5)."""

from typing import Literal

from server.engine.codes import OrderType
from server.market.rules.limits import PPM
from server.market.rules.tables import Row
from server.protocol import words

Protection = Literal["none", "limited", "always"]
_PROTECTION: dict[Protection, int] = {"none": 0, "limited": 1, "always": 2}
HELD, ABOUT_LAST = 1, 2  # bits of a cage's hold
LUNCH, PAUSE = 1, 2  # bits of the broker's queue


class OrderTypesRow(Row, frozen=True, kw_only=True):
    types: tuple[words.OrderType, ...]
    protection: Protection

    @property
    def mask(self) -> int:
        """A bit for each OrderType."""
        return sum(1 << OrderType[word.upper()] for word in self.types)

    @property
    def protection_code(self) -> int:
        return _PROTECTION[self.protection]


class CageRow(Row, frozen=True, kw_only=True):
    ppm: int
    ticks: int = 0
    outside: Literal["refused", "held"] = "refused"
    base: Literal["book", "last"] = "book"

    @property
    def hold_code(self) -> int:
        return (HELD if self.outside == "held" else 0) + (ABOUT_LAST if self.base == "last" else 0)


class CallRangeRow(Row, frozen=True, kw_only=True):
    opening_low_ppm: int = 0
    opening_high_ppm: int = 0
    later_ppm: int = 0

    def opening(self, previous_close: int, tick: int) -> tuple[int, int]:
        """(lowest, highest) valid price of the opening call, half up; 0 is no bound."""
        unit = PPM * tick
        low, high = (
            (2 * previous_close * ppm + unit) // (2 * unit) * tick
            for ppm in (self.opening_low_ppm, self.opening_high_ppm)
        )
        return low, high


class HaltRow(Row, frozen=True, kw_only=True):
    """Only of a day without price limit; 0 is no halt."""

    ppm: tuple[int, int] = (0, 0)


class AfterHoursRow(Row, frozen=True, kw_only=True):
    entry: Literal["none", "continuous", "call"]
    maximum: int = 0  # 0: as of a limit order

    @property
    def entry_code(self) -> int:
        """As INSTRUMENT_RULES has it."""
        return ("none", "continuous", "call").index(self.entry)


class QueueRow(Row, frozen=True, kw_only=True):
    pause: Literal["lunch", "pause"]
    queued: bool

    @property
    def code(self) -> int:
        if not self.queued:
            return 0
        return LUNCH if self.pause == "lunch" else PAUSE

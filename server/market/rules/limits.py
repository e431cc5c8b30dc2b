"""Daily price limits: ratio, state and rounding (sections 1.4 and 1.5)."""

from typing import Literal

from server.engine.codes import HoldingClass, LimitKind
from server.market.rules.tables import Row

PPM = 1_000_000

Rounding = Literal["half_up", "inward"]
_KINDS = {
    "limited": LimitKind.LIMITED,
    "unlimited": LimitKind.UNLIMITED,
    "unknown": LimitKind.UNKNOWN,
}
_CLASSES = {
    "main": HoldingClass.MAIN,
    "wide_20": HoldingClass.WIDE_20,
    "bse_30": HoldingClass.BSE_30,
    "risk_warning": HoldingClass.RISK_WARNING,
}


class LimitRow(Row, frozen=True, kw_only=True):
    """A row of price_limits.toml; the properties resolve what it leaves out."""

    limit: Literal["limited", "unlimited", "unknown"]
    up_ppm: int
    holding: Literal["main", "wide_20", "bse_30", "risk_warning"]
    down_ppm: int = -1
    gap_ppm: int = -1

    @property
    def fall_ppm(self) -> int:
        return self.up_ppm if self.down_ppm < 0 else self.down_ppm

    @property
    def daily_limit_ppm(self) -> int:
        """What the instrument may lose a day, for gap arithmetic."""
        return self.fall_ppm if self.gap_ppm < 0 else self.gap_ppm

    @property
    def kind_code(self) -> LimitKind:
        return _KINDS[self.limit]

    @property
    def holding_class(self) -> HoldingClass:
        return _CLASSES[self.holding]


def limit_prices(
    previous_close: int, ratio_ppm: int, tick: int, rounding: Rounding, fall_ppm: int = -1
) -> tuple[int, int]:
    """(up, down) limit of the day, exact; `fall_ppm` where the way down differs.

    "half_up" is SSE's and SZSE's, "inward" (toward the previous close) BSE's. Both limits are at
    least one tick from the previous close, and the lower at least one tick.
    """
    fall_ppm = ratio_ppm if fall_ppm < 0 else fall_ppm
    up = previous_close * (PPM + ratio_ppm)
    down = previous_close * (PPM - fall_ppm)
    unit = PPM * tick
    if rounding == "half_up":
        up_ticks, down_ticks = (2 * up + unit) // (2 * unit), (2 * down + unit) // (2 * unit)
    else:
        up_ticks, down_ticks = up // unit, -(-down // unit)
    highest = max(up_ticks * tick, previous_close + tick)
    lowest = min(down_ticks * tick, previous_close - tick)
    return highest, max(lowest, tick)

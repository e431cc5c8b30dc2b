"""Prices to rows and back, in integers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`steps` rows from `high` (row 0) to `low` (the last row)."""

    low: int
    high: int
    steps: int

    def row(self, price: int) -> int:
        """The nearest row; outside 0..steps-1 for prices beyond the scale."""
        span = self.high - self.low
        if span <= 0:
            return self.steps // 2
        return (2 * (self.high - price) * (self.steps - 1) + span) // (2 * span)

    def price(self, row: int) -> int:
        """The price in the middle of a row."""
        if self.steps < 2:
            return (self.high + self.low) // 2
        return self.high - (self.high - self.low) * row // (self.steps - 1)

    def contains(self, price: int) -> bool:
        return self.low <= price <= self.high


def around(low: int, high: int, tick: int, also: list[int], steps: int) -> Scale:
    """A scale for `low`..`high` that takes in the prices of `also` which at most double it."""
    span = max(high - low, 4 * tick)
    middle_low, middle_high = min(low, high - span // 2), max(high, low + span // 2)
    for price in sorted(also, key=lambda p: max(middle_low - p, p - middle_high)):
        wider_low, wider_high = min(middle_low, price), max(middle_high, price)
        if wider_high - wider_low <= 2 * span:
            middle_low, middle_high = wider_low, wider_high
    return Scale(middle_low, middle_high, steps)

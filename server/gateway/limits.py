"""How often something may happen: token buckets, told the time by their caller."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

SECOND_US = 1_000_000

Key = TypeVar("Key", bound=Hashable)


class TokenBucket:
    """`burst` at once, and then `count` in each `period_us`. Times are in microseconds."""

    __slots__ = ("_cost", "_full", "_level", "_time")

    def __init__(self, count: int, period_us: int, burst: int, now: int) -> None:
        # The level is kept in microseconds of refilling, so that no fraction is lost.
        self._cost = max(1, period_us // count)
        self._full = self._level = burst * self._cost
        self._time = now

    def take(self, now: int) -> int:
        """Takes a token: 0, or the microseconds until there is one."""
        self._level = min(self._full, self._level + max(0, now - self._time))
        self._time = now
        if self._level < self._cost:
            return self._cost - self._level
        self._level -= self._cost
        return 0


class Throttle(Generic[Key]):
    """A bucket a key; the keys not seen for longest are forgotten beyond `most`."""

    def __init__(self, make: Callable[[int], TokenBucket], most: int = 10_000) -> None:
        self._make = make
        self._most = most
        self._buckets: OrderedDict[Key, TokenBucket] = OrderedDict()

    def take(self, key: Key, now: int) -> int:
        """As `TokenBucket.take`, for one key."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = self._make(now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take(now)

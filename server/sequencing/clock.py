"""The market's clock: it stands where the last frame of the market put it."""


class MarketClock:
    """Market time in microseconds since the epoch. Only the sequencer and a market source set it.

    It has no other source: a replayed or simulated market is open whenever it is started.
    """

    __slots__ = ("_now",)

    def __init__(self, now: int = 0) -> None:
        self._now = now

    @property
    def now(self) -> int:
        return self._now

    def set_time(self, time: int) -> None:
        """Raises `ValueError` when the market would go back in time."""
        if time < self._now:
            raise ValueError(f"market time {time} is before {self._now}")
        self._now = time

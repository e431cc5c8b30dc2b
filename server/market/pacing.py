"""Runs a market source against the sequencer, at a multiple of the market's own speed.

Market time is what frames say; wall time only decides when the next one is sent. One frame is under
way at a time: a slow disk slows the market down, it never piles frames up.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from server.engine.building import Commands
from server.market.dates import date_of
from server.market.source import EngineView, MarketFrame, MarketSource
from server.protocol.words import MarketKind

IDLE_US = 300_000_000  # a longer gap between frames (lunch, the night) is idle
_SLICE_S = 0.2  # how long a pause or a stop may go unnoticed
_CATCH_UP_S = 0.25  # a market further behind than this does not hurry to make it up


@dataclass(frozen=True, slots=True)
class Pacing:
    """`speed` 1.0 is the market's own, 0 as fast as it goes.

    Idle gaps last `idle_limit_s` of wall time at the most, None for as long as they are. Frames
    before the market time `hurry_until` are not waited for: with 9:30 of the first day a market
    opens with quotes at once.
    """

    speed: float = 1.0
    idle_limit_s: float | None = 3.0
    hurry_until: int = 0


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How the market's feed is doing. `age_s` is wall time since its last frame was applied."""

    kind: MarketKind
    date: int
    market_time: int
    speed: float
    age_s: float
    frames: int
    paused: bool
    finished: bool

    @property
    def words(self) -> tuple[str, str]:
        """What to tell people when it is not simply running, in Chinese and English; else empty."""
        if self.finished:
            return "行情已全部播完,市场保持收盘", "the market's data has ended; it stays closed"
        if self.paused:
            return "行情已暂停", "the market is paused"
        return "", ""


class Submit(Protocol):
    """`Sequencer.submit`: the future is done when the commands are durable and applied."""

    def __call__(self, commands: Commands, time: int) -> Awaitable[object]: ...


class Pacer:
    """`run` is the market's task. Everything else may be called from the loop at any time."""

    def __init__(
        self,
        source: MarketSource,
        engine: EngineView,
        submit: Submit,
        pacing: Pacing,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._source = source
        self._engine = engine
        self._submit = submit
        self._pacing = pacing
        self._speed = pacing.speed
        self._clock = clock
        self._sleep = sleep
        self._going = asyncio.Event()
        self._going.set()
        self._stopping = False
        self._finished = False
        self._frames = 0
        self._applied_at = clock()
        self._due = self._applied_at  # wall time at which the last frame was due
        self._market_time = engine.time

    async def run(self) -> None:
        """Until the source ends or `stop`; raises what the source and the sequencer raise."""
        for frame in self._source.frames(self._engine):
            await self._wait(frame)
            if self._stopping:
                return
            await self._submit(frame.commands, frame.time)
            self._market_time = frame.time
            self._applied_at = self._clock()
            self._frames += 1
        self._finished = True

    def pause(self) -> None:
        self._going.clear()

    def resume(self) -> None:
        self._due = self._clock()
        self._going.set()

    def stop(self) -> None:
        """Lets the frame under way finish and sends no other."""
        self._stopping = True
        self._going.set()

    def set_speed(self, speed: float) -> None:
        """0 is as fast as it goes. Raises ValueError for a negative speed."""
        if speed < 0:
            raise ValueError(f"speed {speed} should be 0 or more")
        self._speed = speed
        self._due = self._clock()

    @property
    def status(self) -> FeedStatus:
        return FeedStatus(
            kind=self._source.kind,
            date=date_of(self._market_time) if self._market_time else 0,
            market_time=self._market_time,
            speed=self._speed,
            age_s=self._clock() - self._applied_at,
            frames=self._frames,
            paused=not self._going.is_set(),
            finished=self._finished,
        )

    async def _wait(self, frame: MarketFrame) -> None:
        """Until the frame is due and the market is not paused."""
        begun = self._clock()
        gap = 0.0 if self._frames == 0 else self._gap_s(frame)
        self._due = max(self._due + gap, begun - _CATCH_UP_S) if gap else begun
        while not self._stopping:
            await self._going.wait()
            left = self._due - self._clock()
            if left <= 0:
                return
            await self._sleep(min(left, _SLICE_S))

    def _gap_s(self, frame: MarketFrame) -> float:
        """Wall time between the last frame and this one."""
        if self._speed == 0 or frame.time <= self._pacing.hurry_until:
            return 0.0
        gap = frame.time - self._market_time
        seconds = gap / 1_000_000 / self._speed
        limit = self._pacing.idle_limit_s
        return min(seconds, limit) if gap > IDLE_US and limit is not None else seconds

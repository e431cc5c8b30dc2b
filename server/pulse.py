"""The event loop's pulse: how late its turns come, and what it was doing when one came very late.

A beat is due every `BEAT_S`; how late it is, is how long everybody waited for the loop. On a busy
machine part of that is the machine's: `busy` is the CPU time the loop's own thread used meanwhile,
so never more than that much of the wait was its own work.
"""

import asyncio
import gc
import sys
import threading
import time
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

import msgspec
import structlog

BEAT_S: Final = 0.02
_LOOK_S: Final = 0.025  # how often the watching thread looks
_CALLERS: Final = 3  # of our own, in the words for what was running
_OURS: Final = Path(__file__).parent

_frames_by_thread = sys._current_frames  # pyright: ignore[reportPrivateUsage]  documented as it is

_log = structlog.get_logger("honghe.pulse")


class Stall(msgspec.Struct, frozen=True):
    """One late beat. `doing` is the innermost of our code that was seen; empty: none was."""

    late_s: float = 0.0
    busy_s: float = 0.0
    doing: str = ""


class Beats(msgspec.Struct, frozen=True):
    """What the beats since the last `take` were like."""

    count: int
    p99_s: float
    worst: Stall  # the latest beat
    busiest_s: float  # most CPU time of the loop's thread in the wait for one beat
    collection_s: float  # the longest garbage collection


class Pulse:
    """Beats while `run` runs, which is to be entered first: `with pulse: await pulse.run()`."""

    def __init__(self, stall_s: float) -> None:
        """`stall_s`: from this lateness on a beat is a warning in the log."""
        self._stall_s = stall_s
        self._late: list[float] = []
        self._worst = Stall()
        self._busiest_s = self._collection_s = self._collecting_since = 0.0
        self._thread = 0  # the loop's
        self._beat_at = 0.0  # when the last beat was; 0: none yet
        self._seen = ""
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread = threading.get_ident()
        gc.callbacks.append(self._collected)
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        gc.callbacks.remove(self._collected)
        self._over.set()
        self._watcher.join()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._beat_at, used = time.perf_counter(), time.thread_time()
            await asyncio.sleep(BEAT_S)
            late = max(0.0, time.perf_counter() - self._beat_at - BEAT_S)
            self._note(late, min(late, time.thread_time() - used))

    def _note(self, late: float, busy: float) -> None:
        self._late.append(late)
        self._busiest_s = max(self._busiest_s, busy)
        doing, self._seen = self._seen, ""
        if late > self._worst.late_s:
            self._worst = Stall(late, busy, doing)
        if late >= self._stall_s:
            figures = {"late_ms": round(late * 1_000), "busy_ms": round(busy * 1_000)}
            _log.warning("loop_stalled", **figures, doing=doing)

    def take(self) -> Beats:
        """The beats since the last call."""
        late, self._late = sorted(self._late), []
        worst, self._worst = self._worst, Stall()
        busiest, self._busiest_s = self._busiest_s, 0.0
        collection, self._collection_s = self._collection_s, 0.0
        p99 = late[len(late) * 99 // 100] if late else 0.0
        return Beats(len(late), p99, worst, busiest, collection)

    def _collected(self, phase: str, _: object) -> None:
        """The collector's callback, in whichever thread it runs: it holds up all of them."""
        now = time.perf_counter()
        if phase == "start":
            self._collecting_since = now
        else:
            self._collection_s = max(self._collection_s, now - self._collecting_since)

    def _watch(self) -> None:
        """In a thread of its own: looks where the loop's thread is while a beat is overdue."""
        overdue = BEAT_S + self._stall_s / 2
        while not self._over.wait(_LOOK_S):
            if self._beat_at and not self._seen and time.perf_counter() - self._beat_at > overdue:
                self._seen = _where(_frames_by_thread().get(self._thread))


def _where(frame: FrameType | None) -> str:
    """`server/sequencing/sequencer.py:150 _turn < …`: our own code, innermost first."""
    found: list[str] = []
    while frame is not None and len(found) < _CALLERS:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_OURS):
            place = path.relative_to(_OURS.parent)
            found.append(f"{place}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found)

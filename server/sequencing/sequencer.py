"""The one task that owns the engine: number, make durable, apply, answer, hand on.

While a turn runs, the next batch gathers in the inbox; that is the whole group commit. Whoever
holds a ticket is answered first, and the answers are on their way before anybody else hears of the
batch: who waits for an answer does not wait for the others' work.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import msgspec
import numpy as np
import structlog
from numpy.typing import NDArray

from server.engine.engine import EngineFailed
from server.engine.layout import State
from server.engine.records import RECORD_BYTES
from server.journal.batch import Applied, Batch
from server.journal.errors import JournalFailed
from server.journal.journal import CleanShutdown, Journal
from server.journal.recovery import ReplayEngine
from server.sequencing.clock import MarketClock
from server.sequencing.errors import Overloaded, StopKind, Stopped, StopReason
from server.sequencing.snapshotting import SnapshotWriter
from server.sequencing.stamping import Submission, Ticket, split_openings, stamp

STALL_US = 20_000  # a commit that long holds everybody up
STALLS = 3  # so many are no accident

_log = structlog.get_logger("honghe.sequencer")

Events = NDArray[np.void]
Listener = Callable[[Applied], None]
Answerer = Callable[[Applied, list[Ticket]], None]


class SequencedEngine(ReplayEngine, Protocol):
    @property
    def state(self) -> State: ...


class Limits(msgspec.Struct, frozen=True):
    """How many commands may wait, and where the journal's sync is waited for."""

    client_queue: int = 65_536  # beyond it clients' commands are refused
    market_queue: int = 4_096  # beyond it the market waits
    commit_in_loop: bool = True


class Sequencer:
    """Takes commands from the loop's thread, one batch a turn, until it stops for good."""

    def __init__(
        self,
        engine: SequencedEngine,
        journal: Journal,
        wall_clock: Callable[[], int],
        limits: Limits | None = None,
        snapshots: SnapshotWriter | None = None,
    ) -> None:
        """`engine` must stand at the journal's head; `wall_clock` gives µs since the epoch."""
        if engine.seq != journal.last_seq:
            raise ValueError(f"the engine is at {engine.seq}, the journal at {journal.last_seq}")
        self.clock = MarketClock(engine.time)
        self.stopped: StopReason | None = None
        self._engine = engine
        self._journal = journal
        self._wall_clock = wall_clock
        self._limits = limits or Limits()
        self._snapshots = snapshots
        self._listeners: list[Listener] = []
        self._answerers: list[Answerer] = []
        self._inbox: list[Submission] = []
        self._taken: list[Submission] = []
        self._queued = 0
        self._newest_time = engine.time
        self._stopping = False
        self._wakeup: asyncio.Future[None] | None = None
        self._room: list[asyncio.Future[None]] = []
        self._thread: ThreadPoolExecutor | None = None
        self._stalls = 0  # commits in the loop that took very long

    # What callers use ---------------------------------------------------------------------------

    def submit(
        self, commands: NDArray[np.void], time: int | None = None, urgent: bool = False
    ) -> asyncio.Future[Events]:
        """Queues commands that stay together; the future gives exactly their events, in order.

        The array is copied. `time` is for a market source: the market time of its frame, never
        before that of the one it submitted last (`ValueError`). Raises `Stopped`, and `Overloaded`
        when too many wait, unless the commands bring a time or are `urgent` (the house's own).
        The future raises `Stopped` when the commands could not be acknowledged.
        """
        if time is None and not urgent:
            self._check_load(len(commands))
        future: asyncio.Future[Events] = asyncio.get_running_loop().create_future()
        self._queue(commands, time, future)
        return future

    def post(self, commands: NDArray[np.void], time: int | None = None) -> None:
        """As `submit`, without an answer and never refused for load: `await room()` before it."""
        self._queue(commands, time, None)

    def enter(self, record: bytes, ticket: Ticket) -> None:
        """Queues one command; its ticket is given to the answerers in the turn that applies it.

        Raises as `submit`; afterwards, a command that cannot be acknowledged fails its ticket.
        """
        if self._stopping or self._queued >= self._limits.client_queue:
            self._check_load(1)
        self._queued += 1
        if not self._inbox or not self._inbox[-1].admit(record, ticket):
            self._inbox.append(Submission(bytearray(record), None, tickets=[ticket]))
            self._wake()

    async def room(self) -> None:
        """Waits until a market source may submit its next frame. Raises `Stopped`."""
        while self._queued >= self._limits.market_queue:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._room.append(waiting)
            await waiting
        if self.stopped:
            raise Stopped(self.stopped)

    def answer_by(self, answerer: Answerer) -> None:
        """Calls `answerer` with each batch and its tickets before anybody else, in this order.

        It must be quick and must not raise, as a listener.
        """
        self._answerers.append(answerer)

    def subscribe(self, listener: Listener) -> None:
        """Calls `listener` after each batch, in order of subscription, in the sequencer's task.

        The batch's futures are done once all listeners have heard of it. A listener must be quick
        and must not raise: an error in it stops the sequencer, since whoever missed events would be
        wrong from then on. It may submit and post.
        """
        self._listeners.append(listener)

    def stop(self) -> None:
        """Takes no more from clients; `run` ends once the queue is empty."""
        self._stopping = True
        self._wake()

    # The task -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Runs until `stop`, or until the journal or the engine fails; then see `stopped`.

        An error of a listener is raised here. However it ends, every waiting future is answered.
        """
        if not self._limits.commit_in_loop:
            self._thread = ThreadPoolExecutor(1, "journal")
        if self._snapshots:
            self._snapshots.start(self._engine.seq, self._wall_clock())
        try:
            while await self._work():
                await self._turn()
            await self._finish()
        except JournalFailed as error:
            self._end(StopKind.JOURNAL, str(error))
        except EngineFailed as error:
            self._end(StopKind.ENGINE, str(error))
        except BaseException as error:
            self._end(StopKind.CRASHED, repr(error))
            raise
        finally:
            if self._thread:
                self._thread.shutdown()

    async def _work(self) -> bool:
        """Waits until something is queued; False when there is nothing and never will be."""
        while not self._inbox:
            if self._stopping:
                return False
            self._wakeup = asyncio.get_running_loop().create_future()
            await self._wakeup
        return True

    async def _turn(self) -> None:
        parts = self._take()
        applied = await self._commit(parts)
        self._answer(parts, applied)
        try:
            await asyncio.sleep(0)  # the answers leave; what the sockets bring joins the next batch
            for listener in self._listeners:
                listener(applied)
        finally:
            self._resolve(parts, applied)
        if self._queued < self._limits.market_queue:
            self._open_room()
        if self._snapshots and self._snapshots.due(applied.last_seq, applied.wall_time):
            self._snapshots.take(self._engine, applied.digest, applied.wall_time)

    async def _commit(self, parts: list[Submission]) -> Applied:
        """Makes a batch of the parts, durable first and then applied."""
        first = self._journal.last_seq + 1
        commands = stamp(parts, first, self.clock.now, self._engine.state.header)
        batch = Batch(first, self._wall_clock(), commands)
        if self._thread:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._thread, self._journal.append, batch)
        else:
            self._append_here(batch)
        events = self._engine.apply(commands)
        self.clock.set_time(max(self.clock.now, int(commands["time"][-1])))
        digest = self._journal.head_digest
        return Applied(first, batch.last_seq, batch.wall_time, commands, events, digest)

    def _append_here(self, batch: Batch) -> None:
        """In the loop, where a fast disk is fastest; one that stalls again and again gets a thread.

        How fast it was at the start says little of a disk that others use, too.
        """
        self._journal.append(batch)
        if self._wall_clock() - batch.wall_time < STALL_US:
            return
        self._stalls += 1
        if self._stalls == STALLS:
            self._thread = ThreadPoolExecutor(1, "journal")
            _log.warning("slow_disk", commits="in a thread from now on", seq=batch.last_seq)

    async def _finish(self) -> None:
        if self._snapshots:
            digest = self._journal.head_digest
            await self._snapshots.finish(self._engine, digest, self._wall_clock())
        engine = self._engine
        state = CleanShutdown(engine.seq, engine.state_hash(), engine.layout_name)
        self._journal.record_shutdown(state)
        self._end(StopKind.ASKED)

    # The inbox ----------------------------------------------------------------------------------

    def _check_load(self, count: int) -> None:
        if self._stopping:
            raise Stopped(self.stopped or StopReason(StopKind.ASKED, self._engine.seq))
        if self._queued + count > self._limits.client_queue:
            raise Overloaded(f"{self._queued} commands are waiting")

    def _queue(
        self, commands: NDArray[np.void], time: int | None, future: asyncio.Future[Events] | None
    ) -> None:
        if self.stopped:
            raise Stopped(self.stopped)
        if commands.itemsize != RECORD_BYTES or commands.ndim != 1 or len(commands) == 0:
            raise ValueError("a submission is a non-empty one-dimensional array of commands")
        if time is not None:
            if time < self._newest_time:
                raise ValueError(f"market time {time} is before {self._newest_time}")
            self._newest_time = time
        self._inbox.append(Submission(commands.tobytes(), time, future))
        self._queued += len(commands)
        self._wake()

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)

    def _take(self) -> list[Submission]:
        """What goes into this turn's batch; a copy is kept for `_end`."""
        self._taken, self._inbox = split_openings(self._inbox)
        self._queued = sum([part.count for part in self._inbox])
        return self._taken

    def _open_room(self) -> None:
        for waiting in self._room:
            if not waiting.done():
                waiting.set_result(None)
        self._room.clear()

    def _answer(self, parts: list[Submission], applied: Applied) -> None:
        """Has the tickets of a batch answered."""
        tickets = [ticket for part in parts for ticket in part.tickets or ()]
        for answerer in self._answerers:
            answerer(applied, tickets)
        for part in parts:
            part.tickets = None

    def _resolve(self, parts: list[Submission], applied: Applied) -> None:
        """Gives each submission with a future the events of its own commands."""
        self._taken = []
        events = applied.events
        if all(part.future is None for part in parts):
            return
        if len(parts) == 1:
            _resolve(parts[0].future, events)
            return
        starts = np.cumsum([applied.first_seq, *[part.count for part in parts]])
        bounds = np.searchsorted(events["seq"], starts).tolist()
        for part, start, end in zip(parts, bounds, bounds[1:], strict=False):
            _resolve(part.future, events[start:end])

    def _end(self, kind: StopKind, detail: str = "") -> None:
        """Nothing is acknowledged from here on, ever."""
        self.stopped = StopReason(kind, self._engine.seq, detail)
        self._stopping = True
        for part in (*self._taken, *self._inbox):
            if part.future is not None and not part.future.done():
                part.future.set_exception(Stopped(self.stopped))
            for ticket in part.tickets or ():
                ticket.fail(Stopped(self.stopped))
        self._taken, self._inbox, self._queued = [], [], 0
        self._open_room()


def _resolve(future: asyncio.Future[Events] | None, events: Events) -> None:
    if future is not None and not future.done():
        future.set_result(events)

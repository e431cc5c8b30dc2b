"""History at work: projects what the sequencer applied, writes it behind, answers questions.

`applied` runs inside the sequencer's turn and only computes; one writer thread does the SQL, so a
slow disk delays answers about history and nothing else.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.history.catch_up import encode_saved
from server.history.changes import Changes
from server.history.projector import Projector
from server.history.store import HistoryStore, Missed, Page
from server.journal.batch import Applied
from server.protocol.trading import Fill, Order
from server.protocol.words import OPEN

READERS: Final = 2
GATHER_S: Final = 0.2  # batches are written together: the writer's thread costs the loop its turn
RECENT: Final = 10_000  # orders that are over and still in memory, for answers without SQL

Answer = TypeVar("Answer")
Listener = Callable[[Changes], None]

_log = structlog.get_logger("honghe.history")


class HistoryFailed(RuntimeError):
    """The projection cannot be written; it is rebuilt from the journal at the next start."""


class History:
    """Orders and fills of traders. `CatchUp` makes one whose tables stand at the journal's head."""

    def __init__(self, store: HistoryStore, projector: Projector) -> None:
        self._store = store
        self._projector = projector
        self._listeners: list[Listener] = []
        self._latest: dict[int, Order] = {}  # of the batch applied last
        self._recent: OrderedDict[int, Order] = OrderedDict()
        self._backlog: list[Changes] = []  # seen, and not yet given to the writer
        self._writing: list[Changes] = []
        self._work = asyncio.Event()
        self._asked = asyncio.Event()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._changed_seq = self.projected_seq = projector.seq
        self._failure: Exception | None = None
        self._writer = ThreadPoolExecutor(1, "history-writer")
        self._readers = ThreadPoolExecutor(READERS, "history-reader")

    # In the sequencer's turn

    def subscribe(self, listener: Listener) -> None:
        """Has `listener` called with each batch's changes, in the sequencer's turn, in order."""
        self._listeners.append(listener)

    def applied(self, applied: Applied) -> None:
        """For the sequencer's turn, before its answers, which tell of these orders."""
        changes = self._projector.project(applied.last_seq, applied.commands, applied.events)
        self._keep(changes)
        self._latest = {order.order_id: order for order in changes.orders}
        self._remember(changes.orders)
        if changes:
            for listener in self._listeners:
                listener(changes)

    def _keep(self, changes: Changes) -> None:
        """Most batches are the market's alone: they move the watermark when others are written."""
        if self._failure is not None:
            return
        if self._backlog and not self._backlog[-1]:
            self._backlog.pop()
        self._backlog.append(changes)
        if changes:
            self._changed_seq = changes.last_seq
            self._work.set()

    def _remember(self, orders: list[Order]) -> None:
        for order in orders:
            self._recent.pop(order.order_id, None)
            if order.status not in OPEN:
                self._recent[order.order_id] = order
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def recent_order(self, order_id: int) -> Order | None:
        """An order as it stands, if it is working or was until lately; `order` has the others.

        Not to be changed: whoever asks about the same batch gets the same one.
        """
        found = self._latest.get(order_id) or self._projector.open_order(order_id)
        return found or self._recent.get(order_id)

    def open_orders(self, accounts: Iterable[int]) -> list[Order]:
        """The working orders of some accounts as they stand now, oldest first."""
        return self._projector.open_orders(accounts)

    def snapshot(self) -> bytes:
        """For the journal's snapshot at this sequence; `CatchUp.restore` reads it."""
        unwritten = [*self._writing, *self._backlog]
        return encode_saved(self._projector.state(), self.projected_seq, unwritten)

    # The writer

    @property
    def backlog(self) -> int:
        """Batches projected and not yet written."""
        return len(self._backlog)

    async def run(self) -> None:
        """Writes a few times a second until cancelled, and at once when a question waits.

        What is left then is written by `close`.
        """
        while self._failure is None:
            await self._work.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_S):
                    await self._asked.wait()
            self._work.clear()
            self._asked.clear()
            await self._write()

    async def close(self) -> None:
        """Writes what is left and ends the threads."""
        await self._write()
        self._writer.shutdown()
        self._readers.shutdown()

    async def _write(self) -> None:
        if not self._backlog or self._failure is not None:
            return
        batches, self._backlog = self._backlog, []
        self._writing = batches
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(self._writer, self._store.write, batches)
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing  # the thread goes on regardless: wait, so that nothing is written twice
            self._written(batches)
            raise
        except SQLAlchemyError as error:
            self._fail(error)
            return
        self._written(batches)

    def _fail(self, error: SQLAlchemyError) -> None:
        _log.error("history cannot be written", error=str(error), projected_seq=self.projected_seq)
        self._failure = error
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(HistoryFailed(str(error)))
        self._waiters.clear()

    def _written(self, batches: list[Changes]) -> None:
        self._writing = []
        self.projected_seq = batches[-1].last_seq
        ready = [waiter for seq, waiter in self._waiters if seq <= self.projected_seq]
        self._waiters = [entry for entry in self._waiters if entry[0] > self.projected_seq]
        for waiter in ready:
            if not waiter.done():
                waiter.set_result(None)

    # Questions

    async def orders(self, page: Page) -> list[Order]:
        """A page of orders, newest change first, up to the batch applied last."""
        return await self._ask(partial(self._store.orders, page))

    async def fills(self, page: Page) -> list[Fill]:
        return await self._ask(partial(self._store.fills, page))

    async def after(self, accounts: Sequence[int], seq: int, bound: int) -> Missed:
        return await self._ask(partial(self._store.after, accounts, seq, bound))

    async def order(self, order_id: int) -> Order | None:
        return await self._ask(partial(self._store.order, order_id))

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        """Asks once everything applied so far is written. Raises HistoryFailed."""
        await self._caught_up()
        return await asyncio.get_running_loop().run_in_executor(self._readers, question)

    async def _caught_up(self) -> None:
        if self._failure is not None:
            raise HistoryFailed(str(self._failure))
        if self._changed_seq > self.projected_seq:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((self._changed_seq, waiter))
            self._asked.set()
            await waiter

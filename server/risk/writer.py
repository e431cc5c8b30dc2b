"""Writes what risk has made to SQL, behind the sequencer's turn, and answers questions in order."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.risk.book import Outcome
from server.risk.store import RiskStore

Answer = TypeVar("Answer")

_log = structlog.get_logger("honghe.risk")


class RiskStoreFailed(RuntimeError):
    """The tables cannot be written; they are completed from the journal at the next start."""


class RiskWriter:
    """One thread does everything in order: a question sees all that was kept before it."""

    def __init__(self, store: RiskStore, written_seq: int) -> None:
        self._store = store
        self._unwritten: deque[Outcome] = deque()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, "risk-writer")
        self._failure = ""
        self._written_seq = written_seq

    def keep(self, outcome: Outcome) -> None:
        """Has an outcome written soon."""
        with self._lock:
            self._unwritten.append(outcome)
        self._thread.submit(self._drain)

    def unwritten(self) -> tuple[int, list[Outcome]]:
        """How far the tables go, and what they lack."""
        with self._lock:
            return self._written_seq, list(self._unwritten)

    def ask(self, question: Callable[[], Answer]) -> Awaitable[Answer]:
        """The answer, once everything kept so far is written. Raises RiskStoreFailed."""
        return asyncio.wrap_future(self._thread.submit(self._answer, question))

    def close(self) -> None:
        """Writes what is left and ends the thread."""
        self._thread.shutdown()

    def _answer(self, question: Callable[[], Answer]) -> Answer:
        if self._failure:
            raise RiskStoreFailed(self._failure)
        return question()

    def _drain(self) -> None:
        with self._lock:
            outcomes = list(self._unwritten)
        if not outcomes or self._failure:
            return
        try:
            self._store.write(outcomes)
        except SQLAlchemyError as error:
            self._failure = str(error)
            _log.error("risk cannot be written", error=self._failure)
            return
        with self._lock:
            for _ in outcomes:
                self._written_seq = self._unwritten.popleft().last_seq

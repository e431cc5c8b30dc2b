"""A journal that forgets: for tests, and for sweeps that need no record."""

from bisect import bisect_right
from collections.abc import Iterator

from server.journal.batch import Batch, Stretch
from server.journal.chain import Chain, Mark, Row, genesis_digest, link
from server.journal.errors import JournalFailed
from server.journal.journal import STRETCH, CleanShutdown, Identity


class MemoryJournal:
    """Chains and verifies as the SQLite one does; `failure` makes every write fail with it."""

    def __init__(self, identity: Identity | None = None) -> None:
        self.identity = identity or Identity(created=0, market="memory")
        self.failure = ""
        self._batches: list[Batch] = []
        self._digest = self._genesis = genesis_digest(self.identity.encoded())
        self._shutdown: CleanShutdown | None = None

    @property
    def last_seq(self) -> int:
        return self._batches[-1].last_seq if self._batches else 0

    @property
    def head_digest(self) -> bytes:
        return self._digest

    def append(self, batch: Batch) -> None:
        if self.failure:
            raise JournalFailed(self.failure)
        if batch.first_seq != self.last_seq + 1:
            raise ValueError(f"batch starts at {batch.first_seq}, not {self.last_seq + 1}")
        data = batch.commands.tobytes()
        digest = link(self._digest, batch.first_seq, batch.last_seq, batch.wall_time, data)
        self._batches.append(Batch(batch.first_seq, batch.wall_time, batch.commands.copy(), digest))
        self._digest = digest

    def refuse(self, why: str) -> None:
        self.failure = self.failure or why

    def batches(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Iterator[Batch]:
        chain = self.chain(from_seq, marks)
        for row in self._rows(chain):
            yield chain.follow(row)
        chain.finish(Mark(self.last_seq, self._digest, "head"))

    def stretches(
        self, from_seq: int = 1, marks: tuple[Mark, ...] = (), commands: int = STRETCH
    ) -> Iterator[Stretch]:
        chain = self.chain(from_seq, marks)
        while stretch := self.advance(chain, commands):
            yield stretch
        chain.finish(Mark(self.last_seq, self._digest, "head"))

    def chain(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Chain:
        for held in reversed(self._batches):
            if held.last_seq < from_seq:
                return Chain(held.last_seq, held.digest, marks, held.first_seq)
        return Chain(0, self._genesis, marks)

    def advance(self, chain: Chain, commands: int) -> Stretch | None:
        return chain.take(self._rows(chain), commands)

    def _rows(self, chain: Chain) -> Iterator[Row]:
        start = bisect_right(self._batches, chain.seq, key=lambda batch: batch.first_seq)
        for held in self._batches[start:]:
            data = held.commands.tobytes()
            yield held.first_seq, held.last_seq, held.wall_time, data, held.digest

    busy = False

    def digest_at(self, seq: int) -> bytes | None:
        chain = self.chain(seq + 1)
        return chain.digest if chain.seq == seq else None

    def record_shutdown(self, record: CleanShutdown) -> None:
        if self.failure:
            raise JournalFailed(self.failure)
        self._shutdown = record

    def clean_shutdown(self) -> CleanShutdown | None:
        return self._shutdown

    def close(self) -> None:
        pass

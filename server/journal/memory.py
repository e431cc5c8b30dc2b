"""A journal that forgets: for tests, and for sweeps that need no record."""

from collections.abc import Iterator

from server.journal.batch import Batch
from server.journal.chain import Chain, Mark, genesis_digest, link
from server.journal.errors import JournalFailed
from server.journal.journal import CleanShutdown, Identity


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

    def batches(self, from_seq: int = 1, marks: tuple[Mark, ...] = ()) -> Iterator[Batch]:
        before = [batch for batch in self._batches if batch.last_seq < from_seq]
        start = Mark(before[-1].last_seq, before[-1].digest, "") if before else None
        chain = Chain(start.seq, start.digest, marks) if start else Chain(0, self._genesis, marks)
        for held in self._batches[len(before) :]:
            data = held.commands.tobytes()
            yield chain.follow((held.first_seq, held.last_seq, held.wall_time, data, held.digest))
        chain.finish(Mark(self.last_seq, self._digest, "head"))

    def record_shutdown(self, record: CleanShutdown) -> None:
        if self.failure:
            raise JournalFailed(self.failure)
        self._shutdown = record

    def clean_shutdown(self) -> CleanShutdown | None:
        return self._shutdown

    def close(self) -> None:
        pass

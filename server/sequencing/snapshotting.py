"""When a snapshot is due, and its writing beside the running engine."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from server.journal.recovery import ReplayEngine
from server.journal.snapshots import Snapshot, SnapshotStore

Encode = Callable[[], bytes]
Export = Callable[[], bytes | Encode]  # copied at once; what takes long is encoded in a thread

_log = structlog.get_logger(__name__)


class SnapshotWriter:
    """Takes a snapshot every `every` commands, or after `interval_us` of wall time with any.

    The state is copied between two batches; the file is written in a thread. A snapshot that
    cannot be written is reported and tried again when the next is due: the journal has it all.
    """

    def __init__(self, store: SnapshotStore, every: int, interval_us: int) -> None:
        self._store = store
        self._every = every
        self._interval = interval_us
        self._sources: dict[str, Export] = {}
        self._last_seq = 0
        self._last_wall = 0
        self._writing: asyncio.Future[None] | None = None
        self._buffer = bytearray()  # the engine's state goes there: one is written at a time
        self.failure = ""  # of the newest attempt

    def include(self, name: str, export: Export) -> None:
        if name in self._sources:
            raise ValueError(f"{name} is in the snapshot already")
        self._sources[name] = export

    def start(self, seq: int, wall_time: int) -> None:
        """Counts from here."""
        self._last_seq, self._last_wall = seq, wall_time

    def due(self, seq: int, wall_time: int) -> bool:
        if self._writing is not None:
            return False
        enough = seq - self._last_seq >= self._every
        return enough or (seq > self._last_seq and wall_time - self._last_wall >= self._interval)

    def take(self, engine: ReplayEngine, digest: bytes, wall_time: int) -> None:
        """Copies the state now and writes it beside the loop. Not while one is being written."""
        copies = {name: export() for name, export in self._sources.items()}
        state = engine.snapshot_into(self._buffer)
        snapshot = Snapshot(engine.seq, engine.time, digest, state, {})
        self.start(snapshot.seq, wall_time)
        self._writing = asyncio.ensure_future(self._write(snapshot, copies))

    async def _write(self, snapshot: Snapshot, copies: Mapping[str, bytes | Encode]) -> None:
        try:
            path = await asyncio.to_thread(self._save, snapshot, copies)
        except OSError as error:
            self.failure = str(error)
            _log.error("snapshot_failed", seq=snapshot.seq, error=self.failure)
        else:
            self.failure = ""
            _log.info("snapshot_written", seq=snapshot.seq, file=path.name)
        finally:
            if isinstance(snapshot.engine, memoryview):
                snapshot.engine.release()  # else the buffer could not grow
            self._writing = None

    def _save(self, snapshot: Snapshot, copies: Mapping[str, bytes | Encode]) -> Path:
        """In a thread."""
        blobs = {name: copy() if callable(copy) else copy for name, copy in copies.items()}
        return self._store.save(msgspec.structs.replace(snapshot, blobs=blobs))

    async def written(self) -> None:
        """Waits for the one being written, if any."""
        if self._writing is not None:
            await self._writing

    async def finish(self, engine: ReplayEngine, digest: bytes, wall_time: int) -> None:
        """Waits for the one being written, and adds the last one if anything came after it."""
        await self.written()
        if engine.seq > self._last_seq or self.failure:
            self.take(engine, digest, wall_time)
            await self.written()

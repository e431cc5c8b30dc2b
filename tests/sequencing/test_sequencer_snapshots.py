"""Snapshots are taken between batches, written beside the loop, and enough to start from."""

from pathlib import Path

import pytest

from server.engine.engine import Engine
from server.journal.recovery import recover
from server.journal.snapshots import Snapshot, SnapshotStore, load_snapshot
from server.sequencing.sequencer import Limits
from server.sequencing.snapshotting import SnapshotWriter
from tests.journal.sample_market import SECOND, trading
from tests.sequencing.running import OPENED, running

HOUR = 3_600 * SECOND


class Recording(SnapshotStore):
    """Counts what it was asked to save, and fails when told to."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, keep=10)
        self.asked: list[int] = []
        self.full = False

    def save(self, snapshot: Snapshot) -> Path:
        self.asked.append(snapshot.seq)
        if self.full:
            raise OSError(28, "no space left on device")
        return super().save(snapshot)


async def test_a_snapshot_every_so_many_commands_and_at_the_end(tmp_path: Path) -> None:
    store = Recording(tmp_path)
    writer = SnapshotWriter(store, every=100, interval_us=HOUR)
    async with running(snapshots=writer) as run:
        for seed in range(30):
            await run.sequencer.submit(trading(10, seed))
            await writer.written()
    assert store.asked == [101, 201, 301, OPENED + 300]


async def test_while_one_is_being_written_no_other_is_begun(tmp_path: Path) -> None:
    writer = SnapshotWriter(SnapshotStore(tmp_path), every=10, interval_us=HOUR)
    async with running(snapshots=writer) as run:
        await writer.written()
        assert writer.due(seq=OPENED + 10, wall_time=0)
        writer.take(run.engine, run.journal.head_digest, run.wall())
        assert not writer.due(seq=OPENED + 10_000, wall_time=0)
        await writer.written()
        assert writer.due(seq=OPENED + 10_000, wall_time=0)


async def test_a_snapshot_after_so_much_wall_time_if_anything_came(tmp_path: Path) -> None:
    store = Recording(tmp_path)
    writer = SnapshotWriter(store, every=1_000_000, interval_us=HOUR)
    async with running(snapshots=writer) as run:
        await run.sequencer.submit(trading(1, 1))
        assert store.asked == []
        run.wall.now += HOUR
        await run.sequencer.submit(trading(1, 2))
    assert store.asked == [OPENED + 2], "and nothing came after it"


async def test_snapshots_hold_what_the_services_gave_at_that_moment(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    writer = SnapshotWriter(store, every=15, interval_us=HOUR)
    async with running(snapshots=writer, limits=Limits(commit_in_loop=False)) as run:
        writer.include("seen", lambda: str(run.applied[-1].last_seq).encode())
        await run.sequencer.submit(trading(20, 1))
    [(seq, path)] = store.paths()
    held = load_snapshot(path)
    assert (seq, held.blobs) == (OPENED + 20, {"seen": str(OPENED + 20).encode()})
    assert held.digest == run.journal.head_digest
    recovered = recover(run.journal, store, Engine)
    assert (recovered.snapshot_seq, recovered.replayed) == (OPENED + 20, 0)
    assert recovered.engine.state_hash() == run.engine.state_hash()


async def test_a_snapshot_that_cannot_be_written_is_reported_and_tried_again(
    tmp_path: Path,
) -> None:
    store = Recording(tmp_path)
    writer = SnapshotWriter(store, every=1_000, interval_us=HOUR)
    async with running(snapshots=writer) as run:
        store.full = True
        await run.sequencer.submit(trading(1_000, 1))
        await run.end()
        assert "no space left" in writer.failure
        assert run.sequencer.stopped.in_order, "the journal has it all"
    store.full = False
    await writer.finish(run.engine, run.journal.head_digest, run.wall())
    assert writer.failure == ""
    assert [seq for seq, _ in store.paths()] == [OPENED + 1_000]


async def test_two_services_cannot_have_the_same_name(tmp_path: Path) -> None:
    writer = SnapshotWriter(SnapshotStore(tmp_path), every=1, interval_us=HOUR)
    writer.include("orders", bytes)
    with pytest.raises(ValueError, match="orders"):
        writer.include("orders", bytes)

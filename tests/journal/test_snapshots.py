"""A snapshot is whole or is no snapshot, and only the newest few are kept."""

import itertools
from pathlib import Path

import pytest

from server.journal import snapshots
from server.journal.snapshots import Snapshot, SnapshotDamaged, SnapshotStore, load_snapshot
from tests.journal.journals import flipped


def snapshot(seq: int) -> Snapshot:
    blobs = {"orders": b"some", "历史": bytes(range(256))}
    return Snapshot(seq, time=seq * 1_000, digest=b"d" * 32, engine=b"engine" * 50, blobs=blobs)


def test_a_snapshot_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    path = SnapshotStore(tmp_path / "snapshots").save(snapshot(1_234))
    assert path.name == "snapshot-1234.bin"
    held = load_snapshot(path)
    expected = snapshot(1_234)
    assert (held.seq, held.time, held.digest) == (1_234, 1_234_000, b"d" * 32)
    assert (held.engine, held.blobs) == (expected.engine, expected.blobs)


def test_the_newest_are_kept_and_listed_first(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path, keep=3)
    for seq in (9, 10, 100, 11, 2_000):
        store.save(snapshot(seq))
    assert [seq for seq, _ in store.paths()] == [2_000, 100, 11]


def test_no_directory_means_no_snapshots(tmp_path: Path) -> None:
    assert SnapshotStore(tmp_path / "none").paths() == []


def test_every_flipped_byte_is_found(tmp_path: Path) -> None:
    path = SnapshotStore(tmp_path).save(snapshot(7))
    data = path.read_bytes()
    for at in range(len(data)):
        path.write_bytes(flipped(data, at))
        with pytest.raises(SnapshotDamaged):
            load_snapshot(path)


def test_a_cut_snapshot_is_damaged(tmp_path: Path) -> None:
    path = SnapshotStore(tmp_path).save(snapshot(7))
    data = path.read_bytes()
    for end in (0, 10, 100, len(data) - 1):
        path.write_bytes(data[:end])
        with pytest.raises(SnapshotDamaged):
            load_snapshot(path)


def test_a_failed_write_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = SnapshotStore(tmp_path)
    store.save(snapshot(1))

    def full(_: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(snapshots.os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        store.save(snapshot(2))
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot-1.bin"]


def test_what_a_crash_left_unfinished_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "snapshot-5.unfinished").write_bytes(b"half")
    store = SnapshotStore(tmp_path)
    assert store.paths() == []
    store.save(snapshot(6))
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot-6.bin"]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "snapshot-copy.bin").write_bytes(b"mine")
    store = SnapshotStore(tmp_path, keep=1)
    store.save(snapshot(6))
    assert [seq for seq, _ in store.paths()] == [6]
    assert (tmp_path / "snapshot-copy.bin").exists()


def test_of_the_older_ones_some_stay_so_that_no_look_back_is_long(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path, keep=2, spacing=100)
    for seq in range(30, 1_000, 30):
        store.save(snapshot(seq))
    seqs = [seq for seq, _ in reversed(store.paths())]
    older = [0, *seqs[:-2]]
    assert seqs[-2:] == [960, 990]
    assert all(100 <= b - a < 100 + 30 for a, b in itertools.pairwise(older))
    assert 960 - older[-1] < 100 + 30
    assert [place.seq for place in store.places()] == [*reversed(seqs)]

"""After the server has stopped: the journal from its first record, and from the last snapshot."""

import time
from pathlib import Path

from server.compiling import compile_kernels
from server.journal.errors import JournalCorrupt
from server.journal.recovery import ReplayFailed, recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.journal.verification import verify


def replay(data: Path) -> tuple[str, list[str]]:
    """The promise: both replays end in the state whose hash was recorded at the shutdown."""
    compile_kernels(print)
    from server.engine.engine import Engine  # after the kernels' cache is chosen

    journal = SqliteJournal.open(data / "journal.db", read_only=True)
    snapshots = SnapshotStore(data / "snapshots")
    try:
        begun = time.perf_counter()
        whole = verify(journal, snapshots, Engine)
        seconds = time.perf_counter() - begun
        recovered = recover(journal, _but_the_last(snapshots), Engine)
        record = journal.clean_shutdown()
    except (JournalCorrupt, ReplayFailed) as error:
        return "replay: failed", [f"the replay: {error}"]
    finally:
        journal.close()
    hashes = {whole.state_hash, recovered.engine.state_hash()}
    text = (
        f"replay: {whole.commands:,} commands in {whole.batches:,} batches from the first record"
        f" ({seconds:.1f} s), {recovered.replayed:,} from the snapshot at"
        f" {recovered.snapshot_seq:,}; {len(whole.agreed)} recorded states met,"
        f" hash {whole.state_hash.hex()[:16]}"
    )
    if record is None or record.seq != whole.commands:
        return text, ["the server did not record its shutdown"]
    if hashes != {record.state_hash}:
        return text, ["the state replayed is not the state recorded at the shutdown"]
    return text, []


def _but_the_last(snapshots: SnapshotStore) -> SnapshotStore:
    """The last snapshot was made at the shutdown: from the one before there is more to replay."""
    paths = snapshots.paths()
    if len(paths) > 1:
        paths[0][1].unlink()
    return snapshots

"""What the audit commands look at: the parts of a data directory whose server has stopped."""

from pathlib import Path

import msgspec

from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal


class Place(msgspec.Struct, frozen=True, eq=False):
    """`heads` and `key` are files that need not be there."""

    journal: SqliteJournal
    snapshots: SnapshotStore
    heads: Path
    key: Path

"""A journal written by any version of this format can be read: the bytes are on this page."""

from pathlib import Path

import apsw

from server.journal.sqlite import SqliteJournal
from tests.journal.journals import batch

IDENTITY = b'{"created":1440000000000000,"market":"agents","config":"seed 1","format":1}'
GENESIS = "fae228b60dad1e7f1e6cd9e809ee336f0d3a63bc74d8c7bdfe62edb4524ba9d4"
DIGESTS = {
    1: "8d0252b1bf40eb75a6b54e9b44e2708c72e2cae18407795e1f7aadd09ba30059",
    3: "2784c088f7ebbb2ba08354f10d899551570facdf165ef14fb8829b6e81445901",
}
SCHEMA = """
CREATE TABLE batches (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    wall_time INTEGER NOT NULL,
    commands BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
"""


def write_first_version(path: Path) -> None:
    """As the first release did, without any of today's code for digests and heads."""
    db = apsw.Connection(str(path))
    db.execute(SCHEMA)
    for first, digest in DIGESTS.items():
        held = batch(first, 2)
        row = (first, first + 1, held.wall_time, held.commands.tobytes(), bytes.fromhex(digest))
        db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", row)
    head = (4).to_bytes(8, "little") + bytes.fromhex(DIGESTS[3])
    for name, value in (("identity", IDENTITY), ("head", head)):
        db.execute("INSERT INTO meta VALUES (?, ?)", (name, value))
    db.close()


def test_a_journal_of_the_first_version_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    write_first_version(path)
    journal = SqliteJournal.open(path, SqliteJournal.open(path, read_only=True).identity)
    genesis = journal.digest_at(0)
    assert genesis is not None
    assert genesis.hex() == GENESIS
    read = [(each.first_seq, each.digest.hex()) for each in journal.batches()]
    assert read == list(DIGESTS.items())
    journal.append(batch(5, 2))
    assert [each.last_seq for each in journal.stretches()] == [6]
    journal.close()

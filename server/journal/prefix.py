"""The chain before the snapshot that a start begins from, checked a little at a time.

What a start needs is checked before anything is acknowledged: the snapshot, its place on the chain
and every record after it. The records before it are as many as the journal is old, so a start looks
at some of them and the rest is checked beside the running server.
"""

from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt
from server.journal.journal import STRETCH, Journal

RECORDS_AT_ONE_COST = 20  # commands that take as long to check as a batch does by itself


class PrefixCheck:
    """Follows the chain from the first record to `until`, the snapshot's place on it."""

    def __init__(self, journal: Journal, until: Mark, marks: tuple[Mark, ...] = ()) -> None:
        self._journal = journal
        self._until = until
        known = (*[mark for mark in marks if mark.seq <= until.seq], until)
        self._chain = journal.chain(1, known)

    @property
    def seq(self) -> int:
        """What is checked so far."""
        return self._chain.seq

    @property
    def until(self) -> int:
        return self._until.seq

    @property
    def done(self) -> bool:
        return self._chain.seq >= self._until.seq

    def step(self, commands: int = STRETCH) -> int:
        """Checks some more; what it cost, in batches. Raises `JournalCorrupt`."""
        before = self._chain.seq
        stretch = self._journal.advance(self._chain, min(commands, self._until.seq - before))
        if stretch is None:
            detail = f"{self._until.source}: {self._until.seq}"
            raise JournalCorrupt(before + 1, Damage.CUT, detail)
        return len(stretch.ends) + (self._chain.seq - before) // RECORDS_AT_ONE_COST

    def spend(self, cost: int) -> None:
        """Steps until that much is spent or nothing is left to check. Raises `JournalCorrupt`."""
        while cost > 0 and not self.done:
            cost -= self.step()

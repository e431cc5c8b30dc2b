"""The check of the records before the snapshot, a little at a time between the loop's other work.

Damage that it finds stops the engine, as it would have stopped the start: the journal takes no more
batches, so nothing further is acknowledged, and reads go on.
"""

import asyncio

import structlog

from server.journal.errors import JournalCorrupt
from server.journal.journal import Journal
from server.journal.prefix import PrefixCheck

COMMANDS = 512  # of one step: some 0.4 ms in batches of five
PAUSE_S = 0.008

_log = structlog.get_logger(__name__)


class PrefixWatch:
    """Runs a `PrefixCheck` to its end."""

    def __init__(self, journal: Journal, check: PrefixCheck) -> None:
        self._journal = journal
        self._check = check
        self.damage: JournalCorrupt | None = None

    async def run(self) -> None:
        """Ends when all is checked, or when damage was found: see `damage`."""
        check = self._check
        _log.info("checking_the_past", after=check.seq, until=check.until)
        try:
            while not check.done:
                if not self._journal.busy:
                    check.step(COMMANDS)
                await asyncio.sleep(PAUSE_S)
        except JournalCorrupt as error:
            self.damage = error
            self._journal.refuse(str(error))
            _log.error("journal_damaged", seq=error.seq, damage=error.damage, detail=str(error))
        else:
            _log.info("past_checked", until=check.until)

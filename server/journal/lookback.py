"""The engine as it was at any moment, with what had last happened to one account.

It stands on the nearest snapshot before the moment. The chain is verified from there to the first
place after the moment that somebody else vouches for: a later snapshot, a signed head, the end.
"""

from typing import Generic

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.records import EVENT
from server.journal.chain import Mark
from server.journal.journal import Journal
from server.journal.recovery import E, SkippedSnapshot
from server.journal.starts import Start, Starts

REACH = 2_000_000  # commands that are gone through for the account's last events
_EVER = 2**63 - 1
_OCTETS = np.dtype("V128")  # joined as they are: field by field would take long


class Moment(msgspec.Struct, frozen=True):
    """After the last command whose number and market time (µs) are not beyond these."""

    seq: int = _EVER
    time: int = _EVER

    @property
    def names_seq(self) -> bool:
        return self.seq != _EVER

    def count(self, commands: NDArray[np.void]) -> int:
        """How many of a batch's commands belong to it."""
        by_time = np.searchsorted(commands["time"], self.time, "right")
        by_seq = np.searchsorted(commands["seq"], self.seq, "right")
        return int(min(by_time, by_seq))


class AsOf(msgspec.Struct, Generic[E], frozen=True, eq=False):
    """`events` are the account's last ones after `since`, oldest first.

    `wall_time` is the last batch's; the chain was verified between the two ends of `verified`.
    `skipped` are the snapshots that could not be used.
    """

    engine: E
    events: NDArray[np.void]
    wall_time: int
    since: int
    verified: tuple[int, int]
    skipped: tuple[SkippedSnapshot, ...] = ()


def look_back(
    journal: Journal,
    starts: Starts[E],
    moment: Moment,
    account: int,
    wanted: int = 12,
    marks: tuple[Mark, ...] = (),
    reach: int = REACH,
) -> AsOf[E]:
    """Replays to `moment`; looks for the account's events at most `reach` commands back.

    `marks` are digests known from elsewhere. Raises `JournalCorrupt` and what the engine raises.
    A damaged snapshot only makes the replay longer, and is reported.
    """
    start = starts.before(moment.seq, moment.time)
    seq = start.engine.seq
    later = starts.mark_after(moment.seq, moment.time)
    replay = _Replay(journal, start, account, wanted, (*marks, *later))
    replay.run(moment)
    events, since = replay.events, seq
    if len(events) < wanted and seq > 0:
        earlier = starts.within(start.engine.seq - reach, seq)
        if earlier is not None:
            since = earlier.engine.seq
            before = _Replay(journal, earlier, account, wanted - len(events), start.marks)
            before.run(Moment(seq=seq))
            events = np.concatenate([before.events.view(_OCTETS), events.view(_OCTETS)]).view(EVENT)
    verified = (since, replay.verified)
    return AsOf(start.engine, events, replay.wall_time, since, verified, tuple(starts.skipped))


class _Replay(Generic[E]):
    """Moves an engine on and keeps the last `wanted` events of an account."""

    def __init__(
        self,
        journal: Journal,
        start: Start[E],
        account: int,
        wanted: int,
        marks: tuple[Mark, ...],
    ) -> None:
        self._journal, self._start = journal, start
        self._marks = (*marks, *start.marks)
        self._account, self._wanted = account, wanted
        self._recent = np.zeros(0, _OCTETS)
        self.wall_time = 0
        self.verified = 0

    @property
    def events(self) -> NDArray[np.void]:
        return self._recent.view(EVENT)

    def run(self, moment: Moment) -> None:
        """Replays to `moment`, and goes on checking the chain until it meets a mark."""
        begun = self._start.engine.seq
        met = {mark.seq for mark in self._marks if mark.seq > begun}
        for stretch in self._journal.stretches(max(1, begun), self._marks):
            commands = stretch.commands()
            count = moment.count(commands)
            if count:
                self.wall_time = stretch.wall_time(int(commands["seq"][count - 1]))
            if stretch.first_seq > begun and count:
                self._apply(commands[:count])
            self.verified = stretch.last_seq
            passed = count < len(commands) or self.verified >= moment.seq
            if passed and self.verified in met:
                break

    def _apply(self, commands: NDArray[np.void]) -> None:
        events = self._start.engine.apply(commands)
        if self._wanted:
            own = events[events["account"] == self._account][-self._wanted :]
            self._recent = np.concatenate([self._recent, own.view(_OCTETS)])[-self._wanted :]

"""Several replayed batches handed on as one: followers pay most of their cost by the batch."""

from collections.abc import Callable

import numpy as np

from server.engine.codes import Command
from server.journal.batch import Applied

TOGETHER = 2_048  # commands, about


class Gathering:
    """Give `add` each batch in order, and call `finish` at the end.

    For followers to whom it is the same how commands are cut into batches, and who do not look at
    the engine meanwhile. What they get ends at `stop`, a sequence number at which a batch ends, and
    never holds commands of two days.
    """

    def __init__(self, follow: Callable[[Applied], None], stop: int = 0) -> None:
        self._follow = follow
        self._stop = stop
        self._parts: list[Applied] = []
        self._count = 0

    def add(self, applied: Applied) -> None:
        opens_day = Command.DAY_OPEN in applied.kinds
        if opens_day:
            self.finish()
        self._parts.append(applied)
        self._count += len(applied.commands)
        if opens_day or self._count >= TOGETHER or applied.last_seq == self._stop:
            self.finish()

    def finish(self) -> None:
        """Hands on what was held back."""
        parts, self._parts, self._count = self._parts, [], 0
        if len(parts) == 1:
            self._follow(parts[0])
        elif parts:
            self._follow(_joined(parts))


def _joined(parts: list[Applied]) -> Applied:
    last = parts[-1]
    return Applied(
        parts[0].first_seq,
        last.last_seq,
        last.wall_time,
        np.concatenate([part.commands for part in parts]),
        np.concatenate([part.events for part in parts]),
        last.digest,
    )

"""A batch of commands as the journal holds it, several of them read together, and one applied."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine.records import COMMAND


class Batch(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Commands that became durable together, `seq` and `time` filled.

    `wall_time` is in microseconds since the epoch; `digest` is the chain's value after this batch,
    empty until the batch was written or read.
    """

    first_seq: int
    wall_time: int
    commands: NDArray[np.void]
    digest: bytes = b""

    @property
    def last_seq(self) -> int:
        return self.first_seq + len(self.commands) - 1


class Stretch(msgspec.Struct, frozen=True, eq=False):
    """Batches that follow one another, read together because one large call costs least.

    `ends` holds each batch's last sequence number and wall time; `digest` is the chain's at the
    end.
    """

    first_seq: int
    parts: tuple[bytes, ...]
    ends: tuple[tuple[int, int], ...]
    digest: bytes

    @property
    def last_seq(self) -> int:
        return self.ends[-1][0]

    def commands(self) -> NDArray[np.void]:
        """All commands of all batches, read-only."""
        return np.frombuffer(b"".join(self.parts), COMMAND)

    def wall_time(self, seq: int) -> int:
        """When the batch that holds `seq` became durable."""
        return next(wall for last, wall in self.ends if last >= seq)


class Applied(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A batch that is durable and applied, with the events of all its commands in order.

    `digest` is the journal's after this batch.
    """

    first_seq: int
    last_seq: int
    wall_time: int
    commands: NDArray[np.void]
    events: NDArray[np.void]
    digest: bytes = b""

    @property
    def kinds(self) -> bytes:
        """The commands' kinds, an octet each: the quickest way to see whether one is among them."""
        return self.commands["kind"].tobytes()

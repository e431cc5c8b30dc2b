"""A batch of commands as the journal holds it, and as it is handed on once applied."""

import msgspec
import numpy as np
from numpy.typing import NDArray


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

"""What the risk service needs of others, as it sees it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from server.engine.engine import Engine

Records: TypeAlias = NDArray[np.void]
NextSession: TypeAlias = Callable[[int], int]  # YYYYMMDD -> the next trading day after it
Post: TypeAlias = Callable[[Records], None]  # hands commands to the sequencer, contiguous
Submit: TypeAlias = Callable[[Records, int], Awaitable[object]]  # a market's frame, and its time
# (engine, session YYYYMMDD, instruments) -> the commands from DAY_OPEN to LADDERS with which the
# market would open that session for these instruments if no price moved until then. LookupError for
# what the rules do not say.
NextOpening: TypeAlias = Callable[[Engine, int, Sequence[int]], Records]

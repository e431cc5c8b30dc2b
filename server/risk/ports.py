"""What the risk service needs of others, as it sees it."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Records: TypeAlias = NDArray[np.void]
NextSession: TypeAlias = Callable[[int], int]  # YYYYMMDD -> the next trading day after it
Post: TypeAlias = Callable[[Records], None]  # hands commands to the sequencer, contiguous
Submit: TypeAlias = Callable[[Records, int], Awaitable[object]]  # a market's frame, and its time

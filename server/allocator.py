"""The C library's memory, where it is told how to keep it: on Linux with glibc."""

import ctypes
import sys
from typing import Final

LARGE: Final = 4 << 20  # bytes
_MMAP_THRESHOLD: Final = -3  # M_MMAP_THRESHOLD of malloc.h


def return_large_blocks() -> None:
    """Has every large block go back to the system when it is freed.

    Left to itself glibc raises the bound with each one freed, and then cuts small blocks out of
    what a snapshot leaves: resident memory creeps up although nothing is held.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:  # musl has none, and needs none
            mallopt(_MMAP_THRESHOLD, LARGE)

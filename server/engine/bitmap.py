"""Two-level bitmaps over the levels of a price ladder: which levels hold orders.

A word holds 64 levels, a summary 64 words. Finding the next level that holds an order takes a few
instructions wherever it lies, where a scan would cost as much as the ladder is wide.
"""

import numpy as np

from server.engine.access import summary_at, word_at
from server.engine.jit import kernel, overload

WORD = 64
_ONE = np.uint64(1)
_ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_LAST = np.uint64(63)


def lowest_bit(word: np.uint64) -> int:
    """Number of the lowest set bit of a non-zero word."""
    value = int(word)
    return (value & -value).bit_length() - 1


def highest_bit(word: np.uint64) -> int:
    """Number of the highest set bit of a non-zero word."""
    return int(word).bit_length() - 1


@overload(lowest_bit)
def _lowest_bit(word):
    from numba.cpython.unsafe.numbers import trailing_zeros

    return lambda word: np.int64(trailing_zeros(word))  # pyright: ignore[reportCallIssue]


@overload(highest_bit)
def _highest_bit(word):
    from numba.cpython.unsafe.numbers import leading_zeros

    return lambda word: np.int64(63) - np.int64(leading_zeros(word))  # pyright: ignore[reportCallIssue]


@kernel
def set_bit(s, word_base, summary_base, level):
    word = level >> 6
    word_at(s, word_base + word)["bits"] |= _ONE << np.uint64(level & 63)
    summary_at(s, summary_base + (word >> 6))["bits"] |= _ONE << np.uint64(word & 63)


@kernel
def clear_bit(s, word_base, summary_base, level):
    word = level >> 6
    word_at(s, word_base + word)["bits"] &= ~(_ONE << np.uint64(level & 63))
    if word_at(s, word_base + word)["bits"] == np.uint64(0):
        summary_at(s, summary_base + (word >> 6))["bits"] &= ~(_ONE << np.uint64(word & 63))


@kernel
def next_above(s, word_base, summary_base, n_summaries, level):
    """The lowest set level above `level` (which may be -1), or -1."""
    start = level + 1
    word = start >> 6
    summary = word >> 6
    if summary >= n_summaries:
        return -1
    if summary_at(s, summary_base + summary)["bits"] & (_ONE << np.uint64(word & 63)):
        rest = word_at(s, word_base + word)["bits"] & (_ALL << np.uint64(start & 63))
        if rest:
            return (word << 6) + lowest_bit(rest)
    # Words above this one: shift by 63 + 1 in two steps, for a shift by 64 is undefined.
    mask = (_ALL << np.uint64(word & 63)) << _ONE
    while summary < n_summaries:
        rest = summary_at(s, summary_base + summary)["bits"] & mask
        if rest:
            word = (summary << 6) + lowest_bit(rest)
            return (word << 6) + lowest_bit(word_at(s, word_base + word)["bits"])
        summary += 1
        mask = _ALL
    return -1


@kernel
def next_below(s, word_base, summary_base, n_summaries, level):
    """The highest set level below `level` (which may be one past the top), or -1."""
    start = level - 1
    if start < 0:
        return -1
    word = start >> 6
    summary = word >> 6
    if summary >= n_summaries:
        summary = n_summaries - 1
        mask = _ALL
    else:
        if summary_at(s, summary_base + summary)["bits"] & (_ONE << np.uint64(word & 63)):
            rest = word_at(s, word_base + word)["bits"] & (_ALL >> (_LAST - np.uint64(start & 63)))
            if rest:
                return (word << 6) + highest_bit(rest)
        mask = (_ALL >> (_LAST - np.uint64(word & 63))) >> _ONE
    while summary >= 0:
        rest = summary_at(s, summary_base + summary)["bits"] & mask
        if rest:
            word = (summary << 6) + highest_bit(rest)
            return (word << 6) + highest_bit(word_at(s, word_base + word)["bits"])
        summary -= 1
        mask = _ALL
    return -1

"""Garbage collection waits until the first screens are drawn: it is a third of the start.

Nothing that a start makes is garbage, so each collection would look at all of it in vain.
"""

import gc

DRAWN_FRAMES = 40  # two seconds at the usual rate


def hold_collection() -> None:
    """Call before the terminal is imported."""
    gc.disable()


def release_collection() -> None:
    """Collects again, and never looks at what the start has made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()

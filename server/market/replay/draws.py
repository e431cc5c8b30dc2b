"""Where a replay's chances come from."""

from hashlib import blake2b

import numpy as np


def generator(seed: int, date: int, purpose: str) -> np.random.Generator:
    """One a purpose, as a symbol's path, and day: whatever else is replayed, it is the same."""
    digest = blake2b(purpose.encode(), digest_size=8).digest()
    return np.random.default_rng([seed, date, int.from_bytes(digest, "big")])

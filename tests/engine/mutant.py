"""A bug that somebody could have written."""

from typing import NamedTuple


class Mutant(NamedTuple):
    what: str
    file: str  # of server/engine
    old: str
    new: str

"""Finding instruments by code, pinyin initials, name or sector, between one key and the next."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from enum import IntEnum

from server.protocol.market import Instrument

_NEAR = str.maketrans("nrhf", "llff")  # n and l, r and l, h and f are one sound to many
_END = "\n"  # in no key
_ENDS = ("", ".")  # what follows a whole key: a code is one before its exchange
_LAST = "\U0010ffff"  # after every key that begins alike
_ENOUGH = 100  # beginnings that make middles noise


class _Kind(IntEnum):
    CODE = 0
    INITIALS = 1
    NAME = 2
    NEAR = 3
    SECTOR = 4


# How good a match is, by kind: of the whole key, of its beginning, of its middle.
_WHOLE = (0, 1, 0, 8, 10)
_BEGINNING = (2, 3, 4, 9, 10)
_MIDDLE = (6, 7, 5)
_INNER = (_Kind.CODE, _Kind.INITIALS, _Kind.NAME)
_WORST = 99


class Finder:
    """An index over instruments: beginnings are found by bisection, middles in one long text."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._instruments = list(instruments)
        keys = [
            (key, kind, place)
            for place, item in enumerate(self._instruments)
            for kind, key in _keys(item)
        ]
        inner = [entry for entry in keys if entry[1] in _INNER]
        self._text = _END + "".join(f"{key}{_END}" for key, _, _ in inner)
        self._starts: list[int] = []
        start = len(_END)
        for key, _, _ in inner:
            self._starts.append(start)
            start += len(key) + len(_END)
        self._inner = [(kind, place) for _, kind, place in inner]
        keys.sort()
        self._keys = [key for key, _, _ in keys]
        self._owners = [(kind, place) for _, kind, place in keys]

    def search(self, wanted: str) -> list[Instrument]:
        """Those that match, best first: beginnings before middles, else in the order given.

        Middles count only where few begin so, and of a single character never: nearly everything
        has it somewhere.
        """
        words = wanted.strip().casefold()
        if not words or _END in words:
            return []
        found: dict[int, int] = {}
        begin = self._beginnings(words, found, near=False)
        if words.isascii() and words.isalpha():
            self._beginnings(words.translate(_NEAR), found, near=True)
        if len(words) > 1 and begin < _ENOUGH:
            self._middles(words, found)
        ranked = sorted(zip(found.values(), found, strict=True))
        return [self._instruments[place] for _, place in ranked]

    def find(self, wanted: str) -> Instrument | None:
        """The one meant by a complete code, symbol or name, else the best; None for none."""
        return next(iter(self.search(wanted)), None)

    def _beginnings(self, words: str, found: dict[int, int], *, near: bool) -> int:
        """Notes the rank of what begins so, by place; returns how many those are but for sectors.

        Called with every key that is typed, so it is one plain loop.
        """
        first = bisect_left(self._keys, words)
        last = bisect_right(self._keys, words + _LAST, first)
        size, count = len(words), 0
        for at in range(first, last):
            kind, place = self._owners[at]
            if near != (kind is _Kind.NEAR):
                continue
            ends = self._keys[at][size : size + 1] in _ENDS
            rank = (_WHOLE if ends else _BEGINNING)[kind]
            count += kind is not _Kind.SECTOR
            if rank < found.get(place, _WORST):
                found[place] = rank
        return count

    def _middles(self, words: str, found: dict[int, int]) -> None:
        at = self._text.find(words)
        while at >= 0:
            kind, place = self._inner[bisect_right(self._starts, at) - 1]
            if _MIDDLE[kind] < found.get(place, _WORST):
                found[place] = _MIDDLE[kind]
            at = self._text.find(words, at + 1)


def _keys(item: Instrument) -> Iterator[tuple[_Kind, str]]:
    initials = item.pinyin.casefold()
    yield _Kind.CODE, item.symbol.casefold()  # begins with its code
    yield _Kind.NAME, item.name.casefold()
    yield _Kind.INITIALS, initials
    yield _Kind.NEAR, initials.translate(_NEAR)
    yield _Kind.SECTOR, item.sector.casefold()

"""Finding instruments by code, pinyin initials or name."""

from collections.abc import Iterable

from server.protocol.market import Instrument

_NO_MATCH = 9


def search(wanted: str, instruments: Iterable[Instrument]) -> list[Instrument]:
    """Those that match, best first: beginnings before middles, else in the order given."""
    words = wanted.strip().casefold()
    if not words:
        return []
    ranked = [(_rank(words, item), place, item) for place, item in enumerate(instruments)]
    matches = sorted(entry for entry in ranked if entry[0] < _NO_MATCH)
    return [item for _, _, item in matches]


def find(wanted: str, instruments: Iterable[Instrument]) -> Instrument | None:
    """The one meant by a complete code, symbol or name, else the best match; None when none is."""
    return next(iter(search(wanted, instruments)), None)


def _rank(words: str, item: Instrument) -> int:
    """0 for the exact one; ties never compare instruments, since places differ."""
    symbol, pinyin, name = item.symbol.casefold(), item.pinyin.casefold(), item.name.casefold()
    tests = (
        words in {symbol, item.code, name},
        words == pinyin,
        symbol.startswith(words),
        pinyin.startswith(words),
        name.startswith(words),
        words in name,
        words in item.code,
        words in pinyin,
    )
    return next((rank for rank, passed in enumerate(tests) if passed), _NO_MATCH)

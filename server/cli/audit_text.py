"""How the audit commands write: one labelled line a fact, times in Shanghai, two-column Chinese."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from rich.cells import cell_len

DAMAGED, IMPOSSIBLE = 1, 2  # exit codes
SHANGHAI = timezone(timedelta(hours=8))
_LABEL_CELLS = 20
_MICROSECONDS = 1_000_000
_PPM = 1_000_000


class Text:
    """The words of one language, by name."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def __call__(self, name: str, **figures: object) -> str:
        return self._words[name].format(**figures)

    def fact(self, name: str, fact: str) -> str:
        return self.labelled(self._words[name], fact)

    def labelled(self, label: str, fact: str) -> str:
        return f"{label}{' ' * max(1, _LABEL_CELLS - cell_len(label))}{fact}"


def fail(command: str, sentence: str, code: int) -> int:
    """Says in one line why `honghe <command>` ends with this exit code, which it returns."""
    print(f"honghe {command}: {sentence}", file=sys.stderr)
    return code


def market_text(time: int) -> str:
    """A market time as Shanghai reads it, to the second unless there is a fraction."""
    moment = datetime.fromtimestamp(time // _MICROSECONDS, SHANGHAI)
    micro = time % _MICROSECONDS
    return f"{moment:%Y-%m-%d %H:%M:%S}" + (f".{micro:06d}" if micro else "")


def wall_text(time: int) -> str:
    return market_text(time // _MICROSECONDS * _MICROSECONDS)


def percent(ppm: int) -> str:
    """A ratio in ppm as percent, cut (not rounded) to two digits."""
    sign, size = ("-", -ppm) if ppm < 0 else ("", ppm)
    return f"{sign}{size * 100 // _PPM}.{size * 10_000 // _PPM % 100:02d}%"


def market_time(text: str) -> int:
    """µs since the epoch of a Shanghai time as `2015-08-24T10:31:05`. Raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SHANGHAI)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)

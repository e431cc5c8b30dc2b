"""What the client wants to be pushed, and the requests that bring the server there."""

from collections.abc import Iterable

from server.protocol.desk import DeskWatch, DeskWindow
from server.protocol.session import BarTopic, Subscribe, Unsubscribe

Step = Subscribe | Unsubscribe | DeskWatch


class Subscriptions:
    """The wanted topics of quotes, depth, bars and the risk desk; ids of requests are left 0."""

    def __init__(self) -> None:
        self._quotes: frozenset[str] = frozenset()
        self._depth: frozenset[str] = frozenset()
        self._bars: frozenset[BarTopic] = frozenset()
        self._desk: list[DeskWindow] = []

    def want_quotes(self, symbols: Iterable[str]) -> list[Step]:
        old, self._quotes = self._quotes, frozenset(symbols)
        return _difference(
            Subscribe(0, quotes=sorted(self._quotes - old)),
            Unsubscribe(0, quotes=sorted(old - self._quotes)),
        )

    def want_depth(self, symbols: Iterable[str]) -> list[Step]:
        old, self._depth = self._depth, frozenset(symbols)
        return _difference(
            Subscribe(0, depth=sorted(self._depth - old)),
            Unsubscribe(0, depth=sorted(old - self._depth)),
        )

    def want_bars(self, topics: Iterable[BarTopic]) -> list[Step]:
        old, self._bars = self._bars, frozenset(topics)
        return _difference(
            Subscribe(0, bars=_sorted(self._bars - old)),
            Unsubscribe(0, bars=_sorted(old - self._bars)),
        )

    def want_desk(self, windows: Iterable[DeskWindow]) -> list[Step]:
        old, self._desk = self._desk, list(windows)
        return [DeskWatch(0, self._desk)] if self._desk != old else []

    def everything(self) -> list[Step]:
        """All that is wanted, for a new connection."""
        market = Subscribe(0, sorted(self._quotes), sorted(self._depth), _sorted(self._bars))
        return [market, DeskWatch(0, self._desk)] if self._desk else [market]


def _sorted(topics: Iterable[BarTopic]) -> list[BarTopic]:
    return sorted(topics, key=lambda topic: (topic.symbol, topic.interval))


def _difference(more: Subscribe, less: Unsubscribe) -> list[Step]:
    return [step for step in (more, less) if step.quotes or step.depth or step.bars]

"""Who has subscribed to what of the market."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from server.gateway.session import Session
from server.protocol.session import BarTopic

Key = TypeVar("Key")


class Topic(Generic[Key]):
    """The subscribers of each key of one kind of push."""

    def __init__(self) -> None:
        self._subscribers: defaultdict[Key, set[Session]] = defaultdict(set)
        self._keys: defaultdict[Session, set[Key]] = defaultdict(set)

    def add(self, session: Session, keys: Iterable[Key]) -> set[Key]:
        """Returns the keys that are new to the session."""
        new = set(keys) - self._keys[session]
        for key in new:
            self._subscribers[key].add(session)
        self._keys[session] |= new
        return new

    def remove(self, session: Session, keys: Iterable[Key]) -> None:
        for key in self._keys[session] & set(keys):
            self._subscribers[key].discard(session)
            if not self._subscribers[key]:
                del self._subscribers[key]
            self._keys[session].discard(key)

    def drop(self, session: Session) -> None:
        """Forgets a session that is gone."""
        self.remove(session, set(self._keys[session]))
        del self._keys[session]

    def wanted(self) -> list[Key]:
        """The keys that anybody has subscribed to."""
        return list(self._subscribers)

    def of(self, key: Key) -> set[Session]:
        return self._subscribers.get(key, set())

    def count(self, session: Session) -> int:
        return len(self._keys[session]) if session in self._keys else 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one `subscribe` or `unsubscribe` names, instruments by index."""

    every_quote: bool = False
    quotes: frozenset[int] = frozenset()
    depth: frozenset[int] = frozenset()
    bars: frozenset[BarTopic] = frozenset()


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """All of them. `every_quote` are the sessions that asked for `*`."""

    every_quote: set[Session] = field(default_factory=set[Session])
    quotes: Topic[int] = field(default_factory=Topic[int])
    depth: Topic[int] = field(default_factory=Topic[int])
    bars: Topic[BarTopic] = field(default_factory=Topic[BarTopic])

    def drop(self, session: Session) -> None:
        self.every_quote.discard(session)
        for topic in (self.quotes, self.depth, self.bars):
            topic.drop(session)

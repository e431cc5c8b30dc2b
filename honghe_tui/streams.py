"""What the server sends, as an asynchronous sequence for one reader."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

from server.protocol.accounts import Account
from server.protocol.market import Bar, Depth, Quote
from server.protocol.session import Clock
from server.protocol.trading import Position

T = TypeVar("T")

_STATES: Final[dict[type, Callable[[Any], Hashable]]] = {
    Quote: lambda quote: quote.symbol,
    Depth: lambda depth: depth.symbol,
    Bar: lambda bar: (bar.symbol, bar.interval, bar.time),
    Account: lambda account: account.account,
    Position: lambda position: (position.account, position.symbol),
    Clock: lambda _: None,
}


class Stream(Generic[T]):
    """Messages of some kinds in the order they came, from the moment it was opened.

    A state (quote, depth, bar, account, position, clock) that was not read yet is replaced by the
    newer one of the same thing, in its place: a slow reader misses states, never an order, a fill
    or a notice. Ends when its client does.
    """

    def __init__(self, kinds: tuple[type[T], ...]) -> None:
        self._kinds = kinds
        self._waiting: deque[Hashable] = deque()
        self._items: dict[Hashable, T] = {}
        self._count = 0
        self._news = asyncio.Event()
        self._is_closed = False

    def put(self, item: object) -> None:
        """Takes what is of its kinds."""
        if not isinstance(item, self._kinds):
            return
        state = _STATES.get(type(item))
        self._count += 1
        key: Hashable = (type(item), state(item)) if state is not None else self._count
        if key not in self._items:
            self._waiting.append(key)
        self._items[key] = item
        self._news.set()

    @property
    def has_news(self) -> bool:
        """Whether something waits to be read."""
        return bool(self._waiting)

    def close(self) -> None:
        """What waits can still be read."""
        self._is_closed = True
        self._news.set()

    def __aiter__(self) -> "Stream[T]":
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._items.pop(self._waiting.popleft())

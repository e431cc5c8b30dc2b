"""What waits to be sent to one client: ordered items up to a bound, and the newest of each key."""

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

import msgspec

MOST_OCTETS: Final = 8 << 20  # of long answers, while a client takes none


class Outbox:
    """Items are messages, or messages already encoded.

    Ordered items (replies, orders, fills, notices) are never dropped: when more than `bound` wait,
    or long answers of more than `most_octets`, `is_full` turns true and the owner must cut the
    client off. Keyed items replace each other, so their number is bounded by the number of keys.
    """

    __slots__ = (
        *("_bound", "_excused", "_most_octets", "_newest", "_octets", "_ordered"),
        "is_full",
    )

    def __init__(self, bound: int, most_octets: int = MOST_OCTETS) -> None:
        self._bound = bound
        self._most_octets = most_octets
        self._octets = 0  # of the long answers among the ordered items
        self._ordered: deque[Any] = deque()
        self._newest: dict[Hashable, Any] = {}
        self._excused = 0  # of the ordered items, those that do not count against the bound
        self.is_full = False

    def __len__(self) -> int:
        return len(self._ordered) + len(self._newest)

    def put(self, *items: Any) -> None:
        """Queues items that must arrive, in order; none of them when there is no room for all."""
        if len(self._ordered) - self._excused + len(items) > self._bound:
            self.is_full = True
            return
        self._ordered += items

    def put_long(self, encoded: bytes) -> None:
        """As `put`, one answer that its sender may make as long as it likes, by asking."""
        if self._octets + len(encoded) > self._most_octets and self._octets:
            self.is_full = True
            return
        self._octets += len(encoded)
        self.put(msgspec.Raw(encoded))

    def put_excused(self, items: Iterable[Any]) -> None:
        """Queues what a client must get at its login, however much that is."""
        before = len(self._ordered)
        self._ordered.extend(items)
        self._excused += len(self._ordered) - before

    def put_newest(self, key: Hashable, item: Any) -> None:
        """Queues an item in place of the one under the same key, if that still waits."""
        self._newest[key] = item

    def put_all_newest(self, items: Mapping[Hashable, Any]) -> None:
        self._newest.update(items)

    def take(self, limit: int) -> tuple[list[Any], bool]:
        """At most `limit` items, ordered ones first; and whether no ordered one is left."""
        if len(self) <= limit:
            items = [*self._ordered, *self._newest.values()]
            self._ordered.clear()
            self._newest.clear()
            self._excused = self._octets = 0
            return items, True
        items = [self._ordered.popleft() for _ in range(min(limit, len(self._ordered)))]
        self._excused = max(0, self._excused - len(items))
        if self._octets:
            taken = sum(memoryview(item).nbytes for item in items if type(item) is msgspec.Raw)
            self._octets = max(0, self._octets - taken)
        for key in list(self._newest)[: limit - len(items)]:
            items.append(self._newest.pop(key))
        return items, not self._ordered

"""What a trader knows of its own orders: what was sent, what was acknowledged, what was pushed."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable

from bench.soak.plan import Tally
from server.protocol.trading import GetOrders, Order, Orders, Placed, PlaceOrder
from server.protocol.words import OPEN

PAGE = 1_000


class Ledger:
    """Of one trader, over all its connections."""

    def __init__(self, name: str, tally: Tally) -> None:
        self.working: dict[int, Order] = {}
        self.unanswered: dict[str, PlaceOrder] = {}
        self.gap = False  # some pushes are known to be missing
        self._name = name
        self._tally = tally
        self._numbers: dict[str, int] = {}  # order ids by the trader's own
        self._states: dict[int, tuple[int, str, int]] = {}  # seq, status, filled; as last told
        self._sent = 0

    def next_id(self) -> str:
        self._sent += 1
        return f"{self._name}-{self._sent}"

    def learn(self, order: Order) -> None:
        """A push, or the order in a reply; an older state never replaces a newer one."""
        known = self._states.get(order.order_id)
        if known is not None and known[0] > order.seq:
            return
        self._states[order.order_id] = (order.seq, order.status, order.filled)
        if order.status in OPEN:
            self.working[order.order_id] = order
        else:
            self.working.pop(order.order_id, None)

    def acknowledged(self, placed: Placed) -> None:
        order = placed.order
        self._tally.orders += 1
        self._tally.refused += order.status == "rejected"
        self._tally.repeated += placed.duplicate
        self.unanswered.pop(order.client_order_id, None)
        before = self._numbers.setdefault(order.client_order_id, order.order_id)
        if before != order.order_id:
            self._complain(f"{order.client_order_id} is order {before} and {order.order_id}")
        self.learn(order)

    def any_working(self, rng: random.Random) -> Order | None:
        return rng.choice(list(self.working.values())) if self.working else None

    async def reconcile(self, ask: Callable[[GetOrders], Awaitable[Orders]]) -> None:
        """Compares with the server's own record of every day."""
        record = await _all_orders(ask)
        self._tally.checked += len(record)
        times = Counter(order.client_order_id for order in record)
        for client_id, count in times.items():
            if count > 1:
                self._complain(f"{client_id} is there {count} times")
        for client_id, number in self._numbers.items():
            if client_id not in times:
                self._complain(f"{client_id} was acknowledged as {number} and is not there")
        for order in record:
            self._compare(order)

    def _compare(self, order: Order) -> None:
        number = self._numbers.get(order.client_order_id)
        if number is not None and number != order.order_id:
            self._complain(f"{order.client_order_id} was order {number}, is {order.order_id}")
        told = self._states.get(order.order_id, (0, "", 0))
        state = (order.seq, order.status, order.filled)
        is_newer = told[0] > order.seq  # the market goes on while the record is read
        if told != state and not is_newer and not self.gap:
            self._complain(f"order {order.order_id} is {state}, the last word was {told}")

    def _complain(self, text: str) -> None:
        self._tally.complain(f"{self._name}: {text}")


async def _all_orders(ask: Callable[[GetOrders], Awaitable[Orders]]) -> list[Order]:
    """Page by page, newest first."""
    found: list[Order] = []
    before = 0
    while True:
        page = (await ask(GetOrders(0, date=-1, limit=PAGE, before_seq=before))).items
        found += page
        if len(page) < PAGE:
            return found
        before = min(order.seq for order in page)

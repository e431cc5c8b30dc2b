"""Requests that wait for their answer, and the orders among them that outlive a connection."""

import asyncio
from dataclasses import dataclass

from honghe_tui.link_state import Refused, Unanswered
from server.protocol.messages import Reply
from server.protocol.session import Failed
from server.protocol.trading import PlaceOrder


@dataclass(frozen=True, slots=True)
class SentOrder:
    """An order whose answer is outstanding, and the market day on which it was given."""

    order: PlaceOrder
    date: int


class Pending:
    """Matches replies to requests by id.

    A lost connection fails every request except orders: those are asked again with the same
    `client_order_id`, which the server answers with the first result if it had arrived.
    """

    def __init__(self) -> None:
        self._futures: dict[int, asyncio.Future[Reply]] = {}
        self._orders: dict[int, SentOrder] = {}

    @property
    def unanswered_orders(self) -> int:
        return len(self._orders)

    def expect(self, request_id: int) -> asyncio.Future[Reply]:
        """A future for the reply with this id; raises Refused or Unanswered when awaited."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._futures[request_id] = future
        return future

    def expect_order(self, order: PlaceOrder, date: int) -> asyncio.Future[Reply]:
        """The same for an order, which is kept until it is answered."""
        self._orders[order.id] = SentOrder(order, date)
        return self.expect(order.id)

    def answer(self, reply: Reply) -> bool:
        """Settles the request that `reply` answers; False when nobody waits for it."""
        future = self._take(reply.id)
        if future is None:
            return False
        if isinstance(reply, Failed):
            future.set_exception(Refused(reply))
        else:
            future.set_result(reply)
        return True

    def forget(self, request_id: int) -> None:
        """Nobody waits for this one any more."""
        self._take(request_id)

    def lose_all(self) -> None:
        """The connection is gone: all but the orders fail."""
        for request_id in [key for key in self._futures if key not in self._orders]:
            self._fail(request_id, "app.unanswered.lost")

    def orders_of_day(self, date: int) -> list[PlaceOrder]:
        """Orders to ask again, in the order they were given.

        One given on another market day fails instead: sent again it would be a new order of a day
        that its giver did not mean.
        """
        repeats: list[PlaceOrder] = []
        for request_id, sent in list(self._orders.items()):
            if sent.date == date:
                repeats.append(sent.order)
            else:
                self._fail(request_id, "app.unanswered.day_changed")
        return repeats

    def _fail(self, request_id: int, key: str) -> None:
        future = self._take(request_id)
        if future is not None:
            future.set_exception(Unanswered(key))

    def _take(self, request_id: int) -> asyncio.Future[Reply] | None:
        self._orders.pop(request_id, None)
        future = self._futures.pop(request_id, None)
        return future if future is not None and not future.done() else None

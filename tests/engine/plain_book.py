"""The bare book's twin: the same book in plain Python, slow and obvious.

A side is a sorted list of prices and a dict from price to queue, a queue a dict from number to
order, in order of arrival. It knows nothing of the engine; only the words of its
messages and reports are the public workload's.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass, field

BUY, SELL = 0, 1

# A message: ("new", number, side, price, quantity, ioc), ("cancel", number),
# ("modify", number, price, quantity), ("call",), ("uncross",).
Message = tuple[object, ...]

# A report: ("ack", number, side, price, quantity), ("trade", aggressor, price, quantity, buy,
# sell), ("cancelled", number, side, price, left), ("modified", number, side, price, quantity),
# ("cancel refused", number), ("modify refused", number). The aggressor of an auction is None.
Report = tuple[object, ...]


@dataclass
class Order:
    number: int
    side: int
    price: int
    left: int


@dataclass
class PlainBook:
    """One instrument; orders match as they come unless a call is on."""

    sides: tuple[dict[int, dict[int, Order]], dict[int, dict[int, Order]]] = field(
        default_factory=lambda: ({}, {})
    )
    prices: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))  # ascending
    resting: dict[int, Order] = field(default_factory=dict[int, Order])
    gathering: bool = False
    told: list[Report] = field(default_factory=list[Report])

    def new(self, number: int, side: int, price: int, quantity: int, ioc: bool = False) -> None:
        assert number not in self.resting
        order = Order(number, side, price, quantity)
        self.told.append(("ack", number, side, price, quantity))
        self._match(order)
        if order.left and ioc:
            self.told.append(("cancelled", number, side, price, order.left))
        elif order.left:
            self._rest(order)

    def cancel(self, number: int) -> None:
        if number not in self.resting:
            self.told.append(("cancel refused", number))
            return
        order = self.resting[number]
        self._remove(order)
        self.told.append(("cancelled", number, order.side, order.price, order.left))

    def modify(self, number: int, price: int, quantity: int) -> None:
        if number not in self.resting:
            self.told.append(("modify refused", number))
            return
        order = self.resting[number]
        self._remove(order)
        order.price, order.left = price, quantity
        self.told.append(("modified", number, order.side, price, quantity))
        self._match(order)
        if order.left:
            self._rest(order)

    def call(self) -> None:
        self.gathering = True

    def uncross(self) -> None:
        """The call auction at one price: best price first, then first come."""
        self.gathering = False
        price, volume = self.auction()
        while volume:
            buy, sell = self._first(BUY), self._first(SELL)
            quantity = min(volume, buy.left, sell.left)
            self.told.append(("trade", None, price, quantity, buy.number, sell.number))
            self._reduce(buy, quantity)
            self._reduce(sell, quantity)
            volume -= quantity

    def auction(self) -> tuple[int, int]:
        """Price and quantity by section 2.3 of the rules, in ticks of 1; (0, 0) for none.

        Candidates are the prices of orders at which all better orders fill. The largest quantity
        wins, then the smallest rest, then the middle of lowest and highest, half up.
        """
        found: list[tuple[int, int, int]] = []  # (-quantity, rest, price)
        for price in {*self.sides[BUY], *self.sides[SELL]}:
            buys = sum(o.left for o in self.resting.values() if o.side == BUY and o.price >= price)
            sells = sum(
                o.left for o in self.resting.values() if o.side == SELL and o.price <= price
            )
            more = sum(o.left for o in self.resting.values() if o.side == BUY and o.price > price)
            less = sum(o.left for o in self.resting.values() if o.side == SELL and o.price < price)
            quantity = min(buys, sells)
            if quantity and more <= quantity and less <= quantity:
                found.append((-quantity, abs(buys - sells), price))
        if not found:
            return 0, 0
        best = min(found)[:2]
        prices = [price for *figures, price in found if tuple(figures) == best]
        return (min(prices) + max(prices) + 1) // 2, -best[0]

    def do(self, message: Message) -> None:
        name, *figures = message
        getattr(self, str(name))(*figures)

    def _match(self, order: Order) -> None:
        other = 1 - order.side
        while order.left and self.sides[other] and not self.gathering:
            maker = self._first(other)
            if (maker.price > order.price) if order.side == BUY else (maker.price < order.price):
                return
            quantity = min(order.left, maker.left)
            order.left -= quantity
            self._reduce(maker, quantity)
            pair = (order, maker) if order.side == BUY else (maker, order)
            numbers = pair[0].number, pair[1].number
            self.told.append(("trade", order.side, maker.price, quantity, *numbers))

    def _first(self, side: int) -> Order:
        prices = self.prices[side]
        best = prices[-1] if side == BUY else prices[0]
        return next(iter(self.sides[side][best].values()))

    def _rest(self, order: Order) -> None:
        queues = self.sides[order.side]
        if order.price not in queues:
            queues[order.price] = {}
            insort(self.prices[order.side], order.price)
        queues[order.price][order.number] = order
        self.resting[order.number] = order

    def _remove(self, order: Order) -> None:
        queue = self.sides[order.side][order.price]
        del queue[order.number]
        if not queue:
            del self.sides[order.side][order.price]
            prices = self.prices[order.side]
            del prices[bisect_left(prices, order.price)]
        del self.resting[order.number]

    def _reduce(self, order: Order, quantity: int) -> None:
        order.left -= quantity
        if not order.left:
            self._remove(order)

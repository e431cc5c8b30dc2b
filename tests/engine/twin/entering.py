"""Orders on their way into the twin's books and out of them (sections 1.6, 2.1, 2.5)."""

from server.engine.codes import NO_AGGRESSOR, Event, MarkPolicy, OrderStatus, OrderType, Phase, Side
from server.engine.reasons import Reason
from tests.engine.twin.auction import auction
from tests.engine.twin.checking import (
    CANCELS_TAKEN,
    MATCHING,
    ORDERS_TAKEN,
    against_close,
    exchange_takes,
    reached,
    self_trade,
    waits_for_hours,
)
from tests.engine.twin.halting import Halting
from tests.engine.twin.house import Values
from tests.engine.twin.model import Instrument, Order
from tests.engine.twin.valid_range import HELD, out_of_range


class Entering(Halting):
    def order(self, command: Values) -> None:
        account, index = command["account"], command["instrument"]
        found = self._refusal(command)
        if found is not None:
            reason, figure = found
            asked = {
                name: command[name] for name in ("side", "type", "origin", "price", "quantity")
            }
            self.say(Event.ORDER_REJECTED, account, index, reason=reason, figure=figure, **asked)
            return
        asked = self._asked(command)
        order = self._accept(asked, command)
        if asked.waits:
            order.status = OrderStatus.QUEUED
            self.queue.append(order)
            self._tell(order, Event.ORDER_QUEUED)
        else:
            self._enter_market(order)

    def _is_kept_out(self, order: Order) -> bool:
        instrument = self.instruments[order.instrument]
        if order.is_fixed:
            return waits_for_hours(instrument)
        rules = instrument.rules
        caged = order.is_limit and rules.cage_ppm and rules.cage_hold & HELD
        if not caged or self.accounts[order.account].is_market:
            return False
        return out_of_range(instrument, order.side, order.price) is not None

    def _enter_market(self, order: Order) -> None:
        instrument = self.instruments[order.instrument]
        if self._is_kept_out(order):
            order.status = OrderStatus.HELD
            instrument.held.append(order)
            self._tell(order, Event.ORDER_HELD)
        else:
            self._enter_book(order)
            self._release(instrument)

    def _enter_book(self, order: Order) -> None:
        instrument = self.instruments[order.instrument]
        if order.is_fixed:
            order.price = instrument.close
            self._hold(order)
        found = [side[0].price if side else 0 for side in instrument.book]
        last = self._match(order) if instrument.phase in MATCHING else 0
        if order.remaining == 0:
            self._finish(order)
            return
        if not order.is_limit:
            price = _rests_at(order, last, found[order.side], found[1 - order.side])
            if price == 0:
                self._end(order, Event.ORDER_CANCELLED)
                return
            order.price = price
            self._hold(order)
            self._tell(order, Event.ORDER_CONVERTED)
        instrument.stand(order)

    def _match(self, order: Order) -> int:
        """Section 2.4: price, then time, at the resting price. Returns the last price, or 0."""
        instrument = self.instruments[order.instrument]
        others = reached(instrument, order.side, order.type, order.price)
        if order.type == OrderType.FILL_OR_KILL:
            there = sum(other.remaining for other in others)
            others = others if there >= order.remaining else []
        last = 0
        for other in others:
            if order.remaining == 0:
                break
            last, quantity = other.price, min(order.remaining, other.remaining)
            buy, sell = (order, other) if order.side == Side.BUY else (other, order)
            self._trade(buy, sell, other.price, quantity, order.side)
            if other.remaining == 0:
                self._finish(other)
        if last and self.policy == MarkPolicy.LAST_TRADE and not order.is_fixed:
            self.mark(instrument, instrument.last)
        if last:
            self._watch(instrument)
        return last

    def _release(self, instrument: Instrument) -> None:
        """One after the other: each may move the base for the next; nothing in a pause."""
        if instrument.phase not in ORDERS_TAKEN and instrument.phase != Phase.AFTER_HOURS:
            return
        while freed := [order for order in instrument.held if not self._is_kept_out(order)]:
            order = freed[0]
            found = against_close(instrument, order.side, order.price) if order.is_fixed else None
            self._stop_waiting(order)
            found = found or self._self_trade(order)
            if found is not None:
                self._end(order, Event.ORDER_CANCELLED, *found)
                continue
            self._stop_waiting(order)
            self._tell(order, Event.ORDER_RELEASED)
            self._enter_book(order)

    def _self_trade(self, order: Order) -> tuple[Reason, int] | None:
        asked = self._asked(_as_asked(order))
        return self_trade(asked._replace(quantity=order.remaining))

    def _send_queue(self) -> None:
        for order in self.queue.copy():
            if exchange_takes(self.instruments[order.instrument], order.type):
                self._send(order)

    def _send(self, order: Order) -> None:
        """Checked again as if it came now."""
        held = self._position(order)
        place = held.orders.index(order)
        held.orders.remove(order)
        found = self._refusal(_as_asked(order))
        held.orders.insert(place, order)
        if found is not None:
            self._end(order, Event.ORDER_CANCELLED, *found)
            return
        self._take(order)
        self._stop_waiting(order)
        self._tell(order, Event.ORDER_RELEASED)
        self._enter_market(order)

    def phase(self, command: Values) -> None:
        session, phase = command["session"], command["phase"]
        self.say(Event.PHASE_CHANGED, date=self.date, phase=phase, session=session)
        for instrument in self.instruments:
            if session < 0 or instrument.day.session == session:
                self._turn(instrument, Phase(phase))
        for instrument in self.instruments:
            self._release(instrument)
        self._send_queue()

    def _takes_cancels(self, order: Order) -> bool:
        if self.accounts[order.account].is_market or order.status == OrderStatus.QUEUED:
            return True
        instrument = self.instruments[order.instrument]
        if order.is_fixed:
            return exchange_takes(instrument, order.type)
        return instrument.phase in CANCELS_TAKEN

    def cancel(self, command: Values) -> None:
        account, order_id = command["account"], command["order_id"]
        own = [o for o in self.arena if o and o.id == order_id and o.account == account]
        if own and self._takes_cancels(own[0]):
            self._end(own[0], Event.ORDER_CANCELLED)
            self._release(self.instruments[own[0].instrument])
            return
        reason = Reason.CANCEL_NOT_ALLOWED if own else Reason.UNKNOWN_ORDER
        where = command["instrument"]
        self.say(Event.CANCEL_REJECTED, account, where, reason=reason, order_id=order_id)

    def cancel_all(self, command: Values) -> None:
        """The newest position first, in it the newest order first."""
        index, only = command["account"], command["instrument"]
        if not 0 <= index < len(self.accounts):
            self.say(Event.CANCEL_REJECTED, index, reason=Reason.UNKNOWN_ACCOUNT)
            return
        kept = False
        for held in reversed(self.accounts[index].positions):
            if (only >= 0 and held.instrument != only) or not held.orders:
                continue
            instrument = self.instruments[held.instrument]
            for order in reversed(held.orders.copy()):
                if self._takes_cancels(order):
                    self._end(order, Event.ORDER_CANCELLED)
                else:
                    kept = kept or instrument.ruled
            self._release(instrument)
        if kept:
            reason = Reason.CANCEL_NOT_ALLOWED
            self.say(Event.CANCEL_REJECTED, index, only, reason=reason)

    def uncross(self, command: Values) -> None:
        if self._known_instrument(command["instrument"]):
            self._uncross(command["instrument"])

    def resume(self, command: Values) -> None:
        index = command["instrument"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        if instrument.phase != Phase.HALTED:
            self.refuse(-1, Reason.OUT_OF_ORDER, instrument=index)
            return
        self._end_halt(instrument, Phase.CONTINUOUS, *self._cross(index))
        self._watch(instrument)
        self._release(instrument)

    def _uncross(self, index: int) -> tuple[int, int]:
        found = self._cross(index)
        if found[1]:
            self._release(self.instruments[index])
        return found

    def _cross(self, index: int) -> tuple[int, int]:
        """(price, quantity) of the auction; (0, 0) when there is none."""
        instrument = self.instruments[index]
        opening = instrument.phase in (Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL)
        reference = instrument.day.reference if opening else instrument.last
        found = auction(instrument, reference)
        if found is None:
            return 0, 0
        price, left = found
        self.say(Event.AUCTION, -1, index, price=price, quantity=left)
        while left > 0:
            buy, sell = instrument.book[Side.BUY][0], instrument.book[Side.SELL][0]
            quantity = min(left, buy.remaining, sell.remaining)
            self._trade(buy, sell, price, quantity, NO_AGGRESSOR)
            for order in (buy, sell):
                if order.remaining == 0:
                    self._finish(order)
            left -= quantity
        if self.policy == MarkPolicy.LAST_TRADE:
            self.mark(instrument, instrument.last)
        return found

    def closing(self, command: Values) -> None:
        """Section 2.1: the auction's price, else the last minute's average, else the reference."""
        index = command["instrument"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        called = instrument.phase == Phase.CLOSING_CALL
        price, volume = self._uncross(index) if called else (0, 0)
        instrument.phase = Phase.CLOSED
        last = instrument.last
        close = last
        if self.policy == MarkPolicy.LAST_TRADE:
            close = price or instrument.minute_average() or instrument.day.reference
            self.mark(instrument, close)
        instrument.close = close
        self.say(Event.CLOSED, -1, index, price=close, old_price=last, volume=volume)
        kept = [order for order in instrument.held if order.is_fixed]
        for orders in (*instrument.book, instrument.held):
            for order in orders.copy():
                if order not in kept:
                    self._end(order, Event.ORDER_EXPIRED)


def _rests_at(order: Order, last: int, own: int, opposite: int) -> int:
    """Section 2.5: 0 where the rest is cancelled; never beyond the protection price."""
    price = {
        OrderType.BEST_FIVE_LIMIT: last or own,
        OrderType.OPPOSITE_BEST: opposite,
        OrderType.OWN_BEST: own,
    }.get(OrderType(order.type), 0)
    if price == 0:
        return 0
    return min(price, order.price) if order.side == Side.BUY else max(price, order.price)


def _as_asked(order: Order) -> Values:
    names = ("account", "instrument", "side", "type", "quantity", "price", "origin", "financed")
    return {name: getattr(order, name) for name in names} | {"loan": 0}  # not asked for again

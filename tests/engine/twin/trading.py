"""Orders in the twin: accepted, matched, settled, cancelled (sections 2.4, 2.5, 3.2, 6.1)."""

from server.engine.codes import (
    NO_AGGRESSOR,
    Event,
    Ledger,
    MarkPolicy,
    OrderType,
    Phase,
    Reason,
    Side,
)
from tests.engine.twin.auction import auction
from tests.engine.twin.checking import CANCELS_TAKEN, Asked, reached, refusal, worst_price
from tests.engine.twin.house import Values
from tests.engine.twin.limiting import Limits
from tests.engine.twin.model import FEN, PPM, Account, Order, Position, half_up
from tests.engine.twin.twin_fees import Fees, fees_of

SLOT_BITS = 24


class Trading(Limits):
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
        instrument = self.instruments[index]
        order = self._accept(asked, command)
        if instrument.phase == Phase.CONTINUOUS:
            self._match(order, command["price"])
        if order.remaining == 0:
            self._finish(order)
        elif order.type == OrderType.LIMIT:
            instrument.stand(order)
        else:
            self._end(order, Event.ORDER_CANCELLED)

    def _refusal(self, command: Values) -> tuple[Reason, int] | None:
        if not 0 <= command["account"] < len(self.accounts):
            return Reason.UNKNOWN_ACCOUNT, 0
        if not 0 <= command["instrument"] < len(self.instruments):
            return Reason.UNKNOWN_INSTRUMENT, 0
        return self.gate_refusal(command) or refusal(self._asked(command))

    def _asked(self, command: Values) -> Asked:
        account = self.accounts[command["account"]]
        index = command["instrument"]
        instrument = self.instruments[index]
        return Asked(
            account=account,
            position=account.position(index) or Position(command["account"], index),
            instrument=instrument,
            side=Side(command["side"]),
            type=command["type"],
            quantity=command["quantity"],
            price=command["price"],
            fees=self.fees[instrument.day.fee_schedule],
            product=self.products.get(account.product),
            marks=lambda i: self.instruments[i],
            person_of=lambda i: self.accounts[i].person,
            of_platform=self.limits_refusal,
        )

    def _accept(self, asked: Asked, command: Values) -> Order:
        slot = self.free.pop() if self.free else len(self.arena)
        if slot == len(self.arena):
            self.arena.append(None)
            self.generations.append(0)
        self.generations[slot] += 1
        order = Order(
            id=self.generations[slot] << SLOT_BITS | slot,
            account=command["account"],
            instrument=command["instrument"],
            side=asked.side,
            type=asked.type,
            origin=command["origin"],
            price=worst_price(asked),
            quantity=asked.quantity,
            remaining=asked.quantity,
            seq=command["seq"],
            time=command["time"],
        )
        self.arena[slot] = order
        if asked.account.position(order.instrument) is None:
            asked.account.positions.append(asked.position)
        asked.position.orders.append(order)
        self._hold(order)
        self.say(Event.ORDER_ACCEPTED, order.account, order.instrument, **order.figures())
        return order

    def _hold(self, order: Order) -> None:
        """Freezes what the rest of a buy needs at its price, with the fees still to come."""
        if order.side == Side.SELL or self.accounts[order.account].is_market:
            return
        order.frozen = 0
        if order.remaining > 0:
            terms = self.fees[self.instruments[order.instrument].day.fee_schedule]
            rest = order.remaining * order.price
            done = order.quantity - order.remaining
            most = fees_of(terms, order.side, order.quantity, order.amount + rest)
            paid = fees_of(terms, order.side, done, order.amount)
            order.frozen = rest + most.total - paid.total

    def _position(self, order: Order) -> Position:
        held = self.accounts[order.account].position(order.instrument)
        assert held is not None
        return held

    def _finish(self, order: Order) -> None:
        self._position(order).orders.remove(order)
        slot = order.id & ((1 << SLOT_BITS) - 1)
        self.arena[slot] = None
        self.free.append(slot)

    def _end(self, order: Order, kind: Event) -> None:
        if order.in_book:
            self.instruments[order.instrument].leave(order)
        self.say(kind, order.account, order.instrument, **order.figures())
        self._finish(order)

    def _match(self, order: Order, price: int) -> None:
        """Section 2.4: price, then time, at the resting price."""
        instrument = self.instruments[order.instrument]
        before = self.trades
        for other in reached(instrument, order.side, order.type, price):
            if order.remaining == 0:
                break
            quantity = min(order.remaining, other.remaining)
            buy, sell = (order, other) if order.side == Side.BUY else (other, order)
            self._trade(buy, sell, other.price, quantity, order.side)
            if other.remaining == 0:
                self._finish(other)
        if self.trades > before and self.policy == MarkPolicy.LAST_TRADE:
            self.mark(instrument, instrument.last)

    def _trade(self, buy: Order, sell: Order, price: int, quantity: int, aggressor: int) -> None:
        instrument = self.instruments[buy.instrument]
        self.trades += 1
        for order in (buy, sell):
            order.remaining -= quantity
            if order.remaining == 0 and order.in_book:
                instrument.leave(order)
        self.say(
            Event.TRADE,
            -1,
            buy.instrument,
            side=aggressor,
            trade_no=self.trades,
            price=price,
            quantity=quantity,
            buy_order_id=buy.id,
            sell_order_id=sell.id,
            buy_account=buy.account,
            sell_account=sell.account,
        )
        if self.policy == MarkPolicy.LAST_TRADE:
            instrument.record(price, quantity)
            instrument.trades.append((self.time, price, quantity))
        for order in (buy, sell):
            self._settle(order, price, quantity)

    def _settle(self, order: Order, price: int, quantity: int) -> None:
        account, held = self.accounts[order.account], self._position(order)
        amount = price * quantity
        done = order.quantity - order.remaining
        terms = self.fees[self.instruments[order.instrument].day.fee_schedule]
        before = fees_of(terms, order.side, done - quantity, order.amount)
        order.amount += amount
        if account.is_market:
            sign = 1 if order.side == Side.BUY else -1
            account.cash -= sign * amount
            held.quantity += sign * quantity
            return
        fees = fees_of(terms, order.side, done, order.amount).less(before)
        self._post(fees)
        account.fees_paid += fees.total
        realised = tax = 0
        if order.side == Side.BUY:
            self._bought(account, held, quantity, amount + fees.total)
        else:
            tax = self._dividend_tax(held, quantity, amount - fees.total)
            realised = self._sold(account, held, quantity, amount - fees.total - tax)
        self._note_holder(held)
        self._hold(order)
        self.touch(order.account)
        self.say(
            Event.FILL,
            order.account,
            order.instrument,
            side=order.side,
            type=order.type,
            origin=order.origin,
            trade_no=self.trades,
            order_id=order.id,
            price=price,
            quantity=quantity,
            remaining=order.remaining,
            realised=realised,
            **fees._asdict(),
            dividend_tax=tax,
        )

    def _dividend_tax(self, held: Position, quantity: int, proceeds: int) -> int:
        """Section 6.2: of the shares held longest, by how long they were held."""
        due = 0
        for part, lot in held.take_oldest(quantity):
            tier = 1 if lot.acquired >= self.year_from else 2
            if lot.acquired >= self.month_from:
                tier = 0
            due += part * lot.tax[tier] // PPM
        tax = max(0, min(half_up(due, FEN), proceeds))
        self.ledgers[Ledger.DIVIDEND_TAX] += tax
        return tax

    def _post(self, fees: Fees) -> None:
        self.ledgers[Ledger.COMMISSION] += fees.commission
        self.ledgers[Ledger.STAMP_DUTY] += fees.stamp_duty
        self.ledgers[Ledger.TRANSFER_FEE] += fees.transfer_fee
        self.ledgers[Ledger.HANDLING_FEE] += fees.handling_fee
        self.ledgers[Ledger.REGULATORY_FEE] += fees.regulatory_fee

    def _bought(self, account: Account, held: Position, quantity: int, cost: int) -> None:
        account.cash -= cost
        account.unsettled = max(0, account.unsettled - cost)  # today's proceeds are spent first
        held.quantity += quantity
        held.bought_today += quantity
        held.cost += cost
        held.day_flow -= cost

    def _sold(self, account: Account, held: Position, quantity: int, proceeds: int) -> int:
        """Profit against the average cost."""
        relieved = held.cost * quantity // held.quantity
        account.cash += proceeds
        account.unsettled += max(0, proceeds)
        held.cost -= relieved
        held.quantity -= quantity
        held.bought_today = min(held.bought_today, held.quantity)
        held.day_flow += proceeds
        held.realised += proceeds - relieved
        account.realised += proceeds - relieved
        return proceeds - relieved

    def _note_holder(self, held: Position) -> None:
        holders = self.instruments[held.instrument].holders
        if held.quantity > 0 and held not in holders:
            holders.append(held)
        elif held.quantity == 0 and held in holders:
            gap = holders.index(held)
            last = holders.pop()
            if last is not held:
                holders[gap] = last

    def _takes_cancels(self, order: Order) -> bool:
        if self.accounts[order.account].is_market:
            return True
        return self.instruments[order.instrument].phase in CANCELS_TAKEN

    def cancel(self, command: Values) -> None:
        account, order_id = command["account"], command["order_id"]
        own = [o for o in self.arena if o and o.id == order_id and o.account == account]
        if own and self._takes_cancels(own[0]):
            self._end(own[0], Event.ORDER_CANCELLED)
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
        for held in reversed(self.accounts[index].positions):
            if only >= 0 and held.instrument != only:
                continue
            for order in reversed(held.orders.copy()):
                if self._takes_cancels(order):
                    self._end(order, Event.ORDER_CANCELLED)

    def uncross(self, command: Values) -> None:
        if self._known_instrument(command["instrument"]):
            self._uncross(command["instrument"])

    def _uncross(self, index: int) -> tuple[int, int]:
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
        for side in instrument.book:
            for order in side.copy():
                self._end(order, Event.ORDER_EXPIRED)

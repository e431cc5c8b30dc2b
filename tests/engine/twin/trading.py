"""Orders in the twin: accepted, matched, settled (sections 2.4, 2.5, 3.2, 6.1)."""

from server.engine.codes import AccountClass, Event, Family, Ledger, MarkPolicy, OrderStatus, Side
from server.engine.reasons import Reason
from tests.engine.twin.checking import Asked, refusal, worst_price
from tests.engine.twin.house import Values
from tests.engine.twin.lending import DRAWING, Lending
from tests.engine.twin.limiting import Limits
from tests.engine.twin.model import FEN, PPM, Account, Order, Position, half_up
from tests.engine.twin.twin_fees import Fees, fees_of

SLOT_BITS = 24


class Trading(Limits, Lending):
    def _tell(self, order: Order, kind: Event, reason: int = 0, figure: int = 0) -> None:
        figures = order.figures() | {"reason": reason, "figure": figure}
        self.say(kind, order.account, order.instrument, **figures)

    def _refusal(self, command: Values) -> tuple[Reason, int] | None:
        if not 0 <= command["account"] < len(self.accounts):
            return Reason.UNKNOWN_ACCOUNT, 0
        if not 0 <= command["instrument"] < len(self.instruments):
            return Reason.UNKNOWN_INSTRUMENT, 0
        if command["side"] not in (Side.BUY, Side.SELL):
            return Reason.SIDE_UNKNOWN, 0
        if found := self.gate_refusal(command):
            return found
        named = command["loan"] if self._sells_to_repay(command) else 0
        account = self.accounts[command["account"]]
        if named and not any(loan.number == named for loan in account.loans):
            return Reason.UNKNOWN_LOAN, 0
        return refusal(self._asked(command))

    def _sells_to_repay(self, command: Values) -> bool:
        licensed = self.accounts[command["account"]].family == Family.LICENSED
        return licensed and command["side"] == Side.SELL and command["financed"] != 0

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
            of_lender=lambda loan: self.lending_refusal(command["account"], loan),
            house=self,
            financed=command["financed"],
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
            financed=command["financed"] if self._borrows(asked) else 0,
            loan=command["loan"] if self._sells_to_repay(command) else 0,
        )
        self.arena[slot] = order
        if asked.account.position(order.instrument) is None:
            asked.account.positions.append(asked.position)
        asked.position.orders.append(order)
        self._take(order)
        self.say(Event.ORDER_ACCEPTED, order.account, order.instrument, **order.figures())
        return order

    def _borrows(self, asked: Asked) -> bool:
        if asked.side == Side.SELL:  # to repay
            return asked.account.family == Family.LICENSED
        return asked.account.klass == AccountClass.CONTRACT

    def _take(self, order: Order) -> None:
        """Holds for an order that holds nothing yet; a buy that draws counts on the line too."""
        account = self.accounts[order.account]
        order.frozen = order.lent = 0
        free = max(0, account.cash - account.frozen)
        self._hold(order)
        if account.family in DRAWING and order.side == Side.BUY:
            order.lent = max(0, order.frozen - free)

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
            order.frozen = most.total - paid.total + (0 if order.financed else rest)
        order.lent = order.price * order.remaining if order.financed else order.lent
        if not order.financed:
            order.lent = min(order.lent, order.frozen)

    def _position(self, order: Order) -> Position:
        held = self.accounts[order.account].position(order.instrument)
        assert held is not None
        return held

    def _finish(self, order: Order) -> None:
        self._position(order).orders.remove(order)
        slot = order.id & ((1 << SLOT_BITS) - 1)
        self.arena[slot] = None
        self.free.append(slot)

    def _end(self, order: Order, kind: Event, reason: int = 0, figure: int = 0) -> None:
        if order.in_book:
            self.instruments[order.instrument].leave(order)
        self._stop_waiting(order)
        self._tell(order, kind, reason, figure)
        self._finish(order)

    def _stop_waiting(self, order: Order) -> None:
        for waiting in (self.queue, self.instruments[order.instrument].held):
            if order in waiting:
                waiting.remove(order)
        order.status = OrderStatus.WORKING

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
        if self.policy == MarkPolicy.LAST_TRADE and buy.is_fixed:  # moves no price
            instrument.volume += quantity
            instrument.turnover += price * quantity
        elif self.policy == MarkPolicy.LAST_TRADE:
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
            if order.financed:
                self._finance(order.account, order.instrument, quantity, amount)
            else:
                self._lend_for_buy(order.account, order.instrument, amount + fees.total)
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
        if order.side == Side.SELL:
            self._repay_from_sale(order, held, amount - fees.total)

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

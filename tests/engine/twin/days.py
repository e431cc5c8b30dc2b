"""Days, phases, prices and entitlements in the twin (sections 1.8, 2.1, 2.6)."""

from fractions import Fraction
from math import ceil, floor

from server.engine.codes import (
    AccountStatus,
    CashMove,
    Convention,
    Event,
    Family,
    Ledger,
    MarkPolicy,
    Phase,
)
from server.engine.reasons import Reason
from server.engine.terms import DayTerms, FeeTerms, MoreTerms, ProductTerms, RuleTerms
from tests.engine.twin.house import Values
from tests.engine.twin.life import Life
from tests.engine.twin.model import PPM, Claim, Instrument, Lot, Position

NO_PRODUCT = ProductTerms(0, 0, 0, 1, 0, 0, 0, 0, (0, 0, 0, 0), 0, 0, 0, 0)
CLASS_LIMITS_PPM = (100_000, 200_000, 300_000, 300_000)


def _line_needed(product: ProductTerms) -> int:
    """Section 5.2: each class at its cap, the rest in main boards, one limit-down."""
    falls = [
        ceil(Fraction(cap * limit + (PPM - cap) * CLASS_LIMITS_PPM[0], PPM))
        for cap, limit in zip(product.class_cap_ppm, CLASS_LIMITS_PPM, strict=True)
        if cap
    ]
    kept = Fraction(PPM - max(falls, default=0), PPM) * Fraction(PPM - product.exit_cost_ppm, PPM)
    return ceil(PPM / kept)


class Days(Life):
    def price(self, command: Values) -> None:
        index, price, volume = command["instrument"], command["price"], command["volume"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        old = instrument.last
        instrument.record(price, volume)
        self.mark(instrument, price)
        self.say(Event.PRICE_MARKED, -1, index, price=price, old_price=old, volume=volume)
        self._watch(instrument)
        self._release(instrument)

    def frame_begin(self, _: Values) -> None:
        self.in_frame = True

    def frame_end(self, _: Values) -> None:
        self.in_frame = False

    def day_open(self, command: Values) -> None:
        self._expire_all()
        for held in (held for account in self.accounts for held in account.positions):
            if held.bought_today > 0:
                held.lots.append(Lot(held.bought_today, self.date))
        self.date = command["date"]
        self.policy = MarkPolicy(command["mark_policy"])
        self.unsettled_first = bool(command["conventions"] & Convention.UNSETTLED_FIRST)
        self.bounded_lending = bool(command["conventions"] & Convention.BOUNDED_LENDING)
        self.in_frame = True
        self.desk.on = False
        self.desk.waiting.clear()
        self._release_rests()
        for account in self.accounts:
            account.unsettled = 0
            account.opening_assets = self.assets(account)
            for held in account.positions:
                held.bought_today = held.day_flow = 0
                held.opening_quantity = held.quantity
        self.say(Event.DAY_OPENED, date=self.date)

    def _release_rests(self) -> None:
        for index, account in enumerate(self.accounts):
            if account.status != AccountStatus.RELEASING:
                continue
            account.release_left -= 1
            if account.release_left > 0:
                continue
            target, amount = account.release_to, account.cash
            account.status = AccountStatus.SETTLED
            self._pass_on(index, target, amount)
            self._add_own(index, -amount)
            self._add_own(target, amount)
            self._say_loan(Event.RELEASED, index, -1, amount, 0)

    def instrument_add(self, command: Values) -> None:
        index = len(self.instruments)
        if command["instrument"] != index:
            self.refuse(-1, Reason.OUT_OF_ORDER, index, instrument=index)
            return
        self.instruments.append(Instrument(command["symbol"]))

    def instrument_day(self, command: Values) -> None:
        index = command["instrument"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        if any(instrument.book) or instrument.held or self.queue:
            self.refuse(-1, Reason.OUT_OF_ORDER, instrument=index)
            return
        instrument.day = DayTerms(*(command[name] for name in DayTerms._fields))
        instrument.rules, instrument.ruled = RuleTerms(), False
        instrument.phase = Phase.CLOSED
        instrument.last = instrument.day.reference
        instrument.open = instrument.high = instrument.low = 0
        instrument.volume = instrument.turnover = instrument.close = 0
        instrument.trades = []
        instrument.halts = instrument.halt_until = 0
        self.mark(instrument, instrument.last)

    def instrument_rules(self, command: Values) -> None:
        index = command["instrument"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        if any(instrument.book) or instrument.held or self.queue:
            self.refuse(-1, Reason.OUT_OF_ORDER, instrument=index)
            return
        values = {name: command[name] for name in RuleTerms._fields}
        values["halt_ppm"] = tuple(values["halt_ppm"])
        instrument.rules, instrument.ruled = RuleTerms(**values), True

    def ladders(self, _: Values) -> None:
        self.in_frame = False

    def fee_schedule(self, command: Values) -> None:
        terms = FeeTerms(*(command[name] for name in FeeTerms._fields))
        self.fees[command["schedule"]] = terms

    def product(self, command: Values) -> None:
        values = {name: command[name] for name in ProductTerms._fields}
        values["class_cap_ppm"] = tuple(values["class_cap_ppm"])
        self.products[command["product"]] = ProductTerms(**values)
        self.more_terms.pop(command["product"], None)
        self.unusable.discard(command["product"])

    def product_terms(self, command: Values) -> None:
        index = command["product"]
        if not 0 <= index < max(self.products, default=-1) + 1:
            self.refuse(-1, Reason.UNKNOWN_PRODUCT)
            return
        values = {name: command[name] for name in MoreTerms._fields}
        for name in ("class_coefficient_ppm", "class_haircut_ppm"):
            values[name] = tuple(values[name])
        needed = _line_needed(self.products.get(index, NO_PRODUCT))
        line = self.products.get(index, NO_PRODUCT).liquidate_ppm
        if needed > line and command["family"] != Family.CASH:
            self.unusable.add(index)
            self.refuse(-1, Reason.LINES_DO_NOT_SURVIVE, needed)
            return
        self.unusable.discard(index)
        self.more_terms[index] = MoreTerms(**values)

    def financing_margin_of(self, command: Values) -> None:
        self.financing_margin = command["ratio_ppm"]

    def _expire_all(self) -> None:
        for order in self.arena.copy():
            if order:
                self._end(order, Event.ORDER_EXPIRED)

    def day_close(self, _: Values) -> None:
        self._expire_all()
        for instrument in self.instruments:
            instrument.phase = Phase.CLOSED
            instrument.halt_until = 0
        self.say(Event.DAY_CLOSED, date=self.date)

    def entitlement(self, command: Values) -> None:
        """Section 1.8: shares at the reference price and cash for the fraction, no value moved."""
        index, old_close, reference = (
            command["instrument"],
            command["old_close"],
            command["reference"],
        )
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        if old_close <= 0 or reference <= 0 or not self.in_frame or any(self.arena):
            self.refuse(-1, Reason.OUT_OF_ORDER, instrument=index)
            return
        for held in reversed(instrument.holders.copy()):
            self._entitle(held, old_close, reference)
        instrument.last = reference
        self.mark(instrument, reference)

    def _entitle(self, held: Position, old_close: int, reference: int) -> None:
        account = self.accounts[held.account]
        old = held.quantity
        new = old * old_close // reference
        cash = old * old_close - new * reference
        self._scale_claims(held, Fraction(old_close, reference))
        held.quantity = held.opening_quantity = new
        held.follow(self.date)
        held.synthetic += new - old
        held.cost = max(0, held.cost - cash)
        held.day_flow += cash
        self._scale_loans(held, old_close, reference)
        self.instruments[held.instrument].issuer -= new - old
        account.cash += cash
        self.ledgers[Ledger.ISSUER] -= cash
        self._note_holder(held)
        self.touch(held.account)
        figures = {"old_quantity": old, "new_quantity": new, "cash": cash}
        self.say(Event.ENTITLED, held.account, held.instrument, **figures)
        self._say_cash(held.account, CashMove.ENTITLEMENT, cash, -1 - Ledger.ISSUER)

    def _scale_claims(self, held: Position, factor: Fraction) -> None:
        for claim in reversed(held.claims.copy()):
            claim.shares = floor(claim.shares * factor)
            self._drop_if_settled(claim)

    def _drop_if_settled(self, claim: Claim) -> None:
        """A claim under which nothing is owed leaves its place."""
        if not claim.is_open:
            claim.held.claims.remove(claim)
            place = self.claims.index(claim)
            self.claims[place] = None
            self.free_claims.append(place)

    def notice(self, command: Values) -> None:
        names = ("notice_id", "code", "stage", "channel")
        figures = {name: command[name] for name in names}
        self.say(Event.NOTICE_RECORDED, command["account"], **figures)

    def sell_last(self, command: Values) -> None:
        account, index = command["account"], command["instrument"]
        if self._all_known(account) and self._known_instrument(index) is not None:
            self.say(Event.SELL_LAST_SET, account, index, on=command["on"])

    def desk_action(self, command: Values) -> None:
        names = ("action_id", "until", "officer", "action", "person")
        figures = {name: command[name] for name in names}
        self.say(Event.DESK_RECORDED, command["account"], command["instrument"], **figures)

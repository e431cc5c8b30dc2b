"""Corporate actions in the twin (sections 1.8, 5.6, 6.2)."""

from fractions import Fraction
from math import floor

from server.engine.codes import AccountStatus, CashMove, Event, Grade, Ledger
from server.engine.reasons import Reason
from server.engine.records import MAX_PRICE
from tests.engine.twin.days import Days
from tests.engine.twin.house import Values
from tests.engine.twin.model import FEN, PPB, PPM, Claim, Instrument, Lot, Position, half_up

MOST = 9_000_000_000
RATES = ("tax_month_ppm", "tax_year_ppm", "tax_long_ppm")
ANNOUNCED = (
    *("action", "record_date", "ex_date", "pay_date", "list_date", "rights_until"),
    *("cash", "bonus_ppb", "rights_ppb", "rights_price", "factor_ppb"),
)


class Corporate(Days):
    def tax_periods(self, command: Values) -> None:
        self.month_from, self.year_from = command["month_from"], command["year_from"]

    def action_announce(self, command: Values) -> None:
        figures = {name: command[name] for name in ANNOUNCED}
        self.say(Event.ANNOUNCED, -1, command["instrument"], **figures)

    def _at_the_opening(self, index: int) -> Instrument | None:
        instrument = self._known_instrument(index)
        if instrument is not None and (not self.in_frame or any(self.arena)):
            self.refuse(-1, Reason.OUT_OF_ORDER, instrument=index)
            return None
        return instrument

    def corporate_action(self, command: Values) -> None:
        index = command["instrument"]
        instrument = self._at_the_opening(index)
        if instrument is None:
            return
        if not _can_be(command):
            self.refuse(-1, Reason.OUT_OF_RANGE, instrument=index)
            return
        for held in reversed(instrument.holders.copy()):
            if command["factor_ppb"]:
                self._split(held, command)
            else:
                self._distribute(held, command)

    def _pay_out(self, held: Position, amount: int, move: CashMove) -> None:
        if amount:
            self.accounts[held.account].cash += amount
            self.ledgers[Ledger.ISSUER] -= amount
            self._say_cash(held.account, move, amount, -1 - Ledger.ISSUER)

    def _relieve(self, held: Position, cash: int) -> None:
        """Cash of a holding lowers its cost; the rest is profit."""
        relieved = min(held.cost, cash)
        held.cost -= relieved
        held.realised += cash - relieved
        self.accounts[held.account].realised += cash - relieved

    def _add_shares(self, held: Position, shares: int) -> None:
        held.quantity += shares
        if held.bought_today > held.quantity:
            held.bought_today = max(0, held.quantity)
        self.instruments[held.instrument].issuer -= shares
        self._note_holder(held)

    def _split(self, held: Position, command: Values) -> None:
        old, exact = held.quantity, Fraction(held.quantity * command["factor_ppb"], PPB)
        new = floor(exact)
        cash = half_up(floor((exact - new) * command["reference"]), FEN)
        self._scale_claims(held, Fraction(command["factor_ppb"], PPB))
        self._scale_loans(held, new, old)
        self._add_shares(held, new - old)
        held.opening_quantity = new
        held.follow(self.date)
        self._relieve(held, cash)
        self.touch(held.account)
        figures = {"old_quantity": old, "new_quantity": new, "cash": cash}
        self._say_action(Event.EX_RIGHTS, held, command["action"], **figures)
        self._pay_out(held, cash, CashMove.FRACTION)

    def _distribute(self, held: Position, command: Values) -> None:
        old = held.quantity
        gross = half_up(floor(Fraction(old * command["cash"], PPM)), FEN)
        taxable = floor(Fraction(old * command["taxable"], PPM))
        withheld = half_up(floor(Fraction(taxable * command["withheld_ppm"], PPM)), FEN)
        withheld = min(gross, withheld)
        net = gross - withheld
        shares = half_up(Fraction(old * command["bonus_ppb"], PPB), 1)
        rights = half_up(Fraction(old * command["rights_ppb"], PPB), 1)
        worth = max(0, command["reference"] - command["rights_price"])
        for lot in held.lots:
            due = [floor(Fraction(command["taxable"] * command[rate], PPM)) for rate in RATES]
            if due[0]:
                lot.tax = [a + b for a, b in zip(lot.tax, due, strict=True)]
        if shares:
            self._scale_loans(held, old + shares, old)
            self._add_shares(held, shares)
            held.opening_quantity = held.quantity
            held.lots.append(Lot(shares, self.date))
        self.ledgers[Ledger.ISSUER] -= withheld
        self.ledgers[Ledger.DIVIDEND_TAX] += withheld
        held.day_flow -= withheld
        self._relieve(held, net)
        self.touch(held.account)
        self._say_action(
            Event.EX_RIGHTS,
            held,
            command["action"],
            old_quantity=old,
            new_quantity=held.quantity,
            shares=shares,
            cash=net,
            withheld=withheld,
            rights=rights,
            price=command["rights_price"],
            value=rights * worth,
            rights_until=command["rights_until"],
        )
        later = net if command["cash_later"] else 0
        self._pay_out(held, net - later, CashMove.DIVIDEND)
        claim = Claim(
            held,
            command["action"],
            cash=later,
            shares=shares if command["shares_later"] else 0,
            rights=rights,
            worth=worth,
            price=command["rights_price"],
        )
        if claim.is_open:
            self._file(claim)

    def _file(self, claim: Claim) -> None:
        """Claims have places, and the place freed last is taken first, as with orders."""
        claim.held.claims.append(claim)
        if self.free_claims:
            self.claims[self.free_claims.pop()] = claim
        else:
            self.claims.append(claim)

    def _of(self, command: Values) -> list[Claim]:
        return [
            claim
            for claim in self.claims
            if claim
            and claim.action == command["action"]
            and claim.held.instrument == command["instrument"]
        ]

    def _say_action(self, kind: Event, held: Position, action: int, **figures: int) -> None:
        self.say(kind, held.account, held.instrument, action=action, **figures)

    def action_cash_paid(self, command: Values) -> None:
        for claim in self._of(command):
            cash, claim.cash = claim.cash, 0
            if cash:
                self.touch(claim.held.account)
                self._say_action(Event.DIVIDEND_PAID, claim.held, claim.action, cash=cash)
                self._pay_out(claim.held, cash, CashMove.DIVIDEND)
                self._drop_if_settled(claim)

    def action_shares_listed(self, command: Values) -> None:
        for claim in self._of(command):
            shares, claim.shares = claim.shares, 0
            if shares:
                self._say_action(Event.SHARES_LISTED, claim.held, claim.action, shares=shares)
                self._drop_if_settled(claim)

    def rights_lapse(self, command: Values) -> None:
        for claim in self._of(command):
            rights, claim.rights = claim.rights, 0
            if rights:
                self.touch(claim.held.account)
                figures = {"rights": rights, "price": claim.price, "value": rights * claim.worth}
                self._say_action(Event.RIGHTS_LAPSED, claim.held, claim.action, **figures)
                self._drop_if_settled(claim)

    def rights_pay(self, command: Values) -> None:
        index, number, quantity = command["account"], command["instrument"], command["quantity"]
        if not 0 <= index < len(self.accounts):
            self.refuse(index, Reason.UNKNOWN_ACCOUNT, instrument=number)
            return
        if self._known_instrument(number) is None:
            return
        claim = self._claim(index, command)
        refused = self._rights_refusal(index, number, claim, quantity)
        if refused or claim is None:
            self.refuse(index, *(refused or (Reason.RIGHTS_EXCEEDED, 0)), instrument=number)
            return
        account, held, amount = self.accounts[index], claim.held, quantity * claim.price
        claim.rights -= quantity
        claim.shares += quantity
        held.cost += amount
        held.day_flow -= amount + quantity * claim.worth
        account.unsettled = max(0, account.unsettled - amount)
        self._add_shares(held, quantity)
        held.lots.append(Lot(quantity, self.date))
        self.touch(index)
        figures = {"shares": quantity, "cash": -amount, "rights": claim.rights}
        self._say_action(Event.RIGHTS_PAID, held, claim.action, price=claim.price, **figures)
        self._pay_out(held, -amount, CashMove.RIGHTS_PAYMENT)

    def _claim(self, index: int, command: Values) -> Claim | None:
        """The newest one."""
        held = self.accounts[index].position(command["instrument"])
        own = [c for c in held.claims if c.action == command["action"]] if held else []
        return own[-1] if own else None

    def _rights_refusal(
        self, index: int, number: int, claim: Claim | None, quantity: int
    ) -> tuple[Reason, int] | None:
        account, rights = self.accounts[index], claim.rights if claim else 0
        if account.status != AccountStatus.OPEN:
            return Reason.ACCOUNT_CLOSED, 0
        if quantity <= 0:
            return Reason.QUANTITY_NOT_POSITIVE, 1
        if claim is None or quantity > rights:
            return Reason.RIGHTS_EXCEEDED, rights
        if account.grade >= Grade.RESTRICT and claim.price > self.instruments[number].mark:
            return Reason.GRADE_RESTRICTED, 0
        free = account.cash - account.frozen
        if quantity * claim.price > free:
            return Reason.INSUFFICIENT_CASH, max(0, free) // max(1, claim.price)
        return None

    def delist(self, command: Values) -> None:
        instrument = self._at_the_opening(command["instrument"])
        if instrument is not None:
            for held in reversed(instrument.holders.copy()):
                self._write_off(held, instrument)

    def _write_off(self, held: Position, instrument: Instrument) -> None:
        old, cost = held.quantity, held.cost
        for claim in reversed(held.claims.copy()):
            claim.rights = claim.shares = 0
            self._drop_if_settled(claim)
        self.touch(held.account)
        held.cost = held.opening_quantity = 0
        held.day_flow -= old * instrument.last
        held.realised -= cost
        self.accounts[held.account].realised -= cost
        held.lots = []
        self._add_shares(held, -old)
        figures = {"old_quantity": old, "value": old * instrument.mark}
        self._say_action(Event.DELISTED, held, 0, **figures)


def _can_be(command: Values) -> bool:
    """Terms that an exchange could announce."""
    given = [command[name] for name in ("cash", "taxable", "bonus_ppb", "rights_ppb")]
    rates = [command[name] for name in (*RATES, "withheld_ppm")]
    return (
        command["action"] > 0
        and 0 < command["reference"] <= MAX_PRICE
        and all(0 <= amount <= 1_000 * MOST for amount in given[:2])
        and all(0 <= ratio <= MOST for ratio in (*given[2:], command["factor_ppb"]))
        and 0 <= command["rights_price"] <= MAX_PRICE
        and all(0 <= rate <= PPM for rate in rates)
        and not (command["factor_ppb"] and any(given))
    )

"""Contracts in the twin: the loan, interest, bills, repayment, the end (sections 5.1, 5.4)."""

from fractions import Fraction
from math import floor

from server.engine.codes import (
    AccountClass,
    AccountStatus,
    CashMove,
    Event,
    Family,
    Grade,
    Ledger,
    Origin,
)
from server.engine.reasons import Reason
from server.engine.term_codes import Billing, Unpaid
from tests.engine.twin.cash import Cash, Refusal
from tests.engine.twin.house import Values
from tests.engine.twin.lending import PLAIN
from tests.engine.twin.model import FEN, PPM, Account, half_up


class Money(Cash):
    def _contract_refusal(self, source: int, product: int, amount: int) -> Refusal:
        terms = self.products.get(product)
        family = self.more_terms.get(product, PLAIN).family
        if terms is None or terms.leverage == 0 or family == Family.CASH:
            return Reason.UNKNOWN_PRODUCT, 0
        if product in self.unusable:
            return Reason.UNKNOWN_PRODUCT, 0
        if amount < terms.deposit_minimum:
            return Reason.DEPOSIT_OUT_OF_RANGE, terms.deposit_minimum
        if amount > terms.deposit_maximum:
            return Reason.DEPOSIT_OUT_OF_RANGE, terms.deposit_maximum
        account = self.accounts[source]
        if account.klass != AccountClass.CASH:
            return Reason.NOT_A_CONTRACT, 0
        owed = self.shortfall_of(account.person)
        if owed > 0:
            return Reason.DEBT_BLOCKS_WITHDRAWAL, owed
        found = self._leaving_refusal(source, amount)
        return found or self.contract_loan_refusal(source, product, amount)

    def contract_open(self, command: Values) -> None:
        source, product, amount = command["source"], command["product"], command["deposit"]
        index = len(self.accounts)
        if not self._all_known(source):
            return
        if command["account"] != index:
            self.refuse(command["account"], Reason.OUT_OF_ORDER, index)
            return
        if found := self._contract_refusal(source, product, amount):
            self.refuse(source, *found)
            return
        credit, loan = self._line_and_loan(product, amount)
        if not 0 <= command["credit"] <= credit:
            self.refuse(source, Reason.CREDIT_LINE_EXCEEDED, credit)
            return
        credit = command["credit"] or credit
        person = self.accounts[source].person
        contract = Account(person, AccountClass.CONTRACT, product, loan=loan, deposit=amount)
        more = self.more_terms.get(product, PLAIN)
        contract.family, contract.credit, contract.financed = Family(more.family), credit, loan
        contract.opened_day = self.days
        if more.term_days and contract.family != Family.LICENSED:
            contract.due_day = self.days + more.term_days
        contract.opening_assets = amount + loan
        contract.opened = command["time"]
        self.accounts.append(contract)
        figures = {"deposit": amount, "loan": loan, "person": person, "product": product}
        figures |= {"credit": credit, "days": more.term_days}
        self.say(Event.CONTRACT_OPENED, index, **figures)
        self._add_own(source, -amount)
        self._pass_on(source, index, amount)
        self.touch(index)
        if loan:
            self._book(index, Ledger.LENDER, loan, CashMove.LOAN)
        self._begin_billing(index)

    def _line_and_loan(self, product: int, deposit: int) -> tuple[int, int]:
        """(largest credit line, loan at the opening)."""
        more = self.more_terms.get(product, PLAIN)
        times = deposit * self.products[product].leverage
        if more.family == Family.FIXED:
            return 0, times
        if more.family == Family.LICENSED:
            return more.credit_maximum, 0
        return min(more.credit_maximum, times), 0

    def accrue(self, command: Values) -> None:
        """Section 5.4: calendar days, nothing rounded before it is paid."""
        days = max(0, command["days"])
        self.days += days
        for index, account in enumerate(self.accounts):
            if account.debt <= 0 or (account.loan <= 0 and account.family != Family.LICENSED):
                continue
            before = floor(account.interest)
            self._accrue_one(account, days)
            self.touch(index)
            added = floor(account.interest) - before
            self.say(Event.INTEREST_ACCRUED, index, interest=added, loan=account.loan)
            self._bill(index)
            self._note_overdue(index)

    def _accrue_one(self, account: Account, days: int) -> None:
        if account.family == Family.LICENSED:
            for loan in account.loans:
                of_loan = self.interest_on(account, loan.principal, loan.due_day, days)
                loan.interest += of_loan
            account.add_up_interest()
            return
        days = min(days, max(0, self.days - account.charged_until))
        account.interest += self.interest_on(account, account.loan, account.due_day, days)

    def _note_overdue(self, index: int) -> None:
        account = self.accounts[index]
        for loan in account.loans_as_held():
            if loan.due_day and loan.due_day <= self.days:
                account.overdue = True
                if not loan.overdue:
                    loan.overdue = True
                    interest = floor(loan.interest)
                    owed, of_loan = loan.principal + interest, self._of_loan(loan)
                    self._say_loan(Event.OVERDUE, index, loan.instrument, owed, interest, **of_loan)
        if account.due_day and account.due_day <= self.days and not account.overdue:
            account.overdue = True
            days, interest = self.days_to(account.due_day), floor(account.interest)
            self._say_loan(Event.OVERDUE, index, -1, account.debt, interest, days=days)

    def _minimum_interest(self, account: Account) -> Fraction:
        """What an early repayment owes beyond what has accrued (section 5.4)."""
        least = self.more(account).minimum_days
        until = account.opened_day + least
        missing = max(0, until - max(self.days, account.charged_until)) if least else 0
        terms = self.products[account.product]
        rate = Fraction(terms.annual_rate_ppm, PPM * terms.day_count)
        return account.loan * rate * missing

    def _charge_minimum(self, index: int) -> None:
        account = self.accounts[index]
        least = self.more(account).minimum_days
        owed = self._minimum_interest(account)
        if least and account.loan > 0:
            if account.opened_day + least > max(self.days, account.charged_until):
                added = floor(account.interest + owed) - floor(account.interest)
                self.say(Event.INTEREST_ACCRUED, index, interest=added, loan=account.loan)
            account.interest += owed
            account.charged_until = max(account.charged_until, account.opened_day + least)

    def _pay(self, index: int, instrument: int, number: int, most: int) -> int:
        """Interest first, half up to the fen, then principal; returns the interest paid."""
        account = self.accounts[index]
        if account.family == Family.LICENSED:
            return self._pay_loans(index, instrument, number, most)
        due = half_up(floor(account.interest), FEN)
        interest = min(most, due)
        principal = min(most - interest, account.loan)
        account.interest = Fraction(0) if interest == due else account.interest - interest
        account.interest_paid += interest
        account.billed = max(0, account.billed - interest)
        account.loan -= principal
        account.opening_assets -= interest + principal
        if interest > 0:
            self._book(index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
        if principal > 0:
            self._book(index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
        self.touch(index)
        self._lift_overdue(account)
        return interest

    # Bills of interest ----------------------------------------------------------------------------

    def _begin_billing(self, index: int) -> None:
        account, more = self.accounts[index], self.more(self.accounts[index])
        if not more.billing or more.billing_days <= 0 or account.family == Family.LICENSED:
            return
        account.next_bill = self.days + more.billing_days
        if more.billing == Billing.ADVANCE and account.loan > 0:
            self._charge_ahead(index)
            self._collect(index)

    def _bill(self, index: int) -> None:
        account, more = self.accounts[index], self.more(self.accounts[index])
        if not account.next_bill or account.next_bill > self.days:
            return
        while account.next_bill <= self.days:
            account.next_bill += more.billing_days
        if more.billing == Billing.ADVANCE:
            self._charge_ahead(index)
        self._collect(index)

    def _charge_ahead(self, index: int) -> None:
        account, more = self.accounts[index], self.more(self.accounts[index])
        terms = self.products[account.product]
        until = self.days + more.billing_days
        if account.due_day:
            until = min(until, account.due_day)
        days = max(0, until - max(self.days, account.charged_until))
        rate = Fraction(terms.annual_rate_ppm, PPM * terms.day_count)
        if more.refund:
            begun = account.charged_until > self.days
            account.prepaid = min(account.prepaid, account.loan) if begun else account.loan
        before = floor(account.interest)
        account.interest += account.loan * rate * days
        account.charged_until = max(account.charged_until, until)
        added = floor(account.interest) - before
        if added:
            self.touch(index)
            self.say(Event.INTEREST_ACCRUED, index, interest=added, loan=account.loan)

    def _refund(self, index: int, principal: int) -> int:
        """Unused interest that was charged ahead on what is repaid now."""
        account, more = self.accounts[index], self.more(self.accounts[index])
        charged = min(principal, account.prepaid)
        account.prepaid -= charged
        if not more.refund:
            return 0
        used = max(self.days, account.opened_day + more.minimum_days)
        days = max(0, account.charged_until - used)
        terms = self.products[account.product]
        rate = Fraction(terms.annual_rate_ppm, PPM * terms.day_count)
        amount = floor(charged * rate * days / FEN) * FEN
        if amount:
            account.interest_paid -= amount
            account.opening_assets += amount
            self._book(index, Ledger.INTEREST, amount, CashMove.REFUND_INTEREST)
        return amount

    def _collect(self, index: int) -> None:
        """From free cash; the rest is lent, or overdue."""
        account = self.accounts[index]
        due = half_up(floor(account.interest), FEN)
        free = max(0, account.cash - account.frozen) // FEN * FEN
        if due > free and self.more(account).unpaid == Unpaid.CAPITALISED:
            self._lend(index, -1, due - free)
            free = due
        paid = min(due, free)
        if paid:
            self._pay(index, -1, 0, paid)
        account.billed = rest = due - paid
        if rest and not account.overdue:
            account.overdue = True
            self._say_loan(Event.OVERDUE, index, -1, rest, rest)

    def repay(self, command: Values) -> None:
        index, amount = command["account"], command["amount"]
        if not self._all_known(index):
            return
        account, number = self.accounts[index], command["loan"]
        free = max(0, account.cash - account.frozen)
        named = next((loan for loan in account.loans if loan.number == number), None)
        if account.klass != AccountClass.CONTRACT or account.status != AccountStatus.OPEN:
            self.refuse(index, Reason.NOT_A_CONTRACT)
        elif amount <= 0:
            self.refuse(index, Reason.AMOUNT_NOT_POSITIVE)
        elif number and named is None:
            self.refuse(index, Reason.UNKNOWN_LOAN)
        elif amount > (owed := self._owed(account, command["instrument"], number)):
            self.refuse(index, Reason.OUT_OF_RANGE, owed)
        elif amount > free:
            self.refuse(index, Reason.INSUFFICIENT_CASH, free)
        else:
            before, loan = account.cash, account.loan
            self._charge_minimum(index)
            self._pay(index, command["instrument"], number, amount)
            account.unsettled = max(0, account.unsettled - (before - account.cash))
            self._refund(index, loan - account.loan)

    def _owed(self, account: Account, share: int, number: int) -> int:
        interest = account.interest + self._minimum_interest(account)
        owed = account.loan + half_up(floor(interest), FEN)
        if account.family != Family.LICENSED or not (number or self.bounded_lending):
            return owed
        of_loans = sum(loan.owed for loan in self._to_repay(account, share, number))
        return of_loans if number or share >= 0 else max(owed, of_loans)

    def _settle_refusal(self, index: int, target: int) -> Reason | None:
        account, other = self.accounts[index], self.accounts[target]
        if account.klass != AccountClass.CONTRACT or account.status != AccountStatus.OPEN:
            return Reason.NOT_A_CONTRACT
        if other.person != account.person or other.klass != AccountClass.CASH:
            return Reason.DIFFERENT_PERSON
        held_back = account.receivable != 0
        if held_back or any(held.quantity or held.orders for held in account.positions):
            return Reason.CONTRACT_NOT_EMPTY
        return None

    def contract_settle(self, command: Values) -> None:
        index, target = command["account"], command["destination"]
        if not self._all_known(index, target):
            return
        reason = self._settle_refusal(index, target)
        if reason is not None:
            self.refuse(index, reason)
            return
        account, other = self.accounts[index], self.accounts[target]
        more, deposited, loan = self.more(account), account.deposit, account.loan
        is_ruled = account.product in self.more_terms
        self._charge_minimum(index)
        refund = self._refund(index, loan)
        interest = self._pay(index, -1, 0, account.cash)
        principal = loan - account.loan
        shortfall = account.loan + half_up(floor(account.interest), FEN)
        fee = self._early_fee(index, command["origin"])
        rest = account.cash
        held_back = more.release_sessions > 0 and rest > 0
        if held_back:
            account.release_to, account.release_left = target, more.release_sessions
        elif rest > 0:
            self._pass_on(index, target, rest)
            self._add_own(index, -rest)
            self._add_own(target, rest)
            other.unsettled += min(account.unsettled, rest)
        grade = account.grade
        self._end_contract(account, shortfall)
        if held_back:
            account.status = AccountStatus.RELEASING
        if is_ruled and grade != Grade.NORMAL:
            self._say_grade(Event.GRADE_CHANGED, index, self.lines(account)[0], grade, 0)
        figures = {"deposit": deposited, "interest": interest, "returned": rest}
        who = {"person": account.person, "product": account.product}
        ends = {"principal": principal, "fee": fee, "refund": refund}
        ends |= {"days": self.days - account.opened_day}
        ends = ends if is_ruled else {}
        self.say(Event.CONTRACT_SETTLED, index, shortfall=shortfall, **figures, **who, **ends)
        if shortfall > 0:
            self.say(Event.SHORTFALL, index, shortfall=shortfall, **figures, **who)

    def _early_fee(self, index: int, origin: int) -> int:
        """What a client pays who ends before the due day, of the loan at the opening."""
        account = self.accounts[index]
        if origin != Origin.CLIENT or account.due_day <= self.days:
            return 0
        share = self.more(account).early_fee_ppm
        fee = min(account.cash, half_up(account.financed * share // PPM, FEN))
        if fee > 0:
            self._book(index, Ledger.CONTRACT_FEE, -fee, CashMove.EARLY_FEE)
            account.opening_assets -= fee
        return fee

    def _end_contract(self, account: Account, shortfall: int) -> None:
        account.loan, account.interest, account.unsettled = 0, Fraction(0), 0
        account.loans, account.overdue = [], False
        account.credit = account.due_day = 0
        account.billed = account.next_bill = account.prepaid = 0
        account.shortfall = shortfall
        account.grade = Grade.NORMAL
        account.status = AccountStatus.SHORTFALL if shortfall > 0 else AccountStatus.SETTLED

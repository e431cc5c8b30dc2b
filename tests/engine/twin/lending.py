"""What the twin's contracts borrow: lines, margins, loans for one share (sections 4.1 to 4.5)."""

from fractions import Fraction
from math import ceil, floor

from server.engine.codes import CashMove, Event, Family, Ledger
from server.engine.term_codes import RepayOrder
from server.engine.terms import MoreTerms
from tests.engine.twin.house import House
from tests.engine.twin.model import FEN, PPM, Account, Loan, Order, Position, half_up

PLAIN = MoreTerms(Family.FIXED)
DRAWING = (Family.FLEXIBLE, Family.COMBINATION)


class Lending(House):
    def more(self, account: Account) -> MoreTerms:
        return self.more_terms.get(account.product, PLAIN)

    def _say_cash(self, index: int, move: CashMove, amount: int, counter: int) -> None:
        balance = self.accounts[index].cash
        self.say(
            Event.CASH_MOVED, index, amount=amount, balance=balance, counter=counter, move=move
        )

    def _book(self, index: int, ledger: Ledger, amount: int, move: CashMove) -> None:
        """Cash between an account and a house ledger, signed as the account sees it."""
        self.accounts[index].cash += amount
        self.ledgers[ledger] -= amount
        self.touch(index)
        self._say_cash(index, move, amount, -1 - ledger)

    def haircut(self, account: Account, index: int) -> int:
        """The share's own, or its class's; a negative own one is none."""
        instrument = self.instruments[index]
        own = instrument.rules.collateral_ppm
        if own:
            return max(own, 0)
        return self.more(account).class_haircut_ppm[instrument.day.holding_class]

    def coefficient(self, account: Account, index: int) -> int:
        """The share's own, or its class's; a negative own one is 100 %."""
        instrument = self.instruments[index]
        own = instrument.rules.coefficient_ppm
        if own:
            return own if own > 0 else PPM
        return self.more(account).class_coefficient_ppm[instrument.day.holding_class]

    # What may be borrowed -------------------------------------------------------------------------

    def ratio_of_today(self, account: Account) -> int:
        """Section 4.1: the exchange's, or the product's where that asks for more."""
        least = self.financing_margin
        return least if least < 0 else max(least, self.more(account).financing_margin_ppm)

    def available_margin(self, account: Account) -> int:
        """Section 4.2, the terms one by one."""
        margin = account.cash - account.frozen - floor(account.interest)
        margin -= ceil(Fraction(account.open_credit * max(0, self.ratio_of_today(account)), PPM))
        for held in account.positions:
            instrument = self.instruments[held.instrument]
            haircut = self.haircut(account, held.instrument)
            collateral = held.quantity
            for loan in account.loans_for(held.instrument):
                financed = min(loan.quantity, collateral)
                collateral -= financed
                gain = financed * instrument.mark - loan.principal
                margin += gain * haircut // PPM if gain > 0 else gain
                margin -= ceil(Fraction(loan.principal * loan.ratio, PPM))
            margin += collateral * instrument.mark * haircut // PPM
        return margin

    def free_margin(self, account: Account) -> int:
        """Own money less the sum of coefficient times holding."""
        need = 0
        for held in account.positions:
            instrument = self.instruments[held.instrument]
            worth = (held.quantity + held.open_buy) * instrument.mark
            need += ceil(Fraction(worth * self.coefficient(account, held.instrument), PPM))
        return self.assets(account) - account.debt - need

    def line_left(self, account: Account) -> int:
        if self.bounded_lending and 0 < account.due_day <= self.days:
            return 0
        left = account.credit - account.loan
        if account.family not in DRAWING:
            return max(0, left - account.open_credit)
        debt = account.debt
        equity = self.assets(account) - debt
        return max(0, min(left, self.products[account.product].leverage * equity - debt))

    def drawable(self, account: Account) -> int:
        return max(0, self.line_left(account) - max(0, account.frozen - account.cash))

    # What is borrowed -----------------------------------------------------------------------------

    def _say_loan(
        self, kind: Event, index: int, instrument: int, amount: int, interest: int, **more: int
    ) -> None:
        total = self.accounts[index].loan
        self.say(kind, index, instrument, amount=amount, interest=interest, total=total, **more)

    def days_to(self, due_day: int) -> int:
        return due_day - self.days if due_day else 0

    def _of_loan(self, loan: Loan) -> dict[str, int]:
        return {
            "loan": loan.number,
            "ratio_ppm": loan.ratio,
            "days": self.days_to(loan.due_day),
        }

    def _lend(self, index: int, instrument: int, amount: int, loan: Loan | None = None) -> None:
        account = self.accounts[index]
        account.loan += amount
        account.opening_assets += amount
        self._book(index, Ledger.LENDER, amount, CashMove.DRAW)
        of_loan = self._of_loan(loan) if loan else {}
        self._say_loan(Event.DRAWN, index, instrument, amount, 0, **of_loan)

    def _lend_for_buy(self, index: int, instrument: int, cost: int) -> None:
        account = self.accounts[index]
        if account.family in DRAWING and cost > account.cash:
            self._lend(index, instrument, cost - account.cash)

    def _finance(self, index: int, instrument: int, quantity: int, amount: int) -> None:
        account, more = self.accounts[index], self.more(self.accounts[index])
        newest = next(iter(account.loans_for(instrument)), None)
        ratio = self.ratio_of_today(account)
        if newest is None or (newest.opened_day, newest.ratio) != (self.days, ratio):
            self.loan_numbers += 1
            due = self.days + more.term_days if more.term_days else 0
            newest = Loan(self.loan_numbers, instrument, ratio, self.days, due)
            account.loans.append(newest)
        newest.principal += amount
        newest.quantity += quantity
        self._lend(index, instrument, amount, newest)

    def _scale_loans(self, held: Position, up: int, down: int) -> None:
        """Shares bought with a loan follow their position over an ex-date."""
        for loan in self.accounts[held.account].loans_for(held.instrument):
            loan.quantity = loan.quantity * up // down

    def _pay_one(self, account: Account, loan: Loan, most: int) -> tuple[int, int]:
        due = half_up(floor(loan.interest), FEN)
        interest = min(most, due)
        loan.interest = Fraction(0) if interest == due else loan.interest - interest
        principal = min(most - interest, loan.principal)
        if principal:
            scale = (loan.principal >> 31) + 1
            left = loan.principal - principal
            loan.quantity = loan.quantity * (left // scale) // (loan.principal // scale)
            loan.principal = left
            account.loan -= principal
        if loan.principal == 0 and loan.interest < 1:
            account.loans.remove(loan)
        account.add_up_interest()
        return interest, principal

    def _to_repay(self, account: Account, instrument: int, number: int) -> list[Loan]:
        """The loan with a number, or those for one share or (-1) all, the first to repay first."""
        if number:
            return [loan for loan in account.loans if loan.number == number]
        owed = [loan for loan in account.loans if instrument in (-1, loan.instrument)]
        if self.more(account).repay_order == RepayOrder.EARLIEST_DUE:
            owed.sort(key=lambda loan: loan.due_day)
        return owed

    def _pay_loans(self, index: int, instrument: int, number: int, most: int) -> int:
        """In the product's order; returns the interest paid."""
        account = self.accounts[index]
        interest = principal = 0
        while interest + principal < most:
            owed = self._to_repay(account, instrument, number)
            if not owed:
                break
            paid = self._pay_one(account, owed[0], most - interest - principal)
            interest, principal = interest + paid[0], principal + paid[1]
        account.interest_paid += interest
        account.opening_assets -= interest + principal
        if interest:
            self._book(index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
        if principal:
            self._book(index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
        self.touch(index)
        self._lift_overdue(account)
        both = interest + principal
        self._say_loan(Event.LOAN_REPAID, index, instrument, both, interest, loan=number)
        return interest

    def _lift_overdue(self, account: Account) -> None:
        if account.family == Family.LICENSED:
            account.overdue = account.overdue and any(loan.overdue for loan in account.loans)
            return
        past_due = account.due_day and account.due_day <= self.days
        if account.debt <= 0 or not (account.billed or past_due):
            account.overdue = False

    def _repay_from_sale(self, order: Order, held: Position, proceeds: int) -> None:
        """Its share's own loans, and in a sale to repay the account's others; a named one first."""
        index, account = order.account, self.accounts[order.account]
        before = account.cash
        most = min(proceeds, before)
        own = order.loan in [loan.number for loan in account.loans_for(held.instrument)]
        calls = [(held.instrument, order.loan)] if order.loan and own else []
        calls.append((held.instrument, 0))
        if order.financed:
            calls += [(-1, order.loan), (-1, 0)] if order.loan else [(-1, 0)]
        for share, number in calls:
            left = most - (before - account.cash)
            if left > 0 and self._to_repay(account, share, number):
                self._pay_loans(index, share, number, left)
        account.unsettled = max(0, account.unsettled - (before - account.cash))

    def interest_on(self, account: Account, principal: int, due_day: int, days: int) -> Fraction:
        """For the last `days`; those from the due day on cost the overdue rate."""
        terms, more = self.products[account.product], self.more(account)
        late_rate = terms.annual_rate_ppm * more.overdue_ppm // PPM
        first = self.days - days
        late = 0
        if due_day and late_rate:
            late = max(0, self.days - max(first, due_day))
        rates = (days - late) * terms.annual_rate_ppm + late * late_rate
        return Fraction(principal * rates, PPM * terms.day_count)


def base_for_caps(account: Account, assets: int, new: int, *, financed: int) -> int:
    """Assets after a buy of `new`, with what it brings in."""
    if account.family in DRAWING:
        return assets + max(0, account.frozen + new - account.cash)
    if account.family == Family.LICENSED:
        return assets + account.open_credit + (new if financed else 0)
    return assets

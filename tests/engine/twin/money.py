"""Accounts, cash and contracts in the twin (sections 5.1, 5.4, 6.1)."""

from fractions import Fraction
from math import floor

from server.engine.codes import (
    AccountClass,
    AccountStatus,
    CashMove,
    Event,
    Grade,
    Ledger,
    Reason,
)
from server.engine.records import MAX_MONEY
from tests.engine.twin.entering import Entering
from tests.engine.twin.house import Values
from tests.engine.twin.model import FEN, PPM, Account, half_up

Refusal = tuple[Reason, int] | None


class Cash(Entering):
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

    def _pass_on(self, source: int, target: int, amount: int) -> None:
        """Cash between two accounts; only its events and own money, no grading."""
        self.accounts[source].cash -= amount
        self.accounts[target].cash += amount
        self._say_cash(source, CashMove.TRANSFER_OUT, -amount, target)
        self._say_cash(target, CashMove.TRANSFER_IN, amount, source)

    def _add_own(self, index: int, amount: int) -> None:
        """Own money put in: it is no profit of today."""
        self.accounts[index].deposit += amount
        self.accounts[index].opening_assets += amount

    def _all_known(self, *indices: int) -> bool:
        for index in indices:
            if not 0 <= index < len(self.accounts):
                self.refuse(index, Reason.UNKNOWN_ACCOUNT)
                return False
        return True

    def withdrawable(self, index: int) -> int:
        """Sections 5.4 and 6.1."""
        account = self.accounts[index]
        free = account.cash - account.frozen - account.unsettled
        if account.klass == AccountClass.CONTRACT and account.debt > 0:
            if account.grade >= Grade.RESTRICT:
                return 0
            leverage = self.products[account.product].leverage
            pledged = -(-account.debt * (leverage + 1) // leverage)  # up
            free = min(free, self.assets(account) - pledged)
        return max(0, free)

    def shortfall_of(self, person: int) -> int:
        return sum(account.shortfall for account in self.accounts if account.person == person)

    def _amount_refusal(self, amount: int) -> Refusal:
        if amount <= 0:
            return Reason.AMOUNT_NOT_POSITIVE, MAX_MONEY
        return (Reason.OUT_OF_RANGE, MAX_MONEY) if amount > MAX_MONEY else None

    def _leaving_refusal(self, index: int, amount: int) -> Refusal:
        if found := self._amount_refusal(amount):
            return found
        most = self.withdrawable(index)
        return (Reason.WITHDRAWABLE_EXCEEDED, most) if amount > most else None

    def account_open(self, command: Values) -> None:
        index, klass = len(self.accounts), command["account_class"]
        if command["account"] != index:
            self.refuse(command["account"], Reason.OUT_OF_ORDER, index)
        elif klass not in (AccountClass.CASH, AccountClass.MARKET) or command["person"] < 0:
            self.refuse(index, Reason.OUT_OF_RANGE)
        else:
            opened = Account(command["person"], AccountClass(klass), opened=command["time"])
            self.accounts.append(opened)
            self.say(Event.ACCOUNT_OPENED, index, person=command["person"], product=-1)

    def deposit(self, command: Values) -> None:
        index, amount = command["account"], command["amount"]
        if not self._all_known(index):
            return
        if found := self._amount_refusal(amount):
            self.refuse(index, *found)
        elif self.accounts[index].status != AccountStatus.OPEN:
            self.refuse(index, Reason.ACCOUNT_CLOSED)
        else:
            self._add_own(index, amount)
            self._book(index, Ledger.OUTSIDE, amount, CashMove.DEPOSIT)

    def withdraw(self, command: Values) -> None:
        index, amount = command["account"], command["amount"]
        if not self._all_known(index):
            return
        owed = self.shortfall_of(self.accounts[index].person)
        if owed > 0:
            self.refuse(index, Reason.DEBT_BLOCKS_WITHDRAWAL, owed)
        elif found := self._leaving_refusal(index, amount):
            self.refuse(index, *found)
        else:
            self._add_own(index, -amount)
            self._book(index, Ledger.OUTSIDE, -amount, CashMove.WITHDRAW)

    def _transfer_refusal(self, source: int, target: int, amount: int) -> Refusal:
        other = self.accounts[target]
        if source == target or self.accounts[source].person != other.person:
            return Reason.DIFFERENT_PERSON, 0
        if other.status == AccountStatus.SETTLED:
            return Reason.ACCOUNT_CLOSED, 0
        if other.status == AccountStatus.SHORTFALL and amount > other.shortfall:
            return Reason.OUT_OF_RANGE, other.shortfall
        return self._leaving_refusal(source, amount)

    def transfer(self, command: Values) -> None:
        source, target, amount = command["account"], command["counter"], command["amount"]
        if not self._all_known(source, target):
            return
        if found := self._transfer_refusal(source, target, amount):
            self.refuse(source, *found)
            return
        self._add_own(source, -amount)
        self._add_own(target, amount)
        self.touch(source)
        self.touch(target)
        self._pass_on(source, target, amount)
        other = self.accounts[target]
        if other.status == AccountStatus.SHORTFALL:
            self._book(target, Ledger.LENDER, -amount, CashMove.REPAY_PRINCIPAL)
            other.opening_assets -= amount
            other.shortfall -= amount
            if other.shortfall == 0:
                other.status = AccountStatus.SETTLED


class Money(Cash):
    def _contract_refusal(self, source: int, product: int, amount: int) -> Refusal:
        terms = self.products.get(product)
        if terms is None or terms.leverage == 0:
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
        person = self.accounts[source].person
        loan = amount * self.products[product].leverage
        contract = Account(person, AccountClass.CONTRACT, product, loan=loan, deposit=amount)
        contract.opening_assets = amount + loan
        contract.opened = command["time"]
        self.accounts.append(contract)
        figures = {"deposit": amount, "loan": loan, "person": person, "product": product}
        self.say(Event.CONTRACT_OPENED, index, **figures)
        self._add_own(source, -amount)
        self._pass_on(source, index, amount)
        self._book(index, Ledger.LENDER, loan, CashMove.LOAN)

    def accrue(self, command: Values) -> None:
        """Section 5.4: calendar days, nothing rounded before it is paid."""
        for index, account in enumerate(self.accounts):
            if account.klass != AccountClass.CONTRACT or account.loan <= 0:
                continue
            terms = self.products[account.product]
            before = floor(account.interest)
            rate = Fraction(terms.annual_rate_ppm, PPM * terms.day_count)
            account.interest += account.loan * rate * command["days"]
            self.touch(index)
            added = floor(account.interest) - before
            self.say(Event.INTEREST_ACCRUED, index, interest=added, loan=account.loan)

    def _pay(self, index: int, most: int) -> int:
        """Interest first, half up to the fen, then principal; returns the interest paid."""
        account = self.accounts[index]
        due = half_up(floor(account.interest), FEN)
        interest = min(most, due)
        principal = min(most - interest, account.loan)
        account.interest = Fraction(0) if interest == due else account.interest - interest
        account.interest_paid += interest
        account.loan -= principal
        account.opening_assets -= interest + principal
        if interest > 0:
            self._book(index, Ledger.INTEREST, -interest, CashMove.REPAY_INTEREST)
        if principal > 0:
            self._book(index, Ledger.LENDER, -principal, CashMove.REPAY_PRINCIPAL)
        self.touch(index)
        return interest

    def repay(self, command: Values) -> None:
        index, amount = command["account"], command["amount"]
        if not self._all_known(index):
            return
        account = self.accounts[index]
        owed = account.loan + half_up(floor(account.interest), FEN)
        free = account.cash - account.frozen
        if account.klass != AccountClass.CONTRACT or account.status != AccountStatus.OPEN:
            self.refuse(index, Reason.NOT_A_CONTRACT)
        elif amount <= 0:
            self.refuse(index, Reason.AMOUNT_NOT_POSITIVE)
        elif amount > owed:
            self.refuse(index, Reason.OUT_OF_RANGE, owed)
        elif amount > free:
            self.refuse(index, Reason.INSUFFICIENT_CASH, free)
        else:
            account.unsettled = max(0, account.unsettled - amount)
            self._pay(index, amount)

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
        deposited = account.deposit
        interest = self._pay(index, account.cash)
        shortfall = account.loan + half_up(floor(account.interest), FEN)
        rest = account.cash
        if rest > 0:
            self._pass_on(index, target, rest)
            self._add_own(index, -rest)
            self._add_own(target, rest)
            other.unsettled += min(account.unsettled, rest)
        account.loan, account.interest, account.unsettled = 0, Fraction(0), 0
        account.shortfall = shortfall
        account.grade = Grade.NORMAL
        account.status = AccountStatus.SHORTFALL if shortfall > 0 else AccountStatus.SETTLED
        figures = {"deposit": deposited, "interest": interest, "returned": rest}
        who = {"person": account.person, "product": account.product}
        self.say(Event.CONTRACT_SETTLED, index, shortfall=shortfall, **figures, **who)
        if shortfall > 0:
            self.say(Event.SHORTFALL, index, shortfall=shortfall, **figures, **who)

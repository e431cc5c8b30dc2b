"""Accounts and cash in the twin (sections 5.4, 6.1)."""

from fractions import Fraction
from math import ceil

from server.engine.codes import AccountClass, AccountStatus, CashMove, Event, Family, Grade, Ledger
from server.engine.reasons import Reason
from server.engine.records import MAX_MONEY
from tests.engine.twin.entering import Entering
from tests.engine.twin.house import Values
from tests.engine.twin.model import PPM, Account

Refusal = tuple[Reason, int] | None


class Cash(Entering):
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
        if self.unsettled_first:
            free = account.cash - max(account.frozen, account.unsettled)
        if account.status == AccountStatus.RELEASING:
            return 0
        if account.debt > 0:
            if account.grade >= Grade.RESTRICT or account.overdue:
                return 0
            free = min(free, self.assets(account) - self._pledged(account))
        if account.family == Family.COMBINATION:
            free = min(free, self.free_margin(account))
        if account.family == Family.LICENSED:
            free = min(free, self.available_margin(account))
        return max(0, free)

    def _pledged(self, account: Account) -> int:
        """Assets below which no money leaves: at the withdrawal line, or the initial ratio."""
        line = self.more(account).withdraw_ppm
        if line:
            return ceil(Fraction(account.debt * line, PPM))
        leverage = self.products[account.product].leverage
        return ceil(Fraction(account.debt * (leverage + 1), leverage))

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
        if other.status in (AccountStatus.SETTLED, AccountStatus.RELEASING):
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

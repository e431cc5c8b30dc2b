"""Draws and extensions in the twin: what happens to a contract between opening and end."""

from math import floor

from server.engine.codes import AccountClass, AccountStatus, Event, Grade
from server.engine.reasons import Reason
from tests.engine.twin.house import Values
from tests.engine.twin.lending import DRAWING
from tests.engine.twin.model import Account
from tests.engine.twin.money import Money


class Life(Money):
    def _not_open(self, account: Account) -> bool:
        return account.klass != AccountClass.CONTRACT or account.status != AccountStatus.OPEN

    def draw(self, command: Values) -> None:
        index, amount = command["account"], command["amount"]
        if not self._all_known(index):
            return
        account = self.accounts[index]
        if self._not_open(account):
            self.refuse(index, Reason.NOT_A_CONTRACT)
        elif account.family not in DRAWING:
            self.refuse(index, Reason.FINANCING_NOT_ALLOWED)
        elif amount <= 0:
            self.refuse(index, Reason.AMOUNT_NOT_POSITIVE)
        elif account.overdue:
            self.refuse(index, Reason.CONTRACT_OVERDUE, account.debt)
        elif account.grade >= Grade.RESTRICT:
            self.refuse(index, Reason.GRADE_RESTRICTED, self.missing_above_restrict(account))
        elif amount > (most := self.drawable(account)):
            self.refuse(index, Reason.CREDIT_LINE_EXCEEDED, most)
        elif found := self.lending_refusal(index, amount):
            self.refuse(index, *found)
        else:
            self._lend(index, -1, amount)

    def extend(self, command: Values) -> None:
        index, number = command["account"], command["loan"]
        if not self._all_known(index):
            return
        account = self.accounts[index]
        more = self.more(account)
        if self._not_open(account):
            self.refuse(index, Reason.NOT_A_CONTRACT)
        elif account.grade >= Grade.RESTRICT:
            self.refuse(index, Reason.GRADE_RESTRICTED, self.missing_above_restrict(account))
        elif number:
            self._extend_loan(index, number)
        elif account.overdue:
            self.refuse(index, Reason.CONTRACT_OVERDUE, account.debt)
        elif not account.due_day or account.extensions >= more.extensions:
            self.refuse(index, Reason.EXTENSION_NOT_ALLOWED)
        else:
            account.extensions += 1
            account.due_day += more.extension_days
            days, interest = self.days_to(account.due_day), floor(account.interest)
            self._say_loan(Event.EXTENDED, index, -1, account.debt, interest, days=days)

    def _extend_loan(self, index: int, number: int) -> None:
        account = self.accounts[index]
        more = self.more(account)
        loan = next((loan for loan in account.loans if loan.number == number), None)
        if loan is None:
            self.refuse(index, Reason.UNKNOWN_LOAN)
        elif loan.overdue:
            owed = loan.principal + floor(loan.interest)
            self.refuse(index, Reason.CONTRACT_OVERDUE, owed)
        elif not loan.due_day or loan.extensions >= more.extensions:
            self.refuse(index, Reason.EXTENSION_NOT_ALLOWED)
        else:
            loan.extensions += 1
            loan.due_day += more.extension_days
            interest = floor(loan.interest)
            owed, of_loan = loan.principal + interest, self._of_loan(loan)
            self._say_loan(Event.EXTENDED, index, -1, owed, interest, **of_loan)

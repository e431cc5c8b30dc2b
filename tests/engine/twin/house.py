"""The twin's state: accounts, instruments, ledgers; values, marks and grades (section 5.3)."""

from typing import Any

from server.engine.codes import AccountClass, AccountStatus, Event, Grade, Ledger, MarkPolicy
from server.engine.reasons import Reason
from server.engine.terms import FeeTerms, MoreTerms, ProductTerms
from tests.engine.twin.model import FEN, PPM, Account, Claim, Instrument, Order
from tests.engine.twin.told import Told, told

Values = dict[str, Any]


class House:
    """All there is, and what every part does with it: events, values, grades."""

    def __init__(self) -> None:
        self.accounts: list[Account] = []
        self.instruments: list[Instrument] = []
        self.fees: dict[int, FeeTerms] = {}
        self.products: dict[int, ProductTerms] = {}
        self.more_terms: dict[int, MoreTerms] = {}
        self.unusable: set[int] = set()  # products refused
        self.financing_margin = 0
        self.days = 0
        self.loan_numbers = 0
        self.ledgers: dict[Ledger, int] = dict.fromkeys(Ledger, 0)
        self.policy = MarkPolicy.SOURCE
        self.unsettled_first = False
        self.bounded_lending = False
        self.date = 0
        self.time = 0
        self.trades = 0
        self.arena: list[Order | None] = []
        self.generations: list[int] = []
        self.free: list[int] = []
        self.queue: list[Order] = []  # that the broker keeps, by arrival
        self.touched: list[int] = []
        self.claims: list[Claim | None] = []
        self.free_claims: list[int] = []
        self.month_from = self.year_from = 0
        self.in_frame = False
        self.said: list[Told] = []

    def say(self, kind: Event, account: int = -1, instrument: int = -1, **figures: Any) -> None:
        self.said.append(told(kind, account, instrument, **figures))

    def refuse(self, account: int, reason: Reason, figure: int = 0, instrument: int = -1) -> None:
        self.say(Event.COMMAND_REJECTED, account, instrument, reason=reason, figure=figure)

    def value(self, account: Account) -> int:
        held = account.positions
        worth = sum(row.quantity * self.instruments[row.instrument].mark for row in held)
        return worth + account.receivable

    def assets(self, account: Account) -> int:
        worth = 0 if account.is_market else self.value(account)
        return account.cash + worth

    def lines(self, account: Account) -> tuple[int, int, int, int]:
        terms = self.products[account.product]
        return terms.remind_ppm, terms.restrict_ppm, terms.reduce_ppm, terms.liquidate_ppm

    def grade_of(self, account: Account) -> Grade:
        """Section 5.3: a line is reached when assets / debt is at or below it."""
        if account.debt <= 0 or account.status != AccountStatus.OPEN:
            return Grade.NORMAL
        assets, debt = self.assets(account), account.debt
        return Grade(sum(assets * PPM <= debt * line for line in self.lines(account)))

    def missing_above_restrict(self, account: Account) -> int:
        """In whole fen."""
        line = account.debt * self.lines(account)[1] // PPM
        return -(-(line + 1 - self.assets(account)) // FEN) * FEN

    def touch(self, index: int) -> None:
        if self.accounts[index].klass == AccountClass.CONTRACT and index not in self.touched:
            self.touched.append(index)

    def _grade_touched(self) -> None:
        for index in self.touched:
            self._grade(index)
        self.touched = []

    def _grade(self, index: int) -> None:
        account = self.accounts[index]
        if account.status != AccountStatus.OPEN:
            return
        old, new = account.grade, self.grade_of(account)
        account.grade = new
        if new == old:
            return
        lines = self.lines(account)
        for crossed in range(old + 1, new + 1):
            self._say_grade(Event.LINE_CROSSED, index, lines[crossed - 1], old, crossed)
        self._say_grade(Event.GRADE_CHANGED, index, lines[max(new, 1) - 1], old, new)

    def _say_grade(self, kind: Event, index: int, line: int, old: int, new: int) -> None:
        account = self.accounts[index]
        assets, debt = self.assets(account), account.debt
        ratio = assets * PPM // debt if debt > 0 else 0
        figures = {"assets": assets, "debt": debt, "ratio_ppm": ratio, "line_ppm": line}
        self.say(kind, index, **figures, old_grade=old, new_grade=new)

    def mark(self, instrument: Instrument, price: int) -> None:
        """A new mark; whoever would have another grade is touched, in the order of the slab."""
        mark = price * instrument.day.valuation_ppm // PPM
        if mark == instrument.mark:
            return
        instrument.mark = mark
        for held in instrument.holders:
            account = self.accounts[held.account]
            is_contract = account.klass == AccountClass.CONTRACT
            if is_contract and self.grade_of(account) != account.grade:
                self.touch(held.account)

    def _known_instrument(self, index: int) -> Instrument | None:
        if 0 <= index < len(self.instruments):
            return self.instruments[index]
        self.refuse(-1, Reason.UNKNOWN_INSTRUMENT, instrument=index)
        return None

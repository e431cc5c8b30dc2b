"""The figures of one account, two to a line, the most important first."""

from collections.abc import Iterable, Iterator

from rich.style import Style
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.screens.contract import SELDOM, loan_words
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.spans import Span, apart, fitted, line
from server.protocol.accounts import Account
from server.protocol.words import FamilyName

_LABEL, _VALUE = 17, 20
_WORTH = ("assets", "debt", "market_value", "cash", "withdrawable", "shortfall")
_OWED = ("loan", "interest", "interest_a_day")
_REST = ("frozen", "unsettled", "receivable", "deposit")
_BY_FAMILY: dict[FamilyName, tuple[str, ...]] = {
    "flexible": ("credit", "credit_left", "buying_power"),
    "combination": ("credit_left", "margin", "margin_need", "buying_power"),
    "licensed": ("credit_left", "margin", "financing_power"),
}
_GAINS = ("profit", "profit_today")


class AccountFacts(Drawing):
    def __init__(self, terminal: Terminal, *, id: str | None = None) -> None:
        super().__init__(terminal.look, id=id)
        self._terminal = terminal
        self._account: Account | None = None

    def show(self, account: Account | None) -> None:
        self._account = account
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        account, look = self._account, self.look
        if account is None:
            return []
        facts = list(self._facts(account))
        columns = max(1, width // (_LABEL + _VALUE))
        rows = [facts[start : start + columns] for start in range(0, len(facts), columns)]
        lines = [line([span for fact in row for span in fact], width, look.text) for row in rows]
        for loan in account.loans:
            words = f" #{loan.number} {loan_words(self._terminal, loan)}"
            ink = look.strong if loan.overdue else look.muted
            lines += [line([(part, ink)], width, look.text) for part in text.wrap(words, width - 1)]
        return [self._title(account, width, cut=len(lines) >= height), *lines]

    def _title(self, account: Account, width: int, *, cut: bool) -> Strip:
        """Whose figures; and where the others are, if not all of them are here."""
        look = self.look
        left: list[Span] = [
            (f" {text.clean(account.name)}", look.strong),
            (f"  {look.word('account_status', account.status)}", look.muted),
        ]
        more: list[Span] = (
            [(look.catalogue.t("screen.margin.more") + " ", look.accent)] if cut else []
        )
        return line(apart(left, more, width, look.text), width, look.text)

    def _facts(self, account: Account) -> Iterator[list[Span]]:
        look = self.look
        yield from self._cures(account)
        contract = account.account_class == "contract"
        lending = _BY_FAMILY.get(account.family, ())
        yield from self._amounts(account, _WORTH if contract else _WORTH[:1] + _WORTH[2:])
        yield from self._amounts(account, (*lending, *_OWED) if contract else ())
        for name in _GAINS:
            amount: int = getattr(account, name)
            yield self._fact(name, text.money(amount, signed=True), look.change(amount))
        yield from self._amounts(account, _REST if contract else _REST[:3])
        product = self._terminal.mirror.products.get(account.product)
        if product is not None:
            rate = text.percent(product.annual_rate_ppm)
            yield self._fact("annual_rate", f"{rate} /{product.day_count}", look.text)
        if account.due:
            late = look.strong if account.overdue else look.text
            yield self._fact("due", text.date(account.due), late)

    def _cures(self, account: Account) -> Iterator[list[Span]]:
        strong = self.look.strong
        if account.cure_deadline:
            yield self._fact("cure_deadline", text.clock(account.cure_deadline), strong)
        if account.cure_deposit:
            yield self._fact("cure_deposit", text.money(account.cure_deposit), strong)

    def _amounts(self, account: Account, names: Iterable[str]) -> Iterator[list[Span]]:
        for name in names:
            amount: int = getattr(account, name)
            if name not in SELDOM or amount:
                yield self._fact(name, text.money(amount), self.look.text)

    def _fact(self, name: str, shown: str, front: Style) -> list[Span]:
        label = self.look.catalogue.t(f"screen.accounts.{name}")
        return [
            fitted(f" {label}", _LABEL, self.look.muted),
            fitted(shown, _VALUE - 2, front, "right"),
            ("  ", self.look.text),
        ]

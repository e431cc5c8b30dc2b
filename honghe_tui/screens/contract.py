"""One account as a sheet: its figures by family, its loans, its term, and its product's terms."""

from collections.abc import Iterator, Sequence

from honghe_tui import text
from honghe_tui.mirror import Dirty
from honghe_tui.screens.product_facts import product_facts, product_title
from honghe_tui.screens.sheet import Fact, SheetScreen
from honghe_tui.terminal import Terminal
from server.protocol.accounts import Account, Loan

_FIRST = (
    *("assets", "debt", "market_value", "cash", "frozen", "withdrawable", "unsettled"),
    *("receivable", "buying_power"),
)
_LINE = ("credit", "credit_left", "drawable", "margin", "margin_need", "financing_power")
_OWED = ("deposit", "loan", "interest", "interest_a_day", "interest_paid", "shortfall")
SELDOM = frozenset({"frozen", "unsettled", "receivable", "shortfall"})  # shown when not 0


class ContractScreen(SheetScreen):
    """Follows the account while it is open."""

    def __init__(self, terminal: Terminal, account: int) -> None:
        super().__init__(terminal)
        self.account = account

    def fill(self, *, anew: bool = False) -> None:
        account = self.terminal.mirror.accounts.get(self.account)
        if account is None:
            return
        hint = self.terminal.text("screen.sheet.hint")
        name = text.clean(account.name)
        self.sheet.show(name, contract_facts(self.terminal, account), hint, anew=anew)

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        if self.account in dirty.accounts:
            self.fill()


def contract_facts(terminal: Terminal, account: Account) -> list[Fact]:
    facts = [*_state(terminal, account), *_figures(terminal, account, _FIRST)]
    if account.account_class == "cash":
        return [*facts, *_gains(terminal, account)]
    facts += _figures(terminal, account, _LINE if account.credit else ())
    facts += [*_ratios(terminal, account), *_term(terminal, account)]
    facts += [fact for loan in account.loans for fact in _loan(terminal, loan)]
    facts += [*_figures(terminal, account, _OWED), *_gains(terminal, account)]
    product = terminal.mirror.products.get(account.product)
    if product is not None:
        facts += [
            ("", ""),
            (terminal.text("screen.contract.terms"), product_title(terminal, product)),
        ]
        facts += product_facts(terminal, product)
    return facts


def _state(terminal: Terminal, account: Account) -> Iterator[Fact]:
    t, look = terminal.text, terminal.look
    yield t("screen.contract.state"), look.word("account_status", account.status)
    if account.status == "releasing":
        words = t(
            "screen.contract.releasing",
            money=text.money(account.cash),
            account=account.release_to,
            sessions=account.release_left,
        )
        yield "", words
    if account.debt:
        grade = look.word("grade", account.grade)
        yield t("screen.accounts.ratio"), f"{text.percent(account.ratio_ppm)}  {grade}"
    if account.overdue:
        yield "", t("screen.contract.overdue")


def _figures(terminal: Terminal, account: Account, names: Sequence[str]) -> Iterator[Fact]:
    for name in names:
        amount: int = getattr(account, name)
        if (amount or name not in SELDOM) and _applies(account, name):
            yield terminal.text(f"screen.accounts.{name}"), text.money(amount)


def _ratios(terminal: Terminal, account: Account) -> Iterator[Fact]:
    if account.financing_ratio_ppm:
        lent = account.financing_ratio_ppm > 0
        ratio = text.percent(account.financing_ratio_ppm) if lent else terminal.look.glyphs.missing
        yield terminal.text("screen.accounts.financing_ratio"), ratio
    if account.withdraw_ppm:
        yield terminal.text("screen.products.withdrawal"), text.percent(account.withdraw_ppm)


def _gains(terminal: Terminal, account: Account) -> Iterator[Fact]:
    for name in ("profit", "profit_today"):
        gain: int = getattr(account, name)
        yield terminal.text(f"screen.accounts.{name}"), text.money(gain, signed=True)


def _applies(account: Account, name: str) -> bool:
    """Whether a figure says anything of the account's family."""
    only: dict[str, tuple[str, ...]] = {
        "debt": ("fixed", "flexible", "combination", "licensed"),
        "drawable": ("flexible", "combination"),
        "margin": ("licensed", "combination"),
        "margin_need": ("combination",),
        "financing_power": ("licensed",),
    }
    return name not in only or account.family in only[name]


def _term(terminal: Terminal, account: Account) -> Iterator[Fact]:
    t = terminal.text
    if account.opened:
        words = t("screen.contract.opened_on", date=text.date(account.opened), days=account.days)
        yield t("screen.contract.opened"), words
    if account.due:
        words = t(
            "screen.contract.due_on",
            date=text.date(account.due),
            days=account.days_left,
            left=account.extensions_left,
        )
        yield t("screen.contract.due"), words


def loan_words(terminal: Terminal, loan: Loan) -> str:
    """One loan in a line: what is owed for which share, and until when."""
    return terminal.text(
        "screen.contract.loan_line",
        name=terminal.name_of(loan.symbol),
        quantity=text.quantity(loan.quantity),
        principal=text.money(loan.principal),
        interest=text.money(loan.interest),
        due=text.date(loan.due) if loan.due else terminal.look.glyphs.missing,
        days=loan.days_left,
    )


def _loan(terminal: Terminal, loan: Loan) -> Iterator[Fact]:
    t = terminal.text
    label = t("screen.contract.loan", number=loan.number)
    late = f"  {t('screen.contract.late')}" if loan.overdue else ""
    yield label, loan_words(terminal, loan) + late
    yield (
        "",
        t(
            "screen.contract.loan_terms",
            ratio=text.percent(loan.ratio_ppm),
            opened=text.date(loan.opened),
            extensions=loan.extensions,
        ),
    )

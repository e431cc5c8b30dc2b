"""What the account forms offer to choose from."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from honghe_tui import text
from honghe_tui.terminal import Terminal
from server.protocol.accounts import Account, Loan

LENDING = ("flexible", "combination")  # families that draw of a line


@dataclass(frozen=True, slots=True)
class Debt:
    """A contract's debt, or one loan of a licensed account; `loan` 0 is the whole."""

    account: int
    loan: int = 0
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Right:
    """Rights to new shares that one account may take up."""

    account: int
    symbol: str


Choice = int | Debt | Right


def products(terminal: Terminal) -> list[tuple[Choice, str]]:
    """Those that new contracts are opened on."""
    pick = terminal.look.catalogue.pick
    return [
        (item.product, text.clean(pick(item.name_zh, item.name_en)))
        for item in terminal.mirror.products.values()
        if item.offered
    ]


def accounts(
    terminal: Terminal, fits: Callable[[Account], bool], at_hand: Callable[[Account], int]
) -> list[tuple[Choice, str]]:
    """Accounts that fit, each with the money that the form may take from it."""
    held = [item for item in sorted(terminal.mirror.accounts.items()) if fits(item[1])]
    return [
        (number, f"{text.clean(account.name)}  {text.money(at_hand(account))}")
        for number, account in held
    ]


def debts_to_repay(terminal: Terminal) -> list[tuple[Choice, str]]:
    """Contracts by their free cash; of a licensed account each loan, and shares with several."""
    found: list[tuple[Choice, str]] = []
    for number, account in _contracts(terminal):
        free = text.money(account.cash - account.frozen)
        found.append((Debt(number), f"{text.clean(account.name)}  {free}"))
        found += [_loan(terminal, number, loan) for loan in account.loans]
        for symbol, loans in Counter(loan.symbol for loan in account.loans).items():
            if loans > 1:
                owed = sum(each.principal for each in account.loans if each.symbol == symbol)
                shown = f"#{number} {terminal.name_of(symbol)}  {text.money(owed)}"
                found.append((Debt(number, 0, symbol), shown))
    return found


def _loan(terminal: Terminal, number: int, loan: Loan) -> tuple[Choice, str]:
    shown = f"#{number} {terminal.name_of(loan.symbol)} {text.money(loan.principal)}"
    due = f"  {text.date(loan.due)}" if loan.due else ""
    return Debt(number, loan.number, loan.symbol), shown + due


def debts_to_extend(terminal: Terminal) -> list[tuple[Choice, str]]:
    """Contracts and loans that have a term."""
    found: list[tuple[Choice, str]] = []
    for number, account in _contracts(terminal):
        if account.due:
            due = text.date(account.due)
            found.append((Debt(number), f"{text.clean(account.name)}  {due}"))
        found += [_loan(terminal, number, loan) for loan in account.loans]
    return found


def rights(terminal: Terminal) -> list[tuple[Choice, str]]:
    held = sorted(terminal.mirror.positions.items())
    return [
        (Right(*key), f"#{key[0]} {terminal.name_of(key[1])}  {text.quantity(position.rights)}")
        for key, position in held
        if position.rights
    ]


def _contracts(terminal: Terminal) -> list[tuple[int, Account]]:
    held = sorted(terminal.mirror.accounts.items())
    return [item for item in held if is_open_contract(item[1])]


def is_open_contract(account: Account) -> bool:
    return account.account_class == "contract" and account.status == "open"

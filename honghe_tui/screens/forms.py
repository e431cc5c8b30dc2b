"""What each account form asks for, and what it sends."""

from dataclasses import dataclass
from typing import Literal

from honghe_tui import text
from honghe_tui.screens import choices
from honghe_tui.screens.choices import LENDING, Choice, Debt, Right
from honghe_tui.terminal import Terminal
from server.protocol import accounts
from server.protocol.accounts import Account
from server.protocol.messages import Request

FieldName = Literal[
    "source", "account", "destination", "product", "debt", "right", "amount", "credit", "quantity"
]
FormKind = Literal[
    "open", "close", "transfer", "deposit", "withdraw", "repay", "draw", "extend", "rights"
]

FIELDS: dict[FormKind, tuple[FieldName, ...]] = {
    "open": ("source", "product", "amount", "credit"),
    "close": ("account", "destination"),
    "transfer": ("account", "destination", "amount"),
    "deposit": ("account", "amount"),
    "withdraw": ("account", "amount"),
    "repay": ("debt", "amount"),
    "draw": ("account", "amount"),
    "extend": ("debt",),
    "rights": ("right", "quantity"),
}
TYPED: frozenset[FieldName] = frozenset({"amount", "credit", "quantity"})


@dataclass(frozen=True, slots=True)
class Values:
    """A filled form; a field that it does not have is -1 or None, a figure 0."""

    source: int = -1
    account: int = -1
    destination: int = -1
    product: int = -1
    debt: Debt | None = None
    right: Right | None = None
    amount: int = 0
    credit: int = 0  # 0: the largest line there is
    quantity: int = 0  # shares


def options(terminal: Terminal, kind: FormKind, name: FieldName) -> list[tuple[Choice, str]]:
    """The choices of one field, with their words."""
    if name == "product":
        return choices.products(terminal)
    if name == "debt":
        extends = kind == "extend"
        return (choices.debts_to_extend if extends else choices.debts_to_repay)(terminal)
    if name == "right":
        return choices.rights(terminal)
    return choices.accounts(
        terminal,
        lambda account: _fits(kind, name, account),
        lambda account: account.drawable if kind == "draw" else account.withdrawable,
    )


def _fits(kind: FormKind, name: FieldName, account: Account) -> bool:
    if kind == "draw":
        return choices.is_open_contract(account) and account.family in LENDING
    if (kind, name) == ("close", "account"):
        return choices.is_open_contract(account)
    if kind == "withdraw":
        return account.account_class == "cash" or account.withdrawable > 0
    if kind == "transfer":
        return account.status == "open"
    return account.account_class == "cash"


def hidden(terminal: Terminal, kind: FormKind, product: int) -> frozenset[FieldName]:
    """What the chosen product does not ask for."""
    chosen = terminal.mirror.products.get(product)
    if kind != "open" or chosen is None:
        return frozenset()
    if chosen.family == "cash":
        return frozenset({"amount", "credit"})
    return frozenset({"credit"}) if chosen.family == "fixed" else frozenset()


def request_of(kind: FormKind, values: Values, request_id: str) -> Request:
    """The message of a filled form."""
    if values.debt is not None:
        return _about_debt(kind, values.debt, values.amount, request_id)
    if values.right is not None:
        right = values.right
        return accounts.PayRights(0, right.account, right.symbol, values.quantity, request_id)
    if kind == "open":
        return accounts.OpenContract(
            *(0, values.source, values.product, values.amount, request_id, values.credit)
        )
    if kind == "close":
        return accounts.CloseContract(0, values.account, values.destination, request_id)
    if kind == "transfer":
        return accounts.Transfer(0, values.account, values.destination, values.amount, request_id)
    move = accounts.Deposit if kind == "deposit" else accounts.Withdraw
    if kind == "draw":
        move = accounts.Draw
    return move(0, values.account, values.amount, request_id)


def _about_debt(kind: FormKind, debt: Debt, amount: int, request_id: str) -> Request:
    if kind == "extend":
        return accounts.Extend(0, debt.account, request_id, debt.loan)
    return accounts.Repay(0, debt.account, amount, request_id, debt.symbol, debt.loan)


def impossible(terminal: Terminal, kind: FormKind, values: Values) -> str:
    """Why a contract cannot be opened with this deposit, and which would do; empty if it can."""
    product = terminal.mirror.products.get(values.product)
    source = terminal.mirror.accounts.get(values.source)
    if kind != "open" or product is None or source is None or product.family == "cash":
        return ""
    least, most = product.deposit_minimum, min(product.deposit_maximum, source.withdrawable)
    at_hand = text.money(source.withdrawable)
    if most < least:
        return terminal.text("screen.forms.source_short", at_hand=at_hand, least=text.money(least))
    if least <= values.amount <= most:
        return ""
    return terminal.text(
        "screen.forms.bad_deposit", least=text.money(least), most=text.money(most), at_hand=at_hand
    )


def parse_amount(typed: str) -> int:
    """Yuan with at most two decimals as 1/10 000 yuan; raises ValueError for anything else."""
    whole, _, fraction = typed.replace(",", "").replace("，", "").strip().partition(".")
    digits = fraction.ljust(2, "0")
    if not (whole + fraction).isascii() or not whole.isdigit() or len(fraction) > 2:
        raise ValueError(f"not an amount: {typed}")
    amount = (int(whole) * 100 + int(digits)) * 100
    if amount <= 0:
        raise ValueError(f"not an amount: {typed}")
    return amount


def parse_quantity(typed: str) -> int:
    """Whole shares; raises ValueError for anything else."""
    figure = typed.replace(",", "").replace("，", "").strip()
    if not figure.isascii() or not figure.isdigit() or int(figure) == 0:
        raise ValueError(f"not a quantity: {typed}")
    return int(figure)

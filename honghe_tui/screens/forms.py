"""What each account form asks for, says beforehand, and sends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from honghe_tui import text
from honghe_tui.terminal import Terminal
from server.protocol import accounts
from server.protocol.accounts import Account, Product
from server.protocol.messages import Request

FieldName = Literal["source", "account", "destination", "product", "amount"]
FormKind = Literal["open", "close", "transfer", "deposit", "withdraw", "repay"]

FIELDS: dict[FormKind, tuple[FieldName, ...]] = {
    "open": ("source", "product", "amount"),
    "close": ("account", "destination"),
    "transfer": ("account", "destination", "amount"),
    "deposit": ("account", "amount"),
    "withdraw": ("account", "amount"),
    "repay": ("account", "amount"),
}
_LIMIT_DOWN_PPM = 100_000  # of a main-board share


@dataclass(frozen=True, slots=True)
class Values:
    """A filled form; a field that it does not have is -1, its amount 0."""

    source: int = -1
    account: int = -1
    destination: int = -1
    product: int = -1
    amount: int = 0


def options(terminal: Terminal, kind: FormKind, name: FieldName) -> list[tuple[int, str]]:
    """The choices of one field, with their words."""
    mirror, pick = terminal.mirror, terminal.look.catalogue.pick
    if name == "product":
        products = [item for item in mirror.products.values() if item.family != "cash"]
        return [(item.product, text.clean(pick(item.name_zh, item.name_en))) for item in products]
    fits = _fitting(kind, name)
    held = [item for item in sorted(mirror.accounts.items()) if fits(item[1])]
    return [
        (number, f"{text.clean(account.name)}  {text.money(_at_hand(kind, account))}")
        for number, account in held
    ]


def _at_hand(kind: FormKind, account: Account) -> int:
    """What a form can take from an account."""
    return account.cash - account.frozen if kind == "repay" else account.withdrawable


def _fitting(kind: FormKind, name: FieldName) -> Callable[[Account], bool]:
    if (kind, name) in {("close", "account"), ("repay", "account")}:
        return lambda account: account.account_class == "contract" and account.status == "open"
    if kind == "transfer":
        return lambda account: account.status == "open"
    return lambda account: account.account_class == "cash"


def request_of(kind: FormKind, values: Values, request_id: str) -> Request:
    """The message of a filled form."""
    match kind:
        case "open":
            return accounts.OpenContract(
                0, values.source, values.product, values.amount, request_id
            )
        case "close":
            return accounts.CloseContract(0, values.account, values.destination, request_id)
        case "transfer":
            return accounts.Transfer(
                0, values.account, values.destination, values.amount, request_id
            )
        case "deposit":
            return accounts.Deposit(0, values.account, values.amount, request_id)
        case "withdraw":
            return accounts.Withdraw(0, values.account, values.amount, request_id)
        case "repay":
            return accounts.Repay(0, values.account, values.amount, request_id)


def remarks(terminal: Terminal, kind: FormKind, values: Values) -> list[str]:
    """What must be known before sending, in sentences."""
    if kind == "open":
        product = terminal.mirror.products.get(values.product)
        return [] if product is None else contract_terms(terminal, product, values.amount)
    if kind == "close":
        return [terminal.text("screen.forms.close_remark")]
    if kind == "repay":
        account = terminal.mirror.accounts.get(values.account)
        debt = 0 if account is None else account.debt
        return [terminal.text("screen.forms.repay_remark", debt=text.money(debt))]
    return []


def impossible(terminal: Terminal, kind: FormKind, values: Values) -> str:
    """Why a contract cannot be opened with this deposit, and which would do; empty if it can."""
    product = terminal.mirror.products.get(values.product)
    source = terminal.mirror.accounts.get(values.source)
    if kind != "open" or product is None or source is None:
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


def contract_terms(terminal: Terminal, product: Product, deposit: int) -> list[str]:
    """Loan, interest, and how far prices may fall until each line (section 5 of the rules)."""
    if product.family != "fixed":
        return [_line_terms(terminal, product, deposit)]
    leverage = product.leverage
    loan = leverage * deposit
    day = loan * product.annual_rate_ppm // 1_000_000 // product.day_count
    first = terminal.text(
        "screen.forms.terms",
        loan=text.money(loan),
        ratio=text.percent((leverage + 1) * 1_000_000 // leverage),
        day=text.money(day),
        least=text.short_money(product.deposit_minimum, terminal.look.language),
        most=text.short_money(product.deposit_maximum, terminal.look.language),
    )
    lines = (
        ("remind", product.remind_ppm),
        ("restrict", product.restrict_ppm),
        ("reduce", product.reduce_ppm),
        ("liquidate", product.liquidate_ppm),
    )
    return [first, *(_line_remark(terminal, grade, line, leverage) for grade, line in lines)]


def _line_terms(terminal: Terminal, product: Product, deposit: int) -> str:
    """The credit line of a product that lends as it is used, and what a day of it costs."""
    line = product.credit_maximum
    if product.family != "licensed":
        line = min(line, product.leverage * deposit)
    return terminal.text(
        "screen.forms.line_terms",
        line=text.money(line),
        rate=text.percent(product.annual_rate_ppm),
        liquidate=text.percent(product.liquidate_ppm),
        least=text.short_money(product.deposit_minimum, terminal.look.language),
        most=text.short_money(product.deposit_maximum, terminal.look.language),
    )


def fall_to_line_ppm(line_ppm: int, leverage: int) -> int:
    """By how much a fully invested contract's holdings fall from its opening to a line."""
    return 1_000_000 - line_ppm * leverage // (leverage + 1)


def _line_remark(terminal: Terminal, grade: str, line_ppm: int, leverage: int) -> str:
    fall = fall_to_line_ppm(line_ppm, leverage)
    return terminal.text(
        "screen.forms.line",
        grade=terminal.look.word("grade", grade),
        line=text.percent(line_ppm),
        fall=text.percent(fall, 1),
        days=text.thousandths(fall * 1_000_000 // _LIMIT_DOWN_PPM, 1),
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

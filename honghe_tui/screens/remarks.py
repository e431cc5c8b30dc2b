"""What an account form says before it is sent: terms, and what it would do to the account."""

from collections.abc import Callable

from honghe_tui import text
from honghe_tui.screens.forms import FormKind, Values
from honghe_tui.terminal import Terminal
from server.protocol.accounts import Account, Product

PPM = 1_000_000
LIMIT_DOWN_PPM = 100_000  # of a main-board share


def remarks(terminal: Terminal, kind: FormKind, values: Values) -> list[str]:
    """What must be known before sending, in sentences."""
    if kind == "open":
        product = terminal.mirror.products.get(values.product)
        return [] if product is None else contract_terms(terminal, product, values)
    if kind == "rights":
        return _rights(terminal, values)
    number = values.debt.account if values.debt is not None else values.account
    account = terminal.mirror.accounts.get(number)
    say = _OF_ACCOUNT.get(kind)
    return [] if account is None or say is None else say(terminal, account, values)


def _after(terminal: Terminal, account: Account, change: int) -> str:
    """Debt and ratio once so much more is both owed and held; less when negative."""
    debt, assets = max(0, account.debt + change), account.assets + change
    ratio = text.percent(assets * PPM // debt) if debt else terminal.look.glyphs.missing
    return terminal.text("screen.forms.after", debt=text.money(debt), ratio=ratio)


def _withdraw(terminal: Terminal, account: Account, _: Values) -> list[str]:
    if account.account_class == "cash":
        return []
    line, most = text.percent(account.withdraw_ppm), text.money(account.withdrawable)
    return [terminal.text("screen.forms.withdraw_remark", line=line, most=most)]


def _repay(terminal: Terminal, account: Account, values: Values) -> list[str]:
    free = text.money(max(0, account.cash - account.frozen))
    owed = _owed(account, values)
    said = [terminal.text("screen.forms.repay_remark", debt=text.money(owed), free=free)]
    if account.loans and not (values.debt is not None and values.debt.symbol):
        product = terminal.mirror.products.get(account.product)
        order = product.repay_order if product is not None else "oldest"
        said.append(terminal.text(f"screen.products.repaid_{order}"))
    if values.amount:
        said.append(_after(terminal, account, -min(values.amount, owed)))
    return said


def _owed(account: Account, values: Values) -> int:
    """Of the debt that is chosen: the contract's, one share's loans, or one loan."""
    debt = values.debt
    if debt is None or not debt.symbol:
        return account.debt
    return sum(
        loan.principal + loan.interest
        for loan in account.loans
        if loan.number == debt.loan or (not debt.loan and loan.symbol == debt.symbol)
    )


def _draw(terminal: Terminal, account: Account, values: Values) -> list[str]:
    amount = values.amount
    product = terminal.mirror.products.get(account.product)
    rate, count = (product.annual_rate_ppm, product.day_count) if product else (0, 360)
    said = terminal.text(
        "screen.forms.draw_remark",
        most=text.money(account.drawable),
        rate=text.percent(rate),
        day=text.money((account.loan + amount) * rate // PPM // count),
    )
    return [said, _after(terminal, account, amount)] if amount else [said]


def _extend(terminal: Terminal, account: Account, values: Values) -> list[str]:
    product = terminal.mirror.products.get(account.product)
    if product is None or values.debt is None:
        return []
    due, had = account.due, account.extensions
    for loan in account.loans:
        if loan.number == values.debt.loan:
            due, had = loan.due, loan.extensions
    return [
        terminal.text(
            "screen.forms.extend_remark",
            due=text.date(due) if due else terminal.look.glyphs.missing,
            days=product.extension_days,
            left=max(0, product.extensions - had),
        )
    ]


def _close(terminal: Terminal, account: Account, _: Values) -> list[str]:
    product = terminal.mirror.products.get(account.product)
    said = [terminal.text("screen.forms.close_remark")]
    said.append(
        terminal.text(
            "screen.forms.close_sums",
            principal=text.money(account.loan),
            interest=text.money(account.interest),
            rest=text.money(max(0, account.assets - account.debt + account.refund)),
        )
    )
    if account.refund:
        said.append(terminal.text("screen.forms.close_refund", refund=text.money(account.refund)))
    if product is None:
        return said
    sessions = product.release_sessions
    key = "screen.forms.close_later" if sessions else "screen.forms.close_at_once"
    said.append(terminal.text(key, sessions=sessions))
    if product.minimum_days > account.days:
        said.append(terminal.text("screen.forms.close_minimum", days=product.minimum_days))
    if product.early_fee_ppm and account.days_left > 0:
        rate = text.percent(product.early_fee_ppm)
        said.append(terminal.text("screen.forms.close_early", rate=rate))
    return said


def _rights(terminal: Terminal, values: Values) -> list[str]:
    right = values.right
    if right is None:
        return [terminal.text("screen.forms.no_rights")]
    held = terminal.mirror.positions.get((right.account, right.symbol))
    if held is None or not held.rights:
        return [terminal.text("screen.forms.no_rights")]
    wanted = values.quantity or held.rights
    return [
        terminal.text(
            "screen.forms.rights_remark",
            rights=text.quantity(held.rights),
            price=text.price(held.rights_price, terminal.tick_of(right.symbol)),
            cost=text.money(wanted * held.rights_price),
        )
    ]


_OF_ACCOUNT: dict[FormKind, Callable[[Terminal, Account, Values], list[str]]] = {
    "close": _close,
    "repay": _repay,
    "draw": _draw,
    "extend": _extend,
    "withdraw": _withdraw,
}


# A contract's terms


def contract_terms(terminal: Terminal, product: Product, values: Values) -> list[str]:
    """Loan or line, interest, and how far prices may fall until each line (section 5)."""
    if product.family == "cash":
        return [terminal.text("screen.forms.cash_terms")]
    first = _loan_terms(terminal, product, values)
    start = opening_ratio_ppm(product)
    return [
        first,
        *(_line_remark(terminal, grade, line, start) for grade, line in product_lines(product)),
    ]


def product_lines(product: Product) -> tuple[tuple[str, int], ...]:
    """(grade, ratio in ppm), the first to be reached first."""
    return (
        ("remind", product.remind_ppm),
        ("restrict", product.restrict_ppm),
        ("reduce", product.reduce_ppm),
        ("liquidate", product.liquidate_ppm),
    )


def opening_ratio_ppm(product: Product) -> int:
    """The ratio when all there is to borrow is borrowed and invested."""
    if product.family == "licensed":
        return PPM + product.financing_margin_ppm
    if product.family == "combination":
        caps = zip(product.class_coefficient_ppm, product.class_cap_ppm, strict=False)
        least = min((coefficient for coefficient, cap in caps if cap), default=0)
        return PPM * PPM // max(1, PPM - least)
    return (product.leverage + 1) * PPM // max(1, product.leverage)


def _loan_terms(terminal: Terminal, product: Product, values: Values) -> str:
    language = terminal.look.language
    least = text.short_money(product.deposit_minimum, language)
    most = text.short_money(product.deposit_maximum, language)
    loan = product.leverage * values.amount
    if product.family == "fixed":
        return terminal.text(
            "screen.forms.terms",
            loan=text.money(loan),
            ratio=text.percent(opening_ratio_ppm(product)),
            day=text.money(loan * product.annual_rate_ppm // PPM // product.day_count),
            least=least,
            most=most,
        )
    line = product.credit_maximum
    if product.family != "licensed":
        line = min(line, loan)
    return terminal.text(
        "screen.forms.line_terms",
        line=text.money(min(line, values.credit or line)),
        rate=text.percent(product.annual_rate_ppm),
        least=least,
        most=most,
    )


def fall_to_line_ppm(line_ppm: int, start_ppm: int) -> int:
    """By how much a fully invested contract's holdings fall from its opening to a line."""
    return max(0, PPM - line_ppm * PPM // start_ppm)


def _line_remark(terminal: Terminal, grade: str, line_ppm: int, start_ppm: int) -> str:
    fall = fall_to_line_ppm(line_ppm, start_ppm)
    return terminal.text(
        "screen.forms.line",
        grade=terminal.look.word("grade", grade),
        line=text.percent(line_ppm),
        fall=text.percent(fall, 1),
        days=text.thousandths(fall * PPM // LIMIT_DOWN_PPM, 1),
    )

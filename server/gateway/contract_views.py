"""What a contract of each family says beside its debt: line, margin, term, loans."""

from datetime import date as calendar_date
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, get_args

from server.engine.arithmetic import PPM
from server.engine.codes import Family
from server.engine.credit import OF_FAMILY
from server.engine.engine import Engine
from server.engine.queries import buying_power, credit_of, is_overdue, loans_of, refund
from server.protocol import words
from server.protocol.accounts import Account, Loan

FAMILIES: Final[dict[int, words.FamilyName]] = dict(enumerate(get_args(words.FamilyName)))
NOT_LENT: Final = -1


def family_of(engine: Engine, account: int) -> Family:
    return Family(int(engine.state.accounts[account]["family"]) & OF_FAMILY)


def add_contract(engine: Engine, message: Account) -> None:
    """Completes the message of a contract, whose money it has already."""
    contract = engine.state.contracts[message.account]
    terms = engine.state.terms[message.product]
    family = family_of(engine, message.account)
    message.family = FAMILIES[family]
    message.interest_paid = int(contract["interest_paid"])
    message.refund = refund(engine, message.account)
    message.withdraw_ppm = withdrawal_line_ppm(terms)
    _add_term(engine, message, contract, terms)
    message.buying_power = buying_power(engine, message.account)
    if int(contract["release_left"]) > 0 and message.status == "releasing":
        message.release_to = int(contract["release_to"])
        message.release_left = int(contract["release_left"])
    if family == Family.FIXED or message.status != "open":
        return
    message.credit = int(contract["credit"])
    message.credit_left, message.drawable, message.margin = credit_of(engine, message.account)
    if family == Family.COMBINATION:
        message.margin_need = message.assets - message.debt - message.margin
    elif family == Family.LICENSED:
        _add_licensed(engine, message, terms)


def withdrawal_line_ppm(terms: Any) -> int:
    """The ratio above which money may leave: the product's, else the initial one, (N + 1) / N."""
    own, leverage = int(terms["withdraw_ppm"]), int(terms["leverage"])
    return own or (-(-(leverage + 1) * PPM // leverage) if leverage else 0)


def _add_term(engine: Engine, message: Account, contract: Any, terms: Any) -> None:
    header = engine.state.header[0]
    today, date = int(header["days"]), int(header["date"])
    message.days = today - int(contract["opened_day"])
    message.opened = date_after(date, -message.days)
    due = int(contract["due_day"])
    message.due, message.days_left = _due(date, today, due)
    message.extensions = int(contract["extensions"])
    if due or int(terms["term_days"]):
        message.extensions_left = max(0, int(terms["extensions"]) - message.extensions)
    message.overdue = bool(is_overdue(engine, message.account))


def _add_licensed(engine: Engine, message: Account, terms: Any) -> None:
    least = int(engine.state.header[0]["financing_margin_ppm"])
    ratio = NOT_LENT if least < 0 else max(least, int(terms["financing_margin_ppm"]))
    message.financing_ratio_ppm = ratio
    if ratio > 0:
        message.financing_power = min(message.credit_left, max(0, message.margin) * PPM // ratio)
    message.loans = loans(engine, message.account)


def loans(engine: Engine, account: int) -> list[Loan]:
    """Of a licensed account, oldest first."""
    header = engine.state.header[0]
    today, date = int(header["days"]), int(header["date"])
    found: list[Loan] = []
    for index in loans_of(engine, account):
        row = engine.state.loans[index]
        instrument = int(engine.state.positions[row["position"]]["instrument"])
        due, days_left = _due(date, today, int(row["due_day"]))
        found.append(
            Loan(
                number=int(row["number"]),
                symbol=engine.symbol(instrument),
                quantity=int(row["quantity"]),
                principal=int(row["principal"]),
                interest=int(row["interest"]),
                ratio_ppm=int(row["ratio_ppm"]),
                opened=date_after(date, int(row["opened_day"]) - today),
                due=due,
                days_left=days_left,
                extensions=int(row["extensions"]),
                overdue=bool(row["overdue"]),
            )
        )
    return found


def _due(date: int, today: int, due_day: int) -> tuple[int, int]:
    """(date, days left) of a due day; zeros for none."""
    return (date_after(date, due_day - today), due_day - today) if due_day > 0 else (0, 0)


@lru_cache(maxsize=1024)
def date_after(date: int, days: int) -> int:
    """YYYYMMDD so many calendar days later; 0 while there is no date."""
    if date == 0:
        return 0
    day = calendar_date(date // 10_000, date // 100 % 100, date % 100) + timedelta(days)
    return day.year * 10_000 + day.month * 100 + day.day

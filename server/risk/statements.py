"""Settlement statements (section 6.5): figures that add up, and the journal range that proves them.

The opening figures are the account's after command `first_seq`, the closing ones after `last_seq`;
`digest` is the journal's at `last_seq`. Amounts are signed as the account's cash sees them, so that
every sum below is a plain sum.
"""

from collections.abc import Iterator, Sequence

from server.engine.codes import CashMove, Side
from server.protocol.accounts import Statement, StatementLine
from server.risk.catalogue import Catalogue
from server.risk.runs import FEES, Figures, Fill, Run

HALF_FEN = 50
MOVES: dict[CashMove, str] = {
    CashMove.DEPOSIT: "deposit",
    CashMove.WITHDRAW: "withdraw",
    CashMove.TRANSFER_IN: "transfer_in",
    CashMove.TRANSFER_OUT: "transfer_out",
    CashMove.ENTITLEMENT: "entitlement",
    CashMove.DIVIDEND: "dividend",
    CashMove.FRACTION: "fraction",
    CashMove.RIGHTS_PAYMENT: "rights_payment",
    CashMove.DRAW: "draw",
    CashMove.EARLY_FEE: "early_fee",
    CashMove.REPAY_INTEREST: "repay_interest",
    CashMove.REFUND_INTEREST: "refund_interest",
    CashMove.REPAY_PRINCIPAL: "repay_principal",
}


class StatementWrong(ValueError):
    """The figures of a statement do not add up; the message says which."""


class _Amounts:
    """Lines in order, labelled from the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.lines: list[StatementLine] = []

    def add(self, key: str, amount: int, fill: Fill | None = None) -> None:
        zh, en = self._catalogue.line(key, fill)
        name = key if fill is None else f"{key}:{fill.trade_no}"
        self.lines.append(StatementLine(name, zh, en, amount))


def statement_of(
    run: Run,
    opening: Figures,
    closing: Figures,
    statement_id: int,
    catalogue: Catalogue,
    life: Sequence[tuple[str, int]] = (),
) -> Statement:
    """The statement of a run that is over, without date and digest, which its caller knows.

    `life` are sums of a settled contract's whole life, which stand at the end.
    """
    amounts = _Amounts(catalogue)
    _cash_lines(amounts, run, opening, closing)
    _debt_lines(amounts, run, opening, closing)
    _asset_lines(amounts, run, opening, closing)
    _total_lines(amounts, run)
    for key, amount in life:
        amounts.add(key, amount)
    title_zh, title_en = catalogue.statement_title(run.kind)
    return Statement(
        statement_id=statement_id,
        account=run.account,
        kind=run.kind,
        date=0,
        time=closing.time,
        first_seq=opening.seq,
        last_seq=closing.seq,
        title_zh=title_zh,
        title_en=title_en,
        lines=amounts.lines,
        fills=[fill.trade_no for fill in run.fills],
        digest="",
    )


def _cash_lines(amounts: _Amounts, run: Run, opening: Figures, closing: Figures) -> None:
    amounts.add("opening_cash", opening.cash)
    for fill in run.fills:
        amounts.add("sale" if fill.side == Side.SELL else "purchase", fill.amount, fill)
        amounts.add("fees", -sum(fill.fees), fill)
    for move, key in MOVES.items():
        if run.moved(move):
            amounts.add(key, run.moved(move))
    amounts.add("closing_cash", closing.cash)


def _debt_lines(amounts: _Amounts, run: Run, opening: Figures, closing: Figures) -> None:
    owed = closing.debt + closing.shortfall
    drawn = run.moved(CashMove.DRAW)
    amounts.add("opening_debt", opening.debt)
    if drawn:
        amounts.add("debt_drawn", drawn)
    amounts.add("interest_accrued", run.interest)
    amounts.add("interest_rounding", owed - (opening.debt + drawn + run.interest - run.repaid))
    amounts.add("closing_debt", owed)
    amounts.add("shortfall", closing.shortfall)


def _asset_lines(amounts: _Amounts, run: Run, opening: Figures, closing: Figures) -> None:
    traded = sum(fill.amount for fill in run.fills)
    amounts.add("opening_holdings", opening.value)
    amounts.add("opening_assets", opening.cash + opening.value)
    amounts.add("market_result", closing.value - opening.value + traded)
    amounts.add("closing_holdings", closing.value)
    amounts.add("closing_assets", closing.cash + closing.value)


def _total_lines(amounts: _Amounts, run: Run) -> None:
    amounts.add("total_sales", sum(f.amount for f in run.fills if f.side == Side.SELL))
    amounts.add("total_fees", -sum(sum(fill.fees) for fill in run.fills))
    for item, name in enumerate(FEES):
        amounts.add(f"total_{name}", -sum(fill.fee(item) for fill in run.fills))


def check_statement(statement: Statement, debts: int = 1) -> None:
    """Recomputes every sum of a statement; raises StatementWrong at the first that does not hold.

    Interest is exact while it accrues and rounds to the fen when it is paid, at the most once a
    payment and debt: that line is bounded by half a fen for each fill and repayment, times `debts`,
    the loans of a licensed account.
    """
    for what, left, right in _sums(statement):
        if left != right:
            raise StatementWrong(f"statement {statement.statement_id}: {what}: {left} != {right}")
    rounding = _total(statement, "interest_rounding")
    if abs(rounding) > HALF_FEN * (len(statement.fills) + 2) * debts:
        raise StatementWrong(f"statement {statement.statement_id}: interest rounding is {rounding}")


def _total(statement: Statement, *keys: str) -> int:
    return sum(line.amount for line in statement.lines if line.key.split(":")[0] in keys)


def _sums(statement: Statement) -> Iterator[tuple[str, int, int]]:
    def total(*keys: str) -> int:
        return _total(statement, *keys)

    moves = tuple(MOVES.values())
    yield (
        "opening assets",
        total("opening_cash", "opening_holdings"),
        total("opening_assets"),
    )
    yield (
        "closing assets",
        total("closing_cash", "closing_holdings"),
        total("closing_assets"),
    )
    yield (
        "cash",
        total("opening_cash", "sale", "purchase", "fees", *moves),
        total("closing_cash"),
    )
    yield (
        "debt",
        total("opening_debt", "debt_drawn", "interest_accrued", "interest_rounding")
        + total("repay_principal", "repay_interest"),
        total("closing_debt"),
    )
    yield (
        "assets",
        total("opening_assets", "market_result", "fees", *moves),
        total("closing_assets"),
    )
    yield "sales", total("sale"), total("total_sales")
    yield "fees", total("fees"), total("total_fees")
    yield "fees by item", total(*(f"total_{name}" for name in FEES)), total("total_fees")
    if any(line.key == "to_release" for line in statement.lines):
        yield "what is to be released", total("to_release"), total("closing_cash")
    yield (
        "fills",
        sum(line.key.startswith("fees:") for line in statement.lines),
        len(statement.fills),
    )

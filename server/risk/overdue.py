"""Debts past their due day: told of, called for, and repaid by a forced sale at the deadline.

A contract is overdue once its term is over, a licensed account once one of its loans is (sections
4.5, 5.4). The call's deadline is a margin call's: the next cut-off. What cures it is repayment
alone, whatever the ratio; at the deadline the system repays from cash and sells what is missing,
shares of overdue loans first (section 4.5, step 4).
"""

from typing import Any

from server.engine.engine import Engine
from server.engine.queries import is_overdue
from server.risk.batch_context import BatchContext
from server.risk.calls import MarginCall, deadline_of
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.cure import PPM
from server.risk.reading import figures_of, grade_of, is_restored, person_of, restore_ppm
from server.risk.reminders import next_reminder
from server.risk.runs import Trigger


def is_over(engine: Engine, account: int) -> bool:
    """Whether nothing calls for a forced sale: the ratio is restored, and nothing overdue."""
    grade = grade_of(engine, account)
    return is_restored(engine, account, grade) and not is_overdue(engine, account)


def fell_overdue(batch: BatchContext, event: Any) -> None:
    """An OVERDUE event: a notice, and a call unless a forced sale is under way.

    A debt of interest alone is a bill that free cash did not pay.
    """
    account = int(event["account"])
    facts = Facts(
        account=account,
        amount=int(event["amount"]),
        interest=int(event["interest"]),
        deadline=_call(batch, event),
    )
    is_bill = facts.amount == facts.interest
    batch.tell(NoticeCode.INTEREST_UNPAID if is_bill else NoticeCode.OVERDUE, event, facts)


def _call(batch: BatchContext, event: Any) -> int:
    account, at = int(event["account"]), int(event["time"])
    rules, book = batch.rules, batch.book
    book.late.add(account)
    deadline = deadline_of(at, book.session, rules.next_session, rules.cut_off)
    if account in book.runs:
        return deadline
    if account not in book.calls:
        now, line = figures_of(batch.engine, account), restore_ppm(batch.engine, account)
        ratio = (now.cash + now.value) * PPM // max(now.debt, 1)
        trigger = Trigger(int(event["seq"]), at, ratio, line)
        first = next_reminder(at, deadline, book.session)
        book.calls[account] = MarginCall(account, deadline, trigger, first)
        batch.called.add(account)
    return book.calls[account].deadline


def close_repaid_calls(batch: BatchContext) -> None:
    """Calls of what is not overdue any more: over, unless the ratio keeps them open."""
    engine, book = batch.engine, batch.book
    for account in sorted(each for each in book.late if not is_overdue(engine, each)):
        book.late.discard(account)
        if account not in book.calls:
            continue
        if is_over(engine, account):
            batch.close_call(account)
        now = figures_of(engine, account)
        facts = Facts(account=account, assets=now.cash + now.value, debt=now.debt)
        batch.writer.of_batch(NoticeCode.OVERDUE_CURED, person_of(engine, account), facts)

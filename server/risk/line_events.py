"""Lines crossed and left, contracts opened and settled: the notices, and the calls they open."""

from typing import Any

from server.engine.codes import Event, Grade
from server.risk.batch_context import BatchContext
from server.risk.calls import MarginCall, deadline_of
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.cure import deposit_to_cure, repayment_to_cure
from server.risk.endings import Endings
from server.risk.reading import is_restored, lines_of, restore_ppm, sessions_to_restore
from server.risk.reminders import next_reminder
from server.risk.runs import Trigger


def _trigger(event: Any) -> Trigger:
    names = ("seq", "time", "ratio_ppm", "line_ppm")
    return Trigger(*(int(event[name]) for name in names))


def line_crossed(batch: BatchContext, endings: Endings, event: Any) -> None:
    """Each line a gap crosses is told of; the last one's action is the grade's (5.3)."""
    grade = Grade(int(event["new_grade"]))
    account = int(event["account"])
    assets, debt, line = (int(event[name]) for name in ("assets", "debt", "line_ppm"))
    target = line if grade <= Grade.RESTRICT else restore_ppm(batch.engine, account)
    facts = Facts(
        account=account,
        assets=assets,
        debt=debt,
        ratio=int(event["ratio_ppm"]),
        line=line,
        restrict=target,
        deposit=deposit_to_cure(assets, debt, target),
        repay=repayment_to_cure(assets, debt, target),
        deadline=_call(batch, event) if grade == Grade.REDUCE else 0,
    )
    batch.tell(NoticeCode(int(grade)), event, facts)
    if grade == Grade.LIQUIDATE:
        _liquidation_due(batch, endings, event)


def _call(batch: BatchContext, event: Any) -> int:
    """Opens a call unless one is open or a forced sale is under way; returns its deadline."""
    trigger = _trigger(event)
    account, rules = int(event["account"]), batch.rules
    sessions = sessions_to_restore(batch.engine, account)
    deadline = deadline_of(
        trigger.time, batch.book.session, rules.next_session, rules.cut_off, sessions
    )
    if account in batch.book.runs:
        return deadline
    first = next_reminder(trigger.time, deadline, batch.book.session)
    batch.called.add(account)
    call = MarginCall(account, deadline, trigger, first)
    return batch.book.calls.setdefault(account, call).deadline


def _liquidation_due(batch: BatchContext, endings: Endings, event: Any) -> None:
    account = int(event["account"])
    batch.close_call(account)
    run = batch.book.runs.get(account)
    if run is None:
        batch.fall_due(account, "liquidation", _trigger(event))
    elif run.kind == "reduction":
        endings.overtaken[account] = _trigger(event)
        batch.settle.add(account)


def grade_changed(batch: BatchContext, event: Any) -> None:
    account = int(event["account"])
    if not is_restored(batch.engine, account, int(event["new_grade"])):
        return
    batch.settle.add(account)
    call = batch.book.calls.get(account)
    if call is None or account in batch.book.late:
        return
    batch.close_call(account)
    facts = Facts(
        account=account,
        assets=int(event["assets"]),
        debt=int(event["debt"]),
        ratio=int(event["ratio_ppm"]),
    )
    batch.tell(NoticeCode.CALL_CURED, event, facts)


def contract_changed(batch: BatchContext, endings: Endings, event: Any) -> None:
    kind = int(event["kind"])
    if kind == Event.CONTRACT_OPENED:
        _opened(batch, event)
    elif kind == Event.CONTRACT_SETTLED:
        _settled(batch, endings, event)
    else:
        facts = Facts(account=int(event["account"]), amount=int(event["shortfall"]))
        batch.tell(NoticeCode.SHORTFALL, event, facts)


def sell_last_set(batch: BatchContext, event: Any) -> None:
    """A client's wish about the order of forced sales."""
    account, instrument = int(event["account"]), int(event["instrument"])
    wishes = batch.book.sell_last.setdefault(account, set())
    if event["on"]:
        wishes.add(instrument)
    else:
        wishes.discard(instrument)
    if not wishes:
        del batch.book.sell_last[account]
    if account in batch.book.runs:
        batch.review.add(account)


def _opened(batch: BatchContext, event: Any) -> None:
    account = int(event["account"])
    lines = lines_of(batch.engine, account)
    facts = Facts(
        account=account,
        deposit=int(event["deposit"]),
        loan=int(event["loan"]),
        credit=int(event["credit"]),
        remind=lines.remind,
        restrict=lines.restrict,
        reduce=lines.reduce,
        liquidate=lines.liquidate,
    )
    batch.tell(NoticeCode.CONTRACT_OPENED, event, facts)


def _settled(batch: BatchContext, endings: Endings, event: Any) -> None:
    account = int(event["account"])
    batch.close_call(account)
    batch.book.sell_last.pop(account, None)
    run = batch.book.runs.pop(account, None)
    endings.settled(run, event)
    liquidated = run is not None and run.kind == "liquidation"
    facts = Facts(
        account=account,
        interest=int(event["interest"]),
        amount=int(event["returned"]),
        shortfall=int(event["shortfall"]),
    )
    code = NoticeCode.LIQUIDATION_FINISHED if liquidated else NoticeCode.CONTRACT_SETTLED
    batch.tell(code, event, facts)

"""What runs do: due, opened, their orders, fills, cash, and what has to wait."""

from typing import Any

import numpy as np

from server.engine import records
from server.engine.codes import Command, Event, OrderType, Origin
from server.engine.queries import loans_of
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.cure import PPM, repayment_to_cure
from server.risk.endings import Endings
from server.risk.overdue import is_over
from server.risk.plan import Obstacle
from server.risk.reading import amount_overdue, figures_of, restore_ppm
from server.risk.runs import KIND_OF_ORIGIN, Kind, Run, Trigger, read_tag, take_cash, take_fill

_STARTED: dict[Kind, NoticeCode] = {
    "liquidation": NoticeCode.LIQUIDATION_STARTED,
    "reduction": NoticeCode.REDUCTION_STARTED,
}
_ORDER: dict[Kind, NoticeCode] = {
    "liquidation": NoticeCode.LIQUIDATION_ORDER,
    "reduction": NoticeCode.REDUCTION_ORDER,
}
_QUEUED: dict[Kind, NoticeCode] = {
    "liquidation": NoticeCode.LIQUIDATION_QUEUED,
    "reduction": NoticeCode.REDUCTION_QUEUED,
}


# While the batch is read --------------------------------------------------------------------------


def run_event(batch: BatchContext, i: int) -> None:
    """Books what an open run's account did; before the opening it is the client's own doing."""
    events = batch.applied.events
    run = batch.book.runs.get(int(events["account"][i]))
    if run is None or run.opening is None:
        return
    kind = int(events["kind"][i])
    if kind == Event.FILL:
        symbol = batch.engine.symbol(int(events["instrument"][i]))
        take_fill(run, events.view(records.FILL_EVENT)[i], symbol)
    elif kind == Event.CASH_MOVED:
        take_cash(run, events.view(records.CASH_EVENT)[i])
        batch.settle.add(run.account)
    elif kind == Event.INTEREST_ACCRUED:
        run.interest += int(events.view(records.CONTRACT_EVENT)[i]["interest"])
    else:
        _order_sent(batch, run, events.view(records.ORDER_EVENT)[i])


def _order_sent(batch: BatchContext, run: Run, event: Any) -> None:
    if KIND_OF_ORIGIN.get(int(event["origin"])) != run.kind:
        return
    instrument = int(event["instrument"])
    command = batch.applied.commands.view(records.ORDER)[
        int(event["seq"]) - batch.applied.first_seq
    ]
    step, rank, weight = read_tag(bytes(command["client_order_id"]))
    run.steps = max(run.steps, step)
    facts = Facts(
        account=run.account,
        symbol=batch.engine.symbol(instrument),
        quantity=int(event["quantity"]),
        price=int(event["price"]),
        order_type=OrderType(int(event["type"])),
        step=step,
        rank=rank,
        weight=weight,
        limit=int(batch.engine.state.instruments[instrument]["limit_ppm"]),
        ratio=run.trigger.ratio_ppm,
        line=run.trigger.line_ppm,
        amount=run.overdue,
    )
    batch.tell(NoticeCode.COLLECTION_ORDER if _collects(run) else _ORDER[run.kind], event, facts)
    batch.review.add(run.account)


# At the batch's end -------------------------------------------------------------------------------


def late_calls_fall_due(batch: BatchContext) -> None:
    """Calls whose deadline has passed become reductions."""
    now = int(batch.applied.commands[-1]["time"])
    late = [call for call in batch.book.calls.values() if call.deadline <= now]
    for call in sorted(late, key=lambda call: (call.deadline, call.account)):
        batch.close_call(call.account)
        batch.fall_due(call.account, "reduction", call.trigger)


def open_runs(batch: BatchContext) -> set[int]:
    """A run opens with the CANCEL_ALL that the service sends for it, or the risk desk's."""
    commands = batch.applied.commands
    forced = commands["origin"] >= Origin.FORCED_REDUCE
    opened: set[int] = set()
    for i in np.flatnonzero(forced & (commands["kind"] == Command.CANCEL_ALL)):
        account, origin = int(commands["account"][i]), int(commands["origin"][i])
        if origin == Origin.OFFICER and account not in batch.book.runs:
            _ordered_by_officer(batch, account, int(commands["seq"][i]))
        run = batch.book.runs.get(account)
        kind = KIND_OF_ORIGIN.get(origin, "reduction")
        if run is not None and run.opening is None and run.kind == kind:
            _open(batch, run)
            opened.add(account)
    return opened


def _ordered_by_officer(batch: BatchContext, account: int, seq: int) -> None:
    batch.close_call(account)
    now = figures_of(batch.engine, account)
    ratio = (now.cash + now.value) * PPM // max(now.debt, 1)
    line = restore_ppm(batch.engine, account)
    batch.fall_due(account, "reduction", Trigger(seq, now.time, ratio, line))


def _open(batch: BatchContext, run: Run) -> None:
    opening = figures_of(batch.engine, run.account)
    run.opening = opening
    run.debts = max(1, len(loans_of(batch.engine, run.account)))
    batch.review.add(run.account)
    assets = opening.cash + opening.value
    restrict = restore_ppm(batch.engine, run.account)
    run.overdue = amount_overdue(batch.engine, run.account)
    facts = Facts(
        account=run.account,
        assets=assets,
        debt=opening.debt,
        ratio=run.trigger.ratio_ppm,
        line=run.trigger.line_ppm,
        amount=run.overdue,
        repay=max(run.overdue, repayment_to_cure(assets, opening.debt, restrict)),
    )
    code = NoticeCode.COLLECTION_STARTED if _collects(run) else _STARTED[run.kind]
    batch.writer.of_batch(code, run.person, facts)


def _collects(run: Run) -> bool:
    """Whether a reduction repays what is overdue, whatever the ratio."""
    return run.kind == "reduction" and run.overdue > 0


def end_runs(batch: BatchContext, endings: Endings) -> None:
    """Looked at once a batch: what a run has sent before is in the batch by then."""
    for account in sorted(batch.settle & batch.book.runs.keys()):
        run = batch.book.runs[account]
        if is_over(batch.engine, account):
            endings.cured(run)
            del batch.book.runs[account]
        elif account in endings.overtaken:
            endings.overtake(run)
            batch.fall_due(account, "liquidation", endings.overtaken[account])
    endings.write_statements()


def inform_of_queue(batch: BatchContext, run: Run, opened: bool) -> None:
    """Tells once a day of each holding that waits, and why; of a closed phase at the opening."""
    if run.opening is None:
        return
    wishes = batch.book.wishes(run.account)
    for queued in batch.plans.next_step(run.account, run.kind, wishes).queued:
        told = (queued.instrument, int(queued.obstacle))
        if told in run.informed or (queued.obstacle == Obstacle.PHASE and not opened):
            continue
        run.informed = [*run.informed, told]
        facts = Facts(
            account=run.account,
            symbol=queued.symbol,
            quantity=queued.quantity,
            obstacle=queued.obstacle,
        )
        batch.writer.of_batch(_QUEUED[run.kind], run.person, facts)

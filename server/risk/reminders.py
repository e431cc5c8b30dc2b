"""Reminders of margin calls (section 6.5): at a published cadence, until one is acknowledged.

The cadence is data, `reminders.toml`: every so many minutes of market time since the crossing, and
so many minutes before the deadline. Nights bring none: the market's clock moves with its batches,
and the first one of a morning brings a single reminder for all that fell due since the last.
"""

from functools import cache
from importlib import resources

import msgspec
import numpy as np

from server.engine import records
from server.engine.codes import Event, NoticeStage
from server.risk.batch_context import BatchContext
from server.risk.calls import MarginCall
from server.risk.catalogue import Facts
from server.risk.codes import INDEX_BITS, NoticeCode
from server.risk.cure import PPM, deposit_to_cure, repayment_to_cure
from server.risk.reading import amount_overdue, figures_of, person_of, restore_ppm

MINUTE = 60_000_000
_OF_CALLS = (
    *(NoticeCode.LINE_REDUCE, NoticeCode.CALL_REMINDER),
    *(NoticeCode.OVERDUE, NoticeCode.OVERDUE_REMINDER, NoticeCode.INTEREST_UNPAID),
)


class Cadence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of the table; in force from a session (YYYYMMDD) on."""

    valid_from: int
    rule: str
    every_minutes: int  # since the crossing
    before_deadline_minutes: tuple[int, ...]


class _Table(msgspec.Struct, frozen=True):
    cadence: list[Cadence]


@cache
def _cadences() -> list[Cadence]:
    text = resources.files("server.risk").joinpath("reminders.toml").read_text("utf-8")
    rows = msgspec.toml.decode(text, type=_Table).cadence
    return sorted(rows, key=lambda row: row.valid_from)


def cadence_of(session: int) -> Cadence:
    """The row in force; raises LookupError where there is none."""
    valid = [row for row in _cadences() if row.valid_from <= session]
    if not valid:
        raise LookupError(f"no cadence of reminders is in force on {session}")
    return valid[-1]


def next_reminder(after: int, deadline: int, session: int, opened: int = 0) -> int:
    """The first reminder's market time after `after`; 0 when none is left before the deadline.

    `opened` is when the call was, `after` itself for a new one.
    """
    cadence = cadence_of(session)
    start, step = opened or after, cadence.every_minutes * MINUTE
    times = [start + ((after - start) // step + 1) * step]
    times += [deadline - minutes * MINUTE for minutes in cadence.before_deadline_minutes]
    return min((time for time in times if after < time < deadline), default=0)


def note_acknowledgements(batch: BatchContext) -> None:
    """A call whose notice somebody has acknowledged is not reminded of any more."""
    if not batch.book.calls:
        return
    events = batch.applied.events
    told = events[events["kind"] == Event.NOTICE_RECORDED].view(records.NOTICE_EVENT)
    for event in told[
        np.isin(told["code"], _OF_CALLS) & (told["stage"] == NoticeStage.ACKNOWLEDGED)
    ]:
        call = batch.book.calls.get(int(event["account"]))
        if call is not None and int(event["notice_id"]) >> INDEX_BITS >= call.trigger.seq:
            changed = msgspec.structs.replace(call, acknowledged=True, remind_at=0)
            batch.book.calls[call.account] = changed


def remind_of_calls(batch: BatchContext) -> None:
    """Tells of the calls whose reminder has come."""
    now = int(batch.applied.commands[-1]["time"])
    due = [call for call in batch.book.calls.values() if 0 < call.remind_at <= now < call.deadline]
    for call in sorted(due, key=lambda call: (call.remind_at, call.account)):
        _remind(batch, call)
        following = next_reminder(now, call.deadline, batch.book.session, call.trigger.time)
        batch.book.calls[call.account] = msgspec.structs.replace(
            call, remind_at=following, reminders=call.reminders + 1
        )


def _remind(batch: BatchContext, call: MarginCall) -> None:
    """Of an overdue debt by what it is; of a call by both its cures."""
    now = figures_of(batch.engine, call.account)
    assets, line = now.cash + now.value, restore_ppm(batch.engine, call.account)
    facts = Facts(
        account=call.account,
        assets=assets,
        debt=now.debt,
        ratio=assets * PPM // max(now.debt, 1),
        line=line,
        deposit=deposit_to_cure(assets, now.debt, line),
        repay=repayment_to_cure(assets, now.debt, line),
        deadline=call.deadline,
        count=call.reminders + 1,
        amount=amount_overdue(batch.engine, call.account),
    )
    late = call.account in batch.book.late
    code = NoticeCode.OVERDUE_REMINDER if late else NoticeCode.CALL_REMINDER
    batch.writer.of_batch(code, person_of(batch.engine, call.account), facts)

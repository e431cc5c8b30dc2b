"""What the journal says about forced sales: calls, runs, notices and statements, batch by batch.

Deterministic: it reads the batch and the engine as the batch has left it, nothing else, so
replaying the journal's batches gives the same notices with the same ids. It asks nothing of
anyone: acting on a run is `liquidation`'s.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import records
from server.engine.codes import Event
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.risk import (
    action_events,
    contract_events,
    line_events,
    overdue,
    reminders,
    run_events,
    status_events,
    tomorrow,
)
from server.risk.batch_context import BatchContext, Rules
from server.risk.book import Book, Outcome
from server.risk.calls import MarginCall
from server.risk.catalogue import Catalogue
from server.risk.endings import Endings
from server.risk.notices import NoticeWriter
from server.risk.plans import Plans
from server.risk.ports import NextOpening


def _table(*events: Event) -> NDArray[np.bool_]:
    """By kind of event: whether it is one of these."""
    table = np.zeros(256, np.bool_)
    table[[int(event) for event in events]] = True
    return table


_ALWAYS = _table(
    Event.DAY_OPENED,
    Event.DAY_CLOSED,
    Event.PHASE_CHANGED,
    Event.LINE_CROSSED,
    Event.GRADE_CHANGED,
    Event.CONTRACT_OPENED,
    Event.CONTRACT_SETTLED,
    Event.SHORTFALL,
    Event.OVERDUE,
    Event.EXTENDED,
    Event.RELEASED,
    Event.SELL_LAST_SET,
    Event.ANNOUNCED,
    Event.EX_RIGHTS,
    *action_events.FOLLOWING,
)
NEVER = 2**63 - 1
_NOTICE_RECORDED = int(Event.NOTICE_RECORDED)
_OF_RUNS = _table(Event.FILL, Event.CASH_MOVED, Event.INTEREST_ACCRUED, Event.ORDER_ACCEPTED)


class Projection:
    """The book, and how batches change it."""

    def __init__(self, engine: Engine, book: Book, rules: Rules, catalogue: Catalogue) -> None:
        self.engine = engine
        self.book = book
        self._rules = rules
        self._catalogue = catalogue
        self.plans = Plans(engine)
        self._looked_at: Book | None = None  # whose calls have nothing due before `_next_due`
        self._next_due = 0

    def next_session(self) -> int:
        """After the engine's date; raises LookupError where the calendar ends."""
        return self._rules.next_session(self.engine.date)

    @property
    def opening(self) -> NextOpening:
        """What the market opens a day with."""
        return self._rules.opening

    def observe(self, applied: Applied) -> Outcome:
        """Takes a batch the engine has just applied. Batches must come in order, each once."""
        writer = NoticeWriter(applied, self._catalogue)
        batch = BatchContext(self.engine, self.book, self._rules, applied, writer, self.plans)
        endings = Endings(self.engine, self._catalogue, applied, writer)
        graded = applied.events.view(records.GRADE_EVENT)
        for i in self._relevant(applied.events).tolist():
            _take(batch, endings, graded, i)
        reminders.note_acknowledgements(batch)
        status_events.tell_of_changes(batch)
        overdue.close_repaid_calls(batch)
        self._look_at_calls(batch)
        opened = run_events.open_runs(batch)
        run_events.end_runs(batch, endings)
        for account in sorted(batch.review & self.book.runs.keys()):
            run_events.inform_of_queue(batch, self.book.runs[account], account in opened)
        return Outcome(applied.last_seq, writer.issued, endings.statements, _stages(applied.events))

    def _look_at_calls(self, batch: BatchContext) -> None:
        """Deadlines and reminders; the calls are gone through only when one of them has come."""
        calls = self.book.calls
        new = [_due(calls[account]) for account in batch.called if account in calls]
        self._next_due = min([self._next_due, *new])
        now = int(batch.applied.commands[-1]["time"])
        if self._looked_at is self.book and now < self._next_due:
            return
        run_events.late_calls_fall_due(batch)
        reminders.remind_of_calls(batch)
        self._looked_at = self.book
        self._next_due = min(map(_due, calls.values()), default=NEVER)

    def _relevant(self, events: NDArray[np.void]) -> NDArray[np.intp]:
        chosen = _ALWAYS[events["kind"]]
        if self.book.runs:
            booked = np.flatnonzero(_OF_RUNS[events["kind"]])
            accounts = events["account"][booked].tolist()
            ours = [account in self.book.runs for account in accounts]
            chosen[booked[ours]] = True
        return np.flatnonzero(chosen)


def _due(call: MarginCall) -> int:
    """The market time of what comes next: a reminder or the deadline."""
    return min(call.deadline, call.remind_at or NEVER)


def _take(batch: BatchContext, endings: Endings, graded: NDArray[np.void], i: int) -> None:
    events = batch.applied.events
    kind = int(events["kind"][i])
    if kind == Event.LINE_CROSSED:
        line_events.line_crossed(batch, endings, graded[i])
    elif kind == Event.GRADE_CHANGED:
        line_events.grade_changed(batch, graded[i])
    elif kind in (Event.CONTRACT_OPENED, Event.CONTRACT_SETTLED, Event.SHORTFALL):
        line_events.contract_changed(batch, endings, events.view(records.CONTRACT_EVENT)[i])
    elif kind == Event.OVERDUE:
        overdue.fell_overdue(batch, events.view(records.LOAN_EVENT)[i])
    elif kind in (Event.EXTENDED, Event.RELEASED):
        contract_events.changed(batch, events.view(records.LOAN_EVENT)[i])
    elif kind == Event.ANNOUNCED:
        action_events.announced(batch, events.view(records.ANNOUNCED_EVENT)[i])
    elif kind == Event.EX_RIGHTS or kind in action_events.FOLLOWING:
        action_events.booked(batch, events.view(records.ACTION_EVENT)[i])
    elif kind == Event.SELL_LAST_SET:
        line_events.sell_last_set(batch, events.view(records.SELL_LAST_EVENT)[i])
    elif kind == Event.DAY_CLOSED:
        tomorrow.warn(batch)
    elif kind in (Event.DAY_OPENED, Event.PHASE_CHANGED):
        _market_moved_on(batch, events.view(records.DAY_EVENT)[i])
    else:
        run_events.run_event(batch, i)


def _market_moved_on(batch: BatchContext, event: Any) -> None:
    """What waits may be sold in the new phase; a new day tells of what waits anew."""
    batch.review.update(batch.book.runs)
    if int(event["kind"]) == Event.DAY_OPENED:
        batch.book.session = int(event["date"])
        for run in batch.book.runs.values():
            run.informed = []


def _stages(events: NDArray[np.void]) -> list[tuple[int, int]]:
    told = events[events["kind"] == _NOTICE_RECORDED].view(records.NOTICE_EVENT)
    return [(int(event["notice_id"]), int(event["stage"])) for event in told]

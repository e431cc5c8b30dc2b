"""What everyone who reads one batch shares."""

from dataclasses import dataclass, field
from datetime import time
from typing import Any

from server.engine.engine import Engine
from server.journal.batch import Applied
from server.risk.book import Book
from server.risk.calls import MarginCall
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.notices import NoticeWriter
from server.risk.plans import Plans
from server.risk.ports import NextOpening, NextSession
from server.risk.reading import person_of
from server.risk.runs import Kind, Run, Trigger


@dataclass(frozen=True, slots=True)
class Rules:
    """What the calls' deadlines follow, and what the next day opens with."""

    next_session: NextSession
    cut_off: time
    opening: NextOpening


@dataclass(frozen=True, slots=True)
class BatchContext:
    """One batch, the engine as the batch has left it, and the book it changes."""

    engine: Engine
    book: Book
    rules: Rules
    applied: Applied
    writer: NoticeWriter
    plans: Plans
    review: set[int] = field(default_factory=set)  # accounts whose queue may have changed
    settle: set[int] = field(default_factory=set)  # accounts whose run may be over
    called: set[int] = field(default_factory=set)  # accounts that a call was opened for

    def tell(self, code: NoticeCode, event: Any, facts: Facts) -> None:
        """A notice of one event, to the account's person."""
        person = person_of(self.engine, facts.account)
        self.writer.of_event(
            code, person, facts, int(event["seq"]), int(event["index"]), int(event["time"])
        )

    def fall_due(self, account: int, kind: Kind, trigger: Trigger) -> None:
        person = person_of(self.engine, account)
        self.book.runs[account] = Run(account, person, kind, trigger)
        self.settle.add(account)

    def close_call(self, account: int) -> MarginCall | None:
        return self.book.calls.pop(account, None)

"""Commands on their way: entered for their askers, answered in the turn that makes them durable.

There is no task and no future for a command. A `Ticket` waits with the sequencer; when the batch is
durable and applied, all its tickets are answered at once, and the frames leave before anybody else
hears of the batch. A repetition of an earlier command is rare, and answered by a task.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Literal, TypeAlias

import msgspec
import structlog

from server.gateway.ports import Services
from server.gateway.refusals import UNACKNOWLEDGED, reason_refusal, unacknowledged
from server.gateway.session import Session
from server.journal.batch import Applied
from server.protocol.reasons import Unit, refusal
from server.protocol.session import Failed
from server.sequencing.errors import Overloaded, Stopped
from server.sequencing.idempotency import Conflict, Duplicate, New, Registry
from server.sequencing.outcomes import Outcome, outcomes
from server.sequencing.stamping import Ticket as SequencedTicket

_log = structlog.get_logger("honghe.gateway")

Reused: TypeAlias = Literal["client_order_id_reused", "request_id_reused"]


class Asking(msgspec.Struct, frozen=True):
    """What a kind of request answers with.

    `bound` is the unit of a figure that only says that a bound was passed; `reused` the refusal of
    an id that stood for something else; `accepted` makes the answer to the first, `repeated` that
    to a repetition.
    """

    bound: Unit
    accepted: Callable[[int, Outcome], Any]
    reused: Reused = "client_order_id_reused"
    repeated: Callable[[int, Outcome], Coroutine[Any, Any, Any]] | None = None


class Ticket(msgspec.Struct, gc=False):
    """One command, and who waits for its answer."""

    session: Session
    request_id: int
    asking: Asking
    registry: Registry
    claim: New | None
    seq: int = 0

    def settle(self, outcome: Outcome) -> None:
        """Queues the answer."""
        if self.claim is not None:
            self.registry.settle(self.claim, outcome)
        try:
            if outcome.accepted:
                reply = self.asking.accepted(self.request_id, outcome)
            else:
                reply = _refused(self.request_id, outcome, self.asking.bound)
        except Exception:  # noqa: BLE001  a bug in one answer must not end the others
            _log.exception("answer_failed", outcome=outcome)
            reply = refusal(self.request_id, "internal_error")
        self.session.answer(reply)

    def fail(self, error: Stopped | Overloaded) -> None:
        """Queues the refusal of a command that was not taken, or not acknowledged."""
        if self.claim is not None:
            self.registry.release(self.claim, error)
        self.session.answer(unacknowledged(self.request_id, error))


class CommandDesk:
    """Takes in commands from sessions; `answer` is the sequencer's answerer."""

    def __init__(self, services: Services) -> None:
        self._sequencer = services.sequencer
        self._registry = services.registry

    def enter(self, session: Session, request_id: int, record: bytes, asking: Asking) -> None:
        """Has a command carried out, each time it is asked for."""
        self._enter(record, Ticket(session, request_id, asking, self._registry, None))

    def enter_once(
        self, session: Session, request_id: int, record: bytes, asking: Asking
    ) -> Failed | None:
        """Has a command carried out once for its sender's id, however often it is asked for."""
        claim = self._registry.claim(record)
        if isinstance(claim, New):
            self._enter(record, Ticket(session, request_id, asking, self._registry, claim))
            return None
        if isinstance(claim, Conflict):
            return refusal(request_id, asking.reused)
        session.start(_repeat(session, request_id, claim, asking))
        return None

    def _enter(self, record: bytes, ticket: Ticket) -> None:
        ticket.session.entered += 1
        try:
            self._sequencer.enter(record, ticket)
        except UNACKNOWLEDGED as error:
            ticket.fail(error)

    def answer(self, applied: Applied, tickets: list[SequencedTicket]) -> None:
        """Queues what each ticket's command came to, in order."""
        if tickets:
            rows = [ticket.seq - applied.first_seq for ticket in tickets]
            for ticket, outcome in zip(tickets, outcomes(applied, rows), strict=True):
                assert isinstance(ticket, Ticket)
                ticket.settle(outcome)


async def _repeat(session: Session, request_id: int, claim: Duplicate, asking: Asking) -> None:
    """Answers with what came of the first."""
    try:
        first = await claim.outcome
    except UNACKNOWLEDGED as error:
        session.reply(unacknowledged(request_id, error))
        return
    if first.accepted:
        assert asking.repeated is not None, "what has an id may be repeated"
        session.reply(await asking.repeated(request_id, first))
    else:
        session.reply(_refused(request_id, first, asking.bound))


def _refused(request_id: int, outcome: Outcome, bound: Unit) -> Failed:
    return reason_refusal(request_id, outcome.reason, outcome.figure, bound)

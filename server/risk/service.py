"""Risk at work: follows every batch, tells people, and carries out what the rules demand."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.codes import NoticeStage
from server.engine.engine import Engine
from server.engine.supposing import SupposedOrder
from server.journal.batch import Applied
from server.protocol.accounts import Notice, Statement
from server.protocol.risk import LiquidationPlan, Tomorrow
from server.risk.calls import MarginCall
from server.risk.catch_up import Saved
from server.risk.codes import Channel, NoticeCode
from server.risk.cure import deposit_to_cure, repayment_to_cure
from server.risk.desk import RiskDesk
from server.risk.foresight import Foreseen, foresee
from server.risk.liquidation import ForcedSales
from server.risk.look_ahead import look_ahead
from server.risk.notices import Issued
from server.risk.plan_messages import plan_message
from server.risk.ports import Records
from server.risk.projection import Projection
from server.risk.reading import amount_overdue, figures_of, restore_ppm
from server.risk.store import RiskStore
from server.risk.tomorrow import falling, tomorrow_message
from server.risk.writer import RiskWriter

OnNotice = Callable[[int, Notice], None]


class Sequencer(Protocol):
    """The part of the sequencer that takes commands; each call's commands stay together."""

    def post(self, commands: Records) -> None: ...

    def submit(self, commands: Records) -> Awaitable[Records]: ...


class CallState(msgspec.Struct, frozen=True):
    """A margin call as it stands: until when (market time), and what cures it now, either way."""

    deadline: int
    deposit: int
    repay: int


class UnknownNotice(LookupError):
    """There is no such notice for this person."""


class RiskService:
    """Made by `CatchUp` at the journal's head; subscribe `applied` to the sequencer, then `start`.

    Not for use by two threads: everything but SQL happens in the sequencer's loop.
    """

    def __init__(
        self,
        projection: Projection,
        sequencer: Sequencer,
        store: RiskStore,
        wall_clock: Callable[[], int],
    ) -> None:
        self._projection = projection
        self._sequencer = sequencer
        self._store = store
        self._writer = RiskWriter(store, store.projected_seq())
        holds = store.desk.holds()
        self._sales = ForcedSales(
            projection.engine, projection.book, sequencer.post, holds, projection.plans
        )
        self.desk = RiskDesk(
            projection.engine,
            lambda: projection.book,
            self._sales,
            store.desk,
            self._writer.ask,
            sequencer.submit,
            wall_clock,
        )
        self._listeners: list[OnNotice] = []

    @property
    def _engine(self) -> Engine:
        return self._projection.engine

    # In the sequencer's turn ----------------------------------------------------------------------

    def applied(self, applied: Applied) -> None:
        """The sequencer's listener."""
        outcome = self._projection.observe(applied)
        if outcome:
            self._writer.keep(outcome)
            self._push(outcome.issued)
        self._sales.act(applied)

    def on_notice(self, listener: OnNotice) -> None:
        """Has `listener(person, notice)` called for each new notice, in the sequencer's turn."""
        self._listeners.append(listener)

    def _push(self, issued: list[Issued]) -> None:
        """Both channels (6.5), and the record that they were used."""
        if not issued:
            return
        for each in issued:
            for listener in self._listeners:
                listener(each.person, each.notice)
        self._sequencer.post(_sent(issued))

    def snapshot(self) -> bytes:
        """For the journal's snapshot at this sequence; `CatchUp.restore` reads it."""
        written_seq, unwritten = self._writer.unwritten()
        book = self._projection.book
        return msgspec.msgpack.encode(Saved(self._engine.seq, book, written_seq, unwritten))

    # Start and end --------------------------------------------------------------------------------

    def start(self) -> None:
        """Sends what a stop has kept from being sent, and goes on with runs under way."""
        self._push(self._store.unsent())
        self._sales.resume()

    def close(self) -> None:
        """Writes what is left; blocks until it is written."""
        self._writer.close()

    # For the gateway ------------------------------------------------------------------------------

    def call_of(self, account: int) -> CallState | None:
        call: MarginCall | None = self._projection.book.calls.get(account)
        if call is None:
            return None
        now = figures_of(self._engine, account)
        restrict = restore_ppm(self._engine, account)
        assets = now.cash + now.value
        return CallState(
            call.deadline,
            deposit_to_cure(assets, now.debt, restrict),
            max(
                repayment_to_cure(assets, now.debt, restrict),
                amount_overdue(self._engine, account),
            ),
        )

    def plan(self, request_id: int, account: int) -> LiquidationPlan:
        """What forced sales would send now, and the call with both its cures."""
        return plan_message(
            self._engine,
            self._projection.book,
            self._sales.held_until(account),
            request_id,
            account,
        )

    def tomorrow(self, request_id: int, account: int) -> Tomorrow:
        """Raises LookupError where the calendar knows no next session."""
        session = self._projection.next_session()
        found = look_ahead(self._engine, self._projection.opening, account, session)
        return tomorrow_message(self._engine, request_id, session, found)

    def falling(self, request_id: int) -> list[Tomorrow]:
        """Who will be below another line at the next opening; raises as `tomorrow`."""
        session = self._projection.next_session()
        found = falling(self._engine, self._projection.opening, session)
        return [tomorrow_message(self._engine, request_id, session, each) for each in found]

    def foresee(
        self,
        account: int,
        orders: Sequence[SupposedOrder],
        deposit: int,
        move_ppm: int,
        prices: Mapping[int, int],
    ) -> Foreseen:
        wishes = self._projection.book.wishes(account)
        return foresee(self._engine, account, orders, deposit, move_ppm, prices, wishes)

    def is_liquidating(self, account: int) -> bool:
        run = self._projection.book.runs.get(account)
        return run is not None and run.kind == "liquidation"

    def is_forced(self, account: int) -> bool:
        """Whether a liquidation or a reduction is under way."""
        return account in self._projection.book.runs

    async def notices_of(self, person: int, limit: int = 200) -> list[Notice]:
        """Newest first; what is not acknowledged is in, however old."""
        return await self._writer.ask(partial(self._store.notices_of, person, limit))

    async def statements_of(self, person: int, account: int = -1) -> list[Statement]:
        """Newest first; `account` -1 is all of the person's."""
        return await self._writer.ask(partial(self._store.statements_of, person, account))

    def delivered(self, notice: Notice) -> None:
        """Puts on record that a notice was written to a connected client."""
        self._sequencer.post(_evidence(notice, NoticeStage.DELIVERED, Channel.IN_APP))

    async def acknowledge(self, person: int, notice_id: int) -> None:
        """Durable when it returns; a repetition does nothing. Raises UnknownNotice."""
        notice = await self._writer.ask(partial(self._store.notice, person, notice_id))
        if notice is None:
            raise UnknownNotice(f"person {person} has no notice {notice_id}")
        if not notice.acknowledged:
            command = _evidence(notice, NoticeStage.ACKNOWLEDGED, Channel.IN_APP)
            await self._sequencer.submit(command)


def _sent(issued: Sequence[Issued]) -> Records:
    """That each went out on every channel, notice by notice."""
    channels = [*Channel] * len(issued)

    def each(of: Callable[[Issued], int]) -> NDArray[np.int64]:
        return np.repeat([of(one) for one in issued], len(Channel))

    return building.notices(
        each(lambda one: one.notice.account),
        each(lambda one: one.notice.notice_id),
        each(lambda one: one.code),
        NoticeStage.SENT,
        channels,
    )


def _evidence(notice: Notice, stage: NoticeStage, channel: Channel) -> Records:
    code = NoticeCode[notice.code.upper()]
    return building.notice(notice.account, notice.notice_id, code, stage, channel)

"""From what the engine did to what each client hears.

Orders and fills go with the answers of the turn, holdings as well; all else is marked in the turn
and built at a flush.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

import numpy as np

from server.engine.codes import Command, Event
from server.gateway import market_views
from server.gateway.departures import depart
from server.gateway.desk_feed import DeskFeed
from server.gateway.encoded import Encoded
from server.gateway.market_feed import MarketFeed
from server.gateway.person_feed import PersonFeed
from server.gateway.ports import Services
from server.gateway.session import Session
from server.gateway.settings import GatewaySettings
from server.history.changes import Changes
from server.journal.batch import Applied
from server.protocol.accounts import Notice
from server.protocol.closing import CloseCode
from server.protocol.market import Instruments
from server.protocol.session import Clock
from server.protocol.systemic import PlatformChanged, SystemicFigures
from server.risk.systemic_figures import word

CLOCK_S: Final = 1.0
# Ticking holdings are built for each person: every 100 ms, or 1 ms a client if that is more.
HOLDINGS_MS: Final = 100
FLUSHED_AT_ONCE: Final = 10  # sessions in a turn of the loop: some 5 ms with ticking holdings
_LADDERS: Final = int(Command.LADDERS)
_CLOCK_MOVES: Final = np.zeros(256, np.bool_)
_CLOCK_MOVES[[Event.PHASE_CHANGED, Event.PLATFORM_CHANGED]] = True
_CLOCK: Final = "clock"
_INSTRUMENTS: Final = "instruments"
_SYSTEMIC: Final = "systemic"


class Fanout:
    """Everyone who is logged in. Listens to the sequencer and to history, in the same turn."""

    def __init__(self, services: Services, settings: GatewaySettings) -> None:
        self._services = services
        self._settings = settings
        self.market = MarketFeed(services.engine, services.market, services.bars)
        self.people = PersonFeed(services.engine, services.directory, services.risk)
        self.desk = DeskFeed(services)
        self._sessions: set[Session] = set()
        self._touched = np.zeros(0, np.bool_)  # instruments, since holdings last ticked
        self._day_due = self._clock_due = False
        self._news: asyncio.Handle | None = None
        self._flushes = 0  # since holdings last ticked
        self.seq = services.engine.seq  # whose orders and fills are in the outboxes

    # In the sequencer's turn

    def answering(self, applied: Applied) -> None:
        """Before the turn's answers; history must have heard of the batch before."""
        self.seq = applied.last_seq
        self.people.answering(applied)

    def applied(self, applied: Applied) -> None:
        """The sequencer's listener; risk must have heard of the batch before."""
        self.market.applied(applied)
        self.people.applied(applied)
        self._day_due |= bool((applied.commands["kind"] == _LADDERS).any())
        self._clock_due |= bool(_CLOCK_MOVES[applied.events["kind"]].any())
        if self._news is None and (self._day_due or self._clock_due):
            self._news = asyncio.get_running_loop().call_soon(self._announce)

    def changed(self, changes: Changes) -> None:
        """History's listener."""
        self.people.changed(changes)

    def notify(self, person: int, notice: Notice) -> None:
        """Pushes a notice to a person, if connected; otherwise it waits for the next login."""
        self.people.notify(person, notice)

    # News for everyone

    def _announce(self) -> None:
        """After the sequencer's turn: a new phase, a new day."""
        self._news = None
        if self._clock_due:
            self.push_clock(self._sessions)
        if self._day_due:
            self._announce_day()
        self._clock_due = self._day_due = False

    def _announce_day(self) -> None:
        """The day's instruments, once their figures are laid out."""
        if not self._sessions:
            return
        services = self._services
        items = market_views.instruments(services.engine, services.market)
        message = Encoded({_INSTRUMENTS: Instruments(0, services.engine.date, items)})
        for session in self._sessions:
            session.push_newest(_INSTRUMENTS, message.one(_INSTRUMENTS, session.codec))
            session.flush_soon()

    def tell_officers(self, figures: SystemicFigures) -> None:
        """The newest figures of the platform, to every officer who is logged in."""
        message = Encoded({_SYSTEMIC: figures})
        for session in self._sessions:
            if session.person is not None and session.person.role == "risk_officer":
                session.push_newest(_SYSTEMIC, message.one(_SYSTEMIC, session.codec))
                session.flush_soon()

    def tell_all(self, news: PlatformChanged) -> None:
        """To everyone who is logged in, in the sequencer's turn."""
        for session in self._sessions:
            session.push(news)
            session.flush_soon()

    # Coming and going

    @property
    def sessions(self) -> int:
        """How many are logged in."""
        return len(self._sessions)

    def sessions_of(self, person: int) -> list[Session]:
        return [each for each in self._sessions if each.person and each.person.id == person]

    def join(self, session: Session) -> None:
        self._sessions.add(session)
        self.people.join(session)

    def leave(self, session: Session) -> None:
        self._sessions.discard(session)
        self.people.leave(session)
        self.market.subscriptions.drop(session)
        self.desk.drop(session)

    # The clock

    def clock(self) -> Clock:
        services = self._services
        return Clock(
            market_time=services.sequencer.clock.now,
            wall_time=services.wall_clock(),
            date=services.engine.date,
            phase=market_views.phase(services.engine),
            speed=services.market.speed,
            feed_age_ms=services.market.feed_age_ms(),
            engine_stopped=services.sequencer.stopped is not None,
            platform=word(services.engine.state.header[0]["platform"]),
        )

    def push_clock(self, sessions: Iterable[Session]) -> None:
        message = Encoded({_CLOCK: self.clock()})
        for session in sessions:
            session.push_newest(_CLOCK, message.one(_CLOCK, session.codec))
            session.flush_soon()

    # The flush

    async def run(self) -> None:
        """Flushes and tells the time until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_flushing())
            tasks.create_task(self._tell_time())
            tasks.create_task(self.desk.run())

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(self._settings.flush_ms / 1_000)
            await self.flush()

    async def _tell_time(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_S)
            self.push_clock(self._sessions)

    async def flush(self) -> None:
        """Sends what has changed since the last flush; cuts off who takes nothing.

        Some sessions at a time: commands are answered in between.
        """
        dirty = self.market.flush()
        if len(self._touched) < len(dirty):
            missing = len(dirty) - len(self._touched)
            self._touched = np.append(self._touched, np.zeros(missing, np.bool_))
        self._touched |= dirty
        self._flushes += 1
        if self._flushes * self._settings.flush_ms >= max(HOLDINGS_MS, len(self._sessions)):
            self._flushes = 0
            self.people.tick(self._touched)
            self.people.tell_plans()
            self._touched[:] = False
        sessions = list(self._sessions)
        for start in range(0, len(sessions), FLUSHED_AT_ONCE):
            if start:
                await asyncio.sleep(0)
            self._flush_sessions(sessions[start : start + FLUSHED_AT_ONCE])

    def _flush_sessions(self, sessions: list[Session]) -> None:
        deadline = asyncio.get_running_loop().time() - self._settings.stall_s
        for session in sessions:
            if session.blocked_since is not None and session.blocked_since < deadline:
                session.cut(CloseCode.SLOW_READER)
            if session.is_cut:
                self.leave(session)
            elif session in self._sessions:
                depart(session)

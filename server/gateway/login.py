"""Logging in and resuming: passwords off the loop, the same answer to every wrong guess."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from server.accounts.people import Person, normalised
from server.accounts.registration import ensure_cash_account
from server.gateway.fanout import Fanout
from server.gateway.limits import SECOND_US, Throttle, TokenBucket
from server.gateway.ports import Services
from server.gateway.refusals import UNACKNOWLEDGED
from server.gateway.session import Session
from server.gateway.settings import GatewaySettings
from server.history.service import HistoryFailed
from server.protocol import PROTOCOL_VERSION
from server.protocol.accounts import Notice
from server.protocol.reasons import refusal
from server.protocol.session import Failed, Gap, Login, Resume, Welcome
from server.protocol.trading import Fill, Order

MINUTE_US: Final = 60 * SECOND_US
NAMES_AN_ADDRESS: Final = 10  # so many times the logins of one name
OPEN_NOTICES: Final = 200  # looked through for those not acknowledged yet

Answer = TypeVar("Answer")


class Busy(Exception):
    """Too many passwords wait to be hashed."""


class Reception:
    """Turns a connection into a person's session."""

    def __init__(self, services: Services, settings: GatewaySettings, fanout: Fanout) -> None:
        self._services = services
        self._settings = settings
        self._fanout = fanout
        self._threads = ThreadPoolExecutor(settings.hashing_threads, "passwords")
        self._waiting = 0
        self._guesses: Throttle[tuple[str, str]] = Throttle(self._new_bucket)
        self._addresses: Throttle[str] = Throttle(self._new_address_bucket)

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _new_bucket(self, now: int) -> TokenBucket:
        count = self._settings.logins_per_minute
        return TokenBucket(count, MINUTE_US, count, now)

    def _new_address_bucket(self, now: int) -> TokenBucket:
        """Names are cheap to make up, hashing is not: an address has a bound of its own."""
        count = NAMES_AN_ADDRESS * self._settings.logins_per_minute
        return TokenBucket(count, MINUTE_US, count, now)

    async def login(self, session: Session, request: Login) -> Failed | None:
        """Answers with a `welcome` and the present state, or returns why not."""
        if request.protocol != PROTOCOL_VERSION:
            return refusal(request.id, "protocol_version", PROTOCOL_VERSION)
        guess = (normalised(request.username), session.address)
        now = self._services.wall_clock()
        wait = self._guesses.take(guess, now) or self._addresses.take(session.address, now)
        if wait:
            return refusal(request.id, "too_many_logins", -(-wait // SECOND_US))
        try:
            entered = await self._in_thread(lambda: self._check(request))
        except Busy:
            return refusal(request.id, "overloaded")
        if entered is None:
            return refusal(request.id, "login_failed")
        await self._admit(session, request, *entered)
        return None

    def _check(self, request: Login) -> tuple[Person, str] | None:
        """In a thread: the password's cost, and a new session."""
        person = self._services.people.verify(request.username, request.password)
        if person is None:
            return None
        return person, self._services.sessions.start(person.id)

    async def resume(self, session: Session, request: Resume) -> Failed | None:
        """As `login`, by the session's token; sends again what came after `last_seq`."""
        if request.protocol != PROTOCOL_VERSION:
            return refusal(request.id, "protocol_version", PROTOCOL_VERSION)
        try:
            person = await self._in_thread(lambda: self._holder(request.token))
        except Busy:
            return refusal(request.id, "overloaded")
        if person is None:
            return refusal(request.id, "session_expired")
        await self._admit(session, request, person, request.token)
        return None

    def _holder(self, token: str) -> Person | None:
        person = self._services.sessions.person_of(token)
        return None if person is None else self._services.people.get(person)

    async def _admit(
        self, session: Session, request: Login | Resume, person: Person, token: str
    ) -> None:
        """Joins the person to the pushes and answers; pushes meanwhile wait for the answer."""
        with suppress(*UNACKNOWLEDGED):  # who registered in a moment of failure has none yet
            await ensure_cash_account(self._services.directory, self._services.sequencer, person.id)
        session.person = person
        session.language = "zh" if request.language.startswith("zh") else "en"
        session.hold()
        self._fanout.join(session)
        now = self._fanout.seq
        accounts = self._services.directory.accounts_of(person.id)
        resumed = isinstance(request, Resume)
        # A number from another journal's future would hide what happens until it is reached.
        seq = min(max(0, request.last_seq), now) if isinstance(request, Resume) else now
        missed = await self._missed(accounts, seq, now) if resumed else []
        notices = await self._open_notices(person)
        welcome = self._welcome(request.id, person, token, resumed=resumed, seq=seq)
        orders = self._services.history.open_orders(accounts)
        session.welcome([welcome, *missed, *orders, *notices])
        self._fanout.push_clock([session])
        self._fanout.people.show_all(session)

    async def _missed(self, accounts: list[int], seq: int, now: int) -> list[Gap | Order | Fill]:
        """Orders and fills between two sequence numbers; a gap where they are too many."""
        try:
            missed = await self._services.history.after(accounts, seq, self._settings.resume_items)
        except HistoryFailed:
            return [Gap(seq + 1, now)] if seq < now else []
        gap = [Gap(seq + 1, missed.lost_seq)] if missed.lost_seq else []
        return [*gap, *(item for item in (*missed.orders, *missed.fills) if item.seq <= now)]

    async def _open_notices(self, person: Person) -> list[Notice]:
        """Those not acknowledged yet, oldest first."""
        newest = await self._services.risk.notices_of(person.id, OPEN_NOTICES)
        return [notice for notice in reversed(newest) if not notice.acknowledged]

    def _welcome(
        self, request_id: int, person: Person, token: str, *, resumed: bool, seq: int
    ) -> Welcome:
        market = self._services.market
        return Welcome(
            id=request_id,
            token=token,
            person=person.username,
            display_name=person.display_name,
            server_version=self._settings.server_version,
            market=market.kind,
            market_label_zh=market.label_zh,
            market_label_en=market.label_en,
            resumed=resumed,
            seq=seq,
            role=person.role,
        )

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        if self._waiting >= self._settings.hashing_queue:
            raise Busy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

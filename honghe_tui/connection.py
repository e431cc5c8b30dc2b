"""The session with the server: logs in, keeps it up, matches replies, and loses no order."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast, get_args

from honghe_tui.link_state import LinkLost, LinkState, Unanswered
from honghe_tui.pending import Pending
from honghe_tui.subscriptions import Step, Subscriptions
from server.protocol.desk import DeskWindow
from server.protocol.messages import Frame, Push, Reply, Request
from server.protocol.session import (
    BarTopic,
    Clock,
    Failed,
    Login,
    Resume,
    Welcome,
)
from server.protocol.trading import PlaceOrder

if TYPE_CHECKING:
    from honghe_tui.wire import Wire

STALE_AFTER_S = 3.0
ANSWER_WITHIN_S = 8.0
BACKOFF_S = (0.3, 0.6, 1.2, 2.5, 5.0, 10.0)
_BUSY_CODES = ("too_many_logins", "too_many_requests", "overloaded", "server_stopping")
_REPLIES: tuple[type, ...] = get_args(Reply)


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str = field(repr=False)


async def _dial(url: str) -> "Wire":
    from honghe_tui.wire import dial  # 40 ms that the first screen need not wait for

    return await dial(url)


class Connection:
    """One logical session over as many sockets as it takes.

    `on_item` gets every reply and push, in order, synchronously; it must be quick. `on_link` is
    told of every other state of the link, but not of silence (`stale`), which only `state` sees.
    Time (seconds, monotonic), sleep, the socket and the jitter of the backoff are passed in.
    """

    def __init__(
        self,
        url: str,
        on_item: Callable[[Reply | Push], None],
        *,
        on_link: Callable[[LinkState], None] = lambda _: None,
        language: str = "zh",
        dial: Callable[[str], Awaitable["Wire"]] = _dial,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.url = url
        self.clock = clock
        self.pending = Pending()
        self._on_item = on_item
        self._on_link = on_link
        self._language = language
        self._dial = dial
        self._sleep = sleep
        self._jitter = jitter
        self._subscriptions = Subscriptions()
        self._state = LinkState()
        self._credentials: Credentials | None = None
        self._token = ""
        self._last_seq = 0
        self._next_id = 0
        self._attempt = 0
        self._greeting_id = 0
        self._date = 0
        self._heard = self._clock_heard = clock()
        self._outbox: asyncio.Queue[Request] | None = None
        self._orders_due = False
        self._accepted = False  # these credentials, at least once
        self._login_wanted = asyncio.Event()
        self._hurry = asyncio.Event()

    # What the screens read

    @property
    def state(self) -> LinkState:
        """The connection now; `live` turns to `stale` when the server's clock falls silent."""
        silent = self.clock() - self._clock_heard > STALE_AFTER_S
        if self._state.kind == "live" and silent:
            return LinkState("stale")
        return self._state

    @property
    def age_s(self) -> float:
        """Seconds since anything came from the server."""
        return max(0.0, self.clock() - self._heard)

    # What the app asks for

    def login(self, credentials: Credentials) -> None:
        """Logs in with these from now on; also what ends `rejected`."""
        self._credentials = credentials
        self._token = ""
        self._accepted = False
        self._attempt = 0
        self._become(LinkState("connecting"))
        self._login_wanted.set()
        self.hurry()

    def hurry(self) -> None:
        """Ends the wait before the next attempt."""
        self._hurry.set()

    async def request(self, message: Request, timeout_s: float = ANSWER_WITHIN_S) -> Reply:
        """Sends and waits for the reply; raises Refused, or Unanswered when none came."""
        outbox = self._live_outbox()
        message.id = self._new_id()
        future = self.pending.expect(message.id)
        outbox.put_nowait(message)
        try:
            return await asyncio.wait_for(future, timeout_s)
        except TimeoutError as error:
            raise Unanswered("app.unanswered.timeout") from error
        finally:
            self.pending.forget(message.id)

    async def place(self, order: PlaceOrder) -> Reply:
        """Sends an order and waits, over reconnections, until the server answers it.

        Raises Refused; Unanswered only if the market day changed before an answer came, or if
        there is no connection to begin with.
        """
        outbox = self._live_outbox()
        order.id = self._new_id()
        future = self.pending.expect_order(order, self._date)
        outbox.put_nowait(order)
        return await future

    def watch_quotes(self, symbols: Iterable[str]) -> None:
        self._send_all(self._subscriptions.want_quotes(symbols))

    def watch_depth(self, symbols: Iterable[str]) -> None:
        self._send_all(self._subscriptions.want_depth(symbols))

    def watch_bars(self, topics: Iterable[BarTopic]) -> None:
        self._send_all(self._subscriptions.want_bars(topics))

    def watch_desk(self, windows: Iterable[DeskWindow]) -> None:
        self._send_all(self._subscriptions.want_desk(windows))

    # The session

    async def run(self) -> None:
        """Keeps the session up until cancelled."""
        try:
            while True:
                await self._login_wanted.wait()
                cause = await self._one_socket()
                self.pending.lose_all()
                if self._login_wanted.is_set():
                    await self._wait_to_retry(cause)
        finally:
            self._become(LinkState("closed"))

    async def _one_socket(self) -> LinkLost:
        """Dials, logs in and receives until the socket is gone; says why it went."""
        self._become(LinkState("connecting", self._state.cause, self._attempt))
        try:
            wire = await self._dial(self.url)
        except LinkLost as lost:
            return lost
        outbox = self._outbox = asyncio.Queue()
        sender = asyncio.ensure_future(_send_from(outbox, wire))
        try:
            self._greet()
            while self._login_wanted.is_set():
                self._hear(await wire.receive())
        except LinkLost as lost:
            return lost
        finally:
            self._outbox = None
            sender.cancel()
            await wire.close()
        return LinkLost("")

    async def _wait_to_retry(self, lost: LinkLost) -> None:
        base = BACKOFF_S[min(self._attempt, len(BACKOFF_S) - 1)]
        delay = base * (0.75 + 0.5 * self._jitter())
        self._attempt += 1
        self._become(LinkState("waiting", lost.cause, self._attempt, self.clock() + delay))
        self._hurry.clear()
        waits = [asyncio.ensure_future(wait) for wait in (self._sleep(delay), self._hurry.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _greet(self) -> None:
        """Resumes the session there was, or logs in."""
        self._greeting_id = self._new_id()
        if self._token:
            resume = Resume(self._greeting_id, self._token, self._last_seq, language=self._language)
            self._send(resume)
        elif self._credentials is not None:
            name, password = self._credentials.username, self._credentials.password
            self._send(Login(self._greeting_id, name, password, language=self._language))

    def _become(self, state: LinkState) -> None:
        self._state = state
        self._on_link(state)

    # What comes in

    def _hear(self, frame: Frame) -> None:
        self._heard = self.clock()
        self._last_seq = max(self._last_seq, frame.seq)
        for item in frame.items:
            if isinstance(item, Clock):
                self._hear_clock(item)
            elif isinstance(item, Failed) and item.id == self._greeting_id:
                self._greeting_refused(item)
            elif isinstance(item, Welcome):
                self._welcome(item)
            elif isinstance(item, _REPLIES):
                self.pending.answer(cast(Reply, item))
            self._on_item(item)

    def _hear_clock(self, clock: Clock) -> None:
        self._clock_heard = self._heard
        self._date = clock.date
        if self._orders_due:
            self._orders_due = False
            for order in self.pending.orders_of_day(clock.date):
                self._send(order)

    def _welcome(self, welcome: Welcome) -> None:
        self._token = welcome.token
        self._last_seq = welcome.seq
        self._attempt = 0
        self._clock_heard = self._heard
        self._orders_due = self._accepted = True
        self._become(LinkState("live"))
        self._send_all(self._subscriptions.everything())

    def _greeting_refused(self, failed: Failed) -> None:
        """A forgotten session is not a refused person: log in anew with what was typed.

        Nor is one refused whom a restarted server cannot take just now.
        """
        if self._accepted and failed.code in _BUSY_CODES:
            raise LinkLost("busy")
        if self._token:
            self._token = ""
            self._last_seq = 0
            self._greet()
            return
        self._become(LinkState("rejected", failed=failed))
        self._login_wanted.clear()

    # What goes out

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def _live_outbox(self) -> asyncio.Queue[Request]:
        if self._outbox is None or self._state.kind != "live":
            raise Unanswered("app.unanswered.offline")
        return self._outbox

    def _send(self, message: Request) -> None:
        if self._outbox is not None:
            self._outbox.put_nowait(message)

    def _send_all(self, steps: Iterable[Step]) -> None:
        """Subscriptions need no answer: a new connection asks for all of them again."""
        for step in steps:
            if self._state.kind == "live":
                step.id = self._new_id()
                self._send(step)


async def _send_from(outbox: asyncio.Queue[Request], wire: "Wire") -> None:
    """Until cancelled, or until the socket is gone, which whoever receives will tell."""
    with suppress(LinkLost):
        while True:
            await wire.send(await outbox.get())

"""One client's connection: who it is, what waits to be sent, and how it is sent."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Hashable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from server.accounts.people import Person
from server.gateway.codec import Codec, OutFrame
from server.gateway.limits import SECOND_US, TokenBucket
from server.gateway.outbox import Outbox
from server.gateway.settings import GatewaySettings
from server.protocol.closing import CloseCode
from server.protocol.reasons import SENTENCES

LONGEST_CLOSE_REASON = 123  # bytes, by RFC 6455


class Session:
    """Frames are written at once while the client takes them, else by a task of its own, `write`.

    `seq` gives the newest journal sequence whose orders and fills have been put into outboxes;
    `announce` has `flush` called at the end of the turn. `before_frame` is called before a frame is
    made, to add what is only worth building then; `after_frame` with the items of a frame that has
    been written.
    """

    def __init__(
        self,
        socket: ServerConnection,
        codec: Codec,
        settings: GatewaySettings,
        seq: Callable[[], int],
        announce: Callable[["Session"], None],
        now: int,
    ) -> None:
        self.codec = codec
        self.address = str(socket.remote_address[0]) if socket.remote_address else ""
        self.person: Person | None = None
        self.language = "zh"
        self.dirty_accounts: set[int] = set()
        self.dirty_positions: set[int] = set()
        self.before_frame: Callable[[Session], None] | None = None
        self.after_frame: Callable[[list[Any]], None] | None = None
        self.held: list[Any] | None = None  # pushes that wait for a login to be answered
        self.bad_messages = 0
        self.requests = TokenBucket(
            settings.requests_per_second, SECOND_US, settings.request_burst, now
        )
        self.entered = 0  # commands whose tickets wait
        self.blocked_since: float | None = None  # loop time; the client takes nothing
        self._socket = socket
        self._settings = settings
        self._seq = seq
        self._announce = announce
        self._sent_seq = 0
        self._outbox = Outbox(settings.outbox)
        self._loop = asyncio.get_running_loop()
        self._due = asyncio.Event()
        self.is_cut = False
        self._closing: asyncio.Task[None] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._computing = asyncio.Lock()

    # What is being answered

    @property
    def in_flight(self) -> int:
        """Requests that are not answered yet."""
        return self.entered + len(self._answers)

    def answer(self, item: Any) -> None:
        """Queues the reply to a command that was entered."""
        self.entered -= 1
        self._put(item)

    def start(self, answer: Coroutine[Any, Any, None]) -> None:
        """Answers a request beside the others; they begin in the order they were started."""
        task = self._loop.create_task(answer)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    @asynccontextmanager
    async def long_turn(self) -> AsyncGenerator[None]:
        """Around the computing of a long answer: one for each client in a turn of the loop.

        However many a client asks for at once, everybody else is served in between.
        """
        async with self._computing:
            yield
            await asyncio.sleep(0)

    def abandon(self) -> None:
        """Nobody is left to be answered."""
        for task in self._answers:
            task.cancel()

    # What waits

    def reply(self, item: Any) -> None:
        """Queues a reply; it leaves with whatever else this turn of the loop brings."""
        self._put(item)

    def reply_long(self, item: Any) -> None:
        """As `reply`, encoded at once: what waits for a slow reader is bounded in octets."""
        self._outbox.put_long(self.codec.encode(item))
        self._look_at_outbox()

    def push(self, *items: Any) -> None:
        """Queues orders, fills or notices: never dropped, never out of order."""
        if self.held is not None:
            self.held += items
        else:
            self._put(*items)

    def hold(self) -> None:
        """Pushes wait, and no frame leaves, until `welcome`."""
        self.held = []

    def welcome(self, items: Iterable[Any]) -> None:
        """Queues what a login is answered with, then the pushes that came meanwhile."""
        held, self.held = self.held or [], None
        self._outbox.put_excused(items)
        self._outbox.put_excused(held)
        self.flush_soon()

    def push_newest(self, key: Hashable, item: Any) -> None:
        """Queues a state that a newer one may replace; it leaves at the next `flush`."""
        self._outbox.put_newest(key, item)

    def push_all_newest(self, items: Mapping[Hashable, Any]) -> None:
        self._outbox.put_all_newest(items)

    def _put(self, *items: Any) -> None:
        self._outbox.put(*items)
        self._look_at_outbox()

    def _look_at_outbox(self) -> None:
        if self._outbox.is_full:
            self.cut(CloseCode.SLOW_READER)
        else:
            self._announce(self)

    @property
    def waiting(self) -> int:
        """Items in the outbox."""
        return len(self._outbox)

    @property
    def is_dirty(self) -> bool:
        return bool(len(self._outbox) or self.dirty_accounts or self.dirty_positions)

    # Writing

    def flush_soon(self) -> None:
        """Sends a frame once this turn's replies and pushes are all in."""
        self._announce(self)

    def flush(self) -> None:
        """Sends a frame if there is anything to send, and nothing must come before it.

        A client that still has to take earlier frames gets the next one from its writer, which also
        ends with a connection that is going.
        """
        if not self.is_dirty or self.held is not None or self.is_cut:
            return
        if self._takes_all:
            frame, items = self._next_frame()
            broadcast((self._socket,), frame, text=self.codec.is_text)
            self._sent(items)
        if self.is_dirty:
            self._due.set()

    @property
    def _takes_all(self) -> bool:
        """Whether what is written now leaves at once."""
        is_open = self._socket.state is State.OPEN  # `broadcast` passes over any other in silence
        waits = self.blocked_since is not None or self._socket.transport.get_write_buffer_size()
        return is_open and not waits

    async def write(self) -> None:
        """Sends what a slow client could not take at once, until the connection is gone."""
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                while self.is_dirty and not self.is_cut:
                    await self._send_frame()
        except ConnectionClosed:
            return

    def _next_frame(self) -> tuple[bytes, list[Any]]:
        if self.before_frame is not None:
            self.before_frame(self)
        items, is_all = self._outbox.take(self._settings.frame_items)
        if is_all:
            self._sent_seq = self._seq()
        return self.codec.encode(OutFrame(self._sent_seq, items)), items

    async def _send_frame(self) -> None:
        frame, items = self._next_frame()
        self.blocked_since = self._loop.time()
        await self._socket.send(frame, text=self.codec.is_text)
        self.blocked_since = None
        self._sent(items)

    def _sent(self, items: list[Any]) -> None:
        if self.after_frame is not None:
            self.after_frame(items)

    # The end

    def cut(self, code: CloseCode) -> None:
        """Closes the connection and says why; who does not react to that is dropped."""
        if self.is_cut:
            return
        self.is_cut = True
        self._closing = self._loop.create_task(self._close(code))

    async def _close(self, code: CloseCode) -> None:
        abort = self._loop.call_later(self._settings.close_s, self._socket.transport.abort)
        try:
            if code is not CloseCode.SLOW_READER and self.blocked_since is None:
                with suppress(ConnectionClosed):
                    await self._send_frame()  # the last replies say why, too
            await self._socket.close(code, close_reason(code))
        finally:
            abort.cancel()


def close_reason(code: CloseCode) -> str:
    """The sentence of a close code, as long as a close frame may be."""
    text = SENTENCES[code.name.lower()].en
    return text.encode()[:LONGEST_CLOSE_REASON].decode(errors="ignore")

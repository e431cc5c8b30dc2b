"""The WebSocket server: who may connect, and the life of each connection."""

import asyncio
from collections import Counter
from functools import partial
from http import HTTPStatus

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin, Subprotocol

from server.gateway.codec import CODECS
from server.gateway.commands import CommandDesk
from server.gateway.departures import Departures
from server.gateway.fanout import Fanout
from server.gateway.login import Reception
from server.gateway.ports import Services
from server.gateway.requests import Requests
from server.gateway.session import Session, close_reason
from server.gateway.settings import GatewaySettings
from server.journal.batch import Applied
from server.protocol.closing import CloseCode
from server.protocol.reasons import SENTENCES
from server.sequencing.stamping import Ticket

_log = structlog.get_logger("honghe.gateway")


class Gateway:
    """Serves clients between `start` and `close`; `run` flushes and tells the time meanwhile.

    The composition root has the sequencer answer by `answer` (after history), subscribes
    `fanout.applied` to it (after risk), `fanout.changed` to history, `fanout.notify` to risk.
    """

    def __init__(self, services: Services, settings: GatewaySettings) -> None:
        self._departures = Departures()
        self.fanout = Fanout(services, settings)
        self._desk = CommandDesk(services)
        self._services = services
        self._settings = settings
        self._reception = Reception(services, settings, self.fanout)
        self._requests = Requests(services, settings, self.fanout, self._reception, self._desk)
        self._addresses: Counter[str] = Counter()
        self._server: Server | None = None

    def answer(self, applied: Applied, tickets: list[Ticket]) -> None:
        """Sends what a batch brings its askers, and what it did to the accounts of people here."""
        self.fanout.answering(applied)
        self._desk.answer(applied, tickets)
        self._departures.leave()

    @property
    def connections(self) -> int:
        """How many clients are connected, logged in or not."""
        return self._addresses.total()

    async def start(self) -> int:
        """Listens; returns the port. Raises OSError when the address cannot be had."""
        settings = self._settings
        self._server = await serve(
            self._serve,
            settings.host,
            settings.port,
            origins=[None, *(Origin(origin) for origin in settings.origins)],
            subprotocols=[Subprotocol(name) for name in CODECS],
            compression=None,
            process_request=self._process_request,
            server_header=None,
            open_timeout=settings.handshake_s,
            close_timeout=settings.close_s,
            max_size=settings.message_bytes,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def run(self) -> None:
        """Until cancelled."""
        await self.fanout.run()

    async def close(self) -> None:
        """Says good-bye to everyone and stops listening."""
        if self._server is not None:
            reason = close_reason(CloseCode.SERVER_STOPPING)
            self._server.close(code=CloseCode.SERVER_STOPPING, reason=reason)
            await self._server.wait_closed()
        self._reception.close()

    def _process_request(self, connection: ServerConnection, _: Request) -> Response | None:
        """Refuses a connection too many before it costs anything."""
        address = _address(connection)
        settings = self._settings
        here = self._addresses[address]
        if self.connections < settings.connections and here < settings.connections_per_address:
            return None
        sentence = SENTENCES["too_many_connections"]
        text = f"{sentence.en}\n{sentence.zh}\n"
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, text)

    async def _serve(self, connection: ServerConnection) -> None:
        address = _address(connection)
        self._addresses[address] += 1
        session = Session(
            connection,
            CODECS[str(connection.subprotocol)],
            self._settings,
            lambda: self.fanout.seq,
            self._departures.announce,
            self._services.wall_clock(),
        )
        writer = asyncio.create_task(session.write())
        writer.add_done_callback(partial(_report, session))
        patience = asyncio.get_running_loop().call_later(
            self._settings.login_s, self._expect_login, session
        )
        try:
            while True:
                await self._requests.receive(session, await connection.recv(decode=False))
        except ConnectionClosed:
            pass
        finally:
            patience.cancel()
            writer.cancel()
            session.abandon()
            self.fanout.leave(session)
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]

    def _expect_login(self, session: Session) -> None:
        if session.person is None:
            session.cut(CloseCode.LOGIN_TIMEOUT)


def _report(session: Session, writer: asyncio.Task[None]) -> None:
    """A writer that ends by an error of ours must not leave a client waiting in silence."""
    error = None if writer.cancelled() else writer.exception()
    if error is not None:
        _log.error("writer_failed", error=repr(error))
        session.cut(CloseCode.INTERNAL_ERROR)


def _address(connection: ServerConnection) -> str:
    remote = connection.remote_address
    return str(remote[0]) if remote else ""

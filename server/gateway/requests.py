"""From a message to its answer: one table says who answers what."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from server.gateway.bad_messages import explain, oversized
from server.gateway.fanout import Fanout
from server.gateway.login import Reception
from server.gateway.money import MoneyDesk
from server.gateway.orders import OrderDesk
from server.gateway.ports import Services
from server.gateway.reading import ReadingDesk
from server.gateway.session import Session
from server.gateway.settings import GatewaySettings
from server.protocol import accounts, market, session, trading
from server.protocol.closing import CloseCode
from server.protocol.messages import Request
from server.protocol.reasons import refusal

MILLISECOND_US: Final = 1_000

Handler = Callable[[Session, Any], Awaitable[Any]]

_log = structlog.get_logger("honghe.gateway")


def handlers(services: Services, fanout: Fanout) -> dict[type, Handler]:
    """Who answers which request. A handler submits commands before it first waits."""
    reading = ReadingDesk(services, fanout)
    orders = OrderDesk(services)
    money = MoneyDesk(services)
    return {
        session.Ping: reading.ping,
        session.Subscribe: reading.subscribe,
        session.Unsubscribe: reading.unsubscribe,
        market.GetInstruments: reading.instruments,
        market.GetBars: reading.bars,
        trading.PlaceOrder: orders.place,
        trading.CancelOrder: orders.cancel,
        trading.CancelAll: orders.cancel_all,
        trading.WhatIf: orders.what_if,
        trading.GetOrders: reading.orders,
        trading.GetFills: reading.fills,
        accounts.GetProducts: reading.products,
        accounts.OpenContract: money.open_contract,
        accounts.CloseContract: money.close_contract,
        accounts.Deposit: money.deposit,
        accounts.Withdraw: money.withdraw,
        accounts.Repay: money.repay,
        accounts.Transfer: money.transfer,
        accounts.AckNotice: reading.acknowledge,
        accounts.GetNotices: reading.notices,
        accounts.GetStatements: reading.statements,
    }


class Requests:
    """Reads each message of a connection, in order, and sees that it is answered once."""

    def __init__(
        self, services: Services, settings: GatewaySettings, fanout: Fanout, reception: Reception
    ) -> None:
        self._wall_clock = services.wall_clock
        self._settings = settings
        self._reception = reception
        self._handlers = handlers(services, fanout)

    async def receive(self, client: Session, data: bytes) -> None:
        """Takes one message; returns when the next one may be read."""
        try:
            request = client.codec.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._reject(client, explain(data, client.codec, error))
            return
        failed = oversized(request) or self._limit(client, request)
        if failed is not None:
            self._reject(client, failed)
        elif isinstance(request, session.Login | session.Resume):
            await self._greet(client, request)
        elif client.person is None:
            client.reply(refusal(request.id, "not_logged_in"))
        else:
            client.start(self._answer(client, request))

    def _reject(self, client: Session, failed: session.Failed) -> None:
        client.reply(failed)
        if failed.code == "bad_message":
            client.bad_messages += 1
            if client.bad_messages >= self._settings.bad_messages:
                client.cut(CloseCode.TOO_MANY_BAD_MESSAGES)

    def _limit(self, client: Session, request: Request) -> session.Failed | None:
        wait = client.requests.take(self._wall_clock())
        if wait:
            return refusal(request.id, "too_many_requests", -(-wait // MILLISECOND_US))
        if client.in_flight >= self._settings.in_flight:
            return refusal(request.id, "overloaded")
        return None

    async def _greet(self, client: Session, request: session.Login | session.Resume) -> None:
        if client.person is not None:
            client.reply(refusal(request.id, "already_logged_in"))
            return
        if isinstance(request, session.Login):
            failed = await self._reception.login(client, request)
        else:
            failed = await self._reception.resume(client, request)
        if failed is not None:
            client.reply(failed)

    async def _answer(self, client: Session, request: Request) -> None:
        try:
            client.reply(await self._handlers[type(request)](client, request))
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001  a bug in one request must not end the others
            _log.exception("request_failed", request=type(request).__name__)
            client.reply(refusal(request.id, "internal_error"))

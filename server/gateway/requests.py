"""From a message to its answer: one table says who answers what."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

import structlog

from server.gateway.bad_messages import UNREADABLE, explain, oversized, split, wrong_length
from server.gateway.commands import CommandDesk
from server.gateway.desk import OFFICERS_ONLY, ROLE, OfficerDesk
from server.gateway.fanout import Fanout
from server.gateway.foresight import ForesightDesk
from server.gateway.login import Reception
from server.gateway.money import MoneyDesk
from server.gateway.orders import OrderDesk
from server.gateway.ports import Services
from server.gateway.reading import ReadingDesk
from server.gateway.session import Session
from server.gateway.settings import GatewaySettings
from server.protocol import accounts, desk, desk_acts, market, risk, session, trading
from server.protocol.closing import CloseCode
from server.protocol.messages import Request
from server.protocol.reasons import refusal

MILLISECOND_US: Final = 1_000

MOST_IN_ARRAY: Final = 256
GREETINGS: Final = (session.Login, session.Resume)

Enter = Callable[[Session, Any], Any]
Ask = Callable[[Session, Any], Awaitable[Any]]

_log = structlog.get_logger("honghe.gateway")


class Handlers(NamedTuple):
    """Who answers which request.

    A command's handler enters it and returns nothing, or returns why not; its answer comes when it
    is durable. All others are questions, each answered by a task.
    """

    commands: dict[type, Enter]
    questions: dict[type, Ask]


def handlers(services: Services, fanout: Fanout, commands: CommandDesk) -> Handlers:
    reading = ReadingDesk(services, fanout)
    orders = OrderDesk(services, commands)
    money = MoneyDesk(services, commands)
    foresight = ForesightDesk(services, commands)
    officers = OfficerDesk(services, fanout)
    return Handlers(
        {
            trading.PlaceOrder: orders.place,
            trading.CancelOrder: orders.cancel,
            trading.CancelAll: orders.cancel_all,
            accounts.OpenContract: money.open_contract,
            accounts.CloseContract: money.close_contract,
            accounts.Deposit: money.deposit,
            accounts.Withdraw: money.withdraw,
            accounts.Repay: money.repay,
            accounts.Draw: money.draw,
            accounts.Extend: money.extend,
            accounts.PayRights: money.pay_rights,
            accounts.Transfer: money.transfer,
            risk.SetSellLast: foresight.sell_last,
        },
        {
            session.Ping: reading.ping,
            session.Subscribe: reading.subscribe,
            session.Unsubscribe: reading.unsubscribe,
            market.GetInstruments: reading.instruments,
            market.GetBars: reading.bars,
            trading.WhatIf: orders.what_if,
            trading.GetOrders: reading.orders,
            trading.GetFills: reading.fills,
            accounts.GetProducts: reading.products,
            accounts.AckNotice: reading.acknowledge,
            accounts.GetNotices: reading.notices,
            accounts.GetStatements: reading.statements,
            risk.WhatIfAccount: foresight.what_if,
            risk.GetPlan: foresight.plan,
            risk.GetTomorrow: foresight.tomorrow,
            desk.DeskWatch: officers.watch,
            desk.DeskOverview: officers.overview,
            desk.DeskStress: officers.stress,
            desk.DeskAccounts: officers.accounts,
            desk.DeskCalls: officers.calls,
            desk.DeskPlans: officers.plans,
            desk.DeskPlan: officers.plan,
            desk.DeskUnsellable: officers.unsellable,
            desk.DeskStocks: officers.stocks,
            desk.DeskTomorrow: officers.tomorrow,
            desk_acts.DeskHold: officers.hold,
            desk_acts.DeskRelease: officers.release,
            desk_acts.DeskReduce: officers.reduce,
            desk_acts.DeskStop: officers.stop,
            desk_acts.DeskPrice: officers.price,
            desk_acts.DeskPlatform: officers.platform,
            desk_acts.DeskActions: officers.actions,
        },
    )


class Requests:
    """Reads each message of a connection, in order, and sees that every request is answered once.

    A message is a request, or an array of them that are taken as if they had come one by one.
    """

    def __init__(
        self,
        services: Services,
        settings: GatewaySettings,
        fanout: Fanout,
        reception: Reception,
        desk: CommandDesk,
    ) -> None:
        self._wall_clock = services.wall_clock
        self._settings = settings
        self._reception = reception
        self._commands, self._questions = handlers(services, fanout, desk)

    async def receive(self, client: Session, data: bytes) -> None:
        """Takes one message; returns when the next one may be read."""
        try:
            message = client.codec.decode(data)
        except UNREADABLE as error:
            await self._receive_unreadable(client, data, error)
            return
        requests = message if isinstance(message, list) else (message,)
        if not 0 < len(requests) <= MOST_IN_ARRAY:
            self._reject(client, wrong_length(MOST_IN_ARRAY))
            return
        now = self._wall_clock()
        for request in requests:
            if self._take(client, request, now):
                await self._greet(client, request)

    async def _receive_unreadable(self, client: Session, data: bytes, error: Exception) -> None:
        """Of an array, those requests that can be read are carried out, each in its place."""
        parts = split(data, client.codec)
        if not 0 < len(parts) <= MOST_IN_ARRAY:
            failed = explain(data, client.codec, error)
            self._reject(client, wrong_length(MOST_IN_ARRAY) if parts else failed)
            return
        for part in parts:
            try:
                request = client.codec.decode_one(part)
            except UNREADABLE as wrong:
                self._reject(client, explain(part, client.codec, wrong))
            else:
                if self._take(client, request, self._wall_clock()):
                    await self._greet(client, request)

    def _reject(self, client: Session, failed: session.Failed) -> None:
        client.reply(failed)
        if failed.code == "bad_message":
            client.bad_messages += 1
            if client.bad_messages >= self._settings.bad_messages:
                client.cut(CloseCode.TOO_MANY_BAD_MESSAGES)

    def _take(self, client: Session, request: Request, now: int) -> bool:
        """Has a request answered; whether that is by a greeting, which the next must wait for."""
        failed = oversized(request) or self._limit(client, request, now)
        if failed is not None:
            self._reject(client, failed)
        elif type(request) in GREETINGS:
            return True
        elif client.person is None:
            client.reply(refusal(request.id, "not_logged_in"))
        elif type(request) in OFFICERS_ONLY and client.person.role != ROLE:
            client.reply(refusal(request.id, "not_permitted"))
        elif type(request) in self._commands:
            self._enter(client, request)
        else:
            client.start(self._answer(client, request))
        return False

    def _limit(self, client: Session, request: Request, now: int) -> session.Failed | None:
        wait = client.requests.take(now)
        if wait:
            return refusal(request.id, "too_many_requests", -(-wait // MILLISECOND_US))
        if client.in_flight >= self._settings.in_flight:
            return refusal(request.id, "overloaded")
        return None

    async def _greet(self, client: Session, request: Request) -> None:
        assert isinstance(request, GREETINGS), "told by `_take`"
        if client.person is not None:
            client.reply(refusal(request.id, "already_logged_in"))
            return
        if isinstance(request, session.Login):
            failed = await self._reception.login(client, request)
        else:
            failed = await self._reception.resume(client, request)
        if failed is not None:
            client.reply(failed)

    def _enter(self, client: Session, request: Request) -> None:
        try:
            failed = self._commands[type(request)](client, request)
        except Exception:  # noqa: BLE001  a bug in one request must not end the others
            failed = _internal_error(request)
        if failed is not None:
            client.reply(failed)

    async def _answer(self, client: Session, request: Request) -> None:
        try:
            client.reply_long(await self._questions[type(request)](client, request))
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001  a bug in one request must not end the others
            client.reply(_internal_error(request))


def _internal_error(request: Request) -> session.Failed:
    _log.exception("request_failed", request=type(request).__name__)
    return refusal(request.id, "internal_error")

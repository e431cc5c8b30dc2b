"""What the app asks of the server, each as one typed coroutine.

All raise Refused (the server said no, with its reason) and Unanswered (nobody knows).
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from honghe_tui.connection import Connection
from honghe_tui.desk_act import DeskAct
from honghe_tui.link_state import Unanswered
from honghe_tui.widgets.ticket_form import TicketOrder
from server.protocol import accounts, desk, desk_acts, market, risk, trading
from server.protocol.messages import Request
from server.protocol.session import BarTopic, Ok

T = TypeVar("T")

ALL_DAYS = -1
BARS_WANTED = 480


def new_id() -> str:
    """A fresh idempotency key."""
    return uuid4().hex


class Commands:
    """Requests over one connection; ids of orders and transfers come from `fresh_id`."""

    def __init__(self, connection: Connection, fresh_id: Callable[[], str] = new_id) -> None:
        self._connection = connection
        self._fresh_id = fresh_id
        self._given: set[str] = set()

    def gave(self, client_order_id: str) -> bool:
        """Whether the order was given here, and not by the house or another client."""
        return client_order_id in self._given

    async def load(self, *, instruments: bool, quotes: bool = True) -> None:
        """Asks for everything that is not pushed after login; replies reach the mirror.

        `quotes`: has all of them pushed from now on.
        """
        first: list[Request] = [market.GetInstruments(0)] if instruments else []
        rest: list[Request] = [
            trading.GetOrders(0),
            trading.GetFills(0),
            accounts.GetNotices(0),
            accounts.GetProducts(0),
        ]
        if quotes:
            self._connection.watch_quotes(["*"])
        await asyncio.gather(*(self._connection.request(message) for message in first + rest))

    # Orders

    async def place(self, draft: TicketOrder, client_order_id: str = "") -> trading.Placed:
        """Sends the order once, however often the connection breaks meanwhile.

        Without a `client_order_id` it gets a fresh one.
        """
        order_id = client_order_id or self._fresh_id()
        self._given.add(order_id)
        order = trading.PlaceOrder(
            0,
            draft.account,
            draft.symbol,
            draft.side,
            draft.order_type,
            draft.quantity,
            order_id,
            draft.price,
            draft.financed,
            draft.loan,
        )
        return _expect(await self._connection.place(order), trading.Placed)

    async def what_if(self, draft: TicketOrder) -> trading.WhatIfResult:
        question = trading.WhatIf(
            0,
            draft.account,
            draft.symbol,
            draft.side,
            draft.order_type,
            draft.quantity,
            draft.price,
            draft.financed,
        )
        return await self._ask(question, trading.WhatIfResult)

    async def cancel(self, account: int, order_id: int) -> Ok:
        return await self._ask(trading.CancelOrder(0, account, order_id), Ok)

    async def cancel_all(self, account: int) -> Ok:
        return await self._ask(trading.CancelAll(0, account), Ok)

    # History

    async def orders(self, date: int, before_seq: int = 0) -> trading.Orders:
        """Orders of a day (YYYYMMDD), of today (0) or of all days (ALL_DAYS), newest first.

        `before_seq` 0 begins with the newest.
        """
        question = trading.GetOrders(0, date=date, before_seq=before_seq)
        return await self._ask(question, trading.Orders)

    async def fills(self, date: int, before_seq: int = 0) -> trading.Fills:
        """The same for fills."""
        question = trading.GetFills(0, date=date, before_seq=before_seq)
        return await self._ask(question, trading.Fills)

    async def bars(self, topic: BarTopic) -> market.Bars:
        question = market.GetBars(0, topic.symbol, topic.interval, BARS_WANTED)
        return await self._ask(question, market.Bars)

    async def statements(self) -> accounts.Statements:
        return await self._ask(accounts.GetStatements(0), accounts.Statements)

    # Accounts

    async def acknowledge(self, notice_id: int) -> Ok:
        return await self._ask(accounts.AckNotice(0, notice_id), Ok)

    async def send(self, request: Request) -> accounts.Done:
        """One of the account requests, which carry their own `request_id`."""
        return await self._ask(request, accounts.Done)

    async def plan(self, account: int) -> risk.LiquidationPlan:
        return await self._ask(risk.GetPlan(0, account), risk.LiquidationPlan)

    async def forecast(self, question: risk.WhatIfAccount) -> risk.AccountForecast:
        return await self._ask(question, risk.AccountForecast)

    async def tomorrow(self, account: int) -> risk.Tomorrow:
        return await self._ask(risk.GetTomorrow(0, account), risk.Tomorrow)

    async def sell_last(self, account: int, symbol: str, *, on: bool) -> Ok:
        return await self._ask(risk.SetSellLast(0, account, symbol, on), Ok)

    # The risk desk

    async def desk_plan(self, account: int) -> risk.LiquidationPlan:
        return await self._ask(desk.DeskPlan(0, account), risk.LiquidationPlan)

    async def act(self, act: DeskAct) -> desk_acts.DeskDone:
        return await self._ask(_request(act, self._fresh_id()), desk_acts.DeskDone)

    async def _ask(self, message: Request, kind: type[T]) -> T:
        return _expect(await self._connection.request(message), kind)


def _request(act: DeskAct, request_id: str) -> Request:
    of, reason = act.of, (act.why, request_id)
    match act.act:
        case "hold":
            return desk_acts.DeskHold(0, of.account, act.until, *reason)
        case "release":
            return desk_acts.DeskRelease(0, of.account, *reason)
        case "reduce":
            return desk_acts.DeskReduce(0, of.account, *reason)
        case "stop":
            whom = (of.account, of.person, of.symbol)
            return desk_acts.DeskStop(0, act.level, *reason, *whom, act.until)
        case "price":
            return desk_acts.DeskPrice(0, of.symbol, act.price, *reason)
        case "platform":
            return desk_acts.DeskPlatform(0, act.state, *reason)


def _expect(reply: object, kind: type[T]) -> T:
    if isinstance(reply, kind):
        return reply
    raise Unanswered("app.unanswered.unexpected")

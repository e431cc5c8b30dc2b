"""A server that speaks the real protocol over a real socket, with canned data.

Run it to look at the client by eye: `python -m tests.tui.fake_server --port 8765`, then
`honghe --server ws://127.0.0.1:8765 --user demo` (password `demo`).
"""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from server.protocol import SUBPROTOCOL_MSGPACK, desk, desk_acts
from server.protocol.accounts import (
    Account,
    CloseContract,
    Deposit,
    Done,
    Draw,
    Extend,
    GetNotices,
    GetProducts,
    GetStatements,
    Notices,
    OpenContract,
    PayRights,
    Products,
    Repay,
    Statements,
    Transfer,
    Withdraw,
)
from server.protocol.market import Bars, GetBars, GetInstruments, Instruments
from server.protocol.messages import Frame, Push, Reply, Request
from server.protocol.reasons import refusal
from server.protocol.risk import GetPlan, GetTomorrow, WhatIfAccount
from server.protocol.session import (
    Failed,
    Login,
    Ok,
    Ping,
    Pong,
    Resume,
    Welcome,
)
from server.protocol.trading import (
    CancelAll,
    CancelOrder,
    Fills,
    GetFills,
    GetOrders,
    Order,
    Orders,
    Placed,
    PlaceOrder,
    WhatIf,
)
from server.protocol.words import Role
from tests.tui import canned, desk_windows

_decode = msgspec.msgpack.Decoder(Request).decode
_encode = msgspec.msgpack.Encoder().encode
Items = list[Reply | Push]
MONEY = (Deposit, Withdraw, Transfer, Repay, OpenContract, CloseContract, Draw, Extend, PayRights)


class FakeServer:
    """`received` has every request in order; `swallow` says which are carried out unanswered."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.orders = {order.order_id: order for order in canned.orders()}
        self.placed: dict[str, Order] = {}
        self.swallow: Callable[[Request], bool] = lambda _: False
        self.tokens: set[str] = set()
        self.refusals: list[Failed] = []  # what the next logins are answered with
        self.role: Role = "trader"
        self.date = canned.DATE
        self.accounts = canned.accounts()
        self.positions = canned.positions()
        self.products = canned.PRODUCTS
        self.seq = 100
        self._clients: set[ServerConnection] = set()
        self._wires: set[DirectWire] = set()
        self._server: Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}"

    async def start(self, port: int = 0) -> None:
        """Listens; started again after `stop`, on the same port as before."""
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            port or self._port,
            subprotocols=[Subprotocol(SUBPROTOCOL_MSGPACK)],
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self, code: int = 1012) -> None:
        """Goes away as a restarting server does."""
        assert self._server is not None
        for client in list(self._clients):
            await client.close(code)
        self._server.close()
        await self._server.wait_closed()

    def drop(self) -> None:
        """Cuts every connection without a word."""
        for client in list(self._clients):
            client.transport.abort()

    async def push(self, *items: Push) -> None:
        self.seq += 1
        data = _encode(Frame(self.seq, list(items)))
        for client in list(self._clients):
            with suppress(ConnectionClosed):
                await client.send(data)
        for wire in self._wires:
            wire.frames.put_nowait(Frame(self.seq, list(items)))

    async def dial(self, _: str) -> "DirectWire":
        """The same server without a socket, for tests whose loop is not their own."""
        wire = DirectWire(self)
        self._wires.add(wire)
        return wire

    def forget(self, wire: "DirectWire") -> None:
        self._wires.discard(wire)

    def of_kind(self, kind: type[Any]) -> list[Any]:
        """The requests of one kind that came so far."""
        return [message for message in self.received if isinstance(message, kind)]

    async def _serve(self, client: ServerConnection) -> None:
        try:
            async for data in client:
                assert isinstance(data, bytes)
                message = _decode(data)
                self.received.append(message)
                items = self._answer(message)
                if any(isinstance(item, Welcome) for item in items):
                    self._clients.add(client)
                if not self.swallow(message):
                    await client.send(_encode(Frame(self.seq, items)))
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)

    def answer(self, message: Request) -> Frame:
        """What a direct wire hears."""
        self.received.append(message)
        items = self._answer(message)
        return Frame(self.seq, [] if self.swallow(message) else items)

    def _answer(self, message: Request) -> Items:
        match message:
            case Login() | Resume():
                return self._greet(message)
            case PlaceOrder():
                return self._place(message)
            case CancelOrder():
                return self._cancel([message.order_id], message.id)
            case desk.DeskWatch():
                return [Ok(message.id), *(desk_windows.shown(each) for each in message.windows)]
            case CancelAll():
                own = [o for o in self.orders.values() if o.account == message.account]
                return self._cancel([o.order_id for o in own], message.id)
            case _:
                return [self._reply(message)]

    def _reply(self, message: Request) -> Reply:
        match message:
            case GetInstruments() | GetBars() | GetProducts() | Ping():
                return self._market_reply(message)
            case GetOrders():
                items = list(self.orders.values())
                return Orders(message.id, items if message.date == 0 else canned.old_orders())
            case GetFills():
                return Fills(message.id, canned.fills() if message.date == 0 else [])
            case WhatIf():
                return canned.what_if_result(message)
            case GetNotices():
                return Notices(message.id, canned.notices())
            case GetStatements():
                return Statements(message.id, [canned.STATEMENT])
            case _ if isinstance(message, MONEY):
                return Done(message.id, 4)
            case _:
                return self._desk_reply(message)

    def _desk_reply(self, message: Request) -> Reply:
        match message:
            case desk.DeskPlan() | GetPlan() | GetTomorrow() | WhatIfAccount():
                return canned.foresight(message)
            case (
                desk_acts.DeskHold()
                | desk_acts.DeskRelease()
                | desk_acts.DeskReduce()
                | desk_acts.DeskStop()
                | desk_acts.DeskPrice()
                | desk_acts.DeskPlatform()
            ):
                free = isinstance(message, desk_acts.DeskPrice) and not message.price
                done = desk_acts.DeskDone(message.id, 8, "hold")
                return refusal(message.id, "not_quarantined") if free else done
            case _:
                return Ok(message.id)

    def _market_reply(self, message: GetInstruments | GetBars | GetProducts | Ping) -> Reply:
        match message:
            case GetInstruments():
                return Instruments(message.id, self.date, canned.instruments())
            case GetBars():
                items = canned.bars(message.symbol, message.interval, message.limit)
                return Bars(message.id, message.symbol, message.interval, items)
            case GetProducts():
                return Products(message.id, self.products)
            case Ping():
                return Pong(message.id, canned.WALL)

    def _greet(self, message: Login | Resume) -> Items:
        if self.refusals:
            return [msgspec.structs.replace(self.refusals.pop(0), id=message.id)]
        if isinstance(message, Resume) and message.token not in self.tokens:
            return [Failed(message.id, "session_expired", "会话已失效", "The session has expired")]
        if isinstance(message, Login) and message.password != "demo":
            return [
                Failed(message.id, "login_failed", "用户名或密码不正确", "Wrong name or password")
            ]
        resumed = isinstance(message, Resume)
        token = message.token if isinstance(message, Resume) else f"token-{len(self.received)}"
        self.tokens.add(token)
        return [
            canned.welcome(message.id, token, resumed, self.seq, self.role),
            canned.clock(self.date),
            *self.accounts,
            *self.positions,
            *(canned.quote(n) for n in range(len(canned.SYMBOLS))),
            *(canned.depth(symbol) for symbol in canned.SYMBOLS),
        ]

    def _place(self, message: PlaceOrder) -> Items:
        known = self.placed.get(message.client_order_id)
        if known is not None:
            return [Placed(message.id, known, True)]
        if message.quantity > 1_000:
            refused = canned.what_if_result(WhatIf(0, 0, "", "buy", "limit", message.quantity))
            return [
                Failed(
                    message.id, refused.code, refused.message_zh, refused.message_en, 1_000,
                    "quantity",
                )
            ]  # fmt: skip
        self.seq += 10
        order = Order(
            self.seq, 200 + len(self.placed), message.account, message.symbol, message.side,
            message.order_type, message.price, message.quantity, 0, 0, "working", canned.NOW,
            self.date, message.client_order_id,
        )  # fmt: skip
        self.placed[message.client_order_id] = self.orders[order.order_id] = order
        return [Placed(message.id, order)]

    def _cancel(self, order_ids: list[int], request_id: int) -> Items:
        items: Items = [Ok(request_id)]
        for order_id in order_ids:
            order = self.orders[order_id]
            if order.status == "working":
                self.seq += 1
                self.orders[order_id] = msgspec.structs.replace(
                    order, status="cancelled", seq=self.seq
                )
                items.append(self.orders[order_id])
        return items


class DirectWire:
    """A `Wire` straight into a fake server; `frames` are what the client will receive."""

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()

    async def send(self, request: Request) -> None:
        self.frames.put_nowait(self._server.answer(request))

    async def receive(self) -> Frame:
        return await self.frames.get()

    async def close(self) -> None:
        self._server.forget(self)


def wobble(account: Account, step: int) -> Account:
    """The account with a ratio that moves a little."""
    ratio = account.ratio_ppm + (step % 40 - 20) * 400 if account.ratio_ppm else 0
    return msgspec.structs.replace(account, ratio_ppm=ratio)


async def live(server: FakeServer, port: int, rate_hz: int) -> None:
    """Moves the market for ever, so that a person can look at the client."""
    await server.start(port)
    step = 0
    while True:
        await asyncio.sleep(1 / rate_hz)
        step += 1
        quotes = [canned.quote(n, (step * (n + 3)) % 17) for n in range(len(canned.SYMBOLS))]
        await server.push(*quotes[step % 3 :: 3], wobble(canned.accounts()[2], step))
        if step % rate_hz == 0:
            await server.push(canned.clock(seconds=step // rate_hz))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--rate", type=int, default=10)
    options = parser.parse_args()
    asyncio.run(live(FakeServer(), options.port, options.rate))


if __name__ == "__main__":
    main()

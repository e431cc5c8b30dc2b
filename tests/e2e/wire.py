"""A second reader of the server, over JSON: what the screen claims is checked against it."""

import asyncio
from typing import Any

import msgspec
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server.protocol import SUBPROTOCOL_JSON
from server.protocol.accounts import Account, Deposit
from server.protocol.messages import Frame
from server.protocol.session import Failed, Login, Welcome
from server.protocol.trading import GetOrders, Order, Orders

WITHIN_S = 60.0


def orders_of(url: str, username: str, password: str) -> list[Order]:
    """Every order of the person, newest first."""
    (orders,) = _ask(url, username, password, GetOrders(0, date=-1))
    assert isinstance(orders, Orders)
    return orders.items


def pay_in(url: str, username: str, password: str, amount: int) -> None:
    """Simulated money for the person's cash account, which the first login opens."""
    _ask(url, username, password, Deposit(0, -1, amount, "e2e"))


def _ask(url: str, username: str, password: str, request: Any) -> list[Any]:
    return asyncio.run(asyncio.wait_for(_talk(url, username, password, request), WITHIN_S))


async def _talk(url: str, username: str, password: str, request: Any) -> list[Any]:
    """Logs in, sends the request, and returns its reply; account -1 is the first there is."""
    async with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL_JSON)]) as socket:
        waiting: Any = Login(1, username, password)
        account, welcomed = -1, False
        await socket.send(msgspec.json.encode(waiting).decode())
        while True:
            for item in msgspec.json.decode(await socket.recv(decode=False), type=Frame).items:
                assert not isinstance(item, Failed), item
                if getattr(item, "id", 0) == 2:
                    return [item]
                welcomed |= isinstance(item, Welcome)
                account = item.account if isinstance(item, Account) else account
            if welcomed and waiting is not request and account >= 0:
                waiting = request
                request.id = 2
                if isinstance(request, Deposit):
                    request.account = account
                await socket.send(msgspec.json.encode(request).decode())

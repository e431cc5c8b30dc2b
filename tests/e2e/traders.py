"""Clients of a server that is a process of its own, by the wire alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from server.protocol import SUBPROTOCOL_MSGPACK
from server.protocol.accounts import Account, Deposit, Done
from server.protocol.session import Clock
from tests.e2e.serving import PASSWORD
from tests.gateway.client import Client

YUAN = 10_000


@asynccontextmanager
async def logged_in(url: str, username: str, yuan: int) -> AsyncGenerator[tuple[Client, int]]:
    """A client, and its cash account with so much in it."""
    async with connect(url, subprotocols=[Subprotocol(SUBPROTOCOL_MSGPACK)]) as socket:
        trader = Client(socket)
        await trader.login(username, PASSWORD)
        cash = (await trader.wait(Account)).account
        assert isinstance(await trader.ask(Deposit(0, cash, yuan * YUAN, "in")), Done)
        yield trader, cash


async def trading(client: Client) -> None:
    """Waits for continuous trading."""
    while not any(each.phase == "continuous" for each in client.of(Clock)):
        await client.receive()

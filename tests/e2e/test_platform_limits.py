"""The platform's limits hold on a server as it comes, for its own tables as for a house's."""

import asyncio
from pathlib import Path
from typing import TypeVar

import pytest

from honghe_tui.connection import Connection, Credentials
from honghe_tui.link_state import Refused
from server.accounts.people import People
from server.database import open_database
from server.protocol.accounts import Account, Deposit, Done, OpenContract
from server.protocol.market import GetInstruments, Instrument, Instruments
from server.protocol.messages import Push, Reply, Request
from server.protocol.session import Clock
from server.protocol.trading import Placed, PlaceOrder
from tests.e2e.serving import PASSWORD, free_port, serving

T = TypeVar("T")
YUAN = 10_000
WITHIN_S = 60.0
ONE_TO_TWO, ONE_TO_THREE = 3, 4
SYMBOL, OTHER = "600016.SSE", "600000.SSE"

HOUSE = """
version = 1
[[limits]] # 600,000 yuan a client, 900,000 in all
rule = "4.6"
from = 1990-12-19
lender_capital = 120_000_000_000
client_ppm = 50_000
lending_cap = 9_000_000_000
person_stock_cap = 1_100_000_000
stock_ppm = 10_000
stop_ppm = 250_000
resume_ppm = 200_000
fund_stop_ppm = 750_000
fund_resume_ppm = 700_000
jump_ppm = 150_000
confirmations = 1
price_bounds = true
[[concentration]]
rule = "4.6"
from = 1990-12-19
family = "fixed"
holding_class = "main"
scope = "stock"
tiers = [[1_450_000, 300_000]]
"""


class Client:
    """One person and what they were told of their accounts and the clock."""

    def __init__(self, url: str, username: str) -> None:
        self.connection = Connection(url, self._hear)
        self.accounts: dict[int, Account] = {}
        self.phase = ""
        self._username = username
        self._heard = asyncio.Event()
        self._number = 0

    def _hear(self, item: Reply | Push) -> None:
        if isinstance(item, Account):
            self.accounts[item.account] = item
        elif isinstance(item, Clock):
            self.phase = item.phase
        self._heard.set()

    async def start(self) -> None:
        """Logged in, with two million yuan, in continuous trading."""
        self._running = asyncio.create_task(self.connection.run())
        self.connection.login(Credentials(self._username, PASSWORD))
        while not self.accounts or self.phase != "continuous":
            self._heard.clear()
            await self._heard.wait()
        self.cash = min(self.accounts)
        await self.ask(Deposit(0, self.cash, 2_000_000 * YUAN, self._fresh()), Done)

    async def end(self) -> None:
        self._running.cancel()
        await asyncio.wait([self._running])

    async def ask(self, message: Request, kind: type[T]) -> T:
        reply = await self.connection.request(message)
        assert isinstance(reply, kind), reply
        return reply

    async def opens(self, product: int, deposit: int) -> int:
        asked = OpenContract(0, self.cash, product, deposit * YUAN, self._fresh())
        return (await self.ask(asked, Done)).account

    async def may_not_open(self, product: int, deposit: int) -> tuple[str, int | None]:
        asked = OpenContract(0, self.cash, product, deposit * YUAN, self._fresh())
        with pytest.raises(Refused) as refused:
            await self.connection.request(asked)
        return refused.value.failed.code, refused.value.failed.figure

    async def buys(self, account: int, share: Instrument, money: int) -> str:
        """The reason of the refusal, or how the order stands: far below the market, it rests."""
        price = share.limit_down
        order = PlaceOrder(
            *(0, account, share.symbol, "buy", "limit"),
            *(money * YUAN // price // 100 * 100, self._fresh(), price),
        )
        try:
            reply = await self.connection.place(order)
        except Refused as refused:
            return refused.failed.code
        assert isinstance(reply, Placed), reply
        return reply.order.status

    def _fresh(self) -> str:
        self._number += 1
        return f"{self._username}-{self._number}"


async def _shares(client: Client) -> dict[str, Instrument]:
    found = await client.ask(GetInstruments(0), Instruments)
    return {each.symbol: each for each in found.items}


async def _lending(li: Client, wang: Client) -> int:
    """One client 600,000 over all contracts, everybody 900,000; the figure is what would pass."""
    contract = await li.opens(ONE_TO_TWO, 200_000)
    assert await li.may_not_open(ONE_TO_TWO, 200_000) == (
        "client_lending_cap",
        100_000 * YUAN,
    )
    assert await wang.may_not_open(ONE_TO_THREE, 200_000) == (
        "lending_cap",
        500_000 * YUAN // 3 // 100 * 100,
    )
    return contract


async def _concentration(li: Client, contract: int) -> None:
    """A tier of 30 % of 600,000; one stock 120,000 over the platform, 110,000 a person."""
    shares = await _shares(li)
    assert await li.buys(contract, shares[SYMBOL], 190_000) == "concentration_tier"
    assert await li.buys(contract, shares[SYMBOL], 150_000) == "stock_cap"
    assert await li.buys(contract, shares[SYMBOL], 115_000) == "person_stock_cap"
    assert await li.buys(contract, shares[SYMBOL], 60_000) == "working"
    assert await li.buys(contract, shares[SYMBOL], 60_000) == "stock_cap"  # counted at the mark
    assert await li.buys(contract, shares[OTHER], 60_000) == "working"
    assert await li.buys(li.cash, shares[SYMBOL], 190_000) == "working"  # paid in full


async def _over_the_wire(url: str) -> None:
    clients = [Client(url, "li"), Client(url, "wang")]
    try:
        for client in clients:
            await client.start()
        await _concentration(clients[0], await _lending(*clients))
    finally:
        for client in clients:
            await client.end()


def _add_users(data: Path, *names: str) -> None:
    data.mkdir()
    database = open_database(f"sqlite:///{data / 'honghe.sqlite'}")
    people = People(database, lambda: 0)
    for name in names:
        people.register(name, PASSWORD)
    database.dispose()


def test_limits_of_a_house_are_refusals_with_figures(tmp_path: Path) -> None:
    _add_users(tmp_path / "data", "li", "wang")
    tables = tmp_path / "limits.toml"
    tables.write_text(HOUSE)
    option = f"--set=risk.limits_file={tables}"
    with serving(tmp_path, free_port(), option) as server:
        asyncio.run(asyncio.wait_for(_over_the_wire(server.url), WITHIN_S))

"""The platform's limits hold on a server as it comes, for its own tables as for a house's."""

import asyncio
from pathlib import Path

from server.accounts.people import People
from server.database import open_database
from server.protocol.accounts import Done, OpenContract
from server.protocol.market import GetInstruments, Instrument, Instruments
from server.protocol.session import Failed
from server.protocol.trading import Placed, PlaceOrder
from tests.e2e.serving import PASSWORD, free_port, serving
from tests.e2e.traders import YUAN, logged_in, trading
from tests.gateway.client import Client

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


class Trader:
    """One person with two million yuan, and what they ask for."""

    def __init__(self, client: Client, cash: int) -> None:
        self.client, self.cash = client, cash
        self._number = 0

    async def opens(self, product: int, deposit: int) -> int:
        done = await self._open(product, deposit)
        assert isinstance(done, Done), done
        return done.account

    async def may_not_open(self, product: int, deposit: int) -> tuple[str, int | None]:
        failed = await self._open(product, deposit)
        assert isinstance(failed, Failed), failed
        return failed.code, failed.figure

    async def _open(self, product: int, deposit: int) -> Done | Failed:
        asked = OpenContract(0, self.cash, product, deposit * YUAN, self._fresh())
        return await self.client.ask(asked)

    async def buys(self, account: int, share: Instrument, money: int) -> str:
        """The reason of the refusal, or how the order stands: far below the market, it rests."""
        price = share.limit_down
        order = PlaceOrder(
            *(0, account, share.symbol, "buy", "limit"),
            *(money * YUAN // price // 100 * 100, self._fresh(), price),
        )
        reply: Placed | Failed = await self.client.ask(order)
        return reply.code if isinstance(reply, Failed) else reply.order.status

    def _fresh(self) -> str:
        self._number += 1
        return f"own-{self._number}"


async def _shares(trader: Trader) -> dict[str, Instrument]:
    found: Instruments = await trader.client.ask(GetInstruments(0))
    return {each.symbol: each for each in found.items}


async def _lending(li: Trader, wang: Trader) -> int:
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


async def _concentration(li: Trader, contract: int) -> None:
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
    async with logged_in(url, "li", 2_000_000) as li, logged_in(url, "wang", 2_000_000) as wang:
        first, second = Trader(*li), Trader(*wang)
        for trader in (first, second):
            await trading(trader.client)
        await _concentration(first, await _lending(first, second))


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

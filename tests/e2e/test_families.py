"""Contracts on a real server, as a client sees them: drawn, financed, extended, repaid, closed."""

import asyncio
from pathlib import Path

from server.protocol.accounts import (
    Account,
    CloseContract,
    Done,
    Draw,
    Extend,
    GetProducts,
    GetStatements,
    Notice,
    OpenContract,
    Repay,
)
from server.protocol.market import GetInstruments, Quote
from server.protocol.session import Subscribe
from server.protocol.trading import Placed, PlaceOrder
from tests.e2e.serving import add_user, free_port, serving
from tests.e2e.traders import YUAN, logged_in, trading
from tests.gateway.client import Client


async def opened(trader: Client, cash: int, family: str) -> Account:
    products = (await trader.ask(GetProducts(0))).items
    product = next(each.product for each in products if each.offered and each.family == family)
    done = await trader.ask(OpenContract(0, cash, product, 200_000 * YUAN, family))
    assert isinstance(done, Done), done
    return await trader.wait(Account, lambda each: each.account == done.account)


async def flexible(trader: Client, cash: int) -> None:
    """Drawn, repaid in part, closed; the rest waits for its release and the statement adds up."""
    held = await opened(trader, cash, "flexible")
    assert isinstance(await trader.ask(Draw(0, held.account, 50_000 * YUAN, "draw")), Done)
    drawn = await trader.wait(Account, lambda each: each.loan > 0)
    assert (drawn.account, drawn.cash) == (held.account, 250_000 * YUAN)
    await trader.ask(Repay(0, held.account, 20_000 * YUAN, "repay"))
    await trader.ask(CloseContract(0, held.account, cash, "close"))
    closed = await trader.wait(Account, lambda each: each.status == "releasing")
    assert (closed.cash, closed.release_to, closed.release_left) == (200_000 * YUAN, cash, 1)
    if not any(each.statement_id for each in trader.of(Notice)):
        await trader.wait(Notice, lambda each: each.statement_id > 0)
    (statement,) = (await trader.ask(GetStatements(0, held.account))).items
    amounts = {line.key: line.amount for line in statement.lines}
    assert (amounts["opening_debt"], amounts["closing_debt"]) == (30_000 * YUAN, 0)
    assert amounts["repay_principal"] == -30_000 * YUAN
    assert amounts["to_release"] == amounts["closing_cash"] == 200_000 * YUAN


async def licensed(trader: Client, cash: int) -> None:
    """Bought on margin of a share on offer, its loan extended and repaid."""
    held = await opened(trader, cash, "licensed")
    items = (await trader.ask(GetInstruments(0))).items
    main = {each.symbol for each in items if each.board == "main" and each.limited}
    await trading(trader)
    await trader.ask(Subscribe(0, quotes=["*"]))
    on_offer = await trader.wait(
        Quote, lambda each: each.symbol in main and each.ask_quantity >= 100 and each.ask > 0
    )
    price = on_offer.ask * 101 // 100 // 100 * 100  # it is bought although the market moves on
    order = PlaceOrder(
        0, held.account, on_offer.symbol, "buy", "limit", 100, "buy", price, financed=True
    )
    placed = await trader.ask(order)
    assert isinstance(placed, Placed), placed
    owing = await trader.wait(Account, lambda each: bool(each.loans))
    (loan,) = owing.loans
    assert (loan.symbol, loan.quantity, loan.days_left) == (on_offer.symbol, 100, 180)
    assert loan.ratio_ppm == owing.financing_ratio_ppm
    assert isinstance(await trader.ask(Extend(0, held.account, "extend", loan.number)), Done)
    await trader.wait(Account, lambda each: bool(each.loans) and each.loans[0].days_left == 360)
    await trader.ask(Repay(0, held.account, loan.principal, "repay", loan=loan.number))
    await trader.wait(Account, lambda each: each.account == held.account and not each.debt)


def test_flexible_and_licensed_from_the_opening_to_the_end(tmp_path: Path) -> None:
    add_user(tmp_path, "anna")

    async def live(url: str) -> None:
        async with asyncio.timeout(60), logged_in(url, "anna", 1_000_000) as (trader, cash):
            await flexible(trader, cash)
            await licensed(trader, cash)

    with serving(tmp_path, free_port()) as server:
        asyncio.run(live(server.url))

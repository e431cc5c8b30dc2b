"""A trader's session over a real socket: orders, fills, holdings, money, and their refusals."""

from pathlib import Path

import pytest

from server.engine import building
from server.engine.codes import OrderType, Side
from server.engine.records import MAX_MONEY, MAX_PRICE, MAX_QUANTITY
from server.protocol import SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK
from server.protocol.accounts import (
    Account,
    CloseContract,
    Deposit,
    Done,
    GetProducts,
    OpenContract,
    Products,
    Repay,
    Transfer,
    Withdraw,
)
from server.protocol.session import Failed, Ok
from server.protocol.trading import (
    CancelAll,
    CancelOrder,
    Fill,
    GetFills,
    GetOrders,
    Order,
    Orders,
    Placed,
    PlaceOrder,
    Position,
    WhatIf,
    WhatIfResult,
)
from tests.gateway.client import client
from tests.gateway.house import DATE, MAKER, YUAN, house

SYMBOL = "600000.SSE"


def buy(account: int, quantity: int, yuan: int, client_order_id: str = "a") -> PlaceOrder:
    return PlaceOrder(
        0, account, SYMBOL, "buy", "limit", quantity, client_order_id, price=yuan * YUAN
    )


@pytest.mark.parametrize("subprotocol", [SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK])
async def test_a_buy_is_placed_filled_and_held(tmp_path: Path, subprotocol: str) -> None:
    async with house(tmp_path) as server, client(server, subprotocol) as trader:
        _, account = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=500)
        await trader.login("anna")

        placed = await trader.ask(buy(account, 300, 10))
        assert isinstance(placed, Placed)
        order = placed.order
        assert (order.status, order.filled, order.filled_amount) == ("filled", 300, 3_000 * YUAN)
        assert (order.date, order.client_order_id, order.origin) == (DATE, "a", "client")

        fill = await trader.wait(Fill)
        assert (fill.order_id, fill.price, fill.quantity) == (order.order_id, 10 * YUAN, 300)
        assert fill.commission == 5 * YUAN
        held = await trader.wait(Position)
        assert (held.quantity, held.sellable, held.bought_today) == (300, 0, 300)
        assert (held.cost, held.market_value) == (3_000 * YUAN + 5 * YUAN + 600, 3_000 * YUAN)


async def test_a_refused_order_says_what_would_pass_and_stands_in_history(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")

        failed = await trader.ask(buy(account, 150, 10))
        assert isinstance(failed, Failed)
        assert (failed.code, failed.figure, failed.unit) == ("quantity_off_lot", 100, "quantity")
        assert "100 股" in failed.message_zh
        assert "100 shares" in failed.message_en

        history = await trader.ask(GetOrders(0))
        assert isinstance(history, Orders)
        (order,) = history.items
        assert (order.status, order.code, order.figure) == ("rejected", "quantity_off_lot", 100)
        assert order.order_id == -order.seq


async def test_an_order_rests_and_is_cancelled_once(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        placed = await trader.ask(buy(account, 100, 10))
        assert placed.order.status == "working"

        order_id = placed.order.order_id
        assert await trader.ask(CancelOrder(0, account, order_id)) == Ok(2 + 1)
        cancelled = await trader.wait(Order, lambda order: order.status == "cancelled")
        assert cancelled.order_id == order_id
        again = await trader.ask(CancelOrder(0, account, order_id))
        assert again.code == "unknown_order"


async def test_cancel_all_cancels_what_there_is(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        for number in range(3):
            await trader.ask(buy(account, 100, 10, f"order {number}"))
        assert isinstance(await trader.ask(CancelAll(0, account)), Ok)
        for _ in range(3):
            await trader.wait(Order, lambda order: order.status == "cancelled")
        assert isinstance(await trader.ask(CancelAll(0, account)), Ok)


@pytest.mark.parametrize(
    ("change", "code", "figure"),
    [
        ({"symbol": "999999.SSE"}, "unknown_symbol", None),
        ({"quantity": MAX_QUANTITY + 1}, "out_of_range", MAX_QUANTITY),
        ({"quantity": -MAX_QUANTITY - 1}, "out_of_range", MAX_QUANTITY),
        ({"price": MAX_PRICE + 1}, "out_of_range", MAX_PRICE),
        ({"quantity": -1}, "quantity_not_positive", 100),
        ({"price": 12 * YUAN}, "price_above_limit", 11 * YUAN),
        ({"account": MAKER}, "not_your_account", None),
        ({"account": 99}, "not_your_account", None),
        ({"account": -1}, "not_your_account", None),
        ({"client_order_id": ""}, "bad_message", None),
        ({"client_order_id": "x" * 37}, "bad_message", None),
        ({"client_order_id": "订单"}, "bad_message", None),
        ({"client_order_id": "a\0"}, "bad_message", None),
        ({"quantity": 2**70}, "bad_message", None),
    ],
)
async def test_what_an_order_may_not_say(
    tmp_path: Path, change: dict[str, object], code: str, figure: int | None
) -> None:
    async with house(tmp_path) as server, client(server, SUBPROTOCOL_JSON) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        order = buy(account, 100, 10)
        for name, value in change.items():
            setattr(order, name, value)
        failed = await trader.ask(order)
        assert isinstance(failed, Failed)
        assert (failed.code, failed.figure) == (code, figure)


async def test_nobody_trades_or_reads_in_the_account_of_another(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, hers = await server.person("anna")
        _, his = await server.person("bert")
        await trader.login("bert")
        for request in (
            buy(hers, 100, 10),
            CancelOrder(0, hers, 1),
            CancelAll(0, hers),
            WhatIf(0, hers, SYMBOL, "buy", "limit", 100, 10 * YUAN),
            Transfer(0, his, hers, YUAN, "r1"),
            Withdraw(0, hers, YUAN, "r2"),
            Deposit(0, hers, YUAN, "r3"),
            OpenContract(0, hers, 0, 2_000 * YUAN, "r4"),
            GetOrders(0, account=hers),
            GetFills(0, account=hers),
        ):
            failed = await trader.ask(request)
            assert isinstance(failed, Failed), request
            assert failed.code == "not_your_account"


async def test_a_contract_is_opened_funded_and_closed(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await trader.login("anna", language="en")
        products = await trader.ask(GetProducts(0))
        assert isinstance(products, Products)
        assert products.items[0].leverage == 2

        done = await trader.ask(OpenContract(0, cash, 0, 100_000 * YUAN, "open"))
        assert isinstance(done, Done)
        opened = await trader.wait(Account, lambda account: account.account == done.account)
        assert (opened.account_class, opened.name) == ("contract", f"1:2 contract #{done.account}")
        assert (opened.deposit, opened.loan) == (100_000 * YUAN, 200_000 * YUAN)
        assert (opened.cash, opened.ratio_ppm) == (300_000 * YUAN, 1_500_000)
        assert (opened.liquidate_ppm, opened.interest_a_day) == (1_200_000, 40 * YUAN)

        moved = await trader.ask(Transfer(0, cash, done.account, 1_000 * YUAN, "move"))
        assert isinstance(moved, Done)
        closed = await trader.ask(CloseContract(0, done.account, cash, "close"))
        assert isinstance(closed, Done)
        settled = await trader.wait(Account, lambda account: account.status == "settled")
        assert settled.account == done.account


async def test_a_loan_is_repaid_from_the_contracts_own_cash(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, cash = await server.person("anna")
        await trader.login("anna")
        opened = await trader.ask(OpenContract(0, cash, 0, 100_000 * YUAN, "open"))
        for duplicate in (False, True):
            done = await trader.ask(Repay(0, opened.account, 50_000 * YUAN, "repay"))
            assert done == Done(done.id, opened.account, duplicate)
        now = await trader.wait(Account, lambda account: account.loan == 150_000 * YUAN)
        assert (now.cash, now.ratio_ppm) == (250_000 * YUAN, 250_000 * 1_000_000 // 150_000)
        failed = await trader.ask(Repay(0, cash, YUAN, "not this one"))
        assert failed.code == "not_a_contract"


@pytest.mark.parametrize(
    ("request_", "code", "figure"),
    [
        (OpenContract(0, 1, 0, 1, "r"), "deposit_out_of_range", 1_000 * YUAN),
        (OpenContract(0, 1, 77, 2_000 * YUAN, "r"), "unknown_product", None),
        (OpenContract(0, 1, 2**31, 2_000 * YUAN, "r"), "unknown_product", None),
        (Withdraw(0, 1, 2_000_000 * YUAN, "r"), "withdrawable_exceeded", 1_000_000 * YUAN),
        (Withdraw(0, 1, 0, "r"), "amount_not_positive", None),
        (Deposit(0, 1, MAX_MONEY + 1, "r"), "out_of_range", MAX_MONEY),
        (Deposit(0, 1, 1, ""), "bad_message", None),
        (Transfer(0, 1, 1, 1, "r"), "different_person", None),
    ],
)
async def test_what_money_requests_may_not_say(
    tmp_path: Path, request_: Deposit, code: str, figure: int | None
) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        assert (await server.person("anna"))[1] == 1
        await trader.login("anna")
        failed = await trader.ask(request_)
        assert isinstance(failed, Failed)
        assert (failed.code, failed.figure) == (code, figure)


async def test_what_if_names_the_refusal_and_changes_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna", yuan=1_000)
        await server.quote(Side.SELL, fen=1_000, quantity=500)
        await trader.login("anna")
        before = server.engine.state_hash()

        fine = await trader.ask(WhatIf(0, account, SYMBOL, "buy", "best_five_ioc", 0, 10 * YUAN))
        assert isinstance(fine, WhatIfResult)
        assert (fine.code, fine.figure, fine.unit) == ("quantity_not_positive", 100, "quantity")
        poor = await trader.ask(WhatIf(0, account, SYMBOL, "buy", "limit", 200, 10 * YUAN))
        assert (poor.code, poor.figure, poor.unit) == ("insufficient_cash", 0, "quantity")
        assert "0 股" in poor.message_zh
        assert server.engine.state_hash() == before


async def test_a_trade_of_others_moves_what_a_person_holds(tmp_path: Path) -> None:
    """Nothing happens in the account; the price alone brings a new position and account."""
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        _, other = await server.person("bert")
        await server.quote(Side.SELL, fen=1_000, quantity=300)
        await trader.login("anna")
        await trader.ask(buy(account, 300, 10))
        await server.quote(Side.SELL, fen=1_050, quantity=100)

        await server.do(building.order(other, 0, Side.BUY, OrderType.LIMIT, 105_000, 100))
        worth = await trader.wait(Account, lambda each: each.market_value == 3_150 * YUAN)
        assert worth.account == account
        held = await trader.wait(Position, lambda position: position.price == 105_000)
        assert held.market_value == 3_150 * YUAN
        assert not [fill for fill in trader.of(Fill) if fill.account == other]

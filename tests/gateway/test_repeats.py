"""A retry is harmless: the same id with the same body is carried out once, in every case."""

from pathlib import Path

from server.engine.codes import Side
from server.protocol.accounts import Deposit, Done, OpenContract
from server.protocol.session import Failed
from server.protocol.trading import CancelOrder, Placed, PlaceOrder
from tests.gateway.client import client
from tests.gateway.house import YUAN, house


def buy(account: int, quantity: int = 100) -> PlaceOrder:
    return PlaceOrder(0, account, "600000.SSE", "buy", "limit", quantity, "mine", price=10 * YUAN)


async def test_a_repeated_order_is_answered_with_the_first(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        first = await trader.ask(buy(account))
        seq = server.engine.seq
        again = await trader.ask(buy(account))
        assert isinstance(again, Placed)
        assert (first.duplicate, again.duplicate) == (False, True)
        assert again.order == first.order
        assert server.engine.seq == seq


async def test_another_body_under_the_same_id_is_refused(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        await trader.ask(buy(account))
        seq = server.engine.seq
        failed = await trader.ask(buy(account, quantity=200))
        assert isinstance(failed, Failed)
        assert failed.code == "client_order_id_reused"
        assert server.engine.seq == seq


async def test_ids_repeated_in_flight_are_one_order(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        seq = server.engine.seq
        numbers = [await trader.send(buy(account)) for _ in range(5)]
        other = await trader.send(buy(account, quantity=200))
        placed = [await trader.wait(Placed, lambda p, n=n: p.id == n) for n in numbers]
        assert [answer.duplicate for answer in placed] == [False, True, True, True, True]
        assert {answer.order.order_id for answer in placed} == {placed[0].order.order_id}
        failed = next(item for item in trader.of(Failed) if item.id == other)
        assert failed.code == "client_order_id_reused"
        assert server.engine.seq == seq + 1


async def test_a_repeated_order_is_found_when_it_is_over(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        first = await trader.ask(buy(account))
        await trader.ask(CancelOrder(0, account, first.order.order_id))
        server.history._recent.clear()  # as after many others
        again = await trader.ask(buy(account))
        assert (again.duplicate, again.order.status) == (True, "cancelled")


async def test_a_repeated_refusal_is_the_same_refusal(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        first = await trader.ask(buy(account, quantity=150))
        again = await trader.ask(buy(account, quantity=150))
        assert isinstance(again, Failed)
        assert (again.code, again.figure) == (first.code, first.figure)


async def test_ids_are_each_accounts_own(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as hers, client(server) as his:
        _, first = await server.person("anna")
        _, second = await server.person("bert")
        await hers.login("anna")
        await his.login("bert")
        answers = [await hers.ask(buy(first)), await his.ask(buy(second))]
        assert [answer.duplicate for answer in answers] == [False, False]


async def test_money_moves_once_for_its_request_id(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await trader.login("anna")
        for duplicate in (False, True):
            done = await trader.ask(Deposit(0, account, 500 * YUAN, "pay"))
            assert done == Done(done.id, account, duplicate)
        failed = await trader.ask(Deposit(0, account, 501 * YUAN, "pay"))
        assert failed.code == "request_id_reused"
        opened = await trader.ask(OpenContract(0, account, 0, 2_000 * YUAN, "open"))
        again = await trader.ask(OpenContract(0, account, 0, 2_000 * YUAN, "open"))
        assert (opened.account, again.account, again.duplicate) == (2, 2, True)
        assert int(server.engine.state.accounts[account]["cash"]) == 998_500 * YUAN


async def test_orders_in_flight_are_answered_in_their_order(tmp_path: Path) -> None:
    async with house(tmp_path) as server, client(server) as trader:
        _, account = await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=100_000)
        await trader.login("anna")
        numbers = [
            await trader.send(
                PlaceOrder(
                    *(0, account, "600000.SSE", "buy", "limit", 100, f"order {i}"),
                    price=10 * YUAN if i % 3 else 12 * YUAN,
                )
            )
            for i in range(40)
        ]
        while len([i for i in trader.items if getattr(i, "id", None) in numbers]) < len(numbers):
            await trader.receive()
        answers = [item for item in trader.items if getattr(item, "id", None) in numbers]
        assert [answer.id for answer in answers] == numbers
        seqs = [answer.order.seq for answer in answers if isinstance(answer, Placed)]
        assert seqs == sorted(seqs)

"""A server killed twenty times under the orders of four clients loses nothing it acknowledged."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from server.engine.queries import positions_of
from server.protocol.trading import CancelAll, Order
from tests.e2e.flow import Trader
from tests.e2e.killed_server import Mortal
from tests.e2e.replayed import Replayed, replay
from tests.e2e.serving import PASSWORD, add_user, free_port
from tests.e2e.wire import pay_in

TRADERS = ("anna", "boris", "chen", "dora")
MONEY = 1_000_000_000_000  # 100 million yuan
# How far the server gets before it is killed; the first time it is in mid-flow, too.
KILLS = {"while it starts": 5, "it listens": 3, "a client is back": 3, "in mid-flow": 8}

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="needs signals"),
]


class Flow:
    """The traders together, and how much they were told."""

    def __init__(self, url: str, seed: int) -> None:
        self.traders = [Trader(url, name, f"{seed} {name}", self._count) for name in TRADERS]
        self._answers = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def _count(self) -> None:
        self._answers += 1
        for wanted, future in self._waiting:
            if self._answers >= wanted and not future.done():
                future.set_result(None)

    async def answers(self, count: int) -> None:
        """Waits for so many more, over all traders."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._answers + count, future))
        await future

    async def somebody_is_back(self) -> None:
        """Since now: by a connection that did not stand yet."""
        waits = [asyncio.ensure_future(each.welcomed_again()) for each in self.traders]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()


async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    seed = int(os.environ.get("HONGHE_SEED") or random.SystemRandom().randrange(2**32))
    print(f"HONGHE_SEED={seed}")
    for name in TRADERS:
        add_user(tmp_path, name)
    server = Mortal(tmp_path, free_port())
    await server.start()
    url = await server.ready()
    for name in TRADERS:
        await asyncio.to_thread(pay_in, url, name, PASSWORD, MONEY)
    flow = Flow(url, seed)
    for trader in flow.traders:
        await trader.log_in()
        await trader.start()
    await kill_again_and_again(server, flow, random.Random(seed))

    orders = {trader.account: await end(trader, url) for trader in flow.traders}
    await server.stop()

    audit(tmp_path / "data")
    journal = replay(tmp_path / "data" / "journal.db")
    for trader in flow.traders:
        print(trader)
        assert_orders_are_there_once(trader, journal, orders[trader.account])
        assert_money_is_there_once(trader, journal)
        assert_state_is_the_replayed_one(trader, journal, orders[trader.account])
    assert any(trader.unanswered for trader in flow.traders)


async def kill_again_and_again(server: Mortal, flow: Flow, chance: random.Random) -> None:
    moments = list(chain.from_iterable([moment] * times for moment, times in KILLS.items()))
    chance.shuffle(moments)
    await flow.answers(chance.randint(1, 100))
    for moment in moments:
        await server.kill()
        await server.start()
        if moment == "while it starts":
            await server.is_ready_within(chance.random() * server.start_s)
            continue
        back = asyncio.ensure_future(flow.somebody_is_back())
        await server.ready()
        if moment == "a client is back":
            await back
        elif moment == "in mid-flow":
            await flow.answers(chance.randint(1, 200))
        back.cancel()
    await server.kill()
    await flow.traders[0].give_up()
    await server.start()
    await server.ready()


async def end(trader: Trader, url: str) -> list[Order]:
    """Has the trader's orders come to rest, and sees them as a client does that knows nothing.

    Its accounts and positions are taken over.
    """
    fresh = Trader(url, trader.username, "", lambda: None)
    await fresh.log_in()
    if not trader.has_left_early:
        await trader.stop()
    await fresh.ask(CancelAll(0, trader.account))
    await fresh.leave()
    await fresh.log_in()
    orders = await fresh.orders()
    trader.accounts, trader.positions = fresh.accounts, fresh.positions
    await fresh.leave()
    if not trader.has_left_early:
        assert orders == await trader.orders()
        assert trader.pushed == {order.order_id: order for order in orders}, "it missed nothing"
        await trader.leave()
    return orders


def audit(data: Path) -> None:
    command = [sys.executable, "-P", "-m", "honghe_tui.cli", "audit", "verify", f"--data={data}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def assert_orders_are_there_once(trader: Trader, journal: Replayed, orders: list[Order]) -> None:
    account = trader.account
    assert trader.has_left_early or not trader.unanswered
    asked = {each for of, each in journal.orders if of == account}
    assert trader.asked - trader.unanswered <= asked <= trader.asked
    assert [each for each in asked if journal.orders[account, each] != 1] == []
    for client_order_id, order in trader.placed.items():
        assert journal.results[account, client_order_id] == order.order_id
    assert all(journal.results[account, each] == 0 for each in trader.refused)
    over_the_wire = [each.client_order_id for each in orders if each.order_id > 0]
    assert sorted(over_the_wire) == sorted(each for each in asked if journal.results[account, each])
    assert [each.seq for each in orders] == sorted((each.seq for each in orders), reverse=True)
    assert trader.gaps == []


def assert_money_is_there_once(trader: Trader, journal: Replayed) -> None:
    account = trader.account
    assert trader.has_left_early or trader.paid == trader.asked_money
    paid = {each: amount for (of, each), amount in journal.amounts.items() if of == account}
    assert [each for each in paid if journal.deposits[account, each] != 1] == []
    assert trader.paid.items() | {("e2e", MONEY)} <= paid.items()
    assert paid.items() <= trader.asked_money.items() | {("e2e", MONEY)}


def assert_state_is_the_replayed_one(
    trader: Trader, journal: Replayed, orders: list[Order]
) -> None:
    engine, account = journal.engine, trader.account
    row = engine.state.accounts[account]
    told = trader.accounts[account]
    assert (told.cash, told.frozen) == (int(row["cash"]), 0)
    rows = [engine.state.positions[each] for each in positions_of(engine, account)]
    held = {engine.symbol(int(row["instrument"])): int(row["quantity"]) for row in rows}
    told_held = {symbol: position.quantity for symbol, position in trader.positions.items()}
    bought: Counter[str] = Counter()
    for order in orders:
        bought[order.symbol] += order.filled
    assert +Counter(told_held) == +Counter(held) == +bought

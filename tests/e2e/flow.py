"""Traders who never stop, over the product's own connection, and what each was told."""

import asyncio
from collections.abc import Callable
from random import Random

from honghe_tui.connection import Connection, Credentials
from honghe_tui.link_state import Refused, Unanswered
from server.protocol.accounts import Account, Deposit, Done
from server.protocol.market import GetInstruments, Instrument, Instruments, Quote
from server.protocol.messages import Push, Reply
from server.protocol.session import Gap, Welcome
from server.protocol.trading import (
    CancelAll,
    CancelOrder,
    GetOrders,
    Order,
    Orders,
    Placed,
    PlaceOrder,
    Position,
)
from tests.e2e.serving import PASSWORD

AT_ONCE = 6  # requests of one client in flight
SYMBOLS = 12
PAGE = 1_000


class Trader:
    """One person with a cash account. `answered` is called at each acknowledgement.

    `placed` and `refused` are by client order id, `asked` has every id that was ever sent;
    `paid` are the amounts of deposits acknowledged, by request id, `pushed` orders by their number.
    """

    def __init__(self, url: str, username: str, seed: str, answered: Callable[[], None]) -> None:
        self.username = username
        self.connection = Connection(url, self._hear)
        self.account = -1
        self.has_left_early = False
        self.welcomes = 0
        self.gaps: list[Gap] = []
        self.asked: set[str] = set()
        self.placed: dict[str, Order] = {}
        self.refused: dict[str, str] = {}
        self.asked_money: dict[str, int] = {}
        self.paid: dict[str, int] = {}
        self.pushed: dict[int, Order] = {}
        self.accounts: dict[int, Account] = {}
        self.positions: dict[str, Position] = {}
        self._random = Random(seed)
        self._answered = answered
        self._instruments: list[Instrument] = []
        self._asks: dict[str, int] = {}
        self._heard = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._workers: list[asyncio.Task[None]] = []
        self._stopping = False

    def __str__(self) -> str:
        asked = f"{self.username}: {len(self.asked)} orders asked, {len(self.placed)} placed"
        return f"{asked}, {len(self.refused)} refused, {len(self.paid)} deposits"

    # The connection

    def _hear(self, item: Reply | Push) -> None:
        match item:
            case Welcome():
                self.welcomes += 1
            case Gap():
                self.gaps.append(item)
            case Account():
                self.account = item.account
                self.accounts[item.account] = item
            case Position():
                self.positions[item.symbol] = item
            case Quote():
                self._asks[item.symbol] = item.ask
            case Order():
                before = self.pushed.get(item.order_id)
                assert before is None or before.seq <= item.seq, "an order went back in time"
                self.pushed[item.order_id] = item
            case _:
                return
        self._heard.set()

    async def heard(self, condition: Callable[[], bool]) -> None:
        """Waits until what came from the server makes `condition` true."""
        while not condition():
            self._heard.clear()
            await self._heard.wait()

    def is_live(self) -> bool:
        assert self.connection.state.kind != "rejected", self.connection.state
        return self.connection.state.kind in {"live", "stale"}

    async def ask(self, message: GetInstruments | GetOrders | Deposit | CancelAll) -> Reply:
        """Asks again, over as many connections as it takes, until there is an answer."""
        while True:
            await self.heard(self.is_live)
            try:
                return await self.connection.request(message)
            except Unanswered:
                continue

    async def log_in(self) -> None:
        self._running = asyncio.create_task(self.connection.run())
        self.connection.login(Credentials(self.username, PASSWORD))
        await self.heard(lambda: self.account >= 0 and self.is_live())

    async def welcomed_again(self) -> None:
        """By a connection that does not stand yet."""
        wanted = self.welcomes + 1
        await self.heard(lambda: self.welcomes >= wanted)

    async def leave(self) -> None:
        assert self._running is not None
        self._running.cancel()
        await asyncio.wait([self._running])

    # The flow

    async def start(self) -> None:
        reply = await self.ask(GetInstruments(0))
        assert isinstance(reply, Instruments)
        tradable = [each for each in reply.items if not each.suspended and each.limited]
        self._instruments = self._random.sample(tradable, SYMBOLS)
        self.connection.watch_quotes(each.symbol for each in self._instruments)
        self._workers = [asyncio.create_task(self._work(number)) for number in range(AT_ONCE)]

    async def stop(self) -> None:
        """Waits for the answers to everything that was asked. Raises what a worker raised."""
        self._stopping = True
        await asyncio.gather(*self._workers)

    async def give_up(self) -> None:
        """Goes away for good, as soon as an order of it has no answer."""
        await self.heard(lambda: bool(self.unanswered))
        for worker in self._workers:
            worker.cancel()
        await asyncio.wait(self._workers)
        await self.leave()
        self.has_left_early = True

    @property
    def unanswered(self) -> set[str]:
        return self.asked - set(self.placed) - set(self.refused)

    async def _work(self, number: int) -> None:
        turn = 0
        while not self._stopping:
            turn += 1
            name = f"{number}-{turn}"
            if self._random.random() < 0.1:
                await self._pay_in(f"pay-{name}")
            else:
                await self._place(self._order(f"order-{name}"))
            self._answered()

    def _order(self, client_order_id: str) -> PlaceOrder:
        """Buys at the lowest price, where it rests, or at the best offer; some are refused."""
        share = self._random.choice(self._instruments)
        ask = self._asks.get(share.symbol, 0)
        price = ask if ask and self._random.random() < 0.5 else share.limit_down
        quantity = self._random.choice([100, 200, 300, 350])
        return PlaceOrder(
            *(0, self.account, share.symbol, "buy", "limit", quantity, client_order_id, price)
        )

    async def _place(self, order: PlaceOrder) -> None:
        """Only what could not be sent at all is sent again here; the rest the connection does."""
        self.asked.add(order.client_order_id)
        self._heard.set()
        while True:
            await self.heard(self.is_live)
            try:
                reply = await self.connection.place(order)
            except Unanswered:
                continue
            except Refused as refused:
                self.refused[order.client_order_id] = refused.failed.code
                return
            assert isinstance(reply, Placed)
            assert reply.order.client_order_id == order.client_order_id
            self.placed[order.client_order_id] = reply.order
            if self._random.random() < 0.3:
                await self._cancel(reply.order.order_id)
            return

    async def _cancel(self, order_id: int) -> None:
        """Once: it may have been filled, or its answer lost."""
        try:
            await self.connection.request(CancelOrder(0, self.account, order_id))
        except (Refused, Unanswered):
            return

    async def _pay_in(self, request_id: str) -> None:
        amount = self._random.randint(1, 100_000_000)
        self.asked_money[request_id] = amount
        reply = await self.ask(Deposit(0, self.account, amount, request_id))
        assert isinstance(reply, Done)
        self.paid[request_id] = amount

    # The end

    async def orders(self) -> list[Order]:
        """Every order there ever was, newest change first."""
        found: list[Order] = []
        while True:
            before = found[-1].seq if found else 0
            page = await self.ask(GetOrders(0, date=-1, limit=PAGE, before_seq=before))
            assert isinstance(page, Orders)
            found += page.items
            if len(page.items) < PAGE:
                return found

"""A trader who behaves: logs in, subscribes, places, cancels and asks, and is never cut off."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from bench.soak.ledger import Ledger
from bench.soak.link import Link, Lost, Refused, linked
from bench.soak.plan import MONEY, PASSWORD, Crowd, Tally
from server.protocol.accounts import Account, Deposit, GetNotices, Withdraw
from server.protocol.market import GetBars, GetInstruments, Instrument, Instruments, Quote
from server.protocol.session import Clock, Gap, Login, Ping, Resume, Subscribe, Unsubscribe, Welcome
from server.protocol.trading import (
    CancelAll,
    CancelOrder,
    Fill,
    GetFills,
    GetOrders,
    Order,
    PlaceOrder,
    Position,
    WhatIf,
)
from server.protocol.words import Side

WATCHED = 30  # symbols
DEEP = 5  # of them with depth
WAIT_S = 60.0
_INTERVALS = ("1m", "5m", "1d")


class Trader:
    """One person over as many connections as it takes."""

    def __init__(self, name: str, crowd: Crowd, tally: Tally) -> None:
        self.rng = random.Random(f"{crowd.plan.seed}/{name}")
        self.name = name
        self.tally = tally
        self.ledger = Ledger(name, tally)
        self._crowd = crowd
        self._shares: dict[str, Instrument] = {}
        self._quotes: dict[str, Quote] = {}
        self._sellable: dict[str, int] = {}
        self._watched: list[str] = []
        self._account = -1
        self._opened = asyncio.Event()
        self._phase = "closed"
        self._date = 0
        self.token = ""
        self.last_seq = 0
        self._actions: dict[Callable[[Link], Awaitable[object]], int] = {
            self._place: 50, self._cancel: 20, self._what_if: 8, self._orders: 3, self._fills: 2,
            self._bars: 5, self._look_elsewhere: 5, self._cancel_all: 1, self._ping: 3,
            self._cash: 2, self._notices: 1,
        }  # fmt: skip

    async def run(self, over: asyncio.Event) -> None:
        """Trades until it is over, waits for the last answers, and looks at the record."""
        try:
            async with linked(self._crowd.url, self.tally, self.hear) as link:
                await self.begin(link)
                await self._act(link, over)
                await self.finish(link)
        except (Lost, TimeoutError) as error:
            self.tally.complain(f"{self.name} was cut off or left waiting: {error!r}")

    # Coming

    async def begin(self, link: Link) -> None:
        """The first login: money, the market, and what to watch."""
        welcome: Welcome = await link.ask(Login(0, self.name, PASSWORD))
        self.token = welcome.token
        instruments: Instruments = await link.ask(GetInstruments(0))
        self.hear(instruments)
        await asyncio.wait_for(self._opened.wait(), WAIT_S)
        await link.ask(Deposit(0, self._account, MONEY, f"{self.name}-start"))
        self._watched = self.rng.sample(sorted(self._shares), min(WATCHED, len(self._shares)))
        await self.subscribe(link)

    async def subscribe(self, link: Link) -> None:
        await link.ask(Subscribe(0, quotes=self._watched, depth=self._watched[:DEEP]))

    async def resume(self, link: Link) -> None:
        """Goes on after a lost connection, and asks again what was not answered."""
        date = self._date
        link.last_seq = self.last_seq
        welcome: Welcome = await link.ask(Resume(0, self.token, self.last_seq))
        self.tally.resumed += welcome.resumed
        await self.subscribe(link)
        for order in list(self.ledger.unanswered.values()):
            # After the market's night the same id would be another order.
            if self._date == date:
                with suppress(Refused):
                    await self._send(link, order)
            self.ledger.unanswered.pop(order.client_order_id, None)

    async def finish(self, link: Link) -> None:
        """The last pushes travel before the answer that follows them."""
        if self._account >= 0:
            await link.ask(Ping(0))
            await self.ledger.reconcile(link.ask)

    # What is told

    def hear(self, item: Any) -> None:
        match item:
            case Order():
                self.ledger.learn(item)
            case Fill():
                self.tally.fills += 1
            case Quote():
                self._quotes[item.symbol] = item
            case Position():
                self._sellable[item.symbol] = item.sellable
            case Account(account_class="cash"):
                self._account = item.account
                self._opened.set()
            case Clock():
                self._phase, self._date = item.phase, item.date
            case Instruments():
                self._shares = {each.symbol: each for each in item.items}
            case Gap():
                self.tally.gaps += 1
                self.ledger.gap = True
            case _:
                pass

    # What is done

    async def _act(self, link: Link, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.act_once(link)

    async def act_once(self, link: Link) -> None:
        """One action after a pause; what the rules refuse is refused."""
        await asyncio.sleep(self.rng.expovariate(self._crowd.plan.actions_a_second))
        (action,) = self.rng.choices(list(self._actions), list(self._actions.values()))
        try:
            await action(link)
        except Refused as refused:
            if refused.code == "internal_error":
                self.tally.complain(f"{self.name}: {refused} ({action.__name__})")

    async def _place(self, link: Link) -> None:
        chosen = self._choose()
        if chosen is None:
            return
        symbol, side, price, quantity = chosen
        number = self.ledger.next_id()
        order = PlaceOrder(0, self._account, symbol, side, "limit", quantity, number, price)
        self.ledger.unanswered[number] = order
        await self._send(link, order)

    async def _send(self, link: Link, order: PlaceOrder) -> None:
        try:
            self.ledger.acknowledged(await link.ask(order))
        except Refused:  # it is no order
            self.ledger.unanswered.pop(order.client_order_id, None)
            raise

    def _choose(self) -> tuple[str, Side, int, int] | None:
        """A limit order near the market: some rest, some trade."""
        symbol = self.rng.choice(self._watched)
        share, quote = self._shares[symbol], self._quotes.get(symbol)
        if quote is None or self._phase == "closed" or share.suspended:
            return None
        held = [each for each, sellable in self._sellable.items() if sellable >= 100]
        side: Side = "buy"
        if held and self.rng.random() < 0.5:
            symbol, side = self.rng.choice(held), "sell"
            share, quote = self._shares[symbol], self._quotes.get(symbol)
        last = (quote and quote.last) or share.previous_close
        price = last + self.rng.randint(-4, 4) * share.tick
        price = max(share.limit_down, min(share.limit_up, price)) // share.tick * share.tick
        return symbol, side, price, share.lot * self.rng.randint(1, 3)

    async def _cancel(self, link: Link) -> None:
        order = self.ledger.any_working(self.rng)
        if order is not None:
            await link.ask(CancelOrder(0, order.account, order.order_id))

    async def _cancel_all(self, link: Link) -> None:
        await link.ask(CancelAll(0, self._account))

    async def _what_if(self, link: Link) -> None:
        chosen = self._choose()
        if chosen is not None:
            symbol, side, price, quantity = chosen
            await link.ask(WhatIf(0, self._account, symbol, side, "limit", quantity, price))

    async def _orders(self, link: Link) -> None:
        await link.ask(GetOrders(0, limit=50))

    async def _fills(self, link: Link) -> None:
        await link.ask(GetFills(0, limit=50))

    async def _bars(self, link: Link) -> None:
        interval = self.rng.choice(_INTERVALS)
        await link.ask(GetBars(0, self.rng.choice(self._watched), interval))

    async def _look_elsewhere(self, link: Link) -> None:
        """Takes its eyes off one book and looks at another, as a chart page does."""
        old, new = self.rng.sample(self._watched, 2)
        await link.ask(Unsubscribe(0, depth=[old]))
        await link.ask(Subscribe(0, depth=[new]))

    async def _ping(self, link: Link) -> None:
        await link.ask(Ping(0))

    async def _notices(self, link: Link) -> None:
        await link.ask(GetNotices(0))

    async def _cash(self, link: Link) -> None:
        amount, number = self.rng.randint(1, 100) * 10_000, self.ledger.next_id()
        kind = Deposit if self.rng.random() < 0.5 else Withdraw
        await link.ask(kind(0, self._account, amount, number))

"""A session for programs: `async with Client(url, username, password) as client`.

Prices and money are integers in 1/10 000 yuan, as on the wire (docs/protocol.md); `yuan("16.80")`
makes one. A request raises Refused (the server said no: `failed` has the reason and the figure that
would pass) or Unanswered (nobody knows whether it was carried out).
"""

import asyncio
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from weakref import WeakSet

from honghe_tui.commands import Commands
from honghe_tui.connection import Connection, Credentials
from honghe_tui.i18n import Language
from honghe_tui.link_state import LinkState
from honghe_tui.mirror import Mirror
from honghe_tui.streams import Stream
from honghe_tui.widgets.ticket_form import TicketOrder
from server.protocol.accounts import Account
from server.protocol.market import Bar, Depth, Instrument, Quote
from server.protocol.messages import Push, Reply
from server.protocol.session import BarTopic, Ping
from server.protocol.trading import Order, WhatIfResult
from server.protocol.words import OPEN, Interval, OrderType, Side

T = TypeVar("T")

_YUAN: Final = 10_000
_LARGEST: Final = 2**53  # that the wire takes


class NoSession(Exception):
    """Nobody answered at the address, or the login was refused: `state` says which and why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state.failed.code if state.failed is not None else state.cause)
        self.state = state


class UnknownInstrument(LookupError):
    """No instrument, or several, by that code; `candidates` are the symbols that come nearest."""

    def __init__(self, wanted: str, candidates: list[str]) -> None:
        super().__init__(wanted)
        self.wanted, self.candidates = wanted, candidates


class UnknownAccount(LookupError):
    """Not one's own, or none was named and there are several open ones."""


def yuan(amount: str | Decimal) -> int:
    """Yuan as 1/10 000 yuan; raises ValueError for what is no such number, or too large."""
    try:
        units = Decimal(amount) * _YUAN
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount") from None
    if not units.is_finite() or abs(units) > _LARGEST or units != units.to_integral_value():
        raise ValueError(f"{amount!r} is no amount with at most four decimals")
    return int(units)


class Client:
    """One logical session; it reconnects by itself and sends no order twice.

    `mirror` is what the server last said (accounts, positions, orders, fills, quotes, …), changed
    in place; of the market it has what is watched. All times are the market's. Opening it raises
    NoSession, and returns when the mirror has everything that concerns the person.
    """

    def __init__(
        self, url: str, username: str, password: str, *, language: Language = "zh"
    ) -> None:
        self.mirror = Mirror()
        self.connection = Connection(url, self._hear, on_link=self._on_link, language=language)
        self.commands = Commands(self.connection)
        self._credentials = Credentials(username, password)
        self._streams: WeakSet[Stream[Any]] = WeakSet()  # those that somebody still reads
        self._running: asyncio.Task[None] | None = None
        self._first: asyncio.Future[LinkState] | None = None  # how the first login ended

    async def __aenter__(self) -> Self:
        self._first = asyncio.get_running_loop().create_future()
        self._running = asyncio.ensure_future(self.connection.run())
        try:
            self.connection.login(self._credentials)
            _check(await self._first)
            await self.commands.load(instruments=True, quotes=False)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    async def _stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        for stream in self._streams:
            stream.close()

    def _on_link(self, state: LinkState) -> None:
        if self._first is not None and not self._first.done() and state.kind != "connecting":
            self._first.set_result(state)

    def _hear(self, item: Reply | Push) -> None:
        self.mirror.apply(item)
        for stream in self._streams:
            stream.put(item)

    # The market

    def instrument(self, wanted: str) -> Instrument:
        """The one of that symbol (600519.SSE), code or whole name; raises UnknownInstrument."""
        known = self.mirror.instruments
        if wanted in known:
            return known[wanted]
        exact = [item for item in known.values() if wanted in (item.code, item.name)]
        if len(exact) == 1:
            return exact[0]
        near = exact or self.mirror.finder.search(wanted)[:5]
        raise UnknownInstrument(wanted, [item.symbol for item in near])

    def watch(self, symbols: Iterable[str], *, depth: Iterable[str] = ()) -> None:
        """Has the server push these quotes (`["*"]`: all) and books from now on, and no others."""
        self.connection.watch_quotes(symbols)
        self.connection.watch_depth(depth)

    def watch_bars(self, symbols: Iterable[str], interval: Interval) -> None:
        """The same for bars; the one under way is repeated until it is `final`."""
        self.connection.watch_bars(BarTopic(symbol, interval) for symbol in symbols)

    async def quotes(self, symbols: Iterable[str]) -> list[Quote]:
        """What these cost now, in their order; those of which the server has no quote are left out.

        They stay watched, and nothing else does.
        """
        wanted = list(symbols)
        self.watch(wanted)
        await self._caught_up()
        return [self.mirror.quotes[each] for each in wanted if each in self.mirror.quotes]

    async def depth(self, symbol: str) -> Depth:
        """Its book now; it stays watched, with its quote, and nothing else does."""
        self.watch([symbol], depth=[symbol])
        await self._caught_up()
        return self.mirror.depths.get(symbol) or Depth(symbol, 0, [], [])

    async def _caught_up(self) -> None:
        """What was asked for before has come: states go out with the answers, or before them."""
        for _ in range(2):
            await self.connection.request(Ping(0))

    async def bars(self, symbol: str, interval: Interval = "1d") -> list[Bar]:
        """The newest ones, oldest first; the last may be under way."""
        return (await self.commands.bars(BarTopic(symbol, interval))).items

    def stream(self, *kinds: type[T]) -> Stream[T]:
        """What comes of these kinds from now on: `async for quote in client.stream(Quote)`."""
        stream = Stream(kinds)
        self._streams.add(stream)
        return stream

    # Accounts and orders

    def account(self, number: int | None = None) -> Account:
        """The account of that number, or the only open one; raises UnknownAccount."""
        own = self.mirror.accounts.values()
        if number is None:
            meant = [item for item in own if item.status == "open"]
        else:
            meant = [item for item in own if item.account == number]
        if len(meant) != 1:
            raise UnknownAccount(number)
        return meant[0]

    async def buy(self, account: int, symbol: str, quantity: int, price: int = 0) -> Order:
        """A limit order, or at the best five prices (best_five_ioc) without a `price`."""
        return await self.place(draft("buy", account, symbol, quantity, price))

    async def sell(self, account: int, symbol: str, quantity: int, price: int = 0) -> Order:
        """As `buy`."""
        return await self.place(draft("sell", account, symbol, quantity, price))

    async def place(self, order: TicketOrder, client_order_id: str = "") -> Order:
        """Sends it once, over reconnections; its state after matching.

        Who must be able to repeat an order after a crash gives it a `client_order_id`, unique in
        the account for the market's day.
        """
        return (await self.commands.place(order, client_order_id)).order

    async def what_if(self, order: TicketOrder) -> WhatIfResult:
        """What the order would do to ratio, lines and cash; sends nothing."""
        return await self.commands.what_if(order)

    def open_orders(self, account: int | None = None) -> list[Order]:
        """Those that may yet trade, oldest first."""
        found = [
            order
            for order in self.mirror.orders.values()
            if order.status in OPEN and account in (None, order.account)
        ]
        return sorted(found, key=lambda order: order.time)

    async def cancel(self, order: Order) -> None:
        """Returns once it is out of the market."""
        await self.commands.cancel(order.account, order.order_id)

    async def cancel_all(self, account: int) -> None:
        await self.commands.cancel_all(account)


def _check(state: LinkState) -> None:
    if state.kind != "live":
        raise NoSession(state)


def draft(
    side: Side,
    account: int,
    symbol: str,
    quantity: int,
    price: int = 0,
    order_type: OrderType | None = None,
    *,
    financed: bool = False,
    loan: int = 0,
) -> TicketOrder:
    """An order that is not sent yet: limit with a `price`, else best_five_ioc, unless said."""
    kind: OrderType = order_type or ("limit" if price else "best_five_ioc")
    return TicketOrder(account, symbol, side, kind, price, quantity, financed, loan)

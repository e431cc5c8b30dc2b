"""Requests that only read, or only change what a client hears."""

from collections.abc import Iterable
from typing import Final

from server.gateway import market_views
from server.gateway.fanout import Fanout
from server.gateway.ports import Services
from server.gateway.refusals import UNACKNOWLEDGED, unacknowledged
from server.gateway.session import Session
from server.gateway.subscriptions import Wanted
from server.history.service import HistoryFailed
from server.history.store import Page
from server.protocol import accounts, market, trading
from server.protocol.reasons import refusal
from server.protocol.session import BarTopic, Failed, Ok, Ping, Pong, Subscribe, Unsubscribe

EVERY: Final = "*"
MOST_BARS: Final = 1_000
MOST_ROWS: Final = 1_000
MOST_TOPICS: Final = 200  # depth, and bars, one client may follow


class ReadingDesk:
    """Answers from the engine's state, from history, and from the services."""

    def __init__(self, services: Services, fanout: Fanout) -> None:
        self._services = services
        self._fanout = fanout

    # The market

    async def ping(self, session: Session, request: Ping) -> Pong:
        return Pong(request.id, self._services.wall_clock())

    async def instruments(
        self, session: Session, request: market.GetInstruments
    ) -> market.Instruments:
        engine = self._services.engine
        async with session.long_turn():
            items = market_views.instruments(engine, self._services.market)
            return market.Instruments(request.id, engine.date, items)

    async def bars(self, session: Session, request: market.GetBars) -> market.Bars | Failed:
        try:
            instrument = self._services.engine.instrument(request.symbol)
        except KeyError:
            return _unknown(request.id, request.symbol)
        limit = min(max(request.limit, 1), MOST_BARS)
        async with session.long_turn():
            rows = self._services.bars.bars(instrument, request.interval, limit)
            items = market_views.bars(request.symbol, request.interval, rows)
            return market.Bars(request.id, request.symbol, request.interval, items)

    async def subscribe(self, session: Session, request: Subscribe) -> Ok | Failed:
        wanted = self._wanted(request)
        if isinstance(wanted, Failed):
            return wanted
        table = self._fanout.market.subscriptions
        depth = table.depth.count(session) + len(wanted.depth)
        bars = table.bars.count(session) + len(wanted.bars)
        if max(depth, bars) > MOST_TOPICS:
            return refusal(request.id, "out_of_range", MOST_TOPICS)
        self._fanout.market.add(session, wanted)
        return Ok(request.id)

    async def unsubscribe(self, session: Session, request: Unsubscribe) -> Ok | Failed:
        wanted = self._wanted(request)
        if isinstance(wanted, Failed):
            return wanted
        self._fanout.market.remove(session, wanted)
        return Ok(request.id)

    def _wanted(self, request: Subscribe | Unsubscribe) -> Wanted | Failed:
        try:
            return Wanted(
                EVERY in request.quotes,
                self._indices(symbol for symbol in request.quotes if symbol != EVERY),
                self._indices(request.depth),
                frozenset(self._topics(request.bars)),
            )
        except KeyError as error:
            return _unknown(request.id, str(error.args[0]))

    def _indices(self, symbols: Iterable[str]) -> frozenset[int]:
        return frozenset(self._services.engine.instrument(symbol) for symbol in symbols)

    def _topics(self, topics: Iterable[BarTopic]) -> Iterable[BarTopic]:
        for topic in topics:
            self._services.engine.instrument(topic.symbol)
            yield topic

    # History

    async def orders(self, session: Session, request: trading.GetOrders) -> trading.Orders | Failed:
        page = self._page(session, request)
        if isinstance(page, Failed):
            return page
        try:
            return trading.Orders(request.id, await self._services.history.orders(page))
        except HistoryFailed:
            return refusal(request.id, "overloaded")

    async def fills(self, session: Session, request: trading.GetFills) -> trading.Fills | Failed:
        page = self._page(session, request)
        if isinstance(page, Failed):
            return page
        try:
            return trading.Fills(request.id, await self._services.history.fills(page))
        except HistoryFailed:
            return refusal(request.id, "overloaded")

    def _page(
        self, session: Session, request: trading.GetOrders | trading.GetFills
    ) -> Page | Failed:
        wanted = self._accounts(session, request.id, request.account)
        if isinstance(wanted, Failed):
            return wanted
        date = request.date or self._services.engine.date
        limit = min(max(request.limit, 1), MOST_ROWS)
        return Page(wanted, date, max(request.before_seq, 0), limit)

    def _accounts(self, session: Session, request_id: int, account: int) -> list[int] | Failed:
        """The one account, or (-1) all of the person's."""
        assert session.person is not None, "requests come after the login"
        if account == -1:
            return self._services.directory.accounts_of(session.person.id)
        if not self._services.directory.owns(session.person.id, account):
            return refusal(request_id, "not_your_account", account=account)
        return [account]

    # Products, notices, statements

    async def products(self, session: Session, request: accounts.GetProducts) -> accounts.Products:
        return accounts.Products(request.id, list(self._services.products))

    async def notices(self, session: Session, request: accounts.GetNotices) -> accounts.Notices:
        assert session.person is not None, "requests come after the login"
        limit = min(max(request.limit, 1), MOST_ROWS)
        found = await self._services.risk.notices_of(session.person.id, limit)
        return accounts.Notices(request.id, list(found))

    async def acknowledge(self, session: Session, request: accounts.AckNotice) -> Ok | Failed:
        assert session.person is not None, "requests come after the login"
        try:
            await self._services.risk.acknowledge(session.person.id, request.notice_id)
        except LookupError:
            return refusal(request.id, "unknown_notice")
        except UNACKNOWLEDGED as error:
            return unacknowledged(request.id, error)
        return Ok(request.id)

    async def statements(
        self, session: Session, request: accounts.GetStatements
    ) -> accounts.Statements | Failed:
        assert session.person is not None, "requests come after the login"
        wanted = self._accounts(session, request.id, request.account)
        if isinstance(wanted, Failed):
            return wanted
        found = await self._services.risk.statements_of(session.person.id, request.account)
        return accounts.Statements(request.id, list(found))


def _unknown(request_id: int, symbol: str) -> Failed:
    return refusal(request_id, "unknown_symbol", symbol=symbol[:16])

"""What clients hear of the market: the newest quote, depth and bars of what they subscribed to."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine.codes import Event
from server.engine.engine import Engine
from server.gateway import market_views
from server.gateway.encoded import Encoded
from server.gateway.ports import Bars, Market
from server.gateway.session import Session
from server.gateway.subscriptions import Subscriptions, Wanted
from server.journal.batch import Applied
from server.protocol.session import BarTopic

BARS_LOOKED_AT: Final = 3  # the one under way, and those that may have ended since the last look
BAR_FLUSHES: Final = 4  # bars go out with every so many flushes: they cost a walk over minutes

_TOUCHING: Final = np.zeros(256, np.bool_)
_TOUCHING[
    [
        *(Event.PRICE_MARKED, Event.AUCTION, Event.ENTITLED, Event.TRADE),
        Event.EX_RIGHTS,
        *(Event.ORDER_ACCEPTED, Event.ORDER_CANCELLED, Event.ORDER_EXPIRED),
        *(Event.ORDER_RELEASED, Event.ORDER_CONVERTED),
        *(Event.TRADING_HALTED, Event.TRADING_RESUMED, Event.CLOSED),
    ]
] = True
_TOUCHING_ALL: Final = np.zeros(256, np.bool_)
_TOUCHING_ALL[[Event.DAY_OPENED, Event.PHASE_CHANGED]] = True


class MarketFeed:
    """Marks what the engine's events touch; `flush` builds each message once an encoding."""

    def __init__(self, engine: Engine, market: Market, bars: Bars) -> None:
        self.subscriptions = Subscriptions()
        self._engine = engine
        self._market = market
        self._bars = bars
        self._dirty = np.zeros(0, np.bool_)  # by instrument, since the last flush
        self._bars_dirty = np.zeros(0, np.bool_)  # the same, since bars last went out
        self._sent_bar: dict[BarTopic, int] = {}  # start of the newest bar sent
        self._flushes = 0

    def applied(self, applied: Applied) -> None:
        """In the sequencer's turn: notes what to look at, and nothing more."""
        self._grow()
        events = applied.events
        kinds = events["kind"]
        if _TOUCHING_ALL[kinds].any():
            self._dirty[:] = True
        touched = events["instrument"][_TOUCHING[kinds]]
        self._dirty[touched[touched >= 0]] = True

    def _grow(self) -> None:
        missing = int(self._engine.state.header[0]["instruments"]) - len(self._dirty)
        if missing > 0:
            self._dirty = np.append(self._dirty, np.zeros(missing, np.bool_))
            self._bars_dirty = np.append(self._bars_dirty, np.zeros(missing, np.bool_))

    def flush(self) -> NDArray[np.bool_]:
        """Puts what has changed into the outboxes; returns the instruments that were touched."""
        self._grow()
        dirty = self._dirty
        self._dirty = np.zeros(len(dirty), np.bool_)
        if dirty.any():
            self._bars_dirty |= dirty
            self._flush_quotes(dirty)
            for instrument in self._among(self.subscriptions.depth.wanted(), dirty):
                self._send_depth(instrument, self.subscriptions.depth.of(instrument))
        self._flushes += 1
        if self._flushes % BAR_FLUSHES == 0:
            self._flush_bars()
        return dirty

    def _among(self, keys: Iterable[int], dirty: NDArray[np.bool_]) -> list[int]:
        return [key for key in keys if dirty[key]]

    # Subscriptions

    def add(self, session: Session, wanted: Wanted) -> None:
        """Subscribes, and queues the present state of everything new."""
        table = self.subscriptions
        new = table.quotes.add(session, wanted.quotes)
        if wanted.every_quote:
            table.every_quote.add(session)
            new = set(range(int(self._engine.state.header[0]["instruments"])))
        session.push_all_newest(self._quotes(sorted(new)).everything(session.codec))
        for instrument in table.depth.add(session, wanted.depth):
            self._send_depth(instrument, {session})
        for topic in table.bars.add(session, wanted.bars):
            self._send_bars(topic, {session}, after=0)
        session.flush_soon()

    def remove(self, session: Session, wanted: Wanted) -> None:
        table = self.subscriptions
        table.quotes.remove(session, wanted.quotes)
        table.depth.remove(session, wanted.depth)
        table.bars.remove(session, wanted.bars)
        if wanted.every_quote:
            table.every_quote.discard(session)
            table.quotes.remove(session, table.quotes.wanted())

    # Quotes

    def _quotes(self, instruments: list[int]) -> Encoded:
        """The present quotes of some instruments, by their key in an outbox."""
        indices = np.array(instruments, np.intp)
        quotes = market_views.quotes(self._engine, self._market, indices)
        return Encoded({("quote", quote.symbol): quote for quote in quotes})

    def _flush_quotes(self, dirty: NDArray[np.bool_]) -> None:
        table = self.subscriptions
        wanted = self._among(table.quotes.wanted(), dirty)
        quotes = self._quotes(np.flatnonzero(dirty).tolist() if table.every_quote else wanted)
        for session in table.every_quote:
            session.push_all_newest(quotes.everything(session.codec))
        for instrument in wanted:
            key = ("quote", self._engine.symbol(instrument))
            for session in table.quotes.of(instrument):
                session.push_newest(key, quotes.one(key, session.codec))

    # Depth and bars

    def _send_depth(self, instrument: int, sessions: set[Session]) -> None:
        depth = market_views.depth_of(self._engine, instrument)
        key = ("depth", depth.symbol)
        encoded = Encoded({key: depth})
        for session in sessions:
            session.push_newest(key, encoded.one(key, session.codec))

    def _flush_bars(self) -> None:
        for topic in self.subscriptions.bars.wanted():
            if self._bars_dirty[self._engine.instrument(topic.symbol)]:
                sessions = self.subscriptions.bars.of(topic)
                self._send_bars(topic, sessions, self._sent_bar.get(topic, 0))
        self._bars_dirty[:] = False

    def _send_bars(self, topic: BarTopic, sessions: set[Session], after: int) -> None:
        """The bars from the one that starts at `after` on, as far as a flush looks back."""
        instrument = self._engine.instrument(topic.symbol)
        rows = self._bars.bars(instrument, topic.interval, BARS_LOOKED_AT)
        newest = market_views.bars(topic.symbol, topic.interval, rows[rows["time"] >= after])
        for bar in newest:
            self._sent_bar[topic] = bar.time
            for session in sessions:
                session.push_newest(("bar", topic, bar.time), bar)

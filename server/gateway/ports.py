"""What the gateway needs of other services, as it sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from server.accounts.directory import AccountDirectory
from server.accounts.people import People
from server.accounts.sessions import Sessions
from server.engine.engine import Engine
from server.engine.supposing import SupposedOrder
from server.history.service import History
from server.protocol.accounts import Notice, Product, Statement
from server.protocol.risk import LiquidationPlan, Tomorrow
from server.protocol.words import Board, Exchange, Interval, MarketKind
from server.risk.desk import RiskDesk
from server.risk.foresight import Foreseen
from server.sequencing.idempotency import Registry
from server.sequencing.sequencer import Sequencer


class Listing(Protocol):
    """What is known of an instrument beside its day's figures."""

    @property
    def code(self) -> str: ...
    @property
    def exchange(self) -> Exchange: ...
    @property
    def name(self) -> str: ...
    @property
    def pinyin(self) -> str: ...
    @property
    def board(self) -> Board: ...
    @property
    def sector(self) -> str: ...
    @property
    def float_shares(self) -> int: ...
    @property
    def list_date(self) -> int:
        """YYYYMMDD, 0 where it is not known."""
        ...


class Market(Protocol):
    """The market source, about itself."""

    @property
    def kind(self) -> MarketKind: ...
    @property
    def label_zh(self) -> str: ...
    @property
    def label_en(self) -> str: ...
    @property
    def speed(self) -> float: ...

    def feed_age_ms(self) -> int:
        """Wall time since the source last said anything."""
        ...

    def listing(self, symbol: str) -> Listing:
        """Raises KeyError for a symbol the market does not list."""
        ...

    def is_interpolated(self, instrument: int) -> bool:
        """Whether its present quote is on a path that the source made up inside a bar."""
        ...


class Bars(Protocol):
    def bars(self, instrument: int, interval: Interval, limit: int) -> NDArray[np.void]:
        """The newest bars, oldest first, with the fields of `server.market.bars.BAR`."""
        ...


class MarginCall(Protocol):
    @property
    def deadline(self) -> int: ...
    @property
    def deposit(self) -> int:
        """What cures it now."""
        ...

    @property
    def repay(self) -> int:
        """What cures it when it is sold and repaid instead."""
        ...


class Risk(Protocol):
    """Notices, calls and statements; newest first where there are several."""

    async def notices_of(self, person: int, limit: int) -> Sequence[Notice]: ...
    async def statements_of(self, person: int, account: int) -> Sequence[Statement]: ...
    async def acknowledge(self, person: int, notice_id: int) -> None:
        """Raises LookupError for a notice that is not the person's."""
        ...

    def delivered(self, notice: Notice) -> None:
        """Puts on record that a notice was written to a connected client."""
        ...

    def call_of(self, account: int) -> MarginCall | None: ...
    def is_liquidating(self, account: int) -> bool: ...
    @property
    def desk(self) -> RiskDesk: ...
    def plan(self, request_id: int, account: int) -> LiquidationPlan: ...
    def tomorrow(self, request_id: int, account: int) -> Tomorrow:
        """Raises LookupError where the calendar knows no next session, as the next does."""
        ...

    def falling(self, request_id: int) -> list[Tomorrow]: ...
    def foresee(
        self,
        account: int,
        orders: Sequence[SupposedOrder],
        deposit: int,
        move_ppm: int,
        prices: Mapping[int, int],
    ) -> Foreseen: ...


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a gateway stands on. `wall_clock` gives microseconds since the epoch."""

    engine: Engine
    sequencer: Sequencer
    registry: Registry
    history: History
    people: People
    sessions: Sessions
    directory: AccountDirectory
    market: Market
    bars: Bars
    products: Sequence[Product]
    risk: Risk
    wall_clock: Callable[[], int]

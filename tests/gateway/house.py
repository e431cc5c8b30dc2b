"""A whole server on loopback: real engine, sequencer, history and gateway, a market we drive."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy
from numpy.typing import NDArray

from server.accounts.directory import AccountDirectory
from server.accounts.people import People
from server.accounts.products import load_products, offered, product_commands, to_wire
from server.accounts.sessions import Sessions
from server.database import open_database
from server.engine import building
from server.engine.building import ALL, Commands
from server.engine.codes import AccountClass, LimitKind, MarkPolicy, OrderType, Phase, Side
from server.engine.engine import Engine
from server.engine.supposing import SupposedOrder
from server.engine.terms import DayTerms, FeeTerms, ProductTerms
from server.gateway.ports import Services
from server.gateway.server import Gateway
from server.gateway.settings import GatewaySettings
from server.history.projector import Projector
from server.history.service import History
from server.history.store import HistoryStore
from server.journal.batch import Applied
from server.journal.memory import MemoryJournal
from server.market.bars import BarStore
from server.market.universe import UniverseEntry
from server.protocol.accounts import Notice, Product, Statement
from server.protocol.risk import LiquidationPlan, Tomorrow
from server.risk.book import Book
from server.risk.desk import RiskDesk
from server.risk.desk_store import DeskStore
from server.risk.foresight import Foreseen, foresee
from server.risk.liquidation import ForcedSales
from server.risk.look_ahead import look_ahead
from server.risk.plan_messages import plan_message
from server.risk.tomorrow import falling, tomorrow_message
from server.sequencing.errors import StopKind, Stopped, StopReason
from server.sequencing.idempotency import Registry
from server.sequencing.sequencer import Sequencer
from tests.risk.stage import interest_alone

YUAN = 10_000
DATE = 20_150_824
OPENING = 1_440_379_800_000_000  # 2015-08-24 09:30 in Shanghai
MAKER = 0
PASSWORD = "correct horse"
SYMBOLS = ("600000.SSE", "600519.SSE")

DAY = DayTerms(
    reference=10 * YUAN, limit_up=11 * YUAN, limit_down=9 * YUAN, tick=100, lot=100,
    buy_minimum=100, buy_step=100, sell_minimum=100, sell_step=100, max_limit_quantity=1_000_000,
    max_market_quantity=1_000_000, limit_ppm=100_000, valuation_ppm=1_000_000, fee_schedule=0,
    session=0, limit_kind=LimitKind.LIMITED, holding_class=0, suspended=0, same_day_sale=0,
)  # fmt: skip
FEES = FeeTerms(1, 250_000, 5 * YUAN, 0, 1_000_000, 20_000, 0, 48_700, 20_000)
PRODUCT = ProductTerms(
    version=1, leverage=2, annual_rate_ppm=72_000, day_count=360, remind_ppm=1_400_000,
    restrict_ppm=1_300_000, reduce_ppm=1_250_000, liquidate_ppm=1_200_000,
    class_cap_ppm=(1_000_000, 1_000_000, 1_000_000, 1_000_000), single_cap_ppm=1_000_000,
    exit_cost_ppm=2_000, deposit_minimum=1_000 * YUAN, deposit_maximum=100_000_000 * YUAN,
)  # fmt: skip

FAMILIES = [product for product in offered(load_products()) if product.family != "fixed"]
COMBINATION, FLEXIBLE, CASH, LICENSED = (product.product for product in FAMILIES)


class WallClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now


class FakeMarket:
    """What a market source says about itself."""

    kind = "replay"
    label_zh = "回放 2015-08-24"
    label_en = "Replay 2015-08-24"
    speed = 1.0

    def feed_age_ms(self) -> int:
        return 7

    def listing(self, symbol: str) -> UniverseEntry:
        code, exchange = symbol.split(".")
        return UniverseEntry(
            code=code, exchange=exchange, board="main", kind="stock", name="浦发银行", pinyin="PFYH"
        )

    def is_interpolated(self, instrument: int) -> bool:
        return instrument == 1


@dataclass
class Call:
    deadline: int
    deposit: int
    repay: int = 0


class FakeRisk:
    """Keeps what a test gives it; plans and foresight are the real ones."""

    engine: Engine
    desk: RiskDesk

    def __init__(self) -> None:
        self.book = Book(DATE)
        self.notices: dict[int, list[Notice]] = {}
        self.statements: list[Statement] = []
        self.calls: dict[int, Call] = {}
        self.delivered_ids: list[int] = []
        self.calls_after: dict[int, Call] = {}  # that the next batch gives rise to
        self.stopped = False

    def applied(self, _: Applied) -> None:
        """The sequencer's listener, before the gateway's."""
        self.calls |= self.calls_after

    async def notices_of(self, person: int, limit: int) -> list[Notice]:
        return self.notices.get(person, [])[::-1][:limit]

    async def statements_of(self, person: int, account: int) -> list[Statement]:
        return [each for each in self.statements if account in (-1, each.account)]

    async def acknowledge(self, person: int, notice_id: int) -> None:
        for notice in self.notices.get(person, []):
            if notice.notice_id == notice_id:
                notice.acknowledged = True
                return
        raise LookupError(notice_id)

    def delivered(self, notice: Notice) -> None:
        if self.stopped:
            raise Stopped(StopReason(StopKind.JOURNAL, 0))
        self.delivered_ids.append(notice.notice_id)

    def call_of(self, account: int) -> Call | None:
        return self.calls.get(account)

    def is_liquidating(self, account: int) -> bool:
        return account in self.calls

    def plan(self, request_id: int, account: int) -> LiquidationPlan:
        return plan_message(self.engine, self.book, 0, request_id, account)

    def tomorrow(self, request_id: int, account: int) -> Tomorrow:
        found = look_ahead(self.engine, interest_alone, account, DATE + 1)
        return tomorrow_message(self.engine, request_id, DATE + 1, found)

    def falling(self, request_id: int) -> list[Tomorrow]:
        found = falling(self.engine, interest_alone, DATE + 1)
        return [tomorrow_message(self.engine, request_id, DATE + 1, each) for each in found]

    def foresee(
        self,
        account: int,
        orders: Sequence[SupposedOrder],
        deposit: int,
        move_ppm: int,
        prices: Mapping[int, int],
    ) -> Foreseen:
        return foresee(self.engine, account, orders, deposit, move_ppm, prices)


def opening_commands() -> Commands:
    """A day is opened on two shares, a maker stands ready, continuous trading begins."""
    return building.concat(
        [
            building.day_open(DATE, MarkPolicy.LAST_TRADE),
            building.fee_schedule(0, FEES),
            building.product(0, PRODUCT),
            product_commands(FAMILIES),
            *(building.instrument_add(i, symbol) for i, symbol in enumerate(SYMBOLS)),
            *(building.instrument_day(i, DAY) for i in range(len(SYMBOLS))),
            building.ladders(),
            building.phase(ALL, Phase.CONTINUOUS),
            building.account_open(1, AccountClass.MARKET),
        ]
    )


@dataclass
class House:
    """The parts of one server, and a hand on its market."""

    database: sqlalchemy.Engine
    settings: GatewaySettings
    wall: WallClock = field(default_factory=WallClock)
    market: FakeMarket = field(default_factory=FakeMarket)
    risk: FakeRisk = field(default_factory=FakeRisk)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    port: int = 0

    def __post_init__(self) -> None:
        self.engine = self.risk.engine = Engine()
        self.sequencer = Sequencer(self.engine, self.journal, self.wall)
        self.risk.desk = self._desk()
        self.registry = Registry()
        self.history = History(HistoryStore(self.database), Projector())
        self.people = People(self.database, self.wall)
        self.sessions = Sessions(self.database, self.wall)
        self.directory = AccountDirectory(self.engine, self.database)
        self.bars = BarStore(len(SYMBOLS), MarkPolicy.LAST_TRADE)
        terms = PRODUCT._asdict() | {"class_cap_ppm": list(PRODUCT.class_cap_ppm)}
        del terms["exit_cost_ppm"]
        self.products = [Product(product=0, name_zh="一比二", name_en="One to two", **terms)]
        self.products += [to_wire(product, FAMILIES) for product in FAMILIES]
        self.gateway = Gateway(
            Services(
                *(self.engine, self.sequencer, self.registry, self.history, self.people),
                *(self.sessions, self.directory, self.market, self.bars, self.products),
                *(self.risk, self.wall),
            ),
            self.settings,
        )
        self.sequencer.answer_by(lambda applied, _: self.history.applied(applied))
        self.sequencer.answer_by(self.gateway.answer)
        self.sequencer.subscribe(self.registry.observe)
        self.sequencer.subscribe(lambda applied: self.bars.apply(applied.events) is None)
        self.sequencer.subscribe(self.risk.applied)
        self.sequencer.subscribe(self.gateway.fanout.applied)
        self.history.subscribe(self.gateway.fanout.changed)

    def _desk(self) -> RiskDesk:
        """The real one, on forced sales that nothing wakes; its SQL is done in the loop."""

        async def ask(question: Callable[[], Any]) -> Any:
            return question()

        sales = ForcedSales(self.engine, self.risk.book, self.sequencer.post, {})
        store = DeskStore(self.database)
        return RiskDesk(
            *(self.engine, lambda: self.risk.book, sales, store),
            *(ask, self.sequencer.submit, self.wall),
        )

    async def officer(self, username: str) -> int:
        """Registers a risk officer."""
        person, _ = await self.person(username, 0)
        self.people.grant(username, "risk_officer")
        return person

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def do(self, commands: Commands, time: int | None = None) -> NDArray[np.void]:
        return await self.sequencer.submit(commands, time=time)

    async def person(self, username: str, yuan: int = 1_000_000) -> tuple[int, int]:
        """Registers somebody with money; returns the person and the cash account."""
        person = self.people.register(username, PASSWORD, display_name=username.title())
        events = await self.do(building.account_open(person.id, AccountClass.CASH))
        account = int(events[0]["account"])
        if yuan:
            await self.do(building.deposit(account, yuan * YUAN))
        return person.id, account

    async def quote(self, side: Side, fen: int, quantity: int, instrument: int = 0) -> None:
        """Has the maker stand ready to trade."""
        await self.do(building.order(MAKER, instrument, side, OrderType.LIMIT, fen * 100, quantity))


@asynccontextmanager
async def house(directory: Path, **changes: Any) -> AsyncIterator[House]:
    """A server that listens, on an open market; `changes` are of its settings."""
    database = open_database(f"sqlite:///{directory / 'honghe.sqlite'}", durable=False)
    settings = replace(GatewaySettings(port=0, flush_ms=5, server_version="test"), **changes)
    made = House(database, settings)
    async with asyncio.TaskGroup() as tasks:
        work = [tasks.create_task(made.sequencer.run()), tasks.create_task(made.history.run())]
        await made.do(opening_commands(), time=OPENING)
        made.port = await made.gateway.start()
        work.append(tasks.create_task(made.gateway.run()))
        try:
            yield made
        finally:
            await made.gateway.close()
            for task in work:
                task.cancel()
    await made.history.close()
    database.dispose()

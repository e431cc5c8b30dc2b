"""The composition root: reads nothing but the config, builds every part, runs them, ends them."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import time as clock_time

import msgspec
import structlog

from server.accounts.directory import AccountDirectory
from server.accounts.people import People
from server.accounts.products import load_products, offered, product_commands, to_wire
from server.accounts.sessions import Sessions
from server.config import Config, FeesConfig, GatewayConfig
from server.demo import DemoTraders
from server.engine import building
from server.engine.jit import CACHE_DIR
from server.gateway.ports import Services
from server.gateway.server import Gateway
from server.gateway.settings import GatewaySettings
from server.health import HealthReport, Load
from server.history.catch_up import BLOB as HISTORY
from server.history.service import History
from server.journal.disk import measure_disk
from server.journal.heads import Kind, Point
from server.log import set_up_logging
from server.market.calendar import load_calendar
from server.market.choice import choose_market
from server.market.dates import time_us
from server.market.desk import MarketDesk
from server.market.pacing import Pacer, Pacing, Submit
from server.market.rules.choices import Choices
from server.market.rules.fees import Commission
from server.market.rules.rules import Rules
from server.market.source import MarketSource
from server.pulse import Pulse
from server.ready import Ready
from server.risk.batch_context import Rules as CallRules
from server.risk.catch_up import BLOB as RISK
from server.risk.day_limits import DayLimits
from server.risk.limit_tables import load_limits
from server.risk.service import RiskService
from server.risk.systemic import SystemicWatch
from server.sequencing.prefix_watch import PrefixWatch
from server.sequencing.sequencer import Limits, Sequencer
from server.sequencing.signing import HeadSigner
from server.sequencing.snapshotting import SnapshotWriter
from server.state import BARS, REGISTRY, ServerState, recover_state, wall_clock
from server.version import VERSION

SNAPSHOT_INTERVAL_US = 300_000_000
BEFORE_THE_MARKET = clock_time(8, 30)
CONTINUOUS = clock_time(9, 30)

_log = structlog.get_logger("honghe.server")


async def serve(config: Config, ready: Callable[[Ready], None]) -> None:
    """Runs a server until cancelled; `ready` is called once it listens.

    Raises what `recover_state` and `choose_market` raise, and OSError for an address in use. When
    the engine stops (a failed write, a kernel error) it goes on to answer reads, and says so.
    """
    set_up_logging(config.log)
    server = build(config)
    try:
        await server.run(ready)
    finally:
        server.journal.close()


def build(config: Config) -> "Server":
    """Reads the market and replays the data directory."""
    data = config.server.data_path
    data.mkdir(parents=True, exist_ok=True)
    choices = msgspec.convert(config.rules, Choices, from_attributes=True)
    rules = Rules(_commission(config.fees), choices)
    calendar = load_calendar(CACHE_DIR.parent, rules)
    source = choose_market(config.market, calendar, rules)
    cut_off = clock_time.fromisoformat(config.risk.reduce_cutoff)
    call_rules = CallRules(calendar.next_session, cut_off, source.opening_unmoved)
    state = recover_state(config, source, call_rules)
    return Server(config, source, state)


class Server:
    """The parts, wired; built at the journal's head. `run` once."""

    def __init__(self, config: Config, source: MarketSource, state: ServerState) -> None:
        self._config = config
        self._source = source
        self._state = state
        self.journal = state.journal
        versions = load_products()
        products = offered(versions)
        every = config.journal.snapshot_every
        writer = SnapshotWriter(state.snapshots, every, SNAPSHOT_INTERVAL_US)
        self.sequencer = _sequencer(config, state, writer)
        self.signer = HeadSigner(state.heads)
        self.history = History(state.history_store, state.projector)
        self.risk = RiskService(*(state.projection, self.sequencer, state.risk_store), wall_clock)
        self.systemic = SystemicWatch(
            state.engine, self.sequencer.post, published_index=source.index_ppm
        )
        writer.include(REGISTRY, state.registry.export)
        writer.include(BARS, state.bars.export)
        writer.include(HISTORY, self.history.snapshot)
        writer.include(RISK, self.risk.snapshot)
        self.pacer = Pacer(
            source,
            state.engine,
            self._market_submit(),
            Pacing(config.market.speed, hurry_until=_opening_of(source)),
        )
        people = People(state.database, wall_clock)
        self.services = Services(
            engine=state.engine,
            sequencer=self.sequencer,
            registry=state.registry,
            history=self.history,
            people=people,
            sessions=Sessions(state.database, wall_clock, config.gateway.token_hours),
            directory=AccountDirectory(state.engine, state.database),
            market=MarketDesk(source, self.pacer, state.engine),
            bars=state.bars,
            products=[to_wire(product, products) for product in versions],
            risk=self.risk,
            wall_clock=wall_clock,
        )
        self.gateway = Gateway(self.services, _gateway_settings(config))
        self.demo = DemoTraders(self.services) if config.server.demo else None
        pulse = Pulse(config.log.stall_ms / 1_000)
        self.health = HealthReport(pulse, self.load, config.log.health_s)
        self._opening = product_commands(products)
        self._subscribe()

    def _market_submit(self) -> Submit:
        """Where the market's frames go."""
        if not self._config.risk.platform_limits:
            return self.sequencer.submit
        tables = load_limits(self._config.risk.limits_path)
        return DayLimits(self._state.engine, self.sequencer.submit, tables).submit

    def _subscribe(self) -> None:
        """In order: what others read when they hear of a batch hears of it first."""
        self.sequencer.answer_by(lambda applied, _: self.history.applied(applied))
        self.sequencer.answer_by(self.gateway.answer)
        self.sequencer.subscribe(self._state.registry.observe)
        self.sequencer.subscribe(lambda applied: void(self._state.bars.apply(applied.events)))
        self.sequencer.subscribe(self.risk.applied)
        self.sequencer.subscribe(self.gateway.fanout.applied)
        self.sequencer.subscribe(self.systemic.applied)
        self.systemic.on_change(self.gateway.fanout.tell_all)
        self.systemic.on_figures(self.gateway.fanout.tell_officers)
        self.sequencer.subscribe(self.signer.applied)
        self.history.subscribe(self.gateway.fanout.changed)
        self.risk.on_notice(self.gateway.fanout.notify)
        if self.demo:
            self.sequencer.subscribe(self.demo.applied)

    async def run(self, ready: Callable[[Ready], None]) -> None:
        sequencing = asyncio.create_task(self._sequence(), name="sequencer")
        background = [asyncio.create_task(self.history.run(), name="history")]
        background.append(asyncio.create_task(self.signer.run(), name="signed heads"))
        if self._state.prefix:
            watch = PrefixWatch(self.journal, self._state.prefix)
            background.append(asyncio.create_task(watch.run(), name="past"))
        try:
            if self._state.engine.seq == 0:
                await self._bootstrap()
            else:
                self.signer.note(self._head("start"))
            self.risk.start()
            await self.risk.desk.resume()
            login = await self.demo.open_accounts() if self.demo else ("", "")
            port = await self.gateway.start()
            background.append(asyncio.create_task(self.gateway.run(), name="gateway"))
            background.append(asyncio.create_task(self.pacer.run(), name="market"))
            background.append(asyncio.create_task(self.health.run(), name="health"))
            ready(Ready(f"ws://{self._config.server.host}:{port}", *login))
            await _first_failure(background)
        finally:
            await self._close(sequencing, background)

    async def _sequence(self) -> None:
        await self.sequencer.run()
        stopped = self.sequencer.stopped
        if stopped and not stopped.in_order:
            _log.error("engine_stopped", kind=stopped.kind, seq=stopped.seq, detail=stopped.detail)

    def _head(self, kind: Kind) -> Point:
        """The journal's end now."""
        journal = self.journal
        date = self._state.engine.date
        return Point(kind, date, journal.last_seq, journal.head_digest, wall_clock())

    async def _bootstrap(self) -> None:
        """What an empty engine needs before the market's first frame."""
        commands = building.concat([self._source.bootstrap(), self._opening])
        before = time_us(self._source.first_date, BEFORE_THE_MARKET)
        await self.sequencer.submit(commands, before)

    def load(self) -> Load:
        """What it holds at this moment."""
        return Load(
            seq=self._state.engine.seq,
            connections=self.gateway.connections,
            sessions=self.gateway.fanout.sessions,
            remembered=len(self._state.registry),
            unwritten=self.history.backlog,
            state_bytes=sum(table.nbytes for table in self._state.engine.state),
        )

    async def _close(
        self, sequencing: asyncio.Task[None], background: list[asyncio.Task[None]]
    ) -> None:
        """Market first, then clients, then what is still to be written; the journal is last."""
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await self.gateway.close()
        self.sequencer.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await sequencing
        if self.sequencer.stopped and self.sequencer.stopped.in_order:
            self.signer.note(self._head("stop"))
        await self.signer.sign()
        await self.history.close()
        self.risk.close()


def void(_: object) -> None:
    """For a listener whose answer nobody needs."""


async def _first_failure(tasks: list[asyncio.Task[None]]) -> None:
    """Waits for ever, or raises what the first task to fail raised."""
    await asyncio.gather(*tasks)
    await asyncio.get_running_loop().create_future()


def _sequencer(config: Config, state: ServerState, writer: SnapshotWriter) -> Sequencer:
    in_loop = config.journal.commit == "loop"
    if config.journal.commit == "auto":
        disk = measure_disk(config.server.data_path)
        in_loop = disk.commit_in_loop
        _log.info("disk", sync_p50_us=round(disk.p50_us), commit="loop" if in_loop else "thread")
    limits = Limits(commit_in_loop=in_loop)
    return Sequencer(state.engine, state.journal, wall_clock, limits, writer)


def _opening_of(source: MarketSource) -> int:
    """When continuous trading begins on the market's first day: until then nobody has to wait."""
    return time_us(source.first_date, CONTINUOUS)


def _commission(fees: FeesConfig) -> Commission:
    return Commission(fees.commission_ppb, fees.minimum, fees.mode == "all_in")


def _gateway_settings(config: Config) -> GatewaySettings:
    gateway: GatewayConfig = config.gateway
    return GatewaySettings(
        host=config.server.host,
        port=config.server.port,
        origins=tuple(config.server.origins),
        server_version=VERSION,
        flush_ms=gateway.flush_ms,
        outbox=gateway.outbox,
        message_bytes=gateway.message_bytes,
        connections=gateway.connections,
        connections_per_address=gateway.connections_per_address,
        requests_per_second=gateway.requests_per_second,
        request_burst=gateway.request_burst,
        in_flight=gateway.in_flight,
        logins_per_minute=gateway.logins_per_minute,
    )

"""The server's state at start: everything that follows from the journal, brought to its head."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
import structlog

from server.config import Config
from server.database import open_database
from server.engine.engine import Engine
from server.history.catch_up import BLOB as HISTORY
from server.history.catch_up import CatchUp as HistoryCatchUp
from server.history.projector import Projector
from server.history.store import HistoryStore
from server.journal.batch import Applied
from server.journal.chain import Mark
from server.journal.errors import Damage, JournalCorrupt
from server.journal.gathering import Gathering
from server.journal.head_check import Fault, check_heads
from server.journal.heads import HeadFile, read_lines
from server.journal.journal import Identity
from server.journal.keys import load_or_create_key
from server.journal.prefix import PrefixCheck
from server.journal.recovery import Recovered, recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.market.bars import BarStore
from server.market.source import MarketSource
from server.risk.batch_context import Rules as CallRules
from server.risk.catch_up import BLOB as RISK
from server.risk.catch_up import CatchUp as RiskCatchUp
from server.risk.projection import Projection
from server.risk.store import RiskStore
from server.sequencing.idempotency import Registry

REGISTRY = "registry"
BARS = "bars"

_log = structlog.get_logger("honghe.server")


def wall_clock() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1_000


@dataclass(frozen=True, slots=True)
class ServerState:
    """What `recover_state` rebuilt; all of it stands at the journal's last sequence number."""

    journal: SqliteJournal
    heads: HeadFile
    prefix: PrefixCheck | None  # what is still to be checked of the journal
    snapshots: SnapshotStore
    database: sqlalchemy.Engine  # people and sessions: durable
    engine: Engine
    registry: Registry
    bars: BarStore
    history_store: HistoryStore
    projector: Projector
    risk_store: RiskStore
    projection: Projection


def recover_state(config: Config, source: MarketSource, rules: CallRules) -> ServerState:
    """Opens the data directory and replays it.

    Raises `JournalUnusable` and `JournalCorrupt` (with the sequence number), `ReplayFailed`,
    `OSError`.
    """
    data = config.server.data_path
    data.mkdir(parents=True, exist_ok=True)
    journal = SqliteJournal.open(data / "journal.db", Identity(wall_clock(), source.kind))
    heads, marks = _open_heads(config, journal)
    kept, spacing = config.journal.snapshots_kept, config.journal.snapshot_spacing
    snapshots = SnapshotStore(data / "snapshots", kept, spacing)
    database = open_database(config.server.database)
    projections = open_database(config.server.database, durable=False)
    history_store, risk_store = HistoryStore(projections), RiskStore(projections)
    history, risk = HistoryCatchUp(history_store), RiskCatchUp(risk_store, rules)
    registry = Registry()
    bars = BarStore(len(source.entries), source.mark_policy, source.interpolated_below)
    for instrument, daily in source.history():
        bars.load_daily(instrument, daily)

    def restore(blobs: Mapping[str, bytes]) -> None:
        registry.load(blobs[REGISTRY])
        bars.load(blobs[BARS])
        history.restore(blobs.get(HISTORY))
        risk.restore(blobs.get(RISK))

    def follow_gathered(applied: Applied) -> None:
        registry.observe(applied)
        bars.apply(applied.events)
        history.follow(applied)

    gathering = Gathering(follow_gathered, stop=history.mark)

    def follow(applied: Applied) -> None:
        gathering.add(applied)
        risk.follow(applied)  # looks at the engine as it is after each batch

    recovered = recover(journal, snapshots, Engine, restore, follow, risk.watch, marks)
    gathering.finish()
    _report(recovered, data)
    return ServerState(
        journal=journal,
        heads=heads,
        prefix=recovered.prefix,
        snapshots=snapshots,
        database=database,
        engine=recovered.engine,
        registry=registry,
        bars=bars,
        history_store=history_store,
        projector=history.finish(journal, Engine),
        risk_store=risk_store,
        projection=risk.finish(journal, Engine),
    )


def _open_heads(config: Config, journal: SqliteJournal) -> tuple[HeadFile, tuple[Mark, ...]]:
    """The signed heads, and what they say of the journal. Raises `JournalCorrupt` when it differs.

    Anything else that is wrong with the file is an auditor's business, and logged.
    """
    key, path = load_or_create_key(config.journal.key_path), config.heads_path
    checked = check_heads(read_lines(path), [key.public], journal)
    fault = checked.fault
    if fault and fault.in_journal:
        damage = Damage.CUT if fault.fault == Fault.CUT else Damage.REWRITTEN
        raise JournalCorrupt(fault.seq, damage, fault.sentence())
    if fault:
        _log.error("signed_heads_damaged", file=path.name, why=fault.sentence())
    return HeadFile(path, key, journal), checked.marks


def _report(recovered: Recovered[Engine], data: Path) -> None:
    for skipped in recovered.skipped:
        _log.warning("snapshot_skipped", file=skipped.path.name, why=skipped.why)
    _log.info(
        "recovered",
        seq=recovered.engine.seq,
        from_snapshot=recovered.snapshot_seq,
        replayed=recovered.replayed,
        clean=recovered.clean,
        data=str(data),
    )

"""The server's settings: one struct a section of `config.toml`, and the strict reading of it.

`config.example.toml` says each setting's meaning in a sentence. Relative paths are relative to
the directory the server was started in; a leading ~ is the home directory.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from server.protocol.settings import ConfigError, parse_section, read_document, unknown

Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Ppm = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Day = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(\d{4}-\d{2}-\d{2})?$", description='a date like "2015-08-20", or "" for none'
    ),
]
ClockTime = Annotated[
    str,
    msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description='a time of day like "14:30"'),
]


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    host: str = "127.0.0.1"
    port: Port = 8765
    data_dir: str = "~/.local/share/honghe"
    database_url: str = ""
    origins: list[str] = []
    demo: bool = False

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).expanduser()

    @property
    def database(self) -> str:
        """The SQLAlchemy URL: as set, or a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_path / 'honghe.sqlite'}"


class MarketConfig(msgspec.Struct, frozen=True, kw_only=True, rename={"from_date": "from"}):
    kind: Literal["agents", "replay"] = "agents"
    seed: int = 1
    speed: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    instruments: list[str] = []
    start_date: Day = "2024-09-30"
    path: str = ""
    actions: str = ""
    listings: str = ""
    index: str = ""
    index_symbol: str = "000001.SSE"
    from_date: Day = ""
    to: Day = ""
    steps_a_day: Positive = 240
    participation_ppm: Ppm = 100_000
    depth_ppm: Ppm = 1_000_000
    after_hours_ppm: Ppm = 5_000
    history_days: Whole = 250
    activity: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    volatility: Annotated[float, msgspec.Meta(gt=0, le=10)] = 1.0
    shocks: list[str] = []
    company_events: bool = True

    def __post_init__(self) -> None:
        for day in filter(None, (self.start_date, self.from_date, self.to)):
            date.fromisoformat(day)

    @property
    def start_day(self) -> int:
        """YYYYMMDD, as the two below; 0 when not set."""
        return _day_number(self.start_date)

    @property
    def first_day(self) -> int:
        return _day_number(self.from_date)

    @property
    def last_day(self) -> int:
        return _day_number(self.to)


class JournalConfig(msgspec.Struct, frozen=True, kw_only=True):
    snapshot_every: Positive = 250_000
    snapshots_kept: Positive = 3
    snapshot_spacing: Positive = 2_000_000
    commit: Literal["auto", "loop", "thread"] = "auto"
    key_file: str = "~/.config/honghe/journal.key"
    heads_file: str = ""

    @property
    def key_path(self) -> Path:
        return Path(self.key_file).expanduser()


class GatewayConfig(msgspec.Struct, frozen=True, kw_only=True):
    flush_ms: Positive = 50
    outbox: Positive = 32_768
    message_bytes: Positive = 65_536
    connections: Positive = 2_000
    connections_per_address: Positive = 500
    in_flight: Positive = 512
    requests_per_second: Positive = 200
    request_burst: Positive = 400
    logins_per_minute: Positive = 10
    token_hours: Positive = 24


class RiskConfig(msgspec.Struct, frozen=True, kw_only=True):
    reduce_cutoff: ClockTime = "14:30"
    platform_limits: bool = True
    limits_file: str = ""

    @property
    def limits_path(self) -> Path | None:
        """The house's own tables; None for those that come with us."""
        return Path(self.limits_file).expanduser() if self.limits_file else None


class FeesConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The house's commission; duties and exchange fees are tables with dates (section 3)."""

    commission_ppb: Annotated[int, msgspec.Meta(ge=0, le=3_000_000)] = 250_000
    minimum: Whole = 50_000
    mode: Literal["all_in", "net"] = "all_in"


class RulesConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules leave open; the names are those of `market.rules.Choices`."""

    star_cage_floor: Literal["none", "ten_ticks"] = "none"
    sse_main_best_orders: Literal["closed", "open"] = "closed"
    sse_opening_range: Literal["50_to_900", "none"] = "50_to_900"
    sse_midpoint: Literal["half_up", "half_down"] = "half_up"
    bse_auction: Literal["every_tick", "order_prices"] = "every_tick"
    pause_orders: Literal["queued", "refused"] = "queued"
    lunch_orders: Literal["queued", "refused"] = "queued"
    fund_handling_fee: Literal["reduced", "earlier"] = "reduced"
    suspended_shares: Literal["haircut", "index"] = "haircut"
    index_members: tuple[str, ...] = ()
    haircuts: tuple[tuple[str, str], ...] = ()


class LogConfig(msgspec.Struct, frozen=True, kw_only=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"
    health_s: Whole = 60
    stall_ms: Positive = 100


def _day_number(day: str) -> int:
    return int(day.replace("-", "") or 0)


class Config(msgspec.Struct, frozen=True, kw_only=True):
    server: ServerConfig = ServerConfig()
    market: MarketConfig = MarketConfig()
    journal: JournalConfig = JournalConfig()
    gateway: GatewayConfig = GatewayConfig()
    risk: RiskConfig = RiskConfig()
    fees: FeesConfig = FeesConfig()
    rules: RulesConfig = RulesConfig()
    log: LogConfig = LogConfig()

    @property
    def heads_path(self) -> Path:
        """The signed heads: as set, or a file in the data directory."""
        chosen = self.journal.heads_file
        return Path(chosen).expanduser() if chosen else self.server.data_path / "heads.jsonl"


def parse_config(document: Mapping[str, object]) -> Config:
    """The document of a config file, checked; raises ConfigError. `[client]` is the client's."""
    kinds: dict[str, type[msgspec.Struct]] = {
        field.name: field.type for field in msgspec.structs.fields(Config)
    }
    tables = {name: table for name, table in document.items() if name != "client"}
    for name, table in tables.items():
        if name not in kinds:
            raise unknown(name, table, [*kinds, "client"])
        parse_section(name, table, kinds[name])
    config = msgspec.convert(tables, Config)
    if config.market.kind == "replay" and not config.market.path:
        raise ConfigError("market.path", "", "the data that market.kind 'replay' is to replay")
    return config


def read_config(path: Path | None, overrides: Mapping[str, object] | None = None) -> Config:
    """The settings in `path`, and over them `overrides` by dotted name (`"market.speed"`)."""
    document = read_document(path)
    for key, value in (overrides or {}).items():
        section, _, name = key.partition(".")
        table = document.setdefault(section, {})
        if not name or not isinstance(table, dict):
            raise ConfigError(key, value, "section.setting")
        table[name] = value
    return parse_config(document)

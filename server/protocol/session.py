"""Login, resume, subscriptions, and the frame every push travels in."""

import msgspec

from server.protocol.words import Interval, MarketKind, Phase, PlatformWord, Role


class Login(msgspec.Struct, tag="login"):
    """Must be the first request of a connection, unless `resume` is."""

    id: int
    username: str
    password: str
    protocol: int = 1
    language: str = "zh"  # or "en": of the names of accounts


class Resume(msgspec.Struct, tag="resume"):
    """Continues a session: what the person's streams held after `last_seq` is sent again."""

    id: int
    token: str  # of the `welcome` of an earlier login
    last_seq: int  # the highest `seq` of any frame of that session
    protocol: int = 1
    language: str = "zh"


class Subscribe(msgspec.Struct, tag="subscribe"):
    """Adds to what is pushed, and pushes the present state of it. `["*"]` in `quotes` is every one.

    At most 200 symbols of depth and 200 topics of bars.

    Own orders, fills, positions, margin, accounts and notices are always pushed after login.
    """

    id: int
    quotes: list[str] = []  # symbols
    depth: list[str] = []
    bars: list["BarTopic"] = []


class Unsubscribe(msgspec.Struct, tag="unsubscribe"):
    """Takes away from what is pushed."""

    id: int
    quotes: list[str] = []
    depth: list[str] = []
    bars: list["BarTopic"] = []


class BarTopic(msgspec.Struct, frozen=True):
    symbol: str
    interval: Interval


class Ping(msgspec.Struct, tag="ping"):
    """Asks for a `pong`: measures the way there and back."""

    id: int


class Pong(msgspec.Struct, tag="pong"):
    id: int
    wall_time: int


class Ok(msgspec.Struct, tag="ok"):
    """The request was carried out and has nothing more to say."""

    id: int


class Failed(msgspec.Struct, tag="failed"):
    """The request was refused. `figure` is what would pass, in the unit `unit` names.

    `code` is stable; the sentences may change. `unit` is one of `price`, `quantity`, `money`,
    `number` or empty.
    """

    id: int
    code: str
    message_zh: str
    message_en: str
    figure: int | None = None
    unit: str = ""


class Welcome(msgspec.Struct, tag="welcome"):
    """Answers `login` and `resume`. The account state follows as pushes."""

    id: int
    token: str
    person: str  # the user name
    display_name: str
    server_version: str
    market: MarketKind
    market_label_zh: str  # what kind of market this is, for people to see at all times
    market_label_en: str
    resumed: bool
    seq: int  # what comes after it will be sent: `last_seq` of a `resume`, else the newest
    role: Role = "trader"


class Clock(msgspec.Struct, tag="clock"):
    """Market time and phase (of the stock session), pushed on change and about once a second."""

    market_time: int
    wall_time: int
    date: int  # YYYYMMDD
    phase: Phase
    speed: float  # market seconds a second; 0: as fast as it goes
    feed_age_ms: int  # wall time since the market source last said anything
    engine_stopped: bool = False  # nothing is traded any more until the server is started again
    platform: PlatformWord = "normal"  # what the broker takes (section 7.5)


class Gap(msgspec.Struct, tag="gap"):
    """Events from `from_seq` to `to_seq` can no longer be sent again; ask for history."""

    from_seq: int
    to_seq: int

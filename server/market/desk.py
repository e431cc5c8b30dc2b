"""The market as others ask about it: its name and speed, the age of its last word, its listings."""

import msgspec

from server.engine.engine import Engine
from server.market.pacing import Pacer
from server.market.source import MarketSource
from server.market.universe import UniverseEntry
from server.protocol.words import MarketKind

_LABELS: dict[MarketKind, tuple[str, str]] = {
    "agents": ("模拟市场", "simulated market"),
    "replay": ("历史回放", "replay"),
}


class MarketDesk:
    """Answers the gateway's questions about the market that `pacer` runs."""

    def __init__(self, source: MarketSource, pacer: Pacer, engine: Engine) -> None:
        self._source = source
        self._pacer = pacer
        self._engine = engine
        self._places = {entry.symbol: place for place, entry in enumerate(source.entries)}

    @property
    def kind(self) -> MarketKind:
        return self._source.kind

    @property
    def label_zh(self) -> str:
        return _LABELS[self.kind][0]

    @property
    def label_en(self) -> str:
        return _LABELS[self.kind][1]

    @property
    def speed(self) -> float:
        return self._pacer.status.speed

    def feed_age_ms(self) -> int:
        """Wall time since the market's last frame was applied."""
        return int(self._pacer.status.age_s * 1_000)

    def listing(self, symbol: str) -> UniverseEntry:
        """With its name of the market's day; raises KeyError for a symbol that is not listed."""
        place = self._places[symbol]
        entry = self._source.entries[place]
        name = self._source.name_on(place, self._engine.date or self._source.first_date)
        return entry if name == entry.name else msgspec.structs.replace(entry, name=name)

    def is_interpolated(self, instrument: int) -> bool:
        """Whether its present price is on a path that the source made up inside a bar."""
        return self._source.interpolated_below > 0 and self._engine.date > 0

"""What a market source is: a generator of commands, like any other participant's (idea 3).

The composition root sends `bootstrap()` to an empty engine, then walks `frames(engine)`. A source
reads the engine between two frames, never during one, and changes nothing: all it does is in the
commands. Started on an engine that has run before, it goes on after `engine.time`.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.engine.building import Commands
from server.engine.codes import MarkPolicy
from server.engine.layout import State
from server.market.bars import Bars
from server.market.opening import DayWarning
from server.market.universe import UniverseEntry
from server.protocol.words import MarketKind

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarketFrame:
    """Commands of one market time (µs), to be submitted as one. Times strictly rise."""

    time: int
    commands: Commands


class EngineView(Protocol):
    """What a source may look at."""

    @property
    def state(self) -> State: ...
    @property
    def seq(self) -> int: ...
    @property
    def time(self) -> int: ...
    @property
    def date(self) -> int: ...
    def symbol(self, instrument: int) -> str: ...


class MarketSource(Protocol):
    """A market. Instrument indices are positions in `entries`."""

    @property
    def kind(self) -> MarketKind: ...
    @property
    def mark_policy(self) -> MarkPolicy: ...
    @property
    def entries(self) -> Sequence[UniverseEntry]: ...
    @property
    def first_date(self) -> int:
        """YYYYMMDD."""
        ...

    @property
    def interpolated_below(self) -> int:
        """Bars shorter than so many minutes follow a made-up path; 0 when none do."""
        ...

    def name_on(self, instrument: int, date: int) -> str:
        """Its short name on that day, with the risk marks of the day (section 1.1)."""
        ...

    def index_ppm(self, time: int) -> int | None:
        """Today's change of a published index, at a market time; None where there is none."""
        ...

    def bootstrap(self) -> Commands:
        """Instruments and market accounts of an empty engine."""
        ...

    def history(self) -> Sequence[tuple[int, Bars]]:
        """Daily bars from before the first day, by instrument."""
        ...

    def opening_unmoved(
        self, engine: EngineView, date: int, instruments: Sequence[int]
    ) -> Commands:
        """What would open the session `date`, after the engine's, if no price moved until then.

        DAY_OPEN to LADDERS, of `instruments` alone: interest, corporate actions and the terms of
        the date, with the close (before it the last price) as the price. Raises RuleMissing or
        RuleAmbiguous.
        """
        ...

    def frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        """Raises `WrongMarket` for an engine that another market has run in."""
        ...


def unmoved_price(engine: EngineView, instrument: int, otherwise: int) -> int:
    """An instrument's close, before it its last price, before its first day `otherwise`."""
    row = engine.state.instruments[instrument]
    return int(row["close"]) or int(row["last"]) or otherwise


def no_warning(_: DayWarning) -> None:
    """The report of a day that is only looked ahead to."""


def log_warning(warning: DayWarning) -> None:
    """The default report of a day that the rules do not cover."""
    _LOG.warning("%s %s on %s (%s)", warning.symbol, warning.kind, warning.date, warning.rule)


class WrongMarket(ValueError):
    """The engine's instruments are not this source's."""


def require_same_market(engine: EngineView, entries: Sequence[UniverseEntry]) -> None:
    """Raises `WrongMarket` unless the engine lists exactly `entries`, in their order."""
    count = int(engine.state.header[0]["instruments"])
    listed = [engine.symbol(index) for index in range(count)]
    wanted = [entry.symbol for entry in entries]
    if listed != wanted:
        raise WrongMarket(
            f"数据目录里的市场有 {count} 只证券,与所选行情源的 {len(wanted)} 只不同;"
            "请换一个数据目录,或恢复原来的行情设置\n"
            f"the data directory holds a market of {count} instruments, not the {len(wanted)} of"
            " this source; choose another data directory or restore the market's settings"
        )

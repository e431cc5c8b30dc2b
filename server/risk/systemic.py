"""Watches the whole platform: figures every few seconds, and the state they lead to (7.5)."""

from collections.abc import Callable

import numpy as np

from server.engine import building_risk, records
from server.engine.codes import DecidedBy, Event, Phase, PlatformState
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.protocol.systemic import PlatformChanged, SystemicFigures
from server.risk.platform_rules import PlatformRule, decide, platform_rules
from server.risk.ports import Post
from server.risk.systemic_figures import take_figures, word

MINUTE_US = 60_000_000
# Figures are taken at least once a market minute, and as often as exchanges publish snapshots, but
# for a market that runs faster than the clock: 1.5 ms for 100,000 accounts, 0.3 % of a core so.
EVERY_US = 3_000_000  # of market time
PAUSE_US = 500_000  # of wall time
PublishedIndex = Callable[[int], int | None]  # market time to today's change in ppm
_BY_HAND = ("风控员决定", "By an officer's hand")
_OVER = ("指标已恢复", "The figures are back to normal")


class SystemicWatch:
    """A listener of the sequencer; it only posts commands, so a replay needs none of it."""

    def __init__(
        self,
        engine: Engine,
        post: Post,
        rules: tuple[PlatformRule, ...] | None = None,
        published_index: PublishedIndex | None = None,
    ) -> None:
        self._engine = engine
        self._post = post
        self._published_index = published_index
        self._rules = platform_rules() if rules is None else rules
        self._taken_at = self._wall_time = -MINUTE_US
        self._on_figures: list[Callable[[SystemicFigures], None]] = []
        self._on_change: list[Callable[[PlatformChanged], None]] = []
        self.figures: SystemicFigures | None = None  # the last taken

    def on_figures(self, listener: Callable[[SystemicFigures], None]) -> None:
        """Hears of all figures taken, which they are while anything trades."""
        self._on_figures.append(listener)

    def on_change(self, listener: Callable[[PlatformChanged], None]) -> None:
        """Hears of every change of what the platform takes."""
        self._on_change.append(listener)

    def applied(self, applied: Applied) -> None:
        changed = applied.events[applied.events["kind"] == Event.PLATFORM_CHANGED]
        for event in changed.view(records.PLATFORM_EVENT):
            if event["old_state"] != event["state"]:
                self._tell(event)
        if self._is_due(applied.wall_time) and self._is_open():
            self._taken_at, self._wall_time = self._engine.time, applied.wall_time
            self.take()

    def _is_due(self, wall_time: int) -> bool:
        now, before = self._engine.time, self._taken_at
        if now // MINUTE_US != before // MINUTE_US:
            return True
        return now - before >= EVERY_US and wall_time - self._wall_time >= PAUSE_US

    def take(self) -> SystemicFigures:
        """Takes the figures now, tells of them, and asks for another state if the rules do."""
        published = None
        if self._published_index is not None:
            published = self._published_index(self._engine.time)
        figures = take_figures(self._engine, published)
        self.figures = figures
        for listener in self._on_figures:
            listener(figures)
        asked = decide(figures, self._rules)
        if asked.state.name.lower() != figures.of_rules:
            note = self._rules[asked.number - 1].key if asked.number else ""
            self._post(
                building_risk.platform_state(
                    asked.state, DecidedBy.RULES, asked.number, asked.figure, note=note
                )
            )
        return figures

    def _is_open(self) -> bool:
        header = self._engine.state.header[0]
        phases = self._engine.state.instruments["phase"][: int(header["instruments"])]
        return bool((phases == Phase.CONTINUOUS).any())

    def _tell(self, event: np.void) -> None:
        zh, en = _BY_HAND if event["by"] == DecidedBy.OFFICER else _OVER
        key = "officer" if event["by"] == DecidedBy.OFFICER else "clear"
        number = int(event["reason"])
        if event["by"] == DecidedBy.RULES and 0 < number <= len(self._rules):
            rule = self._rules[number - 1]
            key, zh, en = rule.key, rule.zh, rule.en
        told = PlatformChanged(int(event["time"]), word(event["state"]), key, zh, en)
        for listener in self._on_change:
            listener(told)

    # For the risk desk ----------------------------------------------------------------------------

    def set_by_hand(self, state: PlatformState, officer: int, note: str) -> None:
        """An officer's state holds until the officer says NORMAL; rules may be stricter."""
        self._post(building_risk.platform_state(state, DecidedBy.OFFICER, 0, 0, officer, note))

"""The agents' market: seeded agents who trade with each other and with people in the books."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import MarkPolicy, Phase
from server.market.agents.companies import Companies, Trouble, made_up_troubles
from server.market.agents.dividends import announced_actions
from server.market.agents.fair import FairValues
from server.market.agents.history import made_up_history
from server.market.agents.new_companies import NewCompany, new_companies
from server.market.agents.population import account_commands
from server.market.agents.settings import AgentsSettings
from server.market.agents.temper import Temper, temper_of
from server.market.agents.timetable import Timetable
from server.market.agents.traders import Traders
from server.market.bars import Bars
from server.market.calendar import CalendarExhausted, TradingCalendar
from server.market.columns import Floats
from server.market.corporate_actions import ex_date_action, reference_price
from server.market.halts import ending_halts
from server.market.hours import OPENING_LEAD_US, Turn, hours_of, phase_commands, turns_of
from server.market.opening import DayInstrument, Report, day_commands, listing_commands
from server.market.rules import Rules
from server.market.source import (
    EngineView,
    MarketFrame,
    log_warning,
    no_warning,
    require_same_market,
    unmoved_price,
)
from server.market.universe import UniverseEntry
from server.protocol.words import MarketKind

_ENDS = (Phase.CLOSED, Phase.AFTER_HOURS_ENTRY)
_LOG = logging.getLogger(__name__)


class AgentsSource:
    """Deterministic for its seed and what the engine has been through."""

    kind: MarketKind = "agents"
    mark_policy = MarkPolicy.LAST_TRADE
    interpolated_below = 0

    def __init__(
        self,
        settings: AgentsSettings,
        entries: Sequence[UniverseEntry],
        calendar: TradingCalendar,
        rules: Rules,
        report: Report = log_warning,
    ) -> None:
        """Raises CalendarExhausted for a start outside the calendar."""
        self._settings = settings
        self._calendar = calendar
        self._rules = rules
        self._report = report
        first = settings.start_date
        self.first_date = first if calendar.is_session(first) else calendar.next_session(first)
        new, troubles = self._events(entries)
        self.entries = [*entries, *(company.entry for company in new)]
        self._companies = Companies(self.entries, new, troubles, calendar, rules)
        self._actions = announced_actions(entries, self.first_date, calendar, settings.seed)
        # What sets instruments apart comes from the seed alone: it outlives a restart.
        self._temper: Temper = temper_of(
            self.entries, settings.volatility, np.random.default_rng([settings.seed, 0])
        )

    def _events(
        self, entries: Sequence[UniverseEntry]
    ) -> tuple[list[NewCompany], Mapping[str, Trouble]]:
        if not self._settings.company_events:
            return [], {}
        calendar, seed = self._calendar, self._settings.seed
        sessions = calendar.sessions(self.first_date, calendar.last_session)
        new = new_companies(self.first_date, calendar, self._rules, seed)
        return new, made_up_troubles(entries, sessions, seed)

    def name_on(self, instrument: int, date: int) -> str:
        actions = self._actions.get(self.entries[instrument].symbol, ())
        return self._companies.name(instrument, date, actions)

    def index_ppm(self, time: int) -> int | None:
        return None

    def bootstrap(self) -> Commands:
        return building.concat([listing_commands(self.entries), account_commands()])

    def history(self) -> Sequence[tuple[int, Bars]]:
        before = self._calendar.previous_session(self.first_date)
        sessions = self._calendar.sessions(self._calendar.first_session, before)
        price = np.array([entry.start_price for entry in self.entries], np.int64)
        keys = [entry.rule_key(self.first_date) for entry in self.entries]
        tick = np.array([self._rules.quantity(key).tick for key in keys], np.int64)
        rng = np.random.default_rng([self._settings.seed, 1])
        days = self._settings.history_days
        if days == 0:
            return []
        bars = made_up_history(self._temper, price, tick, sessions[-days:], rng)
        return [(i, self._companies.since_listing(i, each)) for i, each in enumerate(bars)]

    def frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        """Ends, and says so in the log, with the last session the calendar knows."""
        return ending_halts(engine, self._frames(engine))

    def _frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        require_same_market(engine, self.entries)
        # A first run depends on the seed alone, whatever accounts were opened before it.
        resumed_at = engine.seq if engine.date else 0
        rng = np.random.default_rng([self._settings.seed, 2, resumed_at])
        date = engine.date or self.first_date
        worth = self._worth(engine)
        fair = FairValues(self._temper, worth, rng)
        while True:
            if date > engine.date:
                fair.pass_night()
                yield self._opening(engine, date, fair)
            yield from self._play(engine, date, fair, rng)
            try:
                date = self._calendar.next_session(date)
            except CalendarExhausted as error:
                _LOG.error("the market ends: %s", error)
                return

    def _worth(self, engine: EngineView) -> Floats:
        """Where values start: the last prices, or the universe's before the first day."""
        last = engine.state.instruments["last"][: len(self.entries)].astype(np.float64)
        start = np.array([entry.start_price for entry in self.entries], np.float64)
        return np.where(last > 0, last, start)

    def _opening(self, engine: EngineView, date: int, fair: FairValues) -> MarketFrame:
        turns = turns_of(self._calendar, date, self._rules.session_groups())
        instruments = [self._day(engine, index, date) for index in range(len(self.entries))]
        closes = np.array([item.old_close for item in instruments])
        fair.value *= np.array([item.reference for item in instruments]) / closes
        fair.value = self._companies.revalued(fair.value, date)
        fair.expect(self._companies.first_runs(date))
        commands = self._day_commands(engine, date, instruments, self._report)
        return MarketFrame(turns[0].time - OPENING_LEAD_US, commands)

    def opening_unmoved(
        self, engine: EngineView, date: int, instruments: Sequence[int]
    ) -> Commands:
        days = [self._day(engine, index, date) for index in instruments]
        return self._day_commands(engine, date, days, no_warning)

    def _day(self, engine: EngineView, index: int, date: int) -> DayInstrument:
        """An instrument's day after the engine's."""
        entry = self.entries[index]
        close = unmoved_price(engine, index, entry.start_price)
        day = self._companies.day(index, date)
        return DayInstrument(
            index=index,
            entry=entry,
            reference=self._reference(index, engine.date, date, close),
            status=day.status,
            suspended=day.suspended_sessions > 0,
            suspended_sessions=day.suspended_sessions,
            listing_day=day.listing_day,
            old_close=close,
            actions=self._actions.get(entry.symbol, ()),
            float_shares=entry.float_shares,
        )

    def _day_commands(
        self, engine: EngineView, date: int, days: Sequence[DayInstrument], report: Report
    ) -> Commands:
        previous = engine.date
        return day_commands(
            date, days, self._rules, self.mark_policy, previous_date=previous, report=report
        )

    def _reference(self, index: int, previous: int, date: int, close: int) -> int:
        """The close, or by section 1.8 on an ex-date."""
        entry = self.entries[index]
        action = ex_date_action(self._actions.get(entry.symbol, ()), previous, date)
        if action is None:
            return close
        tick = self._rules.quantity(entry.rule_key(date)).tick
        return reference_price(action, close, tick)

    def _play(
        self, engine: EngineView, date: int, fair: FairValues, rng: Generator
    ) -> Iterator[MarketFrame]:
        """The day's frames after `engine.time`."""
        day = self._timetable(engine, date)
        fair.temper = self._companies.temper(self._temper, date)
        traders = Traders(engine.state, fair.temper, self._settings, day.hours, rng)
        start = engine.time
        late = np.random.default_rng([self._settings.seed, 3, date])
        for time in day.times:
            if time <= start:
                continue
            for shock in day.shocks.get(time, []):
                fair.shock(shock, self.entries)
            if time in day.turns:
                commands = self._turn(engine, traders, fair, day.turns[time])
                if time == max(day.turns):
                    commands = building.concat([commands, building.day_close()])
            elif time < day.hours.auction:
                commands = traders.call(engine.state, fair.value)
            elif time > day.hours.close:
                commands = traders.after_hours(engine.state, late)
            else:
                fair.step(1 / self._settings.steps_a_day)
                commands = building.concat(
                    [
                        traders.step(engine.state, time, fair.value),
                        traders.call(engine.state, fair.value),
                    ]
                )
            if len(commands):
                yield MarketFrame(time, commands)

    def _timetable(self, engine: EngineView, date: int) -> Timetable:
        groups = set(engine.state.instruments["session"][: len(self.entries)].tolist())
        turns: dict[int, list[Turn]] = {}
        for turn in turns_of(self._calendar, date, groups):
            turns.setdefault(turn.time, []).append(turn)
        # The groups' hours coincide but for the closing call: those without it trade the longest.
        every = [hours_of(self._calendar, date, group) for group in sorted(groups)]
        hours = max(every, key=lambda each: each.length)
        shocks = self._settings.shocks if date == self.first_date else ()
        return Timetable.of(date, hours, turns, self._settings.steps_a_day, shocks)

    def _turn(
        self, engine: EngineView, traders: Traders, fair: FairValues, turns: list[Turn]
    ) -> Commands:
        """A change of phase, with what belongs to it: the auction, first quotes, the close."""
        session = engine.state.instruments["session"][: len(self.entries)]
        parts: list[Commands] = []
        for turn in turns:
            here = np.isin(session, turn.groups)
            if turn.phase is Phase.PAUSE:
                parts += [building.uncross(i) for i in np.flatnonzero(here & traders.open).tolist()]
            if turn.phase in _ENDS:
                over = here & (engine.state.instruments["close"][: len(session)] == 0)
                parts += [building.closing(i) for i in np.flatnonzero(over).tolist()]
            parts.append(phase_commands(turn, set(session.tolist())))
            if turn.phase is Phase.CONTINUOUS:
                parts.append(traders.open_books(engine.state, fair.value, here))
        return building.concat(parts)

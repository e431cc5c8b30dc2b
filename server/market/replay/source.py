"""A replayed market: real prices as marks, quotes of market accounts around them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import MarkPolicy, Phase
from server.market.bars import Bars
from server.market.calendar import TradingCalendar
from server.market.halts import ending_halts
from server.market.hours import (
    OPENING_LEAD_US,
    Hours,
    Turn,
    hours_of,
    phase_commands,
    turns_of,
)
from server.market.opening import DayInstrument, Report, day_commands, listing_commands
from server.market.replay.accounts import account_commands
from server.market.replay.after_hours import AfterHours
from server.market.replay.draws import generator
from server.market.replay.plan import ReplayPlan, plan_replay
from server.market.replay.published_index import read_index
from server.market.replay.quoter import Prices, Quoter, call_end
from server.market.replay.settings import ReplaySettings
from server.market.replay.tape import Tape, merge
from server.market.replay.tracks import IntradayTrack, SnapshotTrack
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

_DAY_MINUTES = 240
_MINUTE_US = 60_000_000


@dataclass(slots=True)
class _Session:
    """One day being played."""

    tape: Tape
    turns: dict[int, list[Turn]]
    groups: NDArray[np.int64]  # session group by instrument
    auctions: dict[int, int]  # group to the end of its opening call
    closes: dict[int, int]  # group to its close
    after_hours: AfterHours
    prices: Prices
    phase: dict[int, Phase] = field(default_factory=dict[int, Phase])  # by group
    depth_row: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def times(self) -> list[int]:
        return sorted({*self.tape.times.tolist(), *self.turns, *self.after_hours.times})

    def trading(self) -> NDArray[np.bool_]:
        """Instruments in continuous trading."""
        on = [group for group, phase in self.phase.items() if phase is Phase.CONTINUOUS]
        return np.isin(self.groups, on)


class ReplaySource:
    """Plays files as a market. Quotes read the engine, so that what traders take stays taken."""

    kind: MarketKind = "replay"
    mark_policy = MarkPolicy.SOURCE

    def __init__(
        self,
        settings: ReplaySettings,
        known: Mapping[str, UniverseEntry],
        calendar: TradingCalendar,
        rules: Rules,
        report: Report = log_warning,
    ) -> None:
        """Reads the files at once; raises `BadFile` and the errors of calendar and rules."""
        self._settings = settings
        self._calendar = calendar
        self._rules = rules
        self._report = report
        self._plan: ReplayPlan = plan_replay(settings, known, calendar, rules)
        self._index = read_index(settings, calendar, self._plan.dates)

    @property
    def entries(self) -> Sequence[UniverseEntry]:
        return self._plan.entries

    @property
    def dates(self) -> Sequence[int]:
        return self._plan.dates

    @property
    def first_date(self) -> int:
        return self._plan.dates[0]

    @property
    def interpolated_below(self) -> int:
        track = self._plan.tracks[0]
        if isinstance(track, SnapshotTrack):
            return 0
        if isinstance(track, IntradayTrack):
            return 0 if track.series.single else track.series.span_us // _MINUTE_US
        return _DAY_MINUTES

    def name_on(self, instrument: int, date: int) -> str:
        return self._plan.name(instrument, date)

    def index_ppm(self, time: int) -> int | None:
        return self._index.change_ppm(time) if self._index else None

    def bootstrap(self) -> Commands:
        return building.concat([listing_commands(self.entries), account_commands()])

    def history(self) -> Sequence[tuple[int, Bars]]:
        return self._plan.history()

    def opening_unmoved(
        self, engine: EngineView, date: int, instruments: Sequence[int]
    ) -> Commands:
        previous, published = engine.date, self._index
        days = [
            self._plan.unmoved(index, previous, date, unmoved_price(engine, index, 0), published)
            for index in instruments
        ]
        return self._day_commands(engine, date, days, no_warning)

    def frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        return ending_halts(engine, self._frames(engine))

    def _frames(self, engine: EngineView) -> Iterator[MarketFrame]:
        require_same_market(engine, self.entries)
        for date in self.dates:
            if date > engine.date:
                yield self._opening(engine, date)
            if date == engine.date:
                yield from self._play(engine, date)

    def _opening(self, engine: EngineView, date: int) -> MarketFrame:
        days = self._plan.day(date, first=engine.date == 0, published=self._index)
        turns = turns_of(self._calendar, date, self._rules.session_groups())
        instruments = [instrument for instrument, _ in days]
        commands = self._day_commands(engine, date, instruments, self._report)
        return MarketFrame(turns[0].time - OPENING_LEAD_US, commands)

    def _day_commands(
        self, engine: EngineView, date: int, days: Sequence[DayInstrument], report: Report
    ) -> Commands:
        previous = engine.date
        return day_commands(
            date, days, self._rules, self.mark_policy, previous_date=previous, report=report
        )

    def _play(self, engine: EngineView, date: int) -> Iterator[MarketFrame]:
        """The day's frames after `engine.time`."""
        session = self._session(engine, date)
        settings = self._settings
        depth_ppm, share_ppm = settings.depth_ppm, settings.participation_ppm
        quoter = Quoter(engine.state, len(self.entries), share_ppm, depth_ppm)
        times = session.times()
        done = bisect_right(times, engine.time)
        for time in times[:done]:
            self._advance(session, time)
            self._enter(session, time)
        if done:
            quoter.resume(engine.state, session.prices)
        for time in times[done:]:
            rows = self._advance(session, time)
            yield MarketFrame(time, self._frame(engine, session, quoter, time, rows))

    def _session(self, engine: EngineView, date: int) -> _Session:
        groups = engine.state.instruments["session"][: len(self.entries)].astype(np.int64)
        present = sorted(set(groups.tolist()))
        hours = {group: hours_of(self._calendar, date, group) for group in present}
        turns: dict[int, list[Turn]] = {}
        for turn in turns_of(self._calendar, date, present):
            turns.setdefault(turn.time, []).append(turn)
        tape = self._tape(date, groups.tolist(), hours)
        return _Session(
            tape=tape,
            turns=turns,
            groups=groups,
            auctions={group: each.auction for group, each in hours.items()},
            closes={group: each.close for group, each in hours.items()},
            after_hours=self._after_hours(date, tape, [hours[group].after for group in groups]),
            prices=Prices.none(len(self.entries)),
            depth_row=np.full(len(self.entries), -1, np.int64),
        )

    def _tape(self, date: int, groups: list[int], hours: Mapping[int, Hours]) -> Tape:
        steps = self._settings.steps_a_day
        strips = [
            (
                index,
                track.strip(
                    date,
                    self._plan.ticks[index],
                    steps,
                    hours[groups[index]],
                    generator(self._settings.seed, date, track.symbol),
                ),
            )
            for index, track in enumerate(self._plan.tracks)
            if track.day(date).traded
        ]
        return merge(strips)

    def _after_hours(
        self, date: int, tape: Tape, spans: Sequence[tuple[int, int] | None]
    ) -> AfterHours:
        """With a share of the day drawn for each instrument: up to twice what is usual."""
        most = 2 * self._settings.after_hours_ppm
        seed = self._settings.seed
        share = [
            int(generator(seed, date, f"{track.symbol} after hours").random() * most)
            for track in self._plan.tracks
        ]
        return AfterHours.of(tape, spans, np.array(share, np.int64))

    def _advance(self, session: _Session, time: int) -> slice:
        """Brings the prices to a time; returns the tape's rows of that time."""
        tape, prices = session.tape, session.prices
        step = int(np.searchsorted(tape.times, time))
        if step == len(tape.times) or tape.times[step] != time:
            return slice(0, 0)
        rows = tape.rows(step)
        who, price = tape.instrument[rows], tape.price[rows]
        before = prices.price[who]
        prices.falling[who] = np.where(price == before, prices.falling[who], price < before)
        # Of several rows of one instrument the last holds: later writes win.
        prices.price[who] = price
        prices.bar[who], prices.volume[who] = tape.bar[rows], tape.capacity[rows]
        session.depth_row[who] = np.arange(rows.start, rows.stop)
        return rows

    def _enter(self, session: _Session, time: int) -> list[Turn]:
        turns = session.turns.get(time, [])
        for turn in turns:
            session.phase.update(dict.fromkeys(turn.groups, turn.phase))
        return turns

    def _frame(
        self, engine: EngineView, session: _Session, quoter: Quoter, time: int, rows: slice
    ) -> Commands:
        """The auction, then the prices, then quotes, with the phase's change where it belongs."""
        ending = [group for group, at in session.auctions.items() if at == time]
        parts = [self._auction(session, quoter, ending)] if ending else []
        parts.append(_price_group(session.tape, rows))
        closing = [group for group, at in session.closes.items() if at == time]
        if closing:
            parts.append(self._close(engine, session, quoter, closing))
        was_trading = session.trading()
        turns = self._enter(session, time)
        phases = [phase_commands(turn, session.auctions) for turn in turns]
        trading = session.trading()
        calling = [turn for turn in turns if turn.phase is Phase.CLOSING_CALL]
        if calling:
            groups = [group for turn in calling for group in turn.groups]
            phases.insert(0, quoter.withdraw(np.isin(session.groups, groups)))
        closed = turns and all(phase is Phase.CLOSED for phase in session.phase.values())
        if trading.any() and turns:
            parts += [*phases, self._quotes(engine, session, quoter, trading, None)]
        elif was_trading.any() and not closing:
            parts += [self._quotes(engine, session, quoter, was_trading, rows), *phases]
        else:
            parts += phases
        parts.append(quoter.fixed_orders(engine.state, session.after_hours, time))
        if closed:
            parts.append(building.day_close())
        return building.concat(parts)

    def _auction(self, session: _Session, quoter: Quoter, ending: list[int]) -> Commands:
        here = np.isin(session.groups, ending)
        uncross = [building.uncross(index) for index in np.flatnonzero(here & quoter.open).tolist()]
        orders = quoter.call_orders(session.prices, here)
        return building.concat([orders, *uncross, call_end()])

    def _close(
        self, engine: EngineView, session: _Session, quoter: Quoter, groups: list[int]
    ) -> Commands:
        """The market at its own closing price, so that the closing call finds it, and the close."""
        here = np.isin(session.groups, groups)
        called = [group for group in groups if session.phase.get(group) is Phase.CLOSING_CALL]
        in_call = np.isin(session.groups, called)
        orders = quoter.closing_orders(engine.state, session.prices, in_call)
        closing = [building.closing(index) for index in np.flatnonzero(here).tolist()]
        return building.concat([orders, *closing, call_end()])

    def _quotes(
        self,
        engine: EngineView,
        session: _Session,
        quoter: Quoter,
        here: NDArray[np.bool_],
        rows: slice | None,
    ) -> Commands:
        """Quotes of the instruments in `here`; with `rows`, only what these have changed."""
        depth = session.tape.depth
        if depth is None:
            return quoter.quotes(engine.state, session.prices, here)
        changed = here & (session.depth_row >= 0)
        if rows is not None:
            changed &= session.depth_row >= rows.start
        who = np.flatnonzero(changed)
        return quoter.ladders(who, depth.take(session.depth_row[who]))


def _price_group(tape: Tape, rows: slice) -> Commands:
    """All prices of one moment, graded together."""
    if rows.start == rows.stop:
        return building.concat([])
    prices = building.prices(tape.instrument[rows], tape.price[rows], tape.volume[rows])
    return building.concat([building.frame_begin(), prices, building.frame_end()])

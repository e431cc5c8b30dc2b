"""A replay before it runs: its instruments, its dates, and what each day is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from server.engine.codes import LimitKind
from server.market.bars import BAR, Bars
from server.market.calendar import TradingCalendar
from server.market.corporate_actions import ex_date_action, reference_price
from server.market.dates import time_us
from server.market.hours import SESSION_START
from server.market.opening import DayInstrument
from server.market.replay.actions import Actions, read_actions
from server.market.replay.bad_file import BadFile
from server.market.replay.listings import (
    Listing,
    Listings,
    read_listings,
    under_new_codes,
    with_ends,
    with_new_codes,
)
from server.market.replay.published_index import PublishedIndex
from server.market.replay.reading import read_series
from server.market.replay.rows import Window
from server.market.replay.series import DailySeries, Series
from server.market.replay.settings import ReplaySettings
from server.market.replay.tracks import DailyTrack, Track, TrackDay, track_of
from server.market.rules import LONG_LISTED, Rules
from server.market.short_names import ex_mark, listing_mark, marked
from server.market.special_days import special_day
from server.market.universe import UniverseEntry, UniverseError, replay_entry


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """`tracks[i]` and `ticks[i]` belong to `entries[i]`; `dates` are those on which one trades."""

    settings: ReplaySettings
    calendar: TradingCalendar
    rules: Rules
    entries: Sequence[UniverseEntry]
    tracks: Sequence[Track]
    ticks: Sequence[int]
    dates: Sequence[int]
    actions: Actions

    def day(
        self, date: int, first: bool, published: PublishedIndex | None = None
    ) -> Iterator[tuple[DayInstrument, TrackDay]]:
        """Each instrument's day; on the market's `first` nobody holds what an ex-date changes."""
        for index, track in enumerate(self.tracks):
            day = track.day(date)
            item = self._instrument(index, day, date, first)
            if published is not None and day.last_traded:
                item = replace(item, index_ppm=published.since_ppm(day.last_traded, date))
            yield item, day

    def unmoved(
        self,
        index: int,
        previous: int,
        date: int,
        close: int,
        published: PublishedIndex | None = None,
    ) -> DayInstrument:
        """An instrument's day to come, at the price `close` of the day `previous` to it.

        What is told beforehand is the data's of that day: ex-date, risk status, suspension. A date
        that the files do not reach is as the last day they have.
        """
        last = self.dates[-1]
        day = self.tracks[index].day(min(date, last))
        item = self._instrument(index, day, date, date > last)
        old, new = item.old_close, item.reference
        close = close or new
        action = ex_date_action(item.actions, previous, date)
        tick = self.ticks[index]
        if action is not None:
            reference = reference_price(action, close, tick)
        elif old not in {0, new}:
            reference = max(tick, (2 * close * new + old * tick) // (2 * old * tick) * tick)
        else:
            reference = close
        if published is not None and day.last_traded:
            item = replace(item, index_ppm=published.since_ppm(day.last_traded, date))
        return replace(item, reference=reference, old_close=close, day_low=0, day_high=0)

    def _instrument(self, index: int, day: TrackDay, date: int, first: bool) -> DayInstrument:
        entry = self.entries[index]
        waited = 0
        if not day.traded:
            since = day.last_traded
            waited = self.calendar.sessions_between(since, date) if since else 1
        special = special_day(entry.symbol, date)
        return DayInstrument(
            index=index,
            entry=entry,
            reference=day.reference,
            status=special.status if special else day.status,
            suspended=not day.traded,
            suspended_sessions=waited,
            listing_day=self._listing_day(entry, date),
            old_close=0 if first else day.old_close,
            day_low=day.low,
            day_high=day.high,
            actions=self.actions.get(entry.symbol, ()),
            float_shares=day.float_shares,
        )

    def name(self, index: int, date: int) -> str:
        """The file's short name of a day, or the table's with the day's mark of 1.1."""
        entry, track = self.entries[index], self.tracks[index]
        if said := track.name(date):
            return said
        listing_day = self._listing_day(entry, date)
        unlimited = False
        if listing_day != LONG_LISTED:
            row = self.rules.limit(entry.rule_key(date, listing_day=listing_day))
            unlimited = row.kind_code is LimitKind.UNLIMITED
        mark = listing_mark(listing_day, unlimited=unlimited)
        return marked(entry.name, mark or ex_mark(self.actions.get(entry.symbol, ()), date))

    def _listing_day(self, entry: UniverseEntry, date: int) -> int:
        """Counted from a known listing date; a replayed file alone does not say it."""
        if not self.calendar.first_session <= entry.list_date <= date:
            return LONG_LISTED
        sessions = self.calendar.sessions_between(entry.list_date, date)
        return sessions + int(self.calendar.is_session(entry.list_date))

    def history(self) -> list[tuple[int, Bars]]:
        """Daily bars from before the replay, where the files hold them."""
        first = self.dates[0]
        return [
            (index, _bars(track.series, first))
            for index, track in enumerate(self.tracks)
            if isinstance(track, DailyTrack)
        ]


def plan_replay(
    settings: ReplaySettings,
    known: Mapping[str, UniverseEntry],
    calendar: TradingCalendar,
    rules: Rules,
) -> ReplayPlan:
    """Reads the files; raises `BadFile`, or the calendar's and the rules' errors."""
    window = Window(settings.first, settings.last, settings.history_days)
    said: Listings = read_listings(settings.listings) if settings.listings else {}
    found = read_series(settings.path, window, _Finder(settings, known, rules, said).tick)
    listings = with_new_codes(said, max(int(np.max(each.date)) for each in found))
    finder = _Finder(settings, known, rules, listings)
    series = [s for s in under_new_codes(found, listings, settings.path) if finder.wanted(s)]
    tracks = [track_of(each, settings.previous_closes) for each in series]
    return ReplayPlan(
        settings=settings,
        calendar=calendar,
        rules=rules,
        entries=[
            finder.entry(track.symbol, _name(s)) for track, s in zip(tracks, series, strict=True)
        ],
        tracks=tracks,
        ticks=[finder.tick(track.symbol) for track in tracks],
        dates=_dates(settings, calendar, tracks),
        actions=with_ends(_actions(settings, calendar), listings),
    )


def _actions(settings: ReplaySettings, calendar: TradingCalendar) -> Actions:
    if settings.actions is None:
        return {}
    return read_actions(settings.actions, settings.first, settings.last, calendar)


class _Finder:
    """Entries and ticks of the symbols that the files name."""

    def __init__(
        self,
        settings: ReplaySettings,
        known: Mapping[str, UniverseEntry],
        rules: Rules,
        listings: Listings,
    ) -> None:
        self._settings = settings
        self._listings = listings
        self._known = dict(known)
        self._rules = rules

    def wanted(self, series: Series) -> bool:
        listing = self._listings.get(series.symbol, Listing())
        wanted = self._settings.symbols
        return not wanted or series.symbol in wanted or listing.old_symbol in wanted

    def entry(self, symbol: str, name: str = "") -> UniverseEntry:
        try:
            listing = self._listings.get(symbol, Listing())
            entry = replay_entry(symbol, self._known, name, listing.list_date)
        except UniverseError as error:
            zh = f"{symbol} 不是可交易的股票或基金({error})"
            raise BadFile(self._settings.path, zh, str(error)) from error
        ipo = entry.ipo if listing.ipo == "unknown" else listing.ipo
        return msgspec.structs.replace(entry, ipo=ipo)

    def tick(self, symbol: str) -> int:
        key = self.entry(symbol).rule_key(
            self._settings.last
        )  # a board may be younger than `first`
        return self._rules.quantity(key).tick


def _name(series: Series) -> str:
    return series.names[-1] if isinstance(series, DailySeries) else ""


def _dates(
    settings: ReplaySettings, calendar: TradingCalendar, tracks: Sequence[Track]
) -> list[int]:
    """The days on which at least one symbol trades; raises `BadFile` without any."""
    sessions = set(calendar.sessions(settings.first, settings.last))
    found: set[int] = set()
    for track in tracks:
        within = [date for date in track.dates if settings.first <= date <= settings.last]
        if odd := [date for date in within if date not in sessions]:
            zh = f"{track.symbol} 有 {odd[0]} 的数据,但该日休市"
            en = f"{track.symbol} has data on {odd[0]}, which is no session"
            raise BadFile(settings.path, zh, en)
        found.update(date for date in within if track.day(date).traded)
    if not found:
        zh = f"{settings.first} 至 {settings.last} 没有可回放的交易日:缺少前收盘价,或全部停牌"
        en = (
            f"no day from {settings.first} to {settings.last} can be replayed:"
            " no close before it is known (start a day later, or give it), or nothing traded"
        )
        raise BadFile(settings.path, zh, en)
    return sorted(found)


def _bars(series: DailySeries, first: int) -> Bars:
    """The traded days before a date."""
    rows = np.flatnonzero(series.traded & (series.date < first))
    out = np.zeros(len(rows), BAR)
    out["time"] = [time_us(date, SESSION_START) for date in series.date[rows].tolist()]
    for name in ("open", "high", "low", "close", "volume", "turnover"):
        out[name] = getattr(series, name)[rows]
    return out

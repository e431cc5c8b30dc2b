"""The commands that open a day: every figure the engine needs, looked up and resolved."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from server.engine import building, building_actions
from server.engine.building import Commands
from server.engine.codes import Convention, LimitKind, MarkPolicy
from server.engine.records import MAX_PRICE
from server.engine.terms import DayTerms, FeeTerms, RuleTerms
from server.market.corporate_actions import (
    CorporateAction,
    action_terms,
    due_commands,
    ex_date_action,
    reference_price,
)
from server.market.dates import calendar_days_between
from server.market.day_rules import rule_terms
from server.market.rules import LONG_LISTED, RuleAmbiguous, RuleKey, Rules, Status
from server.market.rules.dividend_tax import tax_periods
from server.market.rules.limits import LimitRow
from server.market.universe import UniverseEntry

# Bounds of the ladder of a day without limits: a fifth and five times the reference price, but no
# lower than LEVELS_BELOW ticks under it and no more than MOST_LEVELS in all. Only a replayed bar
# that goes beyond them makes the ladder longer.
WIDE = 5
LEVELS_BELOW = 20_000
MOST_LEVELS = 60_000
CONVENTIONS = Convention.UNSETTLED_FIRST | Convention.BOUNDED_LENDING  # of every day from now on


@dataclass(frozen=True, slots=True)
class DayInstrument:
    """One instrument on one day. Prices in 1/10 000 yuan, 0 where there is none."""

    index: int
    entry: UniverseEntry
    reference: int  # the exchange's previous close of the day, after ex-rights
    status: Status | None = None  # that day's, when it is not the entry's
    suspended: bool = False
    suspended_sessions: int = 0  # in a row, today included
    index_ppm: int = 0  # suspended: the index over what it was on the last day traded; 0 unknown
    listing_day: int = LONG_LISTED  # 1 on the first session
    old_close: int = 0  # on an ex-date: the close before; books an entitlement
    day_low: int = 0  # of a replayed day
    day_high: int = 0
    actions: tuple[CorporateAction, ...] = ()  # all of the instrument's, whatever their dates
    float_shares: int = 0  # on that day; 0 where nothing says

    @property
    def symbol(self) -> str:
        return self.entry.symbol


@dataclass(frozen=True, slots=True)
class DayWarning:
    """An instrument whose day is not what the rules say.

    `widened`: the replayed day leaves the limits, which are lifted. `limit_unknown`: no order is
    taken that day. `reference_differs`: section 1.8 gives another price (`computed`) than the
    published one, which stands. Prices in 1/10 000 yuan.
    """

    kind: Literal["widened", "limit_unknown", "reference_differs"]
    symbol: str
    date: int
    rule: str
    day_low: int = 0
    day_high: int = 0
    limit_down: int = 0
    limit_up: int = 0
    computed: int = 0


Report = Callable[[DayWarning], None]


def day_commands(
    date: int,
    instruments: Sequence[DayInstrument],
    rules: Rules,
    mark_policy: MarkPolicy,
    *,
    previous_date: int,
    report: Report,
) -> Commands:
    """From DAY_OPEN to LADDERS, to be submitted as one.

    `instruments` is every instrument of the market: one without trading that day is suspended.
    `previous_date` is the last day this market was open, 0 on its first: interest accrues for the
    calendar days since. Raises RuleMissing or RuleAmbiguous for what the rules do not say, and
    ValueError for a reference price that is not positive.
    """
    days = calendar_days_between(previous_date, date) if previous_date else 0
    if days < 0:
        raise ValueError(f"{date} cannot open after {previous_date}")
    keyed = [(item, _key(item, date)) for item in instruments]
    schedules = _schedules([key for _, key in keyed], rules)
    return building.concat(
        [
            building.day_open(date, mark_policy, CONVENTIONS),
            building_actions.tax_periods(*tax_periods(date)),
            *([building.accrue(days)] if days else []),
            building.financing_margin(rules.financing_margin_ppm(date)),
            *(building.fee_schedule(number, schedules[number]) for number in sorted(schedules)),
            *_ex_dates(keyed, rules, previous_date, report),
            *(
                commands
                for item, key in keyed
                for commands in (
                    building.instrument_day(item.index, _terms(item, key, rules, report)),
                    building.instrument_rules(item.index, _rules_of(item, key, rules)),
                )
            ),
            building.ladders(),
        ]
    )


def listing_commands(entries: Sequence[UniverseEntry], first_index: int = 0) -> Commands:
    """INSTRUMENT_ADD of each, numbered from the engine's next free index."""
    return building.concat(
        [
            building.instrument_add(index, entry.symbol)
            for index, entry in enumerate(entries, first_index)
        ]
    )


def wide_ladder(reference: int, tick: int, day_low: int = 0, day_high: int = 0) -> tuple[int, int]:
    """(top, bottom) of the ladder of a day without price limits."""
    lowest = max(reference // WIDE, reference - LEVELS_BELOW * tick)
    if day_low:
        lowest = min(lowest, day_low)
    bottom = max(lowest // tick * tick, tick)
    highest = max(min(reference * WIDE, bottom + (MOST_LEVELS - 1) * tick), day_high)
    return min(highest // tick * tick, MAX_PRICE), bottom


def _key(item: DayInstrument, date: int) -> RuleKey:
    return item.entry.rule_key(date, item.status, item.listing_day)


def _schedules(keys: Sequence[RuleKey], rules: Rules) -> dict[int, FeeTerms]:
    """Terms of each fee schedule that the day needs, by its number."""
    found: dict[int, FeeTerms] = {}
    for key in keys:
        number, terms = rules.fee_schedule(key), rules.fees(key)
        if found.setdefault(number, terms) != terms:
            raise RuleAmbiguous(f"fee schedule {number} would need two rates on {key.date}: {key}")
    return found


def _ex_dates(
    keyed: Sequence[tuple[DayInstrument, RuleKey]], rules: Rules, previous: int, report: Report
) -> Iterator[Commands]:
    """What is due under corporate actions, and each ex-date: the real one, else a synthetic."""
    for item, key in keyed:
        yield from due_commands(item.index, item.actions, previous, key.date)
        action = ex_date_action(item.actions, previous, key.date)
        if action is not None:
            recorded = key._replace(date=action.record_date or action.ex_date)
            terms = action_terms(action, item.reference, rules.dividend_tax(recorded))
            yield building_actions.corporate_action(item.index, terms)
            _check_reference(item, key, action, rules, report)
        elif _is_ex_date(item):
            yield _entitlement(item)


def _check_reference(
    item: DayInstrument, key: RuleKey, action: CorporateAction, rules: Rules, report: Report
) -> None:
    """The published price stands: an announcement may have another base than all shares."""
    if item.old_close:
        wanted = reference_price(action, item.old_close, rules.quantity(key).tick)
        if wanted != item.reference:
            what = DayWarning("reference_differs", item.symbol, key.date, "1.8", computed=wanted)
            report(what)


def _is_ex_date(item: DayInstrument) -> bool:
    return item.old_close not in {0, item.reference}


def _entitlement(item: DayInstrument) -> Commands:
    return building.entitlement(item.index, item.old_close, item.reference)


def _rules_of(item: DayInstrument, key: RuleKey, rules: Rules) -> RuleTerms:
    collateral = rules.haircuts.collateral_ppm(key, item.symbol, suspended=item.suspended)
    terms = rule_terms(key, item.reference, rules)
    return terms._replace(float_shares=item.float_shares, collateral_ppm=collateral)


def _terms(item: DayInstrument, key: RuleKey, rules: Rules, report: Report) -> DayTerms:
    if item.reference <= 0:
        raise ValueError(f"{item.symbol} {key.date}: reference price {item.reference}")
    row = rules.limit(key)
    quantity = rules.quantity(key)
    kind, limit_up, limit_down = _ladder(item, key, row, rules, report)
    sessions = max(item.suspended_sessions, 1) if item.suspended else 0
    return DayTerms(
        reference=item.reference,
        limit_up=limit_up,
        limit_down=limit_down,
        tick=quantity.tick,
        lot=quantity.lot,
        buy_minimum=quantity.buy_minimum,
        buy_step=quantity.buy_step,
        sell_minimum=quantity.sell_minimum,
        sell_step=quantity.sell_step,
        max_limit_quantity=quantity.max_limit_quantity,
        max_market_quantity=quantity.max_market_quantity,
        limit_ppm=row.daily_limit_ppm,
        valuation_ppm=rules.valuation_ppm(key, sessions, item.index_ppm),
        fee_schedule=rules.fee_schedule(key),
        session=rules.session_group(key),
        limit_kind=kind,
        holding_class=row.holding_class,
        suspended=int(item.suspended),
        same_day_sale=int(rules.same_day_sale(key)),
    )


def _ladder(
    item: DayInstrument, key: RuleKey, row: LimitRow, rules: Rules, report: Report
) -> tuple[LimitKind, int, int]:
    """(kind of limit, top, bottom) of the day's ladder; reports what the rules do not cover."""
    kind = row.kind_code
    if kind is LimitKind.LIMITED:
        limit_up, limit_down = rules.limit_prices(key, item.reference)
        if not item.day_high or (limit_down <= item.day_low and item.day_high <= limit_up):
            return kind, limit_up, limit_down
        kind = LimitKind.UNLIMITED
        bar = (item.day_low, item.day_high)
        report(DayWarning("widened", item.symbol, key.date, row.rule, *bar, limit_down, limit_up))
    elif kind is LimitKind.UNKNOWN:
        report(DayWarning("limit_unknown", item.symbol, key.date, row.rule))
    tick = rules.quantity(key).tick
    return kind, *wide_ladder(item.reference, tick, item.day_low, item.day_high)

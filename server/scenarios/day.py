"""A scenario's trading days: the rules' terms of the date, and what the page says instead."""

from decimal import Decimal
from functools import cache

import msgspec
import numpy as np

from server.engine import building, records
from server.engine.building import Commands
from server.engine.codes import Command, HoldingClass, LimitKind, MarkPolicy
from server.engine.terms import RuleTerms
from server.market.corporate_actions import (
    CorporateAction,
    check_action,
    ex_date_action,
    reference_price,
)
from server.market.dates import from_date
from server.market.opening import DayInstrument, DayWarning, day_commands
from server.market.rules import LONG_LISTED, Choices, RuleKey, Rules
from server.market.rules import Commission as AgreedCommission
from server.market.universe import UniverseEntry, UniverseError, load_universe, replay_entry
from server.protocol.words import Exchange
from server.scenarios import page
from server.scenarios.kinds import money, percent
from server.scenarios.wording import Text, unknown, wrong

EXCHANGES: tuple[Exchange, ...] = ("SSE", "SZSE", "BSE")
OF_ONE_DAY = ("reference", "old_close", "terms")
NOT_ON_THE_EVE = (Command.ENTITLEMENT, Command.INSTRUMENT_RULES)
_MONEY_TERMS = ("limit_up", "limit_down", "tick")
_MARGIN_TERMS = ("collateral", "coefficient")
NOT_LENT_ON = -1
_PERCENT_TERMS = {"day_limit": "limit_ppm", "valuation": "valuation_ppm"}
MARKS = {"source": MarkPolicy.SOURCE, "last_trade": MarkPolicy.LAST_TRADE}


@cache
def _universe() -> dict[str, UniverseEntry]:
    return load_universe()


@cache
def _rules(commission: AgreedCommission, choices: Choices) -> Rules:
    return Rules(commission, choices)


def rules_of(given: page.Given) -> Rules:
    """The rules with the commission that the page gives; raises ScenarioError."""
    agreed = given.commission
    if agreed is None:
        return _rules(AgreedCommission(), given.choices)
    rate = _rate_ppb(agreed.rate)
    commission = AgreedCommission(rate, money(agreed.minimum), agreed.mode == "all_in")
    return _rules(commission, given.choices)


def _rate_ppb(raw: str) -> int:
    """A rate as text: "0.025%" is 250,000 ppb; up to six decimals."""
    whole, _, rest = raw.removesuffix("%").partition(".")
    if not raw.endswith("%") or not (whole + rest).isdigit() or len(rest) > 6:
        raise wrong(
            f'{raw!r} 不是费率；应如 "0.025%"', f'{raw!r} is no rate; write it like "0.025%"'
        )
    return int(whole) * 10_000_000 + int(rest.ljust(7, "0"))


def as_instrument(said: str | page.Instrument) -> page.Instrument:
    """A bare price is the reference price."""
    return page.Instrument(reference=said) if isinstance(said, str) else said


def changed(before: page.Instrument, said: page.Instrument) -> page.Instrument:
    """An instrument on the next day: what the page does not say is as it was."""
    kept = {
        name: value
        for name, value in msgspec.structs.asdict(before).items()
        if getattr(said, name) is None and name not in OF_ONE_DAY
    }
    return msgspec.structs.replace(said, **kept)


class Days:
    """The instruments of a scenario and how a day of them opens."""

    def __init__(self, given: page.Given) -> None:
        """Raises ScenarioError for a code of which nothing is known."""
        self.symbols = list(given.instruments)
        self.said = [as_instrument(said) for said in given.instruments.values()]
        self._entries = [
            _entry(symbol, said) for symbol, said in zip(self.symbols, self.said, strict=True)
        ]
        self._rules = rules_of(given)
        self._actions = [_action(said, i, self.symbols) for i, said in enumerate(given.actions, 1)]
        self._free = given.fees == "none"
        self._policy = MARKS[given.mark]

    def listing(self) -> Commands:
        """INSTRUMENT_ADD of each."""
        added = [building.instrument_add(i, symbol) for i, symbol in enumerate(self.symbols)]
        return building.concat(added)

    def opening(self, date: int, previous_date: int) -> Commands:
        """From DAY_OPEN to LADDERS; raises LookupError for what the rules do not say."""
        items = [self._item(i) for i in range(len(self.said))]
        commands = day_commands(
            date, items, self._rules, self._policy, previous_date=previous_date, report=_accept
        )
        self._override(commands)
        if self._free:
            free_of_fees(commands)
        return self._with_margins(commands)

    def reference_after(self, index: int, previous: int, date: int, close: int) -> int:
        """The close before, or by section 1.8 when a corporate action changes it."""
        action = ex_date_action(self._actions_of(index), previous, date)
        if action is None:
            return close
        return reference_price(action, close, self._rules.quantity(self._key(index, date)).tick)

    def _key(self, index: int, date: int) -> RuleKey:
        return self._entries[index].rule_key(date, self.said[index].status or "normal")

    def _actions_of(self, index: int) -> tuple[CorporateAction, ...]:
        return tuple(each for each in self._actions if each.symbol == self.symbols[index])

    def eve(self, date: int, costs: dict[int, list[int]]) -> Commands:
        """A day on which the given holdings are bought at `costs` by instrument, free of fees."""
        commands = self.opening(date, 0)
        free_of_fees(commands)
        commands = commands[~np.isin(commands["kind"], NOT_ON_THE_EVE)]
        days = commands.view(records.INSTRUMENT_DAY)
        for i in np.flatnonzero(commands["kind"] == Command.INSTRUMENT_DAY):
            day = days[i]
            prices = costs.get(int(day["instrument"]), [int(day["reference"])])
            day["reference"] = prices[0]
            day["limit_up"] = max(prices) + int(day["tick"])
            day["limit_down"] = max(min(prices) - int(day["tick"]), int(day["tick"]))
            day["limit_kind"] = LimitKind.LIMITED
            day["suspended"] = 0
            day["valuation_ppm"] = 1_000_000
            day["buy_minimum"] = day["buy_step"] = 1
            day["max_limit_quantity"] = records.MAX_QUANTITY
        return commands

    def _item(self, index: int) -> DayInstrument:
        said = self.said[index]
        reference = money(said.reference or "0")
        return DayInstrument(
            index=index,
            entry=self._entries[index],
            reference=reference,
            status=said.status or "normal",
            suspended=bool(said.suspended),
            suspended_sessions=said.suspended_sessions or 0,
            index_ppm=percent(said.index_since) if said.index_since else 0,
            listing_day=said.listing_day or LONG_LISTED,
            old_close=money(said.old_close) if said.old_close else 0,
            actions=self._actions_of(index),
            float_shares=said.float_shares or 0,
        )

    def _with_margins(self, commands: Commands) -> Commands:
        """Haircuts and coefficients that the page gives, in the rules of the day."""
        parts = [commands]
        for index, said in enumerate(self.said):
            margins = _margins(said.terms)
            own = (commands["kind"] == Command.INSTRUMENT_RULES) & (commands["instrument"] == index)
            places = np.flatnonzero(own)
            if margins and not len(places):
                parts.append(building.instrument_rules(index, RuleTerms()._replace(**margins)))
            for name, value in margins.items():
                commands.view(records.INSTRUMENT_RULES)[name][places] = value
        return building.concat(parts)

    def _override(self, commands: Commands) -> None:
        """Writes the page's own terms over those of the tables."""
        days = commands.view(records.INSTRUMENT_DAY)
        for i in np.flatnonzero(commands["kind"] == Command.INSTRUMENT_DAY):
            terms = self.said[int(days[i]["instrument"])].terms
            if terms is not None:
                for field, value in _figures(terms):
                    days[i][field] = value


def _entry(symbol: str, said: page.Instrument) -> UniverseEntry:
    try:
        entry = replay_entry(symbol, _universe())
    except (UniverseError, msgspec.ValidationError) as error:
        if said.board is None or said.kind is None:
            raise wrong(
                f"{symbol}：代码说明不了品种，请写明 board 和 kind",
                f"{symbol}: the code does not say what it is; give board and kind",
            ) from error
        code, _, place = symbol.partition(".")
        exchange = _exchange(symbol, place)
        entry = UniverseEntry(
            code=code, exchange=exchange, board=said.board, kind=said.kind, name=code
        )
    own = {name: getattr(said, name) for name in ("board", "kind", "ipo") if getattr(said, name)}
    return msgspec.structs.replace(entry, **own)


def _action(said: page.Action, number: int, symbols: list[str]) -> CorporateAction:
    """Raises ScenarioError for a symbol there is not, and for dates that contradict each other."""
    symbol = said.symbol or symbols[0]
    found = [each for each in symbols if symbol in (each, each.partition(".")[0])]
    if not found:
        raise unknown(Text("证券", "instrument"), symbol, symbols)
    dates = {
        "ex_date": said.ex,
        "announced": said.announced,
        "record_date": said.record,
        "pay_date": said.paid,
        "list_date": said.listed,
        "rights_until": said.rights_until,
        "last_day": said.last_day,
    }
    action = CorporateAction(
        symbol=found[0],
        number=number,
        **{name: from_date(day) for name, day in dates.items() if day is not None},
        cash=_exact(said.cash, 10**10),
        bonus_ppb=_exact(said.bonus, 10**9),
        conversion_ppb=_exact(said.conversion, 10**9),
        rights_ppb=_exact(said.rights, 10**9),
        rights_price=money(said.rights_price or "0"),
        factor_ppb=_exact(said.factor, 10**9),
    )
    try:
        check_action(action)
    except ValueError as error:
        raise wrong(str(error), str(error)) from error
    return action


def _exact(raw: str | None, unit: int) -> int:
    """A decimal as so many units of one, exactly."""
    try:
        value = Decimal(raw or "0") * unit
    except ArithmeticError as error:
        raise wrong(f"{raw!r} 不是数", f"{raw!r} is no number") from error
    if value != int(value) or value < 0:
        raise wrong(f"{raw!r} 太细或为负", f"{raw!r} is too fine, or negative")
    return int(value)


def _exchange(symbol: str, place: str) -> Exchange:
    for exchange in EXCHANGES:
        if place == exchange:
            return exchange
    raise wrong(f"{symbol} 应如 600519.SSE", f"{symbol} should be like 600519.SSE")


def _margins(terms: page.Terms | None) -> dict[str, int]:
    """Fields of INSTRUMENT_RULES that the page gives; 0 % is written as a negative figure."""
    said = {} if terms is None else {name: getattr(terms, name) for name in _MARGIN_TERMS}
    return {f"{name}_ppm": percent(value) or NOT_LENT_ON for name, value in said.items() if value}


def _figures(terms: page.Terms) -> list[tuple[str, int]]:
    """(field of INSTRUMENT_DAY, value) of every term that the page gives."""
    found: list[tuple[str, int]] = []
    for name, value in msgspec.structs.asdict(terms).items():
        if value is None or name in _MARGIN_TERMS:
            continue
        if name in _MONEY_TERMS:
            found.append((name, money(value)))
        elif name in _PERCENT_TERMS:
            found.append((_PERCENT_TERMS[name], percent(value)))
        elif name == "limit":
            found.append(("limit_kind", LimitKind[value.upper()]))
        elif name == "holding_class":
            found.append((name, HoldingClass[value.upper()]))
        else:
            found.append((name, int(value)))
    return found


def free_of_fees(commands: Commands) -> None:
    """Sets every rate of the fee schedules among `commands` to zero."""
    schedules = commands.view(records.FEE_SCHEDULE)
    for i in np.flatnonzero(commands["kind"] == Command.FEE_SCHEDULE):
        for name in records.FEE_SCHEDULE.names or ():
            if name.endswith(("_ppb", "_minimum", "_per_share")):
                schedules[i][name] = 0


def _accept(_: DayWarning) -> None:
    """A scenario asks for what a market would be warned of."""

"""The day's limits, the platform's state, stops and bad prices in the twin (sections 4.6, 7.5)."""

from fractions import Fraction

from server.engine.codes import (
    ConcentrationScope,
    DecidedBy,
    Event,
    HoldingClass,
    LimitKind,
    PlatformState,
    StopLevel,
    StopScope,
)
from server.engine.reasons import Reason
from server.engine.records import MAX_PRICE, RATIO_TIERS
from server.engine.terms import LimitTerms, Tier
from tests.engine.twin.corporate import Corporate
from tests.engine.twin.house import Values
from tests.engine.twin.model import PPM, Instrument


class RiskDesk(Corporate):
    def risk_limits(self, command: Values) -> None:
        self.desk.on = True
        self.desk.limits = LimitTerms(*(command[name] for name in LimitTerms._fields))
        self.desk.tiers.clear()
        self.desk.waiting.clear()
        for stock in self.desk.stocks.values():
            stock.cap = 0

    def concentration(self, command: Values) -> None:
        product, of, scope = command["product"], command["holding_class"], command["scope"]
        count, most = command["tiers"], max(self.products, default=-1) + 1
        for wrong, bound in (
            (not -1 <= product < most, most),
            (of >= len(HoldingClass), len(HoldingClass)),
            (scope not in list(ConcentrationScope), max(ConcentrationScope)),
            (count > RATIO_TIERS, RATIO_TIERS),
        ):
            if wrong:
                self.refuse(-1, Reason.OUT_OF_RANGE, bound)
                return
        pairs = zip(command["from_ppm"], command["cap_ppm"], strict=True)
        self.desk.tiers[product, of, scope] = [Tier(*pair) for pair in pairs][:count]

    def stock_limit(self, command: Values) -> None:
        index, stop, resume = (
            command["instrument"],
            command["stop_shares"],
            command["resume_shares"],
        )
        if self._known_instrument(index) is None:
            return
        stock = self.desk.stock(index)
        stock.cap, stock.resume_shares = command["cap"], resume
        financed = self.shares_financed(index, pending=False)
        before = stock.full
        if stop == 0 or financed < resume:
            stock.full = False
        elif financed >= stop:
            stock.full = True
        if stock.full != before:
            bound = stop if stock.full else resume
            figures = {"financed": financed, "bound": bound, "full": stock.full}
            self.say(Event.FINANCING_CHANGED, -1, index, **figures)

    def platform_state(self, command: Values) -> None:
        if command["state"] not in list(PlatformState):
            self.refuse(-1, Reason.OUT_OF_RANGE, PlatformState.HALTED)
            return
        before = self.desk.platform
        if command["by"] == DecidedBy.OFFICER:
            self.desk.of_officer = PlatformState(command["state"])
        else:
            self.desk.of_rules = PlatformState(command["state"])
        told = {name: command[name] for name in ("figure", "by", "reason", "officer", "note")}
        of_both = {"of_rules": self.desk.of_rules, "of_officer": self.desk.of_officer}
        state = self.desk.platform
        self.say(Event.PLATFORM_CHANGED, old_state=before, state=state, **of_both, **told)

    def stop(self, command: Values) -> None:
        level, scope, until = command["level"], command["scope"], command["until"]
        of = self._stopped(command)
        if level not in list(StopLevel) or until < 0:
            self.refuse(-1, Reason.OUT_OF_RANGE, StopLevel.NO_ORDERS)
        elif scope not in list(StopScope):
            self.refuse(-1, Reason.OUT_OF_RANGE, StopScope.INSTRUMENT)
        elif scope == StopScope.ACCOUNT and not 0 <= of < len(self.accounts):
            self.refuse(of, Reason.UNKNOWN_ACCOUNT)
        elif scope == StopScope.PERSON and of not in {a.person for a in self.accounts}:
            self.refuse(-1, Reason.UNKNOWN_PERSON)
        elif scope == StopScope.INSTRUMENT and not 0 <= of < len(self.instruments):
            self.refuse(-1, Reason.UNKNOWN_INSTRUMENT, instrument=of)
        else:
            self.desk.stops[StopScope(scope), of] = StopLevel(level), until
            names = ("until", "scope", "level", "person", "reason", "officer")
            figures = {name: command[name] for name in names}
            self.say(Event.STOP_CHANGED, command["account"], command["instrument"], **figures)

    def _stopped(self, command: Values) -> int:
        names = {StopScope.PERSON: "person", StopScope.INSTRUMENT: "instrument"}
        return command[names.get(command["scope"], "account")]

    # Prices ---------------------------------------------------------------------------------------

    def price(self, command: Values) -> None:
        index, price = command["instrument"], command["price"]
        instrument = self._known_instrument(index)
        if instrument is None:
            return
        if self.desk.on and not self._is_taken(index, instrument, price):
            agreed = self.desk.waiting[index][1]
            figures = {"last": instrument.last, "volume": command["volume"], "agreed": agreed}
            self.say(Event.PRICE_QUARANTINED, -1, index, price=price, **figures)
            return
        if self.desk.on:
            self.desk.waiting.pop(index, None)
        super().price(command)

    def _is_taken(self, index: int, instrument: Instrument, price: int) -> bool:
        """Notes the price as waiting when it is not."""
        limits, day = self.desk.limits, instrument.day
        waiting, agreed = self.desk.waiting.get(index, (0, 0))
        beyond = day.limit_kind != LimitKind.UNKNOWN and not day.limit_down <= price <= day.limit_up
        if not 0 < price <= MAX_PRICE or (limits.price_bounds and beyond):
            self.desk.waiting[index] = price, agreed
            return False
        if not limits.jump_ppm or day.limit_kind != LimitKind.LIMITED:
            return True
        if not self._is_far(price, instrument.last):
            return True
        agreed = agreed + 1 if waiting > 0 and not self._is_far(price, waiting) else 0
        self.desk.waiting[index] = price, agreed
        return 0 < limits.confirmations <= agreed

    def _is_far(self, price: int, other: int) -> bool:
        return abs(price - other) > Fraction(other * self.desk.limits.jump_ppm, PPM)

    def price_override(self, command: Values) -> None:
        index, price = command["instrument"], command["price"]
        if self._known_instrument(index) is None:
            return
        waiting, _ = self.desk.waiting.get(index, (0, 0))
        if not 0 <= price <= MAX_PRICE:
            self.refuse(-1, Reason.OUT_OF_RANGE, MAX_PRICE, instrument=index)
        elif price == 0 and waiting == 0:
            self.refuse(-1, Reason.NOT_QUARANTINED, instrument=index)
        else:
            names = ("price", "reason", "officer")
            figures = {name: command[name] for name in names}
            self.say(Event.PRICE_OVERRIDDEN, -1, index, quarantined=waiting, **figures)
            self.desk.waiting.pop(index, None)
            if price > 0:
                super().price(command)

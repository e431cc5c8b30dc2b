"""The platform's limits in the twin: who may order, hold and borrow what (sections 4.6, 7.5)."""

from dataclasses import dataclass, field

from server.engine.codes import (
    AccountClass,
    ConcentrationScope,
    Ledger,
    Origin,
    PlatformState,
    Side,
    StopLevel,
    StopScope,
)
from server.engine.reasons import Reason
from server.engine.terms import DayTerms, LimitTerms, Tier
from tests.engine.twin.checking import Asked, Refusal
from tests.engine.twin.house import House, Values
from tests.engine.twin.model import FEN, PPM, Account

EVERY = -1  # product


@dataclass
class StockLimit:
    resume_shares: int = 0
    cap: int = 0
    full: bool = False


@dataclass
class Desk:
    """What the day's tables and the risk desk have set."""

    on: bool = False
    limits: LimitTerms = field(default_factory=LimitTerms)
    tiers: dict[tuple[int, int, int], list[Tier]] = field(
        default_factory=dict[tuple[int, int, int], list[Tier]]
    )
    stocks: dict[int, StockLimit] = field(default_factory=dict[int, StockLimit])
    of_rules: PlatformState = PlatformState.NORMAL
    of_officer: PlatformState = PlatformState.NORMAL
    stops: dict[tuple[StopScope, int], tuple[StopLevel, int]] = field(
        default_factory=dict[tuple[StopScope, int], tuple[StopLevel, int]]
    )
    waiting: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])

    @property
    def platform(self) -> PlatformState:
        return max(self.of_rules, self.of_officer)

    def stock(self, index: int) -> StockLimit:
        return self.stocks.setdefault(index, StockLimit())


def fits(day: DayTerms, money: int, price: int) -> int:
    """The largest quantity of whole steps that `money` buys."""
    steps = max(0, money) // price // day.buy_step
    return steps * day.buy_step if steps * day.buy_step >= day.buy_minimum else 0


_LENT_NOTHING = (AccountClass.CASH, AccountClass.MARKET)


class Limits(House):
    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.time = 0

    def _borrowers(self) -> list[Account]:
        return [a for a in self.accounts if a.klass not in _LENT_NOTHING]

    def _is_stopped(self, scope: StopScope, of: int, side: Side) -> bool:
        level, until = self.desk.stops.get((scope, of), (StopLevel.NONE, 0))
        if until and self.time >= until:
            return False
        return level == StopLevel.NO_ORDERS or (level == StopLevel.NO_BUYS and side == Side.BUY)

    def gate_refusal(self, command: Values) -> Refusal:
        """Market accounts answer to nothing; who acts for the house passes people's stops."""
        side, index = Side(command["side"]), command["account"]
        account = self.accounts[index]
        if account.is_market:
            return None
        if self.desk.platform == PlatformState.HALTED:
            return Reason.HALTED, 0
        if self.desk.platform == PlatformState.REDUCE_ONLY and side == Side.BUY:
            return Reason.REDUCE_ONLY, 0
        if self._is_stopped(StopScope.INSTRUMENT, command["instrument"], side):
            return Reason.STOPPED_INSTRUMENT, 0
        if command["origin"] != Origin.CLIENT:
            return None
        return self._personal_stop(index, side)

    def _personal_stop(self, index: int, side: Side) -> Refusal:
        if self._is_stopped(StopScope.ACCOUNT, index, side):
            return Reason.STOPPED_ACCOUNT, 0
        if self._is_stopped(StopScope.PERSON, self.accounts[index].person, side):
            return Reason.STOPPED_PERSON, 0
        return None

    # Holdings -------------------------------------------------------------------------------------

    def shares_financed(self, index: int, *, pending: bool) -> int:
        """In accounts that borrow, with or without their open buys."""
        held = [row for account in self._borrowers() if (row := account.position(index))]
        return sum(row.quantity + row.open_buy * pending for row in held)

    def _cap_ppm(self, account: Account, holding_class: int, scope: int) -> int | None:
        """By the tier of the account's ratio; None where no table says anything."""
        own = self.desk.tiers.get((account.product, holding_class, scope))
        tiers = own or self.desk.tiers.get((EVERY, holding_class, scope))
        if not tiers:
            return None
        if account.debt <= 0:
            return tiers[0].cap_ppm
        ratio = self.assets(account) * PPM // account.debt
        return next((tier.cap_ppm for tier in tiers if ratio >= tier.from_ppm), 0)

    def _worth(self, account: Account, indices: list[int]) -> int:
        held = [row for row in account.positions if row.instrument in indices]
        return sum(
            (row.quantity + row.open_buy) * self.instruments[row.instrument].mark for row in held
        )

    def limits_refusal(self, asked: Asked) -> Refusal:
        """For a buy by an account that borrows, on a day with limits."""
        if not self.desk.on or asked.account not in self._borrowers():
            return None
        return self._tier_refusal(asked) or self._stock_refusal(asked)

    def _tier_refusal(self, asked: Asked) -> Refusal:
        price = asked.price if asked.is_limit else asked.instrument.mark
        of, index = asked.day.holding_class, asked.position.instrument
        like = [i for i, other in enumerate(self.instruments) if other.day.holding_class == of]
        for scope, indices, reason in (
            (ConcentrationScope.STOCK, [index], Reason.CONCENTRATION_TIER),
            (ConcentrationScope.BOARD, like, Reason.BOARD_CONCENTRATION),
        ):
            cap = self._cap_ppm(asked.account, of, scope)
            if cap is None or cap >= PPM:
                continue
            room = max(0, asked.assets) * cap // PPM - self._worth(asked.account, indices)
            if asked.quantity * price > room:
                return reason, fits(asked.day, room, price)
        return None

    def _stock_refusal(self, asked: Asked) -> Refusal:
        price = asked.price if asked.is_limit else asked.instrument.mark
        index, stock = asked.position.instrument, self.desk.stock(asked.position.instrument)
        if stock.full:
            excess = self.shares_financed(index, pending=False) - stock.resume_shares + 1
            return Reason.FINANCING_FULL, max(0, excess)
        everybody = self.shares_financed(index, pending=True) * asked.instrument.mark
        own = [a for a in self._borrowers() if a.person == asked.account.person]
        for cap, taken, reason in (
            (stock.cap, everybody, Reason.STOCK_CAP),
            (
                self.desk.limits.person_stock_cap,
                sum(self._worth(account, [index]) for account in own),
                Reason.PERSON_STOCK_CAP,
            ),
        ):
            if cap > 0 and asked.quantity * price > cap - taken:
                return reason, fits(asked.day, cap - taken, price)
        return None

    # Loans ----------------------------------------------------------------------------------------

    def lending_refusal(self, index: int, loan: int) -> Refusal:
        if self.desk.platform != PlatformState.NORMAL:
            return Reason.NO_NEW_FINANCING, 0
        if found := self._personal_stop(index, Side.BUY):
            return found
        if not self.desk.on:
            return None
        person = self.accounts[index].person
        own = [a for a in self.accounts if a.person == person]
        owed = sum(a.loan + a.shortfall + a.open_credit for a in own)
        room = self.desk.limits.client_cap - owed
        if self.desk.limits.client_cap > 0 and loan > room:
            return Reason.CLIENT_LENDING_CAP, max(0, room)
        promised = sum(account.open_credit for account in self.accounts)
        room = self.desk.limits.lending_cap - max(0, -self.ledgers[Ledger.LENDER]) - promised
        if self.desk.limits.lending_cap > 0 and loan > room:
            return Reason.LENDING_CAP, max(0, room)
        return None

    def contract_loan_refusal(self, source: int, product: int, deposit: int) -> Refusal:
        """The figure is a deposit."""
        terms = self.products[product]
        found = self.lending_refusal(source, deposit * terms.leverage)
        if found is None or found[0] not in (Reason.CLIENT_LENDING_CAP, Reason.LENDING_CAP):
            return found
        most = found[1] // terms.leverage // FEN * FEN
        return found[0], most if most >= terms.deposit_minimum else 0

"""What a forced sale would do next: the deterministic order of section 4.5.

Open orders have been cancelled before (step 1). Cash repays first (2). Only T+1-sellable shares are
sold; suspended and limit-down-locked ones are queued (3). The holding with the highest board limit
times weight goes first, then the more liquid one, then the lower instrument index (4); before them
go shares of overdue loans, and what is overdue is repaid whatever the ratio. A reduction
sells lots down to the quantity that restores the ratio (5); a liquidation sells everything (5.3)
and repays when it is over. The plan looks one step ahead: the service makes a new one whenever the
market has moved. What the client has tagged 'sell last' comes after everything else; a holding that
is sold all the same says why.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from server.engine.codes import CALLS, OrderType, Phase
from server.risk.cure import FEN, repayment_to_cure
from server.risk.lots import largest_sale, smallest_sale, split
from server.risk.portfolio import Holding, Portfolio
from server.risk.sale_fees import fees_at_most, tax_at_most

PPM = 1_000_000


class Obstacle(IntEnum):
    """Why shares cannot be sold now."""

    T_PLUS_ONE = 1
    SUSPENDED = 2
    LIMIT_DOWN_LOCKED = 3
    NO_BID = 4
    PHASE = 5


class Wish(IntEnum):
    """What becomes of the client's wish to sell a holding last."""

    NONE = 0  # there is none
    HONOURED = 1  # what is sold before it suffices
    ALL_IS_SOLD = 2  # a liquidation: it is sold, last
    OTHERS_DO_NOT_SUFFICE = 3
    OTHERS_CANNOT_BE_SOLD = 4  # now: suspended, locked, bought today


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """One sale. `price` is 0 for a best-five order; `floor` is the lowest price it may trade at."""

    instrument: int
    symbol: str
    quantity: int
    order_type: OrderType
    price: int
    floor: int
    rank: int  # in the order of step 4, from 1
    weight_ppm: int  # of the holding in the account's assets
    limit_ppm: int
    wish: Wish = Wish.NONE

    @property
    def reason(self) -> str:
        """The numbers behind the rank, for logs and evidence."""
        weight, limit = self.weight_ppm / PPM, self.limit_ppm / PPM
        return f"rank {self.rank}: board limit {limit:.0%} x weight {weight:.1%}"


@dataclass(frozen=True, slots=True)
class Queued:
    """Shares that wait, and for what."""

    instrument: int
    symbol: str
    quantity: int
    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Plan:
    repay: int
    orders: tuple[PlannedOrder, ...]
    queued: tuple[Queued, ...]
    spared: tuple[int, ...] = ()  # instruments tagged 'sell last' that it does without


@dataclass(frozen=True, slots=True)
class _Balance:
    """A contract's figures while a plan is made."""

    cash: int
    assets: int
    debt: int
    line_ppm: int
    overdue: int

    @property
    def lacking(self) -> int:
        """Cash still needed to repay above the line, and all that is overdue; <= 0: enough."""
        cure = repayment_to_cure(self.assets, self.debt, self.line_ppm)
        return max(cure, self.overdue) - self.cash

    def after_sale(self, holding: Holding, quantity: int) -> "_Balance":
        net = net_proceeds(holding, quantity)
        assets = self.assets - quantity * holding.mark + net
        return _Balance(self.cash + net, assets, self.debt, self.line_ppm, self.overdue)

    def suffices(self, holding: Holding, quantity: int) -> bool:
        """Whether nothing is lacking after the sale."""
        net = net_proceeds(holding, quantity)
        assets = self.assets - quantity * holding.mark + net
        cure = repayment_to_cure(assets, self.debt, self.line_ppm)
        return max(cure, self.overdue) <= self.cash + net


def net_proceeds(holding: Holding, quantity: int, before: int = 0) -> int:
    """What at the least a sale leaves after its fees and the dividend tax of its shares.

    `before` shares of the holding are sold first: their tax is not this sale's.
    """
    amount = sale_amount(holding, quantity)
    net = amount - fees_at_most(holding.fees, quantity, amount)
    if not holding.taxed or net <= 0:
        return net
    tax = tax_at_most(holding.taxed, before + quantity) - tax_at_most(holding.taxed, before)
    return net - min(tax, net)


def priority(holding: Holding) -> tuple[bool, bool, int, int, int]:
    """Sorting key of step 4; weight is value over the same assets, so value stands for it."""
    risk = -holding.limit_ppm * holding.value
    late = holding.overdue
    return (holding.sell_last, not late, risk, -holding.turnover, holding.instrument)


def sale_amount(holding: Holding, quantity: int) -> int:
    """What a sale brings down the visible bids; what they do not take counts at the worst one."""
    amount, left = 0, quantity
    for price, depth in holding.bids:
        taken = min(left, depth)
        amount += taken * price
        left -= taken
    worst = holding.bids[-1][0] if holding.bids else holding.limit_down
    return amount + left * worst


def obstacle(holding: Holding, in_call: bool) -> Obstacle | None:
    """What keeps a holding's sellable shares from being sold now; `in_call`: in calls as well."""
    if holding.suspended:
        return Obstacle.SUSPENDED
    if largest_sale(holding.rule, holding.sellable, holding.balance) == 0:
        return Obstacle.T_PLUS_ONE
    if holding.phase in CALLS and in_call:
        return None
    if holding.phase != Phase.CONTINUOUS:
        return Obstacle.PHASE
    if not holding.bids:
        locked = holding.limited and holding.last <= holding.limit_down
        return Obstacle.LIMIT_DOWN_LOCKED if locked else Obstacle.NO_BID
    return None


def _orders(
    holding: Holding, quantity: int, rank: int, assets: int, wish: Wish
) -> list[PlannedOrder]:
    """Best-five orders in continuous trading; at the lowest valid price in a call.

    The exchange takes no market order without a price limit (2.5): then the limit is the fifth bid,
    or the lowest valid price. Where market orders carry a protection price it is limit-down.
    """
    market = holding.phase == Phase.CONTINUOUS and holding.limited
    floor = holding.bids[-1][0] if holding.phase == Phase.CONTINUOUS else holding.limit_down
    floor = floor if market else max(floor, holding.lowest_sale)
    protection = holding.limit_down if holding.protected else 0
    largest = holding.largest_market if market else holding.largest_limit
    return [
        PlannedOrder(
            instrument=holding.instrument,
            symbol=holding.symbol,
            quantity=part,
            order_type=OrderType.BEST_FIVE_IOC if market else OrderType.LIMIT,
            price=protection if market else floor,
            floor=floor,
            rank=rank,
            weight_ppm=holding.value * PPM // assets if assets > 0 else PPM,
            limit_ppm=holding.limit_ppm,
            wish=wish if holding.sell_last else Wish.NONE,
        )
        for part in split(holding.rule, quantity, holding.balance, largest)
    ]


def _queued(holding: Holding, quantity: int, why: Obstacle) -> list[Queued]:
    if quantity <= 0:  # all of it is in the market already
        return []
    return [Queued(holding.instrument, holding.symbol, quantity, why)]


def _ranked(portfolio: Portfolio) -> Iterable[tuple[int, Holding]]:
    return enumerate(sorted(portfolio.holdings, key=priority), start=1)


def plan_liquidation(portfolio: Portfolio) -> Plan:
    """Sells everything sellable at once."""
    orders: list[PlannedOrder] = []
    queued: list[Queued] = []
    for rank, holding in _ranked(portfolio):
        why = obstacle(holding, in_call=True)
        if why is not None:
            queued += _queued(holding, holding.balance, why)
            continue
        quantity = largest_sale(holding.rule, holding.sellable, holding.balance)
        orders += _orders(holding, quantity, rank, portfolio.assets, Wish.ALL_IS_SOLD)
        queued += _queued(holding, holding.balance - quantity, Obstacle.T_PLUS_ONE)
    return Plan(0, tuple(orders), tuple(queued))


def plan_reduction(portfolio: Portfolio) -> Plan:
    """Repays from cash, then sells as little as lets the rest be repaid above the restrict line."""
    line = portfolio.restrict_ppm
    debt = max(portfolio.debt, portfolio.owed)  # interest rounds to the fen when it is paid
    cure = repayment_to_cure(portfolio.assets, debt, line)
    need = min(portfolio.owed, max(cure, portfolio.overdue))
    repay = max(0, min(need, portfolio.free_cash // FEN * FEN))
    cash, late = portfolio.free_cash - repay, max(0, portfolio.overdue - repay)
    balance = _Balance(cash, portfolio.assets - repay, debt - repay, line, late)
    orders: list[PlannedOrder] = []
    queued: list[Queued] = []
    spared: list[int] = []
    for rank, holding in _ranked(portfolio):
        if balance.lacking <= 0:
            spared += [holding.instrument] if holding.sell_last else []
            continue
        why = obstacle(holding, in_call=False)
        if why is not None:
            queued += _queued(holding, holding.balance, why)
            continue
        quantity = _least_quantity(holding, balance)
        wish = Wish.OTHERS_CANNOT_BE_SOLD if queued else Wish.OTHERS_DO_NOT_SUFFICE
        orders += _orders(holding, quantity, rank, portfolio.assets, wish)
        balance = balance.after_sale(holding, quantity)
    return Plan(repay, tuple(orders), tuple(queued), tuple(spared))


def _least_quantity(holding: Holding, balance: _Balance) -> int:
    """The smallest valid quantity whose proceeds, repaid, restore the ratio; else the largest."""
    step = holding.rule.step
    steps = range(holding.sellable // step + 1)
    enough = bisect_left(steps, True, key=lambda n: balance.suffices(holding, n * step))
    return smallest_sale(holding.rule, enough * step, holding.sellable, holding.balance)

"""Fees by section 3.2: each item on all that an order has traded, rounded by itself."""

from fractions import Fraction
from typing import NamedTuple

from server.engine.codes import Side
from server.engine.terms import FeeTerms
from tests.engine.twin.model import FEN, PPB, half_up


class Fees(NamedTuple):
    commission: int = 0
    stamp_duty: int = 0
    transfer_fee: int = 0
    handling_fee: int = 0
    regulatory_fee: int = 0

    @property
    def total(self) -> int:
        return sum(self)

    def less(self, before: "Fees") -> "Fees":
        return Fees(*(new - old for new, old in zip(self, before, strict=True)))


def fees_of(terms: FeeTerms, side: Side, quantity: int, amount: int) -> Fees:
    if amount == 0:
        return Fees()

    def rate(ppb: int) -> int:
        return half_up(Fraction(amount * ppb, PPB), FEN)

    stamp = rate(terms.stamp_buy_ppb if side == Side.BUY else terms.stamp_sell_ppb)
    transfer = rate(terms.transfer_ppb) + half_up(quantity * terms.transfer_per_share, FEN)
    handling = 0 if terms.all_in else rate(terms.handling_ppb)
    regulatory = 0 if terms.all_in else rate(terms.regulatory_ppb)
    commission = max(rate(terms.commission_ppb), terms.commission_minimum)
    if side == Side.SELL:  # a sale's commission never takes more than the sale brings in
        left = amount - stamp - transfer - handling - regulatory
        commission = max(0, min(commission, left))
    return Fees(commission, stamp, transfer, handling, regulatory)

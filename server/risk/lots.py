"""Which quantities may be sold: the lots, the odd-lot rule and the boards' steps (1.2, 1.3)."""

from collections.abc import Iterator
from typing import NamedTuple


class LotRule(NamedTuple):
    """An instrument's selling rule for the day, in shares."""

    step: int
    minimum: int  # with step 1: less than this only as the whole balance


def largest_sale(rule: LotRule, limit: int, balance: int) -> int:
    """The largest valid quantity not above `limit`; 0 when there is none.

    `balance` is the position less its frozen shares, today's purchases included: the exchange
    judges the odd lot by it, while `limit` is what T+1 leaves for sale.
    """
    if limit <= 0:
        return 0
    if rule.step == 1:
        return limit if limit >= rule.minimum or limit == balance else 0
    residue = balance % rule.step
    lots = limit // rule.step * rule.step
    if limit < residue:
        return lots
    return max(lots, (limit - residue) // rule.step * rule.step + residue)


def smallest_sale(rule: LotRule, need: int, limit: int, balance: int) -> int:
    """The smallest valid quantity that covers `need`, else the largest valid one.

    The whole balance is sold when the remainder would be an odd lot (section 4.5, step 5).
    """
    largest = largest_sale(rule, limit, balance)
    quantity = _cover(rule, need, balance)
    remainder = balance - quantity
    odd = rule.minimum if rule.step == 1 else rule.step
    if quantity > limit or (0 < remainder < odd and largest == balance):
        return largest
    return quantity


def _cover(rule: LotRule, need: int, balance: int) -> int:
    if rule.step == 1:
        return max(need, rule.minimum)
    residue = balance % rule.step
    lots = -(-need // rule.step) * rule.step
    if residue == 0:
        return lots
    with_residue = max(0, -(-(need - residue) // rule.step)) * rule.step + residue
    return min(lots, with_residue)


def split(rule: LotRule, quantity: int, balance: int, largest_order: int) -> Iterator[int]:
    """Cuts a sale into orders of at most `largest_order` shares, each valid when its turn comes."""
    chunk = largest_order // rule.step * rule.step
    while quantity > largest_order:
        yield chunk
        quantity -= chunk
        balance -= chunk
    rest = largest_sale(rule, quantity, balance)
    if rest > 0:
        yield rest

"""The most a sale can cost in fees and dividend tax: what a plan deducts before the engine does."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from server.engine.liquidation_prices import sale_rate_ppb

PPB = 1_000_000_000
PPM = 1_000_000
ITEMS_ROUNDED = 5  # each fee item rounds by itself to the fen (section 3.2)
FEN = 100


class FeeRates(NamedTuple):
    """Of one sale: a rate on the amount, a fee per share, and the commission's minimum."""

    rate_ppb: int
    per_share: int
    commission_minimum: int


def fee_rates(schedule: Any) -> FeeRates:
    """From one row of the engine's fee table (`term_tables.FEES`)."""
    per_share, minimum = schedule["transfer_per_share"], schedule["commission_minimum"]
    return FeeRates(sale_rate_ppb(schedule), int(per_share), int(minimum))


def fees_at_most(rates: FeeRates, quantity: int, amount: int) -> int:
    """Never less than `engine.fees` charges for one sale order of this amount."""
    if quantity == 0:
        return 0
    proportional = -(-amount * rates.rate_ppb // PPB) + quantity * rates.per_share
    return proportional + rates.commission_minimum + ITEMS_ROUNDED * FEN


def tax_at_most(lots: Sequence[tuple[int, int]], quantity: int) -> int:
    """Dividend tax on the oldest shares, to the fen above; `lots` as `Holding.taxed`."""
    due, left = 0, quantity
    for shares, tax in lots:
        part = min(left, shares)
        due += -(-part * tax // PPM)
        left -= part
    return -(-due // FEN) * FEN

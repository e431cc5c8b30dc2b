"""Fees and taxes of a sale or purchase (section 3 of the rules).

Every item is computed on what an order has traded so far and rounded half up to the fen by itself;
a fill is charged the difference to what was charged before, so that many small fills cost what one
large one does and the commission's minimum is met once.
"""

from server.engine.arithmetic import rate_to_fen, round_fen
from server.engine.codes import Side
from server.engine.jit import kernel


@kernel
def fees_on(terms, side, quantity, amount):
    """(commission, stamp duty, transfer, handling, regulatory fee) on a traded amount.

    All-in commission contains handling and regulatory fee, which are then 0 here. A sale's
    commission never takes more than the sale brings in, so that selling always frees cash.
    """
    if amount == 0:
        return 0, 0, 0, 0, 0
    stamp_ppb = terms["stamp_buy_ppb"] if side == Side.BUY else terms["stamp_sell_ppb"]
    stamp = rate_to_fen(amount, stamp_ppb)
    transfer = rate_to_fen(amount, terms["transfer_ppb"])
    transfer += round_fen(quantity * terms["transfer_per_share"])
    handling, regulatory = 0, 0
    if terms["all_in"] == 0:
        handling = rate_to_fen(amount, terms["handling_ppb"])
        regulatory = rate_to_fen(amount, terms["regulatory_ppb"])
    commission = rate_to_fen(amount, terms["commission_ppb"])
    commission = max(commission, terms["commission_minimum"])
    if side == Side.SELL:
        commission = max(0, min(commission, amount - stamp - transfer - handling - regulatory))
    return commission, stamp, transfer, handling, regulatory


@kernel
def total_fees(terms, side, quantity, amount):
    commission, stamp, transfer, handling, regulatory = fees_on(terms, side, quantity, amount)
    return commission + stamp + transfer + handling + regulatory

"""What corporate actions still owe: cash to come, shares to be listed, rights to be paid for."""

import numpy as np

from server.engine.access import claim_at, header_at, position_at
from server.engine.arithmetic import muldiv
from server.engine.jit import kernel

NO_CLAIM = 0


@kernel
def add_claim(s, index, action):
    """An empty claim of position `index`, its newest; the table has room for it."""
    header = header_at(s)
    position = position_at(s, index)
    number = np.int64(header["free_claim"])
    if number == NO_CLAIM:
        number = np.int64(header["claims"])
        header["claims"] = number + 1
    else:
        header["free_claim"] = claim_at(s, number)["next"]
    claim = claim_at(s, number)
    claim["position"] = index
    claim["instrument"] = position["instrument"]
    claim["action"] = action
    claim["next"] = position["first_claim"]
    position["first_claim"] = number
    return number


@kernel
def find_claim(s, index, action):
    """The newest claim of a position under an action, or NO_CLAIM."""
    number = np.int64(position_at(s, index)["first_claim"])
    while number != NO_CLAIM and claim_at(s, number)["action"] != action:
        number = np.int64(claim_at(s, number)["next"])
    return number


@kernel
def scale_claims(s, index, numerator, denominator):
    """Shares that are not listed yet, when a position's shares become others."""
    position = position_at(s, index)
    number = np.int64(position["first_claim"])
    while number != NO_CLAIM:
        claim = claim_at(s, number)
        following = np.int64(claim["next"])
        scaled = muldiv(claim["shares"], numerator, denominator)
        position["unlisted"] += scaled - claim["shares"]
        claim["shares"] = scaled
        drop_if_settled(s, number)
        number = following


@kernel
def drop_if_settled(s, number):
    """Frees a claim under which nothing is owed any more."""
    claim = claim_at(s, number)
    if claim["cash"] != 0 or claim["shares"] != 0 or claim["rights"] != 0:
        return
    position = position_at(s, claim["position"])
    if position["first_claim"] == number:
        position["first_claim"] = claim["next"]
    else:
        before = np.int64(position["first_claim"])
        while claim_at(s, before)["next"] != number:
            before = np.int64(claim_at(s, before)["next"])
        claim_at(s, before)["next"] = claim["next"]
    header = header_at(s)
    claim["worth"] = 0
    claim["price"] = 0
    claim["position"] = 0
    claim["instrument"] = 0
    claim["action"] = 0
    claim["next"] = header["free_claim"]
    header["free_claim"] = number

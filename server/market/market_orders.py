"""Commands of market accounts, many at once, and the persons these accounts belong to."""

import numpy as np
from numpy.typing import ArrayLike

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import Command, OrderType, Origin
from server.engine.records import COMMAND
from server.market.columns import Ints

FIRST_PERSON = 1_000_000  # persons of market accounts; people's are below


def limit_orders(
    accounts: ArrayLike, instruments: Ints, sides: ArrayLike, price: Ints, quantity: Ints
) -> Commands:
    """ORDERs from columns of the same length, or one account or side for all."""
    return building.orders(accounts, instruments, sides, OrderType.LIMIT, price, quantity)


def cancel_alls(accounts: ArrayLike, instruments: Ints) -> Commands:
    """CANCEL_ALL of an account in each instrument."""
    out = np.zeros(len(instruments), COMMAND)
    out["kind"], out["origin"] = Command.CANCEL_ALL, Origin.MARKET
    out["account"], out["instrument"] = accounts, instruments
    return out

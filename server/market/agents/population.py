"""Who the agents are: market accounts, each of its own person unless it cannot meet itself.

Buyers only buy and sellers only sell; makers and the patient never cross what they read in the
book. So no agent's order is refused for meeting an order of the same person.
"""

import numpy as np
from numpy.random import Generator

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import AccountClass, Side
from server.market.columns import Ints
from server.market.market_orders import FIRST_PERSON

MAKERS = range(2)  # account indices of a new engine
PATIENT = range(2, 6)
BUYERS = range(6, 10)
SELLERS = range(10, 14)
ACCOUNTS = 14


def account_commands() -> Commands:
    """Opens them as the engine's first accounts."""
    return building.concat(
        [
            building.account_open(FIRST_PERSON + account, AccountClass.MARKET, account)
            for account in range(ACCOUNTS)
        ]
    )


def some_of(accounts: range, count: int, rng: Generator) -> Ints:
    return rng.integers(accounts.start, accounts.stop, count)


def takers(sides: Ints, rng: Generator) -> Ints:
    """A buyer or a seller for each side."""
    first = np.where(sides == Side.BUY, BUYERS.start, SELLERS.start)
    return first + rng.integers(0, len(BUYERS), len(sides))

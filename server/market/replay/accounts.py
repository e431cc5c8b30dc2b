"""The accounts through which a replayed market quotes.

Buying and selling go through separate accounts, so that what traders took on either side is a
position in the engine: after a restart the source reads it there. The auction's two orders cross
and so belong to two persons, neither of them the quotes'.
"""

from server.engine import building
from server.engine.building import Commands
from server.engine.codes import AccountClass
from server.market.market_orders import FIRST_PERSON

BID, ASK, CALL_BID, CALL_ASK = range(4)  # account indices of a new engine
ACCOUNTS = 4
_PERSONS = (FIRST_PERSON, FIRST_PERSON, FIRST_PERSON + 1, FIRST_PERSON + 2)


def account_commands() -> Commands:
    """Opens them as the engine's first accounts."""
    return building.concat(
        [
            building.account_open(person, AccountClass.MARKET, account)
            for account, person in enumerate(_PERSONS)
        ]
    )

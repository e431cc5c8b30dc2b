"""What a call auction would come to if it ended now: as the exchanges publish it during a call."""

import numpy as np

from server.engine.access import instrument_at, rules_at
from server.engine.after_hours import takes_orders
from server.engine.auction import auction_level
from server.engine.book import NONE, price_of
from server.engine.codes import Phase
from server.engine.jit import entry
from server.engine.uncrossing import auction_reference


@entry
def indicative(s, index):
    """(price, matched, what is left over: of the buys above 0, of the sells below); 0 is none."""
    instrument = instrument_at(s, index)
    in_call = takes_orders(instrument["phase"]) and instrument["phase"] != Phase.CONTINUOUS
    if not in_call or instrument["levels"] == 0:
        return np.int64(0), np.int64(0), np.int64(0)
    rule = rules_at(s, index)["auction_rule"]
    level, matched, left = auction_level(s, instrument, rule, auction_reference(instrument))
    if level == NONE:
        return np.int64(0), np.int64(0), np.int64(0)
    return price_of(instrument, level), matched, left

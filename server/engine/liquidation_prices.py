"""At which prices a contract reaches a line (section 5.5): nothing here is part of the state."""

from typing import Any

from server.engine import queries
from server.engine.arithmetic import PPB, PPM
from server.engine.engine import Engine

LIQUIDATE = 3
WHOLE = PPM  # zero equity: assets are just the debt


def liquidate_ppm(engine: Engine, account: int) -> int:
    product = int(engine.state.accounts[account]["product"])
    return int(engine.state.terms[product]["line_ppm"][LIQUIDATE])


def sale_rate_ppb(schedule: Any) -> int:
    """What a sale costs in proportion to its amount, by one row of `term_tables.FEES`.

    Commission, stamp duty, transfer fee and the exchange's fees; no minimum, nothing by the share.
    """
    rates = ["commission_ppb", "stamp_sell_ppb", "transfer_ppb"]
    if not schedule["all_in"]:
        rates += ["handling_ppb", "regulatory_ppb"]
    return sum(int(schedule[rate]) for rate in rates)


def price_at(
    engine: Engine, account: int, instrument: int, line_ppm: int, *, net: bool = False
) -> int:
    """The price of one share at which assets are `line_ppm` of the debt, all else unchanged.

    In 1/10 000 yuan, half up: the first price on a tick at or below it reaches the line. 0 when the
    rest of the assets keeps the contract above it, or when it holds none. `net`: with the fees of
    selling the holding taken off.
    """
    row = engine.state.accounts[account]
    index = queries.position(engine, account, instrument)
    quantity = int(engine.state.positions[index]["quantity"]) if index != queries.NONE else 0
    if quantity <= 0 or row["debt"] <= 0:
        return 0
    day = engine.state.instruments[instrument]
    others = queries.assets(engine, account) - quantity * int(day["mark"])
    needed = int(row["debt"]) * line_ppm // PPM - others
    fees = engine.state.fees[int(day["fee_schedule"])]
    kept = PPB - sale_rate_ppb(fees) if net else PPB
    divisor = quantity * kept * int(day["valuation_ppm"])
    return max(0, (2 * needed * PPB * PPM + divisor) // (2 * divisor))


def fall_to(engine: Engine, account: int, line_ppm: int) -> int:
    """The fall of all holdings together that reaches a line, in ppm of their value."""
    row = engine.state.accounts[account]
    value = int(row["value"])
    if value <= 0 or row["debt"] <= 0:
        return 0
    fall = queries.assets(engine, account) - int(row["debt"]) * line_ppm // PPM
    return fall * PPM // value

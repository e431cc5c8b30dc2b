"""Forecasts of risk as messages."""

from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.engine.supposing import Outcome, Standing
from server.gateway.holding_views import GRADES
from server.gateway.what_if_views import RESTS
from server.protocol.reasons import SENTENCES, sentences
from server.protocol.risk import AccountForecast, AccountStanding, OrderForecast
from server.protocol.trading import LineDistance
from server.risk.foresight import Foreseen
from server.risk.plan_messages import kind_of, steps


def standing(found: Standing) -> AccountStanding:
    return AccountStanding(
        *(found.cash, found.free_cash, found.assets, found.debt, found.ratio_ppm),
        *(GRADES[found.grade], found.withdrawable),
        [
            LineDistance(
                *(GRADES[line.grade], line.line_ppm, line.assets),
                *(line.fall, line.fall_ppm, line.limit_downs_ppm),
            )
            for line in found.lines
        ],
    )


def order_forecast(found: Outcome) -> OrderForecast:
    if found.reason != Reason.NONE:
        code = found.reason.name.lower()
        unit = "quantity" if found.reason == Reason.OUT_OF_RANGE else SENTENCES[code].unit
        zh, en = sentences(code, found.figure, unit)
        return OrderForecast(code, zh, en, found.figure if unit else None, unit)
    return OrderForecast(
        filled_now=found.filled_now,
        average_price=found.amount_now // found.filled_now if found.filled_now else 0,
        amount=found.amount,
        fees=found.fees,
        frozen=found.frozen,
        rest=RESTS[found.rest],
        rest_price=found.rest_price,
    )


def forecast(request_id: int, engine: Engine, account: int, found: Foreseen) -> AccountForecast:
    supposed = found.supposed
    refused = supposed.deposit is not None and supposed.deposit.reason != Reason.NONE
    return AccountForecast(
        id=request_id,
        account=account,
        before=standing(supposed.before),
        after=standing(supposed.after),
        crossed=[GRADES[grade] for grade in supposed.crossed],
        orders=[order_forecast(each) for each in supposed.orders],
        deposit_code=supposed.deposit.reason.name.lower() if refused and supposed.deposit else "",
        plan_kind=kind_of(found.plan),
        plan=steps(engine, found.plan) if found.plan else None,
        plan_waits=found.waits,
    )

"""Which command of the platform's limits and of the risk desk does what."""

from server.engine import bad_prices, controls, records
from server.engine.access import command_at
from server.engine.codes import Command
from server.engine.jit import kernel


@kernel
def limits_command(s, i, kind):
    if kind == Command.RISK_LIMITS:
        controls.set_limits(s, command_at(s, i, records.RISK_LIMITS))
    elif kind == Command.CONCENTRATION:
        controls.set_concentration(s, command_at(s, i, records.CONCENTRATION))
    elif kind == Command.STOCK_LIMIT:
        controls.set_stock_limit(s, command_at(s, i, records.STOCK_LIMIT))
    elif kind == Command.PLATFORM_STATE:
        controls.set_platform(s, command_at(s, i, records.PLATFORM_STATE))
    elif kind == Command.STOP:
        controls.set_stop(s, command_at(s, i, records.STOP))
    elif kind == Command.PRICE_OVERRIDE:
        bad_prices.override_price(s, command_at(s, i, records.PRICE_OVERRIDE))

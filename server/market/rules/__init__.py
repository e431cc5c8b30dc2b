"""The exchanges' rules by date: price limits, order sizes, fees, turnaround, phases."""

from server.market.rules.choices import Choices
from server.market.rules.fees import Commission
from server.market.rules.limits import limit_prices
from server.market.rules.rules import Rules
from server.market.rules.tables import (
    LONG_LISTED,
    Ipo,
    Kind,
    RuleAmbiguous,
    RuleKey,
    RuleMissing,
    Status,
)

__all__ = [
    "LONG_LISTED",
    "Choices",
    "Commission",
    "Ipo",
    "Kind",
    "RuleAmbiguous",
    "RuleKey",
    "RuleMissing",
    "Rules",
    "Status",
    "limit_prices",
]

"""What a holder is to hear of when it changes from one day to the next."""

from typing import NamedTuple


class Standing(NamedTuple):
    """What a day's terms say of a share: `RiskStatus`, `HoldingClass`, whether it is suspended."""

    risk: int
    holding_class: int
    suspended: int

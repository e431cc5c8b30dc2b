"""What officers see of the whole platform: systemic figures, and its state (section 7.5)."""

import msgspec

from server.protocol.words import IndexWeights, PlatformWord


class Stress(msgspec.Struct, frozen=True):
    """Accounts by grade, as they stand or after limit-downs of all they hold."""

    limit_downs: int
    normal: int
    remind: int
    restrict: int
    reduce: int
    liquidate: int
    loss: int  # of the lender: what assets would not cover of the debts

    @property
    def accounts(self) -> int:
        return self.normal + self.remind + self.restrict + self.reduce + self.liquidate


class SystemicFigures(msgspec.Struct, frozen=True, tag="systemic"):
    """Pushed to officers every few seconds of trading; ratios in ppm, money in 1/10 000 yuan."""

    time: int  # market time
    state: PlatformWord
    of_rules: PlatformWord
    of_officer: PlatformWord
    index_ppm: int  # today's change of the index
    index_by: IndexWeights  # the published one, or the weights of the market's own
    listed: int  # instruments that trade today
    at_limit_down: int
    locked_down: int  # and nobody bids
    at_limit_up: int
    lent: int  # debts of open contracts
    financed: int  # value of what contracts hold
    unsellable: int  # of it: suspended, or locked at limit-down
    bad_debt: int  # shortfalls of ended contracts
    stress: list[Stress]  # now, after one limit-down, after two

    @property
    def limit_down_ppm(self) -> int:
        return self.at_limit_down * 1_000_000 // self.listed if self.listed else 0

    @property
    def unsellable_ppm(self) -> int:
        return self.unsellable * 1_000_000 // self.financed if self.financed else 0


class PlatformChanged(msgspec.Struct, frozen=True, tag="platform"):
    """The platform takes more or less than before; pushed to everybody."""

    time: int
    state: PlatformWord
    reason: str  # a rule's key, or "officer"
    reason_zh: str
    reason_en: str

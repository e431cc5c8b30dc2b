"""One contract as a forced sale sees it: cash, debt, and each holding with its day and its bids."""

from dataclasses import dataclass

from server.engine.codes import Phase
from server.risk.lots import LotRule
from server.risk.sale_fees import FeeRates


@dataclass(frozen=True, slots=True)
class Holding:
    """Shares of one instrument; prices in 1/10 000 yuan."""

    instrument: int
    symbol: str
    balance: int  # the position less its frozen shares
    frozen: int  # in open sells
    sellable: int  # what T+1 leaves of `balance`
    mark: int  # what a share counts for in the ratio
    last: int
    limit_down: int
    limit_ppm: int  # the board's daily limit
    limited: bool  # False on a day without price limit
    turnover: int  # today's
    suspended: bool
    phase: Phase
    rule: LotRule
    largest_limit: int  # shares in one order
    largest_market: int
    fees: FeeRates
    bids: tuple[tuple[int, int], ...]  # (price, quantity), best first, at most five
    sell_last: bool = False  # the client's wish
    lowest_sale: int = 0  # valid for a limit sale now: within limits and price cage
    protected: bool = False  # market orders carry a protection price
    overdue: bool = False  # a loan for it is past its due day
    taxed: tuple[tuple[int, int], ...] = ()  # (quantity, tax for 1,000,000) by lot, oldest first

    @property
    def value(self) -> int:
        return (self.balance + self.frozen) * self.mark


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A contract at one moment. `owed` is what a repayment in full takes, in whole fen."""

    account: int
    person: int
    cash: int
    free_cash: int
    assets: int
    debt: int
    owed: int
    restrict_ppm: int
    holdings: tuple[Holding, ...]
    overdue: int = 0  # what a repayment of everything past its due day takes

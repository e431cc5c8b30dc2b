"""Grades from holdings and prices alone, in numpy: nothing of the engine's margin is read.

Holdings, cash and what is owed are read when they can have changed (fills, money); marks follow the
days and prices of the commands; the lines are the products' own.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from server.accounts.products import Product
from server.engine import records
from server.engine.building import Commands
from server.engine.codes import AccountClass, AccountStatus, Command, Event
from server.engine.engine import Engine

Ints = NDArray[np.int64]

PPM = 1_000_000
_MOVES = (
    *(Event.FILL, Event.CASH_MOVED, Event.INTEREST_ACCRUED, Event.ENTITLED),
    *(Event.CONTRACT_OPENED, Event.CONTRACT_SETTLED, Event.SHORTFALL, Event.TRADE),
)


class Oracle:
    """Of one engine on one day."""

    def __init__(self, engine: Engine, products: Sequence[Product]) -> None:
        self._engine = engine
        self._lines = np.array([product.lines for product in products], np.int64)
        count = int(engine.state.header[0]["instruments"])
        self._share: Ints = np.zeros(count, np.int64)  # of the price that counts, in ppm
        self._mark: Ints = np.zeros(count, np.int64)
        self._read_accounts()

    def follow(self, commands: Commands, events: Commands) -> None:
        """The prices that were sent, and whether anything else has changed."""
        days = commands[commands["kind"] == Command.INSTRUMENT_DAY].view(records.INSTRUMENT_DAY)
        if len(days):
            self._share[days["instrument"]] = days["valuation_ppm"]
            self._set_marks(days["instrument"], days["reference"])
        prices = commands[commands["kind"] == Command.PRICE].view(records.PRICE)
        if len(prices):
            self._set_marks(prices["instrument"], prices["price"])
        if np.isin(events["kind"], _MOVES).any():
            self._read_accounts()

    def _set_marks(self, index: Ints, price: Ints) -> None:
        self._mark[index] = price * self._share[index] // PPM

    def grades(self) -> Ints:
        """0 for who owes nothing; a line is reached at the line itself."""
        assets = self._cash.copy()
        np.add.at(assets, self._holder, self._quantity * self._mark[self._held])
        lines = self._lines[self._product]
        # debt x line overflows no int64: debts are below 10**13, lines below 10**7 ppm
        reached = assets[:, None] <= self._debt[:, None] * lines // PPM
        return np.where(self._graded & (self._debt > 0), reached.sum(axis=1), 0)

    def different_grades(self) -> Ints:
        """Accounts whose grade the engine has otherwise."""
        state = self._engine.state
        kept = state.accounts[: int(state.header[0]["accounts"])]["grade"]
        return np.flatnonzero(self._graded & (kept != self.grades()))

    def sums_not_zero(self) -> list[str]:
        """Cash over all accounts and ledgers, each share over all holders."""
        state = self._engine.state
        accounts = state.accounts[: int(state.header[0]["accounts"])]
        cash = int(accounts["cash"].sum()) + int(state.header[0]["ledger"].sum())
        wrong = [f"cash sums to {cash}"] if cash else []
        positions = state.positions[: int(state.header[0]["positions"])]
        instruments = state.instruments[: int(state.header[0]["instruments"])]
        held = instruments["issuer"].astype(np.int64)
        np.add.at(held, positions["instrument"][1:], positions["quantity"][1:])
        return wrong + [f"shares of {index} sum to {held[index]}" for index in np.flatnonzero(held)]

    def _read_accounts(self) -> None:
        state = self._engine.state
        count = int(state.header[0]["accounts"])
        accounts, contracts = state.accounts[:count], state.contracts[:count]
        self._cash: Ints = accounts["cash"].astype(np.int64)
        self._debt: Ints = contracts["loan"] + contracts["interest"]
        self._product: Ints = accounts["product"].astype(np.int64)
        self._graded: NDArray[np.bool_] = (accounts["klass"] == AccountClass.CONTRACT) & (
            accounts["status"] == AccountStatus.OPEN
        )
        positions = state.positions[1 : int(state.header[0]["positions"])]
        positions = positions[positions["quantity"] != 0]
        self._holder: Ints = positions["account"].astype(np.int64)
        self._held: Ints = positions["instrument"].astype(np.int64)
        self._quantity: Ints = positions["quantity"].astype(np.int64)

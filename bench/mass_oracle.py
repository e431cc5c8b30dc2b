"""A mass day's accounts kept a second time, in numpy, from what was sent and said alone.

Shares and cash follow the fills (price times quantity, less the fees they name) and the money that
moved; debts follow loans, repayments and interest; marks follow days and prices of the commands;
the lines are the products' own. Nothing is read from the engine but to be compared.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from server.accounts.products import Product
from server.engine import records
from server.engine.building import Commands
from server.engine.codes import CashMove, Command, Event, Side
from server.engine.engine import Engine

Ints = NDArray[np.int64]

PPM = 1_000_000
FEES = (
    *("commission", "stamp_duty", "transfer_fee"),
    *("handling_fee", "regulatory_fee", "dividend_tax"),
)
_LENT = (CashMove.LOAN, CashMove.DRAW, CashMove.REPAY_PRINCIPAL)


class Oracle:
    """Of the accounts 1 to `accounts`; 0 is the market's and is not looked at."""

    def __init__(self, accounts: int, instruments: int, products: Sequence[Product]) -> None:
        self._lines = np.array([product.lines for product in products], np.int64)
        self._instruments = instruments
        self._share: Ints = np.zeros(instruments, np.int64)  # of the price that counts, in ppm
        self._mark: Ints = np.zeros(instruments, np.int64)
        self._cash: Ints = np.zeros(accounts + 1, np.int64)
        self._loan: Ints = np.zeros(accounts + 1, np.int64)
        self._interest: Ints = np.zeros(accounts + 1, np.int64)
        self._product: Ints = np.zeros(accounts + 1, np.int64)
        self._open: NDArray[np.bool_] = np.zeros(accounts + 1, np.bool_)
        self._key: Ints = np.zeros(0, np.int64)  # account x instruments + instrument, rising
        self._quantity: Ints = np.zeros(0, np.int64)  # of each key

    def follow(self, commands: Commands, events: Commands) -> None:
        """A batch and what came of it; every batch since the first, in order."""
        self._follow_prices(commands)
        kinds = events["kind"]
        self._follow_fills(events[kinds == Event.FILL].view(records.FILL_EVENT))
        self._follow_money(events[kinds == Event.CASH_MOVED].view(records.CASH_EVENT))
        accrued = events[kinds == Event.INTEREST_ACCRUED].view(records.CONTRACT_EVENT)
        np.add.at(self._interest, accrued["account"], accrued["interest"])
        opened = events[kinds == Event.CONTRACT_OPENED].view(records.CONTRACT_EVENT)
        self._product[opened["account"]] = opened["product"]
        self._open[opened["account"]] = True
        self._open[events["account"][kinds == Event.CONTRACT_SETTLED]] = False

    def grades(self) -> Ints:
        """0 for who owes nothing; a line is reached at the line itself."""
        assets = self._cash.copy()
        account, instrument = np.divmod(self._key, self._instruments)
        np.add.at(assets, account, self._quantity * self._mark[instrument])
        debt, lines = self._debt(), self._lines[self._product]
        # debt x line overflows no int64: debts are below 10**13, lines below 10**7 ppm
        reached = assets[:, None] <= debt[:, None] * lines // PPM
        return np.where(self._open & (debt > 0), reached.sum(axis=1), 0)

    def differences(self, engine: Engine) -> list[str]:
        """What the engine has otherwise: grades, cash and debts of accounts, their shares."""
        count = len(self._cash)
        accounts, contracts = engine.state.accounts[:count], engine.state.contracts[:count]
        owed = contracts["loan"] + contracts["interest"]
        checked = (
            ("grade", self._open & (accounts["grade"] != self.grades())),
            ("cash", accounts["cash"] != self._cash),
            ("debt", self._open & (owed != self._debt())),
        )
        found = [
            f"{what} of account {account}"
            for what, wrong in checked
            for account in (1 + np.flatnonzero(wrong[1:])).tolist()
        ]
        return found + self._other_shares(engine)

    def _debt(self) -> Ints:
        return self._loan + self._interest

    def _follow_prices(self, commands: Commands) -> None:
        days = commands[commands["kind"] == Command.INSTRUMENT_DAY].view(records.INSTRUMENT_DAY)
        if len(days):
            self._share[days["instrument"]] = days["valuation_ppm"]
            self._set_marks(days["instrument"], days["reference"])
        prices = commands[commands["kind"] == Command.PRICE].view(records.PRICE)
        if len(prices):
            self._set_marks(prices["instrument"], prices["price"])

    def _set_marks(self, index: Ints, price: Ints) -> None:
        self._mark[index] = price * self._share[index] // PPM

    def _follow_fills(self, fills: Commands) -> None:
        fills = fills[fills["account"] > 0]
        if not len(fills):
            return
        account = fills["account"].astype(np.int64)
        bought = np.where(fills["side"] == Side.BUY, fills["quantity"], -fills["quantity"])
        fees = np.add.reduce([fills[name] for name in FEES])
        np.add.at(self._cash, account, -bought * fills["price"] - fees)
        key = account * self._instruments + fills["instrument"]
        new = np.setdiff1d(key, self._key)
        if len(new):
            places = np.searchsorted(self._key, new)
            self._key = np.insert(self._key, places, new)
            self._quantity = np.insert(self._quantity, places, 0)
        np.add.at(self._quantity, np.searchsorted(self._key, key), bought)

    def _follow_money(self, moved: Commands) -> None:
        account, amount, move = moved["account"], moved["amount"], moved["move"]
        np.add.at(self._cash, account, amount)
        lent = np.isin(move, _LENT)
        np.add.at(self._loan, account[lent], amount[lent])
        paid = move == CashMove.REPAY_INTEREST
        np.add.at(self._interest, account[paid], amount[paid])

    def _other_shares(self, engine: Engine) -> list[str]:
        positions = engine.state.positions[1 : int(engine.state.header[0]["positions"])]
        positions = positions[(positions["account"] > 0) & (positions["quantity"] != 0)]
        account = positions["account"].astype(np.int64)
        key = account * self._instruments + positions["instrument"]
        order, held = np.argsort(key), np.flatnonzero(self._quantity)
        same = np.array_equal(key[order], self._key[held]) and np.array_equal(
            positions["quantity"][order], self._quantity[held]
        )
        return [] if same else ["shares of accounts"]


def sums_not_zero(engine: Engine) -> list[str]:
    """Cash over all accounts and ledgers, each share over all holders."""
    state = engine.state
    accounts = state.accounts[: int(state.header[0]["accounts"])]
    cash = int(accounts["cash"].sum()) + int(state.header[0]["ledger"].sum())
    wrong = [f"cash sums to {cash}"] if cash else []
    positions = state.positions[: int(state.header[0]["positions"])]
    instruments = state.instruments[: int(state.header[0]["instruments"])]
    held = instruments["issuer"].astype(np.int64)
    np.add.at(held, positions["instrument"][1:], positions["quantity"][1:])
    return wrong + [f"shares of {index} sum to {held[index]}" for index in np.flatnonzero(held)]

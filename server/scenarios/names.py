"""What the page calls accounts, instruments and orders, and the engine's numbers for them."""

from server.engine.codes import Ledger
from server.scenarios.page import Name
from server.scenarios.wording import Text, unknown, wrong

MARKET = "market"
MARKET_BUYER, MARKET_SELLER = 0, 1  # two participants, so that the market never meets itself


class NameBook:
    """Names both ways. A bare number is the engine's own, whether there is such a thing or not."""

    def __init__(self, symbols: list[str]) -> None:
        self.symbols = symbols
        self.accounts: dict[str, int] = {}
        self.orders: dict[str, int] = {}

    def account_number(self, name: Name) -> int:
        """Raises ScenarioError for a name that no account has."""
        if isinstance(name, int):
            return name
        if name not in self.accounts:
            raise unknown(Text("账户", "account"), name, [*self.accounts])
        return self.accounts[name]

    def instrument_number(self, name: Name | None) -> int:
        """By symbol, by code, or the only one there is; raises ScenarioError."""
        if isinstance(name, int):
            return name
        if name is None:
            found = list(range(len(self.symbols)))
        else:
            found = [i for i, symbol in enumerate(self.symbols) if name in (symbol, symbol[:6])]
        if len(found) == 1:
            return found[0]
        if name is None or found:
            listed = "、".join(self.symbols), ", ".join(self.symbols)
            raise wrong(f"请写明证券：{listed[0]}", f"say which instrument: {listed[1]}")
        raise unknown(Text("证券", "instrument"), name, self.symbols)

    def order_id(self, name: Name) -> int:
        """Raises ScenarioError for a name that no accepted order has."""
        if isinstance(name, int):
            return name
        if name not in self.orders:
            raise unknown(Text("委托", "order"), name, [*self.orders])
        return self.orders[name]

    # The other way, for what is shown.

    def account(self, index: int) -> str:
        if index in (MARKET_BUYER, MARKET_SELLER):
            return MARKET
        names = [name for name, number in self.accounts.items() if number == index]
        return names[0] if names else str(index)

    def symbol(self, index: int, like: str) -> str:
        if not 0 <= index < len(self.symbols):
            return str(index)
        return self.symbols[index] if "." in like or not like else self.symbols[index][:6]

    def order(self, order_id: int) -> str:
        names = [name for name, number in self.orders.items() if number == order_id]
        return names[-1] if names else str(order_id)

    def counter(self, value: int) -> str:
        """The other side of a cash move: an account, or one of the house's ledgers."""
        return self.account(value) if value >= 0 else Ledger(-1 - value).name.lower()

"""A trader who rests bids at limit-down, over a lean wire; the orders are made in advance."""

from itertools import count

import msgspec

from bench.wire import FAILED, Wire
from server.engine.records import MAX_MONEY
from server.protocol import accounts, market, session, trading

DEPOSITS = 10  # enough for some 60,000 orders of a costly share

Asked = trading.CancelAll | accounts.Deposit


class Trader:
    """Logged in, with money, in continuous trading."""

    def __init__(self, url: str, username: str, password: str, share: int = 0) -> None:
        """`share` tells which of the main board's shares it buys, counted round."""
        self.wire = Wire(url)
        self._ids = count(1)
        self._account = -1
        self._shares: list[market.Instrument] = []
        self._is_open = False
        self.wire.send(session.Login(next(self._ids), username, password))
        self.wire.send(market.GetInstruments(next(self._ids)))
        while self._account < 0 or not self._shares or not self._is_open:
            for item in self.wire.items():
                self._learn(item)
        self._share = self._shares[share % len(self._shares)]
        for number in range(DEPOSITS):
            request = f"bench {number}"
            self._ask(accounts.Deposit(next(self._ids), self._account, MAX_MONEY, request))

    def _learn(self, item: object) -> None:
        match item:
            case accounts.Account(account_class="cash"):
                self._account = item.account
            case session.Clock():
                self._is_open = item.phase == "continuous"
            case market.Instruments():
                main = [i for i in item.items if i.board == "main" and not i.suspended]
                self._shares = main
            case session.Failed():
                raise RuntimeError(f"{item.code}: {item.message_en}")
            case _:
                pass

    def orders(self, number: int) -> list[bytes]:
        """Encoded, each with an id of its own."""
        return [msgspec.msgpack.encode(self._order(next(self._ids))) for _ in range(number)]

    def _order(self, number: int) -> trading.PlaceOrder:
        return trading.PlaceOrder(
            id=number,
            account=self._account,
            symbol=self._share.symbol,
            side="buy",
            order_type="limit",
            quantity=self._share.lot,
            client_order_id=f"bench-{number}",
            price=self._share.limit_down,
        )

    def cancel_all(self) -> None:
        self._ask(trading.CancelAll(next(self._ids), self._account))

    def _ask(self, request: Asked) -> None:
        """Sends a request and waits for its answer."""
        self.wire.send(request)
        while True:
            for item in self.wire.items():
                self._learn(item)
                if getattr(item, "id", 0) == request.id:
                    return


def refuse_failures(payload: bytes) -> None:
    """Raises RuntimeError when a frame refuses something."""
    if FAILED in payload:
        raise RuntimeError(f"an order was refused: {msgspec.msgpack.decode(payload)}")

"""The price of a call auction by the SSE rule of section 2.3, tried at every order price."""

from fractions import Fraction

from server.engine.codes import Side
from tests.engine.twin.model import Instrument, half_up


def auction(instrument: Instrument) -> tuple[int, int] | None:
    """(price, quantity), or None when no two orders meet."""
    buys, sells = instrument.book[Side.BUY], instrument.book[Side.SELL]
    found: list[tuple[int, int, int]] = []  # (quantity, unmatched, price)
    for price in {order.price for order in buys + sells}:
        bought = sum(order.remaining for order in buys if order.price >= price)
        sold = sum(order.remaining for order in sells if order.price <= price)
        above = sum(order.remaining for order in buys if order.price > price)
        below = sum(order.remaining for order in sells if order.price < price)
        quantity = min(bought, sold)
        if quantity > 0 and above <= quantity and below <= quantity:
            found.append((quantity, abs(bought - sold), price))
    if not found:
        return None
    most = max(quantity for quantity, _, _ in found)
    least = min(rest for quantity, rest, _ in found if quantity == most)
    prices = [price for quantity, rest, price in found if (quantity, rest) == (most, least)]
    return half_up(Fraction(min(prices) + max(prices), 2), instrument.day.tick), most

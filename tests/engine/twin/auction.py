"""The price of a call auction by section 2.3, tried at every price that competes."""

from fractions import Fraction

from server.engine.codes import AuctionRule
from tests.engine.twin.model import Instrument, Order, half_up


def auction(instrument: Instrument, reference: int) -> tuple[int, int] | None:
    """(price, quantity), or None when no two orders meet."""
    buys, sells, tick = *instrument.book, instrument.day.tick
    rule = AuctionRule(instrument.rules.auction_rule)
    return auction_price(buys, sells, rule, reference, tick)


def auction_price(
    buys: list[Order], sells: list[Order], rule: AuctionRule, reference: int, tick: int
) -> tuple[int, int] | None:
    prices = {order.price for order in buys + sells}
    if rule == AuctionRule.EVERY_TICK and prices:
        prices = set(range(min(prices), max(prices) + 1, tick))
    found: list[tuple[int, int, int]] = []  # (quantity, unmatched, price)
    for price in prices:
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
    if rule != AuctionRule.EVERY_TICK:
        middle = Fraction(min(prices) + max(prices), 2)
        down = rule == AuctionRule.ORDER_PRICES_DOWN
        return int(middle // tick * tick) if down else half_up(middle, tick), most
    nearest = half_up(reference, tick)
    return min(prices, key=lambda price: (abs(price - nearest), -price)), most

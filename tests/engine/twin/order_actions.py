"""What people and the market do with orders, well and badly."""

from server.engine import building
from server.engine.codes import Event, OrderType, Origin, Side
from server.engine.reasons import Reason
from tests.engine.twin.run import MARKETS, Run
from tests.engine.twin.terms import UNCAPPED

# Reasons whose figure is a quantity that passes.
BY_QUANTITY = (
    *(Reason.QUANTITY_OFF_LOT, Reason.QUANTITY_BELOW_MINIMUM, Reason.QUANTITY_ABOVE_MAXIMUM),
    *(Reason.ODD_LOT_SPLIT, Reason.NOT_SELLABLE, Reason.INSUFFICIENT_CASH),
    *(Reason.CONCENTRATION, Reason.HOLDING_NOT_ADMITTED, Reason.GAP_NOT_SURVIVED),
    *(Reason.CONCENTRATION_TIER, Reason.BOARD_CONCENTRATION),
    *(Reason.STOCK_CAP, Reason.PERSON_STOCK_CAP),
)


def market_order(run: Run) -> None:
    index = run.any_instrument()
    kind = _any_type(run, 10)
    quantity = 100 * run.random.choice([1, 2, 5, run.random.randrange(1, 60)])
    if run.one_in(30):
        quantity = run.random.choice([0, -100, 7])
    account, side = run.any_market(), run.random.choice([Side.BUY, Side.SELL])
    price = run.any_price(index)
    run.do(building.order(account, index, side, kind, price, quantity, Origin.MARKET))


def _any_type(run: Run, n: int) -> OrderType:
    """A market order once in `n` times, mostly of those the engine always knew."""
    if not run.one_in(n):
        return OrderType.LIMIT
    return run.random.choice([OrderType.BEST_FIVE_IOC, *list(OrderType)[1:]])


def client_order(run: Run) -> None:
    account, index = run.any_client(), run.any_instrument()
    held = run.twin.accounts[account].positions
    side = Side.SELL if run.one_in(2) and held else Side.BUY
    if side == Side.SELL and not run.one_in(8):
        odd = [row for row in held if row.quantity % 100] if run.one_in(3) else []
        index = run.random.choice(odd or held).instrument
    kind = _any_type(run, 4)
    price = run.any_price(index)
    quantity = _quantity(run, account, index, side, max(price, 1))
    origin = run.random.choice([Origin.CLIENT, Origin.CLIENT, *Origin])
    run.do(building.order(account, index, side, kind, price, quantity, origin))


def try_the_figure(run: Run) -> None:
    """Asks again for what the last refused client was told would pass, or one share more."""
    for _, _, event in reversed(run.told[-20:]):
        told = dict(event.figures)
        if event.kind != Event.ORDER_REJECTED or event.account < 3 or event.instrument < 0:
            continue
        if told["reason"] in BY_QUANTITY and event.account < len(run.twin.accounts):
            quantity = told.get("figure", 0) + run.random.choice([0, 0, 0, 1, 100])
            side, kind = told.get("side", 0), told.get("type", 0)
            price = told.get("price", 0)
            run.do(building.order(event.account, event.instrument, side, kind, price, quantity))
        return


def sweep(run: Run) -> None:
    """Seven levels of the market and a market order that would like them all, or joins them."""
    index = run.any_instrument()
    instrument = run.twin.instruments[index]
    if instrument.day.tick == 0:
        return
    kind = _taken_type(run, instrument.rules.order_types)
    whole = kind == OrderType.FILL_OR_KILL  # by a client, who has cash rather than shares
    side = Side.SELL if whole else run.random.choice([Side.BUY, Side.SELL])
    away = instrument.day.tick * (1 if side == Side.SELL else -1)
    start = instrument.last // instrument.day.tick * instrument.day.tick
    for i in range(7):
        price = start + i * away
        run.do(building.order(0, index, side, OrderType.LIMIT, price, 100, Origin.MARKET))
    protection = run.any_price(index) if instrument.rules.protection else 0
    quantity = run.random.choice([200, 300, 1_000])
    joins = kind == OrderType.OWN_BEST
    taker = run.any_client() if joins or whole else run.random.choice([1, run.any_client()])
    run.do(building.order(taker, index, side if joins else 1 - side, kind, protection, quantity))
    if joins:
        run.do(
            building.order(1, index, 1 - side, OrderType.LIMIT, start, 2_000, Origin.MARKET),
        )


def queue_up(run: Run) -> None:
    """Both sides of a share in a pause in which the broker keeps orders, near and far away."""
    instruments = run.twin.instruments
    kept = [i for i, instrument in enumerate(instruments) if instrument.rules.queue]
    if not kept:
        return
    index = run.random.choice(kept)
    rules, day = instruments[index].rules, instruments[index].day
    for account in (run.any_client(), run.any_client()):
        held = run.twin.accounts[account].position(index)
        side = Side.SELL if held and held.quantity and run.one_in(2) else Side.BUY
        kind = _taken_type(run, rules.order_types) if run.one_in(3) else OrderType.LIMIT
        price = run.any_price(index)
        if run.one_in(3):
            price = day.limit_up if side == Side.BUY else day.limit_down
        quantity = 100 * run.random.randrange(2, 8)
        if side == Side.SELL and held:
            quantity = min(quantity, held.quantity)
        run.do(building.order(account, index, side, kind, price, quantity))


def _taken_type(run: Run, mask: int) -> OrderType:
    """A market order that the day's rules take, mostly."""
    named = [kind for kind in OrderType if mask >> kind & 1 and kind != OrderType.LIMIT]
    if not named or run.one_in(8):
        named = list(OrderType)[1:]
    return run.random.choice(named)


def strain(run: Run) -> None:
    """Most of a contract's cash into shares with wide limits, which a gap may not survive."""
    contracts = [i for i, a in enumerate(run.twin.accounts) if a.product == UNCAPPED]
    if contracts:
        _purchase(run, run.random.choice(contracts), run.any_wide(), most=11)


def invest(run: Run) -> None:
    """A large purchase that meets the market, so that prices and margins come to matter."""
    _purchase(run, run.any_client(), run.any_instrument(), most=10)


def _purchase(run: Run, account: int, index: int, most: int) -> None:
    """Up to `most` tenths of what there is of cash."""
    price = run.any_price(index)
    if price <= 0:
        return
    whole = max(0, run.twin.accounts[account].cash) // price
    quantity = whole * run.random.randrange(1, most + 1) // 10 // 100 * 100
    seller = run.any_market()
    run.do(
        building.order(
            *(seller, index, Side.SELL, OrderType.LIMIT, price, quantity), Origin.MARKET
        ),
        building.order(account, index, Side.BUY, OrderType.LIMIT, price, quantity),
    )


def divest(run: Run) -> None:
    """A sale that meets the market, of what was bought today most of all."""
    positions = [held for account in run.twin.accounts[MARKETS:] for held in account.positions]
    some = [held for held in positions if held.quantity > held.frozen]
    fresh = [held for held in some if held.bought_today and not run.one_in(3)]
    if not some:
        return
    held = run.random.choice(fresh or some)
    whole = held.quantity - held.frozen
    quantity = whole if run.one_in(2) else max(100, whole // 200 * 100)
    price, index = run.any_price(held.instrument), held.instrument
    run.do(
        building.order(
            *(run.any_market(), index, Side.BUY, OrderType.LIMIT, price, quantity), Origin.MARKET
        ),
        building.order(held.account, index, Side.SELL, OrderType.LIMIT, price, quantity),
    )


def _quantity(run: Run, account: int, index: int, side: Side, price: int) -> int:
    """A share of what is possible in whole lots, or something odd."""
    owner = run.twin.accounts[account]
    held = owner.position(index)
    most = (held.quantity if held else 0) if side == Side.SELL else max(owner.cash, 0) // price
    if run.one_in(10):
        odd = [0, -1, 1, 50, 101, 199, 600_000, 2_000_000_000, 2**63 - 1, -(2**63)]
        return run.random.choice([*odd, most, most + 1])
    if side == Side.SELL and run.one_in(2 if most % 100 else 8):
        return run.random.choice([most % 100, most - 100, most % 100 + 100, 50])  # odd lots
    part = most // run.random.randrange(1, 5)
    return max(100, part if run.one_in(4) else part // 100 * 100)


def cancel(run: Run) -> None:
    live = run.live()
    if not live or run.one_in(10):
        bogus = run.random.choice([-1, 0, 5, 1 << 24, (1 << 24) | 3, 1 << 52, 2**63 - 1, -(2**63)])
        run.do(building.cancel(run.anyone(), bogus))
        return
    order = run.random.choice(live)
    account = run.any_client() if run.one_in(8) else order.account
    run.do(building.cancel(account, order.id))


def cancel_all(run: Run) -> None:
    working = [order.account for order in run.live()] or [0]
    account = run.random.choice([run.anyone(), run.any_market(), *working[:3], working[-1]])
    some = [building.ALL, -7, run.any_instrument(), len(run.twin.instruments), 2**31 - 1]
    run.do(building.cancel_all(account, run.random.choice(some)))

"""What people and the market do with orders, well and badly."""

from server.engine import building
from server.engine.codes import AccountClass, Event, OrderType, Origin, Reason, Side
from tests.engine.twin.run import Run
from tests.engine.twin.terms import KINDS, YUAN

# Reasons whose figure is a quantity that passes.
BY_QUANTITY = (
    *(Reason.QUANTITY_OFF_LOT, Reason.QUANTITY_BELOW_MINIMUM, Reason.QUANTITY_ABOVE_MAXIMUM),
    *(Reason.ODD_LOT_SPLIT, Reason.NOT_SELLABLE, Reason.INSUFFICIENT_CASH),
    *(Reason.CONCENTRATION, Reason.HOLDING_NOT_ADMITTED, Reason.GAP_NOT_SURVIVED),
)


def market_order(run: Run) -> None:
    index = run.any_instrument()
    kind = OrderType.BEST_FIVE_IOC if run.one_in(12) else OrderType.LIMIT
    quantity = 100 * run.random.choice([1, 2, 5, run.random.randrange(1, 60)])
    if run.one_in(30):
        quantity = run.random.choice([0, -100, 7])
    account, side = run.random.randrange(3), run.random.choice([Side.BUY, Side.SELL])
    price = run.any_price(index)
    run.do(building.order(account, index, side, kind, price, quantity, Origin.MARKET))


def client_order(run: Run) -> None:
    account, index = run.any_client(), run.any_instrument()
    held = run.twin.accounts[account].positions
    side = Side.SELL if run.one_in(2) and held else Side.BUY
    if side == Side.SELL and not run.one_in(8):
        index = run.random.choice(held).instrument
    kind = OrderType.BEST_FIVE_IOC if run.one_in(6) else OrderType.LIMIT
    price = run.any_price(index)
    quantity = _quantity(run, account, index, side, max(price, 1))
    origin = run.random.choice([Origin.CLIENT, Origin.CLIENT, Origin.FORCED_REDUCE])
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
    """Seven levels of the market and a best-five order that would like them all."""
    index = run.any_instrument()
    instrument = run.twin.instruments[index]
    side = run.random.choice([Side.BUY, Side.SELL])
    away = instrument.day.tick * (1 if side == Side.SELL else -1)
    start = instrument.last // instrument.day.tick * instrument.day.tick
    for i in range(7):
        price = start + i * away
        run.do(building.order(0, index, side, OrderType.LIMIT, price, 100, Origin.MARKET))
    taker = run.random.choice([1, run.any_client()])
    run.do(building.order(taker, index, 1 - side, OrderType.BEST_FIVE_IOC, 0, 1_000))


def invest(run: Run) -> None:
    """A large purchase that meets the market, so that prices and margins come to matter."""
    account, index = run.any_client(), run.any_instrument()
    price = run.any_price(index)
    if price <= 0:
        return
    most = max(0, run.twin.accounts[account].cash) // price
    quantity = most * run.random.randrange(1, 11) // 10 // 100 * 100
    seller = run.random.randrange(3)
    run.do(
        building.order(
            *(seller, index, Side.SELL, OrderType.LIMIT, price, quantity), Origin.MARKET
        ),
        building.order(account, index, Side.BUY, OrderType.LIMIT, price, quantity),
    )


def _quantity(run: Run, account: int, index: int, side: Side, price: int) -> int:
    """A share of what is possible in whole lots, or something odd."""
    owner = run.twin.accounts[account]
    held = owner.position(index)
    most = (held.quantity if held else 0) if side == Side.SELL else max(owner.cash, 0) // price
    if run.one_in(10):
        odd = [0, -1, 1, 50, 101, 199, 600_000, 2_000_000_000, most, most + 1]
        return run.random.choice(odd)
    if side == Side.SELL and run.one_in(8):
        return most % 100  # the odd lot
    part = most // run.random.randrange(1, 5)
    return max(100, part if run.one_in(4) else part // 100 * 100)


def _stranger_order(run: Run) -> None:
    account = run.random.choice([-1, 0, 3, len(run.twin.accounts)])
    index = run.random.choice([-1, 0, len(KINDS)])
    run.do(building.order(account, index, Side.BUY, OrderType.LIMIT, 10 * YUAN, 100))


def cancel(run: Run) -> None:
    live = run.live()
    if not live or run.one_in(10):
        bogus = run.random.choice([-1, 0, 5, 1 << 24, (1 << 24) | 3, 1 << 52])
        run.do(building.cancel(run.any_client(), bogus))
        return
    order = run.random.choice(live)
    account = run.any_client() if run.one_in(8) else order.account
    run.do(building.cancel(account, order.id))


def cancel_all(run: Run) -> None:
    account = run.random.choice([-1, len(run.twin.accounts), run.any_client(), 0])
    instrument = run.random.choice([building.ALL, run.any_instrument(), len(KINDS)])
    run.do(building.cancel_all(account, instrument))


def strangers(run: Run) -> None:
    """Commands that are out of place, or that nobody may give."""
    count = len(run.twin.accounts)
    run.random.choice(
        [
            lambda: run.do(building.instrument_add(2, "600009.SSE")),
            lambda: run.do(building.account_open(9, AccountClass.CASH, count + 1)),
            lambda: run.do(building.account_open(-9, AccountClass.CASH, count)),
            lambda: run.do(building.account_open(9, AccountClass.CONTRACT, count)),
            lambda: run.do(building.contract_open(3, 0, 20_000 * YUAN, b"r", 1)),
            lambda: run.do(building.entitlement(0, 10 * YUAN, 9 * YUAN)),
            lambda: run.do(building.price(99, 10 * YUAN)),
            lambda: run.do(building.uncross(99)),
            lambda: run.do(building.accrue(1)),
            lambda: run.do(building.notice(run.any_client(), 7, 1, 2, 3)),
            lambda: run.open_account(AccountClass.CASH),
            lambda: _stranger_order(run),
            lambda: market_order(run),
        ]
    )()

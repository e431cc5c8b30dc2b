"""Halts, and orders that the price cage keeps out until it lets them in."""

from server.engine import building
from server.engine.codes import LimitKind, OrderType, Origin, Phase, Side
from tests.engine.twin.model import Instrument
from tests.engine.twin.run import MARKETS, Run
from tests.engine.twin.valid_range import HELD

NEAR, FAR = 1, 8  # per cent above the last price


def end_halts(run: Run) -> None:
    """What is halted resumes, mostly; some that is not, too."""
    for index, instrument in enumerate(run.twin.instruments):
        if instrument.phase == Phase.HALTED and not run.one_in(5):
            run.do(building.resume(index))
    if run.one_in(8):
        run.do(building.resume(run.random.choice([run.any_instrument(), 99])))


def _price(instrument: Instrument, percent: int) -> int:
    day = instrument.day
    price = instrument.last * (100 + percent) // 100 // day.tick * day.tick
    return max(day.limit_down, min(price, day.limit_up))


def _holds(instrument: Instrument) -> bool:
    return bool(instrument.rules.cage_hold & HELD and instrument.rules.cage_ppm)


def hold_and_free(run: Run) -> None:
    """A buy above the cage, and what moves the cage: a cancel, or the auction of a resumption."""
    trading = [
        (i, each)
        for i, each in enumerate(run.twin.instruments)
        if each.phase == Phase.CONTINUOUS and _holds(each) and not each.day.suspended
    ]
    wide = [i for i, each in trading if each.day.limit_kind != LimitKind.LIMITED]
    if wide and not run.one_in(4):
        _free_by_auction(run, run.random.choice(wide))
    elif trading:
        _free_by_cancel(run, run.random.choice(trading)[0])


def _sell(run: Run, seller: int, index: int, price: int) -> None:
    limit, market = OrderType.LIMIT, Origin.MARKET
    run.do(building.order(seller, index, Side.SELL, limit, price, 200, market))


def _free_by_cancel(run: Run, index: int) -> None:
    instrument = run.twin.instruments[index]
    near, far = _price(instrument, NEAR), _price(instrument, FAR)
    _sell(run, 0, index, near)
    own = [order for order in run.live() if (order.account, order.instrument) == (0, index)]
    _sell(run, 1, index, far)
    run.do(building.order(MARKETS, index, Side.BUY, OrderType.LIMIT, far, 200))
    if own and run.one_in(2):
        run.do(building.cancel(0, own[-1].id))
    else:
        run.do(building.cancel_all(0, index))


def _free_by_auction(run: Run, index: int) -> None:
    """The price that halts it does not reach the order; the auction's does."""
    instrument = run.twin.instruments[index]
    near, higher, far = (_price(instrument, percent) for percent in (NEAR, 8, 10))
    run.do(building.cancel_all(0, index), building.cancel_all(1, index))
    _sell(run, 0, index, near)
    run.do(
        building.order(MARKETS, index, Side.BUY, OrderType.LIMIT, far, 200),
        building.cancel_all(0, index),
        building.price(index, _price(instrument, 5)),
    )
    _sell(run, 0, index, higher)
    run.do(
        building.order(1, index, Side.BUY, OrderType.LIMIT, higher, 400, Origin.MARKET),
        building.resume(index),
    )


def fixed_price(run: Run) -> None:
    """Two fixed price orders that may meet after hours, at any time of the day."""
    open_ = [i for i, each in enumerate(run.twin.instruments) if each.rules.after_hours]
    index = run.random.choice(open_) if open_ else run.any_instrument()
    instrument = run.twin.instruments[index]
    if instrument.day.tick == 0:
        return
    holders = [held.account for held in instrument.holders if held.account >= MARKETS]
    seller = run.random.choice(holders) if holders and run.one_in(2) else run.any_market()
    buyer = run.any_client() if run.one_in(2) else run.any_market()
    price = instrument.close or instrument.last
    for account, side in ((buyer, Side.BUY), (seller, Side.SELL)):
        if run.one_in(5):
            continue
        away = run.random.choice([0, 0, 1, -1]) * instrument.day.tick
        quantity = 100 * run.random.randrange(1, 8)
        at = price // instrument.day.tick * instrument.day.tick + away
        kind, financed = OrderType.FIXED_PRICE, int(run.one_in(6))
        run.do(building.order(account, index, side, kind, at, quantity, financed=financed))


def cancel_fixed(run: Run) -> None:
    fixed = [order for order in run.live() if order.is_fixed]
    if fixed:
        order = run.random.choice(fixed)
        run.do(building.cancel(order.account, order.id))

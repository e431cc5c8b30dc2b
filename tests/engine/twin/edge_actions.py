"""Figures brought to where they just pass or just fail: lines, caps, gaps, the last fen of cash."""

from fractions import Fraction
from math import ceil

from server.engine import building
from server.engine.codes import OrderType, Side
from server.engine.terms import ProductTerms
from tests.engine.twin.checking import survived_gap_ppm
from tests.engine.twin.model import PPM, Account, Instrument
from tests.engine.twin.run import Run
from tests.engine.twin.terms import UNCAPPED
from tests.engine.twin.twin_fees import fees_of


def _put_in(run: Run, index: int, amount: int) -> None:
    if amount > 0:
        run.do(building.deposit(index, amount))
    else:
        run.do(building.withdraw(index, -amount))


def to_the_line(run: Run) -> None:
    """Brings a contract's assets to one of its lines, or a hair above or below it, by cash alone
    or with a price that does the last of it.
    """
    owing = [i for i, account in enumerate(run.twin.accounts) if account.debt > 0]
    if not owing:
        return
    index = run.random.choice(owing)
    account = run.twin.accounts[index]
    line = run.random.choice(run.twin.lines(account))
    missing = account.debt * line // PPM - run.twin.assets(account)
    missing += run.random.choice([-1, 0, 0, 1])
    held = next((row for row in account.positions if row.quantity > 0), None)
    if held is None or run.one_in(3):
        _put_in(run, index, missing)
        return
    instrument = run.twin.instruments[held.instrument]
    price = max(100, instrument.last * run.random.randrange(93, 107) // 100)
    mark = price * instrument.day.valuation_ppm // PPM
    _put_in(run, index, missing - held.quantity * (mark - instrument.mark))
    run.do(building.price(held.instrument, price))


def to_the_fen(run: Run) -> None:
    """A buy that takes all the cash there is, or one unit more."""
    index, shares = run.any_client(), run.any_instrument()
    account, day = run.twin.accounts[index], run.twin.instruments[shares].day
    quantity, price = 100 * run.random.randrange(1, 20), run.any_price(shares)
    if price <= 0 or price > day.limit_up:
        return
    amount = quantity * price
    cost = amount + fees_of(run.twin.fees[day.fee_schedule], Side.BUY, quantity, amount).total
    _put_in(run, index, cost - (account.cash - account.frozen) - run.random.randrange(2))
    run.do(building.order(index, shares, Side.BUY, OrderType.LIMIT, price, quantity))


def to_the_cap(run: Run) -> None:
    """A buy that a contract's own money makes just admissible, or just not."""
    contracts = [i for i, a in enumerate(run.twin.accounts) if a.debt > 0 and a.cash > 0]
    uncapped = [i for i in contracts if run.twin.accounts[i].product == UNCAPPED]
    if uncapped and run.one_in(2):
        contracts = uncapped
    shares = run.any_wide() if contracts == uncapped else run.any_instrument()
    instrument = run.twin.instruments[shares]
    price = instrument.day.limit_up if run.one_in(2) else instrument.day.limit_down
    if not contracts or price <= 0:
        return
    index = run.random.choice(contracts)
    account = run.twin.accounts[index]
    assets = run.twin.assets(account)
    quantity = max(1, assets * run.random.randrange(2, 10) // 10 // price // 100) * 100
    product = run.twin.products[account.product]
    needed = [
        ceil(Fraction(part * PPM, cap))
        for part, cap in _parts(run, account, instrument, product, quantity * price)
        if 0 < cap < PPM
    ]
    if needed:
        missing = run.random.choice(needed) - assets - run.random.randrange(2)
        _put_in(run, index, missing)
    run.do(building.order(index, shares, Side.BUY, OrderType.LIMIT, price, quantity))


def _parts(
    run: Run, account: Account, instrument: Instrument, product: ProductTerms, new: int
) -> list[tuple[int, int]]:
    """(what a limit bounds after a buy of `new`, the share of the assets it may be in ppm)."""
    same = own = lost = 0
    for held in account.positions:
        other = run.twin.instruments[held.instrument]
        value = (held.quantity + held.open_buy) * other.mark
        lost += ceil(Fraction(value * other.day.limit_ppm, PPM))
        own += value * (other is instrument)
        same += value * (other.day.holding_class == instrument.day.holding_class)
    lost += ceil(Fraction(new * instrument.day.limit_ppm, PPM))
    return [
        (same + new, product.class_cap_ppm[instrument.day.holding_class]),
        (own + new, product.single_cap_ppm),
        (lost, survived_gap_ppm(product)),
    ]

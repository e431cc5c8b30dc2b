"""What happens to prices, money, contracts and days."""

from server.engine import building
from server.engine.codes import OrderType, Origin, Phase, Side
from tests.engine.twin.order_actions import (
    cancel,
    cancel_all,
    client_order,
    invest,
    market_order,
    queue_up,
)
from tests.engine.twin.phase_actions import cancel_fixed, end_halts, fixed_price
from tests.engine.twin.run import ACCOUNTS, MARKETS, Run
from tests.engine.twin.terms import YUAN, bounded_reference


def _new_price(run: Run, index: int) -> int:
    last = run.twin.instruments[index].last
    if run.one_in(10):
        return last + 1  # a source may know finer prices than orders do
    spread = run.random.choice([1, 1, 3, 10])
    moved = last * (100 + run.random.randrange(-spread, spread + 1)) // 100
    return max(100, moved // 100 * 100)


def one_price(run: Run) -> None:
    index = run.any_instrument()
    run.do(building.price(index, _new_price(run, index), run.random.randrange(1000)))


def move_all(run: Run) -> None:
    """One frame in which everything rises or falls."""
    percent = run.random.choice([-25, -10, -9, -7, -5, -3, 2, 5, 9])
    run.do(building.frame_begin())
    for index, instrument in enumerate(run.twin.instruments):
        moved = instrument.last * (100 + percent) // 100 // 100 * 100
        run.do(building.price(index, max(100, moved)))
    run.do(building.frame_end())


def frame(run: Run) -> None:
    """Prices and whatever else comes between them; now and then its end is lost."""
    run.do(building.frame_begin())
    for _ in range(run.random.randrange(1, 6)):
        run.random.choice(_FRAMED)(run)
    if not run.one_in(8):
        run.do(building.frame_end())


def _amount(run: Run) -> int:
    odd = [0, 1, 1, -YUAN, YUAN // 3, 10**13, 10**13 + 1, 2**63 - 1, -(2**63), 123_456]
    return run.random.choice(odd) if run.one_in(4) else YUAN * run.random.randrange(1, 9_000)


def pay_shortfall(run: Run) -> None:
    """Part of a debt, all of it, or more than is owed."""
    owing = [i for i, account in enumerate(run.twin.accounts) if account.shortfall > 0]
    if not owing:
        return
    account = run.random.choice(owing)
    owed = run.twin.accounts[account].shortfall
    source = run.sibling(account, oldest=True)
    if run.one_in(2):
        run.do(building.deposit(source, owed))
    run.do(building.transfer(source, account, run.random.choice([owed, owed // 3, owed + 1])))


def ruin(run: Run) -> None:
    """A contract that put all it has into one share loses 40 % overnight and is sold out."""
    index = len(run.twin.accounts)
    if index < ACCOUNTS:
        run.open_contract(run.sibling(run.any_client(), oldest=True), 0, 5_000 * YUAN)
    if len(run.twin.accounts) == index:  # nobody new: whoever is worst
        index = max(range(index), key=lambda i: run.twin.accounts[i].grade)
    _buy_in(run, index, run.random.choice([0, 3]))
    run.do(building.day_close())
    run.date += 1
    fallen = [instrument.last * 6 // 10 for instrument in run.twin.instruments]
    lasts = [bounded_reference(i, price) for i, price in enumerate(fallen)]
    run.open_day(lasts, ex_dates=False)
    run.do(building.phase(building.ALL, Phase.CONTINUOUS))
    settle(run, index)


def _buy_in(run: Run, account: int, index: int) -> None:
    instrument = run.twin.instruments[index]
    price = min(max(instrument.last, instrument.day.limit_down), instrument.day.limit_up)
    price -= price % instrument.day.tick
    quantity = run.twin.accounts[account].cash * 97 // 100 // price // 100 * 100
    seller = run.any_market()
    run.do(
        building.order(seller, index, Side.SELL, OrderType.LIMIT, price, quantity, Origin.MARKET),
        building.order(account, index, Side.BUY, OrderType.LIMIT, price, quantity),
    )


def repay(run: Run) -> None:
    """Mostly by one with proceeds of today, which a repayment takes first."""
    everybody = range(len(run.twin.accounts))
    index = max(
        everybody, key=lambda i: (run.twin.accounts[i].debt > 0) * run.twin.accounts[i].unsettled
    )
    free = run.twin.accounts[index].cash - run.twin.accounts[index].frozen
    run.do(building.repay(index, run.random.choice([free // 3, free, free + 1, YUAN // 3])))


def rescue(run: Run) -> None:
    """Own money into the worst contract, or a little of it back out."""
    accounts = run.twin.accounts
    worst = max(range(len(accounts)), key=lambda i: accounts[i].grade)
    source = run.sibling(worst, oldest=True)
    amount = max(accounts[worst].debt, YUAN) // run.random.choice([3, 10, 40])
    if run.one_in(3):
        source, worst = worst, source
    run.do(building.transfer(source, worst, amount))


def empty_a_contract(run: Run) -> None:
    """Opened, repaid at once, and its own money taken out: neither debt nor assets are left.

    Or ordered from and settled at once, which an open order forbids.
    """
    opened = len(run.twin.accounts)
    if opened >= ACCOUNTS:
        return
    run.open_contract(run.sibling(run.any_client(), oldest=True), 0, 3_000 * YUAN)
    if len(run.twin.accounts) > opened and run.one_in(2):
        index = run.any_instrument()
        price = run.twin.instruments[index].day.limit_down
        run.do(building.order(opened, index, Side.BUY, OrderType.LIMIT, price, 200))
        run.do(building.contract_settle(opened, run.sibling(opened, oldest=True), b"r"))
    elif len(run.twin.accounts) > opened:
        account = run.twin.accounts[opened]
        run.do(building.repay(opened, account.loan))
        run.do(building.withdraw(opened, account.cash - run.random.choice([0, 0, 1])))


def move_money(run: Run) -> None:
    account, amount = run.anyone(), _amount(run)
    other, own = run.anyone(), run.sibling(run.any_client())
    run.random.choice(
        [
            lambda: run.do(building.deposit(account, amount)),
            lambda: run.do(building.withdraw(account, amount)),
            lambda: run.do(building.transfer(account, other, amount)),
            lambda: run.do(building.transfer(own, run.sibling(own), amount)),
            lambda: run.do(building.repay(account, amount)),
        ]
    )()


def contract(run: Run) -> None:
    if run.one_in(3) and len(run.twin.accounts) < ACCOUNTS:
        deposit = run.random.choice([YUAN - 1, YUAN, 5_000 * YUAN, 20_000 * YUAN, 10**11])
        product = run.random.choice([0, 1, 2, 3, 9, -1])
        source = run.anyone() if run.one_in(3) else run.sibling(run.any_client(), oldest=True)
        run.open_contract(source, product, deposit)
        return
    account = run.anyone()
    if not run.one_in(3):
        account = max(range(len(run.twin.accounts)), key=lambda i: run.twin.accounts[i].grade)
    settle(run, account)


def settle(run: Run, account: int) -> None:
    if not 0 <= account < len(run.twin.accounts):
        run.do(building.contract_settle(account, run.any_client(), b"r"))
        return
    if not run.one_in(3):  # emptied first, as a liquidation does
        run.do(building.cancel_all(account))
        for held in list(run.twin.accounts[account].positions):
            if held.quantity > 0:
                _sell_out(run, account, held.instrument, held.quantity)
    target = run.anyone() if run.one_in(10) else run.sibling(account, oldest=True)
    run.do(building.contract_settle(account, target, b"r"))


def _sell_out(run: Run, account: int, index: int, quantity: int) -> None:
    low = run.twin.instruments[index].day.limit_down
    price = low if run.one_in(3) else run.any_price(index)
    buyer = run.any_market()
    run.do(
        building.order(buyer, index, Side.BUY, OrderType.LIMIT, price, quantity, Origin.MARKET),
        building.order(
            *(account, index, Side.SELL, OrderType.LIMIT, price, quantity),
            Origin.FORCED_LIQUIDATE,
        ),
    )


def next_day(run: Run) -> None:
    if not run.one_in(10):  # a day that is never closed is closed by the next
        run.do(building.day_close())
        for _ in range(run.random.randrange(3)):
            run.random.choice(_AT_REST)(run)
    run.next_day()
    if run.twin.instruments[0].phase == Phase.OPENING_CALL:
        _face(run)


def after_hours(run: Run) -> None:
    """Fixed price orders from the day into the hours after it."""
    if run.twin.instruments[0].phase not in (Phase.CONTINUOUS, Phase.CLOSING_CALL):
        return
    for _ in range(3):
        fixed_price(run)
    for i in range(len(run.twin.instruments)):
        run.do(building.closing(i))
    for phase in (Phase.AFTER_HOURS_ENTRY, Phase.AFTER_HOURS):
        run.do(building.phase(building.ALL, phase))
        for _ in range(3):
            run.random.choice([fixed_price, fixed_price, cancel_fixed, queue_up])(run)
    run.do(building.phase(building.ALL, Phase.CLOSED))
    next_day(run)


def _face(run: Run) -> None:
    """One buy above one sell: the auction's price lies in the middle."""
    index, buyer = run.any_instrument(), run.any_market()
    day, quantity = run.twin.instruments[index].day, 100 * run.random.randrange(1, 9)
    if day.tick == 0:
        return
    low = run.random.randrange(day.limit_down, day.limit_up, day.tick)
    high = min(low + day.tick * run.random.randrange(6), day.limit_up)
    seller = (buyer + 1) % MARKETS
    run.do(
        building.order(seller, index, Side.SELL, OrderType.LIMIT, low, quantity, Origin.MARKET),
        building.order(buyer, index, Side.BUY, OrderType.LIMIT, high, quantity, Origin.MARKET),
        building.uncross(index),
    )


def change_phase(run: Run) -> None:
    """To a phase that may follow; those in which nothing trades are soon over."""
    phase = run.random.choice(_FOLLOWING[run.twin.instruments[0].phase])
    end_halts(run)
    session = run.random.choice([0, 1, 7]) if run.one_in(6) else building.ALL
    ends = phase in (Phase.CLOSED, Phase.AFTER_HOURS_ENTRY)
    if ends or phase in (Phase.PAUSE, Phase.CONTINUOUS):
        for i in range(len(run.twin.instruments)):
            run.do((building.closing if ends else building.uncross)(i))
    run.do(building.phase(session, phase))
    if phase not in (Phase.OPENING_CALL, Phase.CONTINUOUS, Phase.CLOSING_CALL):
        for _ in range(run.random.randrange(6)):
            run.random.choice(_AT_REST)(run)
        change_phase(run)


_FOLLOWING = {
    Phase.OPENING_CALL: (Phase.OPENING_CALL_NO_CANCEL, Phase.PAUSE),
    Phase.OPENING_CALL_NO_CANCEL: (Phase.PAUSE,),
    Phase.PAUSE: (Phase.CONTINUOUS,),
    Phase.CONTINUOUS: (Phase.LUNCH, Phase.LUNCH, Phase.CLOSING_CALL, Phase.CLOSED),
    Phase.CLOSING_CALL: (Phase.AFTER_HOURS_ENTRY, Phase.CLOSED),
    Phase.AFTER_HOURS_ENTRY: (Phase.AFTER_HOURS,),
    Phase.AFTER_HOURS: (Phase.CLOSED,),
    Phase.HALTED: (Phase.LUNCH, Phase.CLOSING_CALL),
    Phase.LUNCH: (Phase.CONTINUOUS,),
    Phase.CLOSED: (Phase.OPENING_CALL, Phase.CONTINUOUS),
}
_AT_REST = (
    queue_up,
    queue_up,
    queue_up,
    fixed_price,
    fixed_price,
    cancel_fixed,
    client_order,
    client_order,
    market_order,
    cancel,
    cancel,
    cancel_all,
    one_price,
)
_FRAMED = (one_price, one_price, market_order, client_order, invest, cancel, move_money, contract)

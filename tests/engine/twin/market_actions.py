"""What happens to prices, money, contracts and days."""

from server.engine import building
from server.engine.codes import AccountClass, OrderType, Origin, Phase, Side
from tests.engine.twin.order_actions import market_order, strangers
from tests.engine.twin.run import Run
from tests.engine.twin.terms import KINDS, YUAN


def _new_price(run: Run, index: int) -> int:
    last = run.twin.instruments[index].last
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
    run.do(building.frame_begin())
    for _ in range(run.random.randrange(1, 5)):
        run.random.choice([one_price, one_price, market_order])(run)
    run.do(building.frame_end())


def _amount(run: Run) -> int:
    odd = [0, -YUAN, YUAN // 3, 10**14, 123_456]
    return run.random.choice(odd) if run.one_in(6) else YUAN * run.random.randrange(1, 9_000)


def pay_shortfall(run: Run) -> None:
    """Part of a debt, all of it, or more than is owed."""
    owing = [i for i, account in enumerate(run.twin.accounts) if account.shortfall > 0]
    if not owing:
        return
    account = run.random.choice(owing)
    owed = run.twin.accounts[account].shortfall
    amount = run.random.choice([owed, owed // 3, owed + 1])
    run.do(building.transfer(run.sibling(account, oldest=True), account, amount))


def ruin(run: Run) -> None:
    """Prices fall by 40 % overnight and the worst contract is sold out and settled."""
    run.do(building.day_close())
    run.date += 1
    lasts = [max(1_000, i.last * 6 // 1_000 * 100) for i in run.twin.instruments]
    run.open_day(lasts, ex_dates=False)
    run.do(building.phase(building.ALL, Phase.CONTINUOUS))
    worst = max(range(len(run.twin.accounts)), key=lambda i: run.twin.accounts[i].grade)
    _settle(run, worst)


def to_the_line(run: Run) -> None:
    """Brings a contract's assets to one of its lines, or a hair above or below it."""
    index = run.random.randrange(len(run.twin.accounts))
    account = run.twin.accounts[index]
    if account.klass != AccountClass.CONTRACT or account.debt <= 0:
        return
    line = run.random.choice(run.twin.lines(account))
    missing = account.debt * line // 1_000_000 - run.twin.assets(account)
    missing += run.random.choice([-1, 0, 0, 1])
    if missing > 0:
        run.do(building.deposit(index, missing))
    else:
        run.do(building.withdraw(index, -missing))


def repay(run: Run) -> None:
    """Mostly by one with proceeds of today, which a repayment takes first."""
    everybody = range(len(run.twin.accounts))
    index = max(
        everybody, key=lambda i: (run.twin.accounts[i].debt > 0) * run.twin.accounts[i].unsettled
    )
    free = run.twin.accounts[index].cash - run.twin.accounts[index].frozen
    run.do(building.repay(index, run.random.choice([free // 3, free, free + 1, YUAN // 3])))


def move_money(run: Run) -> None:
    account, other, amount = run.any_client(), run.any_client(), _amount(run)
    if run.one_in(12):
        other = run.random.choice([-1, 0, len(run.twin.accounts)])
    run.random.choice(
        [
            lambda: run.do(building.deposit(account, amount)),
            lambda: run.do(building.withdraw(account, amount)),
            lambda: run.do(building.transfer(account, other, amount)),
            lambda: run.do(building.transfer(account, run.sibling(account), amount)),
            lambda: run.do(building.repay(account, amount)),
        ]
    )()


def contract(run: Run) -> None:
    if run.one_in(3):
        deposit = run.random.choice([YUAN - 1, 5_000 * YUAN, 20_000 * YUAN, 10**11])
        run.open_contract(run.any_client(), run.random.choice([0, 1, 2, 3, 9]), deposit)
        return
    account = run.any_client()
    if not run.one_in(3):
        account = max(range(len(run.twin.accounts)), key=lambda i: run.twin.accounts[i].grade)
    _settle(run, account)


def _settle(run: Run, account: int) -> None:
    if not run.one_in(3):  # emptied first, as a liquidation does
        run.do(building.cancel_all(account))
        for held in list(run.twin.accounts[account].positions):
            if held.quantity > 0:
                _sell_out(run, account, held.instrument, held.quantity)
    run.do(building.contract_settle(account, run.sibling(account, oldest=True), b"r"))


def _sell_out(run: Run, account: int, index: int, quantity: int) -> None:
    low = run.twin.instruments[index].day.limit_down
    price = low if run.one_in(3) else run.any_price(index)
    buyer = run.random.randrange(3)
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
    run.date += 1
    lasts = [max(1_000, i.last // 100 * 100) for i in run.twin.instruments]
    run.open_day(lasts)


def change_phase(run: Run) -> None:
    phase = run.twin.instruments[0].phase
    if phase in (Phase.OPENING_CALL, Phase.OPENING_CALL_NO_CANCEL):
        if phase == Phase.OPENING_CALL and run.one_in(2):
            run.do(building.phase(building.ALL, Phase.OPENING_CALL_NO_CANCEL))
            return
        run.do(building.phase(building.ALL, Phase.PAUSE))
        for i in range(len(KINDS)):
            run.do(building.uncross(i))
        run.do(building.phase(building.ALL, Phase.CONTINUOUS))
    elif phase == Phase.CONTINUOUS and run.one_in(3):
        session = run.random.choice([building.ALL, 0, 1, 7])
        run.do(building.phase(session, Phase.LUNCH))
        strangers(run)
        run.do(building.phase(building.ALL, Phase.CONTINUOUS))

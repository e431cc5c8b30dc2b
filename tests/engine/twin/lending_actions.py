"""What people do with contracts that lend as they are used, that have a term, that end."""

from server.engine import building
from server.engine.codes import Family, OrderType, Origin, Side
from tests.engine.twin.market_actions import settle
from tests.engine.twin.model import Account
from tests.engine.twin.run import ACCOUNTS, Run
from tests.engine.twin.terms import ENDING, MORE, YUAN, products


def lending(run: Run) -> None:
    run.random.choice(
        [
            *(_draw, _extend, _finance, _finance, _buy_on_line, _sell_financed, _repay_share),
            *(_open, _end_early, _odd_product, _to_the_line),
        ]
    )(run)


def _of(run: Run, *families: Family) -> list[int]:
    accounts = enumerate(run.twin.accounts)
    return [i for i, account in accounts if account.family in families and account.credit > 0]


def _draw(run: Run) -> None:
    choices = _of(run, Family.FLEXIBLE, Family.COMBINATION)
    index = run.anyone() if run.one_in(3) or not choices else run.random.choice(choices)
    most = 0
    if 0 <= index < len(run.twin.accounts):
        most = run.twin.drawable(run.twin.accounts[index])
    run.do(building.draw(index, run.random.choice([0, YUAN, most // 3, most, most + 1])))


def _extend(run: Run) -> None:
    number = run.random.choice([0, 0, 99_999])
    index = run.anyone()
    lent = [(i, loan) for i, a in enumerate(run.twin.accounts) for loan in a.loans]
    ended = [i for i, account in enumerate(run.twin.accounts) if account.due_day]
    if lent and run.one_in(2):
        index, loan = run.random.choice(lent)
        number = run.random.choice([loan.number, loan.number, loan.number, number])
    elif ended and not run.one_in(4):
        index = run.random.choice(ended)
    run.do(building.extend(index, number))


def _buy(run: Run, index: int, financed: int, tenths: int) -> None:
    """Of the line that is left, met by the market."""
    account, share = run.twin.accounts[index], run.any_instrument()
    price = run.any_price(share)
    if price <= 0:
        return
    line = run.twin.line_left(account)
    if financed:
        margin = max(0, run.twin.available_margin(account))
        line = min(line, margin * 1_000_000 // max(500_000, run.twin.ratio_of_today(account)))
    money = line if financed else max(0, account.cash - account.frozen) + line
    quantity = money * tenths // 10 // price // 100 * 100
    if run.one_in(2):
        seller = run.any_market()
        run.do(
            building.order(
                *(seller, share, Side.SELL, OrderType.LIMIT, price, quantity), Origin.MARKET
            )
        )
    order = building.order(
        *(index, share, Side.BUY, OrderType.LIMIT, price, quantity), financed=financed
    )
    run.do(order)


def use_the_line(run: Run, index: int, room: int) -> None:
    """A draw, or a buy that draws, of about `room`."""
    account = run.twin.accounts[index]
    financed = int(account.family == Family.LICENSED)
    amount = run.random.choice([room, room + 1, room // 2])
    if not financed and run.one_in(2):
        run.do(building.draw(index, amount))
        return
    share = run.any_instrument()
    if (price := run.any_price(share)) <= 0:
        return
    money = amount if financed else max(0, account.cash - account.frozen) + amount
    quantity = money // price // 100 * 100 + run.random.choice([0, 100])
    order = building.order(
        *(index, share, Side.BUY, OrderType.LIMIT, price, quantity), financed=financed
    )
    run.do(order)


def _finance(run: Run) -> None:
    """On margin; now and then by an account that cannot, or for a sale, where it says nothing."""
    choices = _of(run, Family.LICENSED)
    if not choices or run.one_in(12):
        share = run.any_instrument()
        side = run.random.choice([Side.BUY, Side.SELL])
        price, index = run.any_price(share), run.any_client()
        order = building.order(index, share, side, OrderType.LIMIT, price, 200, financed=1)
        run.do(order)
        return
    _buy(run, run.random.choice(choices), 1, run.random.randrange(1, 13))


def _buy_on_line(run: Run) -> None:
    choices = _of(run, Family.FLEXIBLE, Family.COMBINATION)
    if choices:
        _buy(run, run.random.choice(choices), 0, run.random.randrange(1, 13))


def _sell_financed(run: Run) -> None:
    accounts = enumerate(run.twin.accounts)
    lent = [(i, a.loans) for i, a in accounts if a.loans]
    if not lent:
        return
    index, loans = run.random.choice(lent)
    held = run.twin.accounts[index].position(run.random.choice(loans).instrument)
    assert held is not None
    price, share = run.any_price(held.instrument), held.instrument
    named = run.random.choice([0, 0, run.random.choice(loans).number, 10**9])
    quantity = max(100, held.quantity // run.random.choice([1, 2, 3]) // 100 * 100)
    buyer = run.any_market()
    run.do(
        building.order(buyer, share, Side.BUY, OrderType.LIMIT, price, quantity, Origin.MARKET),
        building.order(
            *(index, share, Side.SELL, OrderType.LIMIT, price, quantity),
            financed=quantity // 100 % 2,  # to repay all loans, every other time
            loan=named,
        ),
    )


def _repay_share(run: Run) -> None:
    choices = _of(run, Family.LICENSED, Family.FLEXIBLE, Family.COMBINATION)
    if not choices:
        return
    index = run.random.choice(choices)
    account = run.twin.accounts[index]
    loans = account.loans
    share = run.random.choice([-1, *([loan.instrument for loan in loans] or [0])])
    amount = run.random.choice([account.cash // 3, account.cash // 50, 100 * YUAN, 37])
    named = 0
    if run.one_in(2):
        named = run.random.choice([10**9, *(loan.number for loan in loans)])
        owed = [loan.owed + run.random.choice([0, 0, 1]) for loan in loans if loan.number == named]
        amount = owed[0] if owed and run.one_in(2) else amount
    run.do(building.repay(index, amount, b"r", share, named))


def _open(run: Run) -> None:
    if len(run.twin.accounts) >= ACCOUNTS:
        return
    number = run.random.choice([*MORE])
    credit = run.random.choice([0, 0, 10_000 * YUAN, -1, 10**15])
    source = run.sibling(run.any_client(), oldest=True)
    run.open_contract(source, number, 10_000 * YUAN, credit)


def _end_early(run: Run) -> None:
    """By the client himself, emptied or not; where he owes days and a fee."""
    ruled = [i for i, a in enumerate(run.twin.accounts) if a.product >= ENDING and _is_open(a)]
    if ruled and run.one_in(3):
        settle(run, run.random.choice(ruled))
    elif ruled:
        index = run.random.choice(ruled)
        account = run.twin.accounts[index]
        run.do(building.repay(index, run.random.choice([account.loan // 2, account.loan, YUAN])))


def _is_open(account: Account) -> bool:
    return account.status == 0


def _odd_product(run: Run) -> None:
    """Terms of no product, or of one whose line does not hold."""
    weak = products()[2]._replace(liquidate_ppm=1_075_000, version=9)
    run.random.choice(
        [
            lambda: run.do(building.product_terms(10**6, MORE[ENDING])),
            lambda: run.do(building.product_terms(-1, MORE[ENDING])),
            lambda: run.do(building.product(60, weak), building.product_terms(60, MORE[ENDING])),
            lambda: run.open_contract(run.any_client(), 60, 10_000 * YUAN),
        ]
    )()


def _to_the_line(run: Run) -> None:
    """A buy of exactly what is left, or of a lot more."""
    choices = _of(run, Family.FLEXIBLE, Family.COMBINATION, Family.LICENSED)
    if choices:
        index = run.random.choice(choices)
        financed = int(run.twin.accounts[index].family == Family.LICENSED)
        _buy(run, index, financed, 10)

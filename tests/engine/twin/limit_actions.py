"""What the day's tables and the risk desk set, well and badly; prices nobody should believe."""

from server.engine import building, building_risk, records
from server.engine.codes import (
    ConcentrationScope,
    DecidedBy,
    Grade,
    HoldingClass,
    Ledger,
    OrderType,
    PlatformState,
    Side,
    StopLevel,
    StopScope,
)
from server.engine.records import RATIO_TIERS
from server.engine.terms import LimitTerms, Tier
from tests.engine.twin.lending_actions import lending, use_the_line
from tests.engine.twin.run import ACCOUNTS, MINUTE_US, Run
from tests.engine.twin.terms import YUAN

RATIOS = (2_000_001, 1_800_000, 1_600_000, 1_400_000, 1_300_000, 1_250_000)
FEW = 12  # one stop in so many is not lifted again


def todays_limits(run: Run) -> None:
    """Some of what a day brings; what it leaves out is no limit."""
    random = run.random
    terms = LimitTerms(
        client_cap=random.choice([0, 0, 60_000 * YUAN, 150_000 * YUAN]),
        lending_cap=random.choice([0, 0, 300_000 * YUAN, 900_000 * YUAN]),
        person_stock_cap=random.choice([0, 0, 20_000 * YUAN, 60_000 * YUAN]),
        jump_ppm=random.choice([0, 0, 80_000, 150_000]),
        confirmations=random.randrange(3),
        price_bounds=random.randrange(2),
    )
    run.do(building_risk.risk_limits(terms))
    for _ in range(random.randrange(5)):
        _concentration(run)
    for _ in range(random.randrange(6)):
        stock_limit(run)


def _concentration(run: Run) -> None:
    random = run.random
    count = random.choice([0, 1, 2, 4, 5, RATIO_TIERS])
    ratios = sorted(random.sample(RATIOS, count), reverse=True)
    caps = sorted(random.choice([1_000_000, 700_000, 400_000, 150_000, 0]) for _ in ratios)
    tiers = [Tier(*pair) for pair in zip(ratios, reversed(caps), strict=True)]
    product = random.choice([-1, -1, 0, 1, 2, 3])
    of, scope = random.choice([*HoldingClass]), random.choice([*ConcentrationScope])
    if run.one_in(8):
        product, of, scope = random.choice(
            [(-2, 0, 0), (99, 0, 0), (0, 4, 0), (0, 255, 1), (0, 0, 2)]
        )
    command = building_risk.concentration(of, scope, tiers, product)
    if run.one_in(20):
        command.view(records.CONCENTRATION)["tiers"] = RATIO_TIERS + 1
    run.do(command)


def stock_limit(run: Run) -> None:
    """Near what is financed already, so that it comes to matter."""
    random, index = run.random, run.any_instrument()
    shares = run.twin.shares_financed(index, pending=False)
    stop = max(0, shares + random.choice([-100, 0, 0, 1, 5_000]))
    resume = stop * random.choice([8, 10, 10]) // 10
    worth = run.twin.shares_financed(index, pending=True) * run.twin.instruments[index].mark
    cap = random.choice([0, worth + 1, worth + 5_000 * YUAN, worth // 2 + 1])
    if run.one_in(10):
        index = random.choice([-1, len(run.twin.instruments), 2**31 - 1])
    run.do(building_risk.stock_limit(index, stop, resume, cap))


def platform(run: Run) -> None:
    """Mostly back to normal soon, or nothing would happen any more."""
    random = run.random
    if run.one_in(8):
        run.do(building_risk.platform_state(random.choice([-1, 4, 2**31 - 1])))
    state, by = random.choice([*PlatformState]), random.choice([*DecidedBy])
    run.do(building_risk.platform_state(state, by, 3, -5, 2, "跌停 locked"))
    for _ in range(random.randrange(1, 6)):
        random.choice(_MEANWHILE)(run)
    run.do(building_risk.platform_state(PlatformState.NORMAL, by))


def stop(run: Run) -> None:
    """Somebody or something is stopped, for a while or until it is lifted."""
    random = run.random
    scope, level = random.choice([*StopScope]), random.choice([*StopLevel])
    account = run.any_client()
    of = {
        StopScope.ACCOUNT: account,
        StopScope.PERSON: run.twin.accounts[account].person,
        StopScope.INSTRUMENT: run.any_instrument(),
    }[scope]
    until = random.choice([0, run.time + 20 * MINUTE_US, run.time - 1])
    if run.one_in(6):
        of, level, until = random.choice([(-1, 1, 0), (10**6, 2, 0), (of, 3, 0), (of, 1, -1)])
    if run.one_in(20):
        scope = 3
    run.do(building_risk.stop(scope, of, level, max(until, -1), 7, 1))
    for _ in range(random.randrange(6)):
        if 0 <= of < len(run.twin.accounts) and scope == StopScope.ACCOUNT:
            _try(run, of)
        else:
            _try(run, account, of if scope == StopScope.INSTRUMENT else -1)
    if not run.one_in(FEW):
        run.do(building_risk.stop(scope, of, StopLevel.NONE))


def _try(run: Run, account: int, index: int = -1) -> None:
    """A small order, or a new account or contract."""
    if not 0 <= index < len(run.twin.instruments):
        index = run.any_instrument()
    if run.one_in(4) and len(run.twin.accounts) < ACCOUNTS:
        source = run.sibling(account, oldest=True)
        run.open_contract(source, run.random.randrange(4), 3_000 * YUAN)
        return
    side = run.random.choice([Side.BUY, Side.BUY, Side.SELL])
    origin = run.random.randrange(5)
    price = run.any_price(index)
    run.do(building.order(account, index, side, OrderType.LIMIT, price, 200, origin))


def borrow(run: Run) -> None:
    """A contract of what one person or the lender may just have, or a fen more."""
    random = run.random
    limits = run.twin.desk.limits
    source = run.sibling(run.any_client(), oldest=True)
    product = random.randrange(3)
    account = run.twin.accounts[source]
    if account.is_market or len(run.twin.accounts) >= ACCOUNTS:
        return
    owed = sum(a.loan + a.shortfall for a in run.twin.accounts if a.person == account.person)
    lent = sum(a.loan + a.shortfall for a in run.twin.accounts)
    room = random.choice([limits.client_cap - owed, limits.lending_cap - lent, 10_000 * YUAN])
    deposit = room // run.twin.products[product].leverage // 100 * 100
    if deposit > 0:
        deposit += random.choice([0, 100, -100])
        run.do(building.deposit(source, deposit))
        run.open_contract(source, product, deposit)


def load_up(run: Run) -> None:
    """A contract buys what its tier, the stock's cap or its person may just have."""
    random = run.random
    if not run.twin.desk.on:
        if run.one_in(3):
            todays_limits(run)
        return
    owing = [i for i, a in enumerate(run.twin.accounts) if a.debt > 0 and a.grade < Grade.RESTRICT]
    if not owing:
        return
    account, index = random.choice(owing), run.any_instrument()
    instrument = run.twin.instruments[index]
    price = run.any_price(index)
    if price <= 0 or instrument.day.tick == 0:
        return
    free = run.twin.accounts[account].cash - run.twin.accounts[account].frozen
    quantity = max(0, free) // price // 100 * 100 * random.choice([9, 7, 4, 2]) // 10
    run.do(building.order(account, index, Side.BUY, OrderType.LIMIT, price, max(200, quantity)))


def doubtful_price(run: Run) -> None:
    """Prices out of bounds, and one that says the same again; sometimes an officer decides."""
    random, index = run.random, run.any_instrument()
    instrument = run.twin.instruments[index]
    day, last = instrument.day, instrument.last
    if not run.twin.desk.on:
        if run.one_in(3):
            todays_limits(run)
        return
    price = random.choice([day.limit_up + 100, max(day.limit_down - 100, 0), last * 13 // 10])
    if run.one_in(3):
        price = random.choice([0, -1, 2**40, last * 104 // 100, last * 97 // 100])
    for _ in range(random.randrange(1, 5)):
        run.do(building.price(index, price + random.choice([0, 0, 1, -1]), 100))
    if run.one_in(2):
        other = random.choice([0, 0, price, last * 3 // 4, last * 3 // 4, last, -1, 10**10])
        where = random.choice([-1, 99]) if run.one_in(8) else index
        run.do(building_risk.price_override(where, other, 10, 4, 1))


def lend_to_the_cap(run: Run) -> None:
    """A line is drawn on while person or lender may have little more, or while it is stopped."""
    random = run.random
    lines = [i for i, a in enumerate(run.twin.accounts) if a.credit > 0]
    if not lines:
        return
    index = random.choice(lines)
    account = run.twin.accounts[index]
    people = [a for a in run.twin.accounts if a.person == account.person]
    owed = sum(a.loan + a.shortfall + a.open_credit for a in people)
    room = random.choice([1_000, 5_000, 20_000]) * YUAN
    lent = max(0, -run.twin.ledgers[Ledger.LENDER])
    lent += sum(a.open_credit for a in run.twin.accounts)
    caps = random.choice([(owed + room, 0), (0, lent + room)])
    if run.one_in(4):
        scope = random.choice([StopScope.ACCOUNT, StopScope.PERSON])
        of = index if scope == StopScope.ACCOUNT else account.person
        run.do(building_risk.stop(scope, of, StopLevel.NO_BUYS, 0, 7, 1))
        use_the_line(run, index, room)
        run.do(building_risk.stop(scope, of, StopLevel.NONE))
        return
    run.do(building_risk.risk_limits(LimitTerms(*caps)))
    for _ in range(random.randrange(1, 5)):
        use_the_line(run, index, room)


_MEANWHILE = (load_up, borrow, lending, lending, lambda run: _try(run, run.any_client()))

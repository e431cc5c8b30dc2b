"""Commands that are out of place, or that nobody may give."""

from server.engine import building
from server.engine.codes import AccountClass, OrderType, Side
from server.engine.terms import RuleTerms
from tests.engine.twin.order_actions import market_order
from tests.engine.twin.run import ACCOUNTS, Run
from tests.engine.twin.terms import YUAN, day_terms, products

INSTRUMENTS = 12  # are enough


def strangers(run: Run) -> None:
    run.random.choice(
        [
            *(_account, _account, _contract, _order, _instrument, _out_of_place, _evidence),
            market_order,
        ]
    )(run)


def _account(run: Run) -> None:
    """Another account of somebody, or one that cannot be opened."""
    count = len(run.twin.accounts)
    person = run.twin.accounts[run.any_client()].person
    run.random.choice(
        [
            lambda: run.do(building.account_open(9, AccountClass.CASH, count + 1)),
            lambda: run.do(building.account_open(-9, AccountClass.CASH, count)),
            lambda: run.do(building.account_open(9, AccountClass.CONTRACT, count)),
            lambda: run.open_account(AccountClass.CASH) if count < ACCOUNTS else None,
            lambda: run.open_account(AccountClass.CASH, person) if count < ACCOUNTS else None,
        ]
    )()


def _contract(run: Run) -> None:
    """By somebody who still owes, who does not exist, or in somebody's place."""
    owing = [i for i, account in enumerate(run.twin.accounts) if account.shortfall > 0]
    if owing and run.one_in(2):
        source = run.sibling(owing[0], oldest=True)
        run.open_contract(source, 0, YUAN)
        run.do(building.withdraw(source, YUAN))
        return
    run.random.choice(
        [
            lambda: run.do(building.contract_open(3, 0, 20_000 * YUAN, b"r", 1)),
            lambda: run.do(building.contract_open(-1, 0, 20_000 * YUAN, b"r", 1)),
            lambda: run.do(building.product(18 + run.random.randrange(20), products()[0])),
            lambda: run.do(building.accrue(1)),
        ]
    )()


def _order(run: Run) -> None:
    """Of an unknown account or share, or of a type that is none."""
    account, count = run.random.choice([-1, run.anyone()]), len(run.twin.instruments)
    index = run.random.choice([-1, 0, 0, count, 2**31 - 1, -(2**31)])
    kind = run.random.choice([*OrderType, 7, 16, 255])
    side = run.random.choice([Side.BUY, Side.SELL, 2, 255])
    run.do(building.order(account, index, side, kind, 10 * YUAN, 100))
    run.do(building.cancel_all(account, index))


def _instrument(run: Run) -> None:
    count = len(run.twin.instruments)
    if count < INSTRUMENTS and run.one_in(3):
        run.add_instrument()
    else:
        run.do(building.instrument_add(run.random.choice([2, -1, count + 1]), "600009.SSE"))


def _out_of_place(run: Run) -> None:
    worked = [order.instrument for order in run.live()] or [99]
    terms = day_terms(run.random, 0, 10 * YUAN, 1)
    run.random.choice(
        [
            lambda: run.do(building.entitlement(0, 10 * YUAN, 9 * YUAN)),
            lambda: run.do(building.entitlement(-1, 10 * YUAN, 9 * YUAN)),
            lambda: run.do(building.entitlement(0, 0, 9 * YUAN)),
            lambda: run.do(
                building.instrument_day(worked[0], terms),
                building.instrument_rules(worked[0], RuleTerms()),
            ),
            lambda: run.do(building.instrument_day(run.random.choice([-1, 99]), terms)),
            lambda: run.do(building.instrument_rules(run.random.choice([-1, 99]), RuleTerms())),
            lambda: run.do(building.price(run.random.choice([-1, 99]), 10 * YUAN)),
            lambda: run.do(building.uncross(run.random.choice([-1, 99]))),
            lambda: run.do(building.closing(run.random.choice([-1, 99]))),
            lambda: run.do(building.frame_end()),
        ]
    )()


def _evidence(run: Run) -> None:
    """What is only put on record, of somebody or of nobody."""
    number = run.random.randrange(2**40)
    account = run.random.choice([run.anyone(), run.anyone(), 9_999])
    instrument = run.random.choice([0, 0, 99])
    run.random.choice(
        [
            lambda: run.do(building.notice(run.anyone(), number, 1, 2, 3)),
            lambda: run.do(building.sell_last(account, instrument, number % 2)),
            lambda: run.do(building.desk_action(number, 7, 1, account, instrument, 3, number)),
        ]
    )()

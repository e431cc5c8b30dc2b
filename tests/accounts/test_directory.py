"""Whose an account is, and what it is called in either language."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine as Database

from server.accounts.directory import AccountDirectory
from server.accounts.people import People
from server.accounts.registration import ensure_cash_account, register
from server.database import open_database
from server.engine import building
from server.engine.codes import AccountClass
from server.engine.engine import Engine
from server.engine.terms import ProductTerms

YUAN = 10_000
ANNA, BERT, MARKET = 1_000, 1_001, 1


class Applying:
    """A sequencer's place, without one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, commands: NDArray[np.void]) -> asyncio.Future[NDArray[np.void]]:
        commands["seq"] = self._engine.seq + 1
        commands["account"] = self._engine.state.header[0]["accounts"]
        future = asyncio.get_running_loop().create_future()
        future.set_result(self._engine.apply(commands))
        return future


def product(leverage: int) -> ProductTerms:
    return ProductTerms(
        *(1, leverage, 72_000, 360, 1_400_000, 1_300_000, 1_250_000, 1_200_000),
        *((1_000_000,) * 4, 1_000_000, 2_000, 1_000 * YUAN, 10**12),
    )


@pytest.fixture
def engine() -> Engine:
    """Accounts: 0 the market's, 1 and 5 Anna's cash, 2 Bert's, 3 and 4 Anna's contracts."""
    made = Engine()
    commands = building.concat(
        [
            building.product(0, product(2)),
            building.product(1, product(3)),
            building.account_open(MARKET, AccountClass.MARKET, 0),
            building.account_open(ANNA, AccountClass.CASH, 1),
            building.account_open(BERT, AccountClass.CASH, 2),
            building.deposit(1, 1_000_000 * YUAN),
            building.contract_open(1, 0, 10_000 * YUAN, account=3),
            building.contract_open(1, 1, 10_000 * YUAN, account=4),
            building.account_open(ANNA, AccountClass.CASH, 5),
        ]
    )
    commands["seq"] = np.arange(1, len(commands) + 1)
    made.apply(commands)
    return made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'honghe.sqlite'}")
    yield made
    made.dispose()


@pytest.fixture
def people(database: Database) -> People:
    """Anna and Bert are registered."""
    made = People(database, lambda: 0)
    assert made.register("anna", "correct horse").id == ANNA
    assert made.register("bert", "correct horse").id == BERT
    return made


@pytest.fixture
def directory(engine: Engine, database: Database, people: People) -> AccountDirectory:
    return AccountDirectory(engine, database)


def test_accounts_have_their_owners(directory: AccountDirectory) -> None:
    assert directory.accounts_of(ANNA) == [1, 3, 4, 5]
    assert directory.accounts_of(BERT) == [2]
    assert directory.accounts_of(2_000) == []
    assert [directory.person_of(account) for account in (1, 2, 4)] == [ANNA, BERT, ANNA]
    assert directory.owns(ANNA, 3)
    assert not directory.owns(BERT, 3)


@pytest.mark.parametrize("account", [0, -1, 6, 10**9])
def test_the_markets_account_and_unknown_ones_are_nobodys(
    directory: AccountDirectory, account: int
) -> None:
    assert directory.person_of(account) is None
    assert not directory.owns(MARKET, account)


def test_names_say_kind_and_number_in_both_languages(directory: AccountDirectory) -> None:
    assert [directory.name(account, "zh") for account in (1, 3, 4, 5)] == [
        *("现金账户 #1", "1:2 合约 #3", "1:3 合约 #4", "现金账户 #5"),
    ]
    assert [directory.name(account, "en") for account in (1, 3, 4, 5)] == [
        *("Cash account #1", "1:2 contract #3", "1:3 contract #4", "Cash account #5"),
    ]


def test_a_given_name_stands_in_every_language_and_after_a_restart(
    directory: AccountDirectory, engine: Engine, database: Database
) -> None:
    directory.rename(3, "短线")
    for reader in (directory, AccountDirectory(engine, database)):
        assert reader.name(3, "en") == reader.name(3, "zh") == "短线"
    directory.rename(3, "")
    assert AccountDirectory(engine, database).name(3, "en") == "1:2 contract #3"


@pytest.mark.parametrize(("account", "name"), [(3, "a\x1b[2J"), (3, "x" * 65), (0, "market")])
def test_a_name_that_will_not_do_is_refused(
    directory: AccountDirectory, account: int, name: str
) -> None:
    with pytest.raises(ValueError, match="printable"):
        directory.rename(account, name)


async def test_a_new_person_gets_a_cash_account_and_only_one(
    directory: AccountDirectory, engine: Engine, people: People
) -> None:
    sequencer = Applying(engine)
    carl = await register(people, directory, sequencer, "carl", "correct horse", "卡尔")
    assert directory.accounts_of(carl.id) == [6]
    assert directory.name(6, "zh") == "现金账户 #6"
    assert await ensure_cash_account(directory, sequencer, carl.id) == 6
    assert directory.accounts_of(carl.id) == [6]


async def test_two_first_logins_at_once_open_one_account(
    directory: AccountDirectory, engine: Engine
) -> None:
    class Late(Applying):
        """Applies in a later turn of the loop, as the sequencer does."""

        def submit(self, commands: NDArray[np.void]) -> asyncio.Future[NDArray[np.void]]:
            async def later() -> NDArray[np.void]:
                await asyncio.sleep(0)
                return await super(Late, self).submit(commands)

            return asyncio.ensure_future(later())

    opened = await asyncio.gather(
        *(ensure_cash_account(directory, Late(engine), 5_000) for _ in range(2))
    )
    assert opened[0] == opened[1]
    assert len(directory.accounts_of(5_000)) == 1

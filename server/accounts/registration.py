"""Becoming a client: a row for the person, and a cash account in the engine."""

import asyncio
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from server.accounts.directory import AccountDirectory
from server.accounts.people import People, Person
from server.engine import building
from server.engine.codes import AccountClass


class Sequencer(Protocol):
    def submit(self, commands: NDArray[np.void]) -> asyncio.Future[NDArray[np.void]]: ...


async def register(
    people: People,
    directory: AccountDirectory,
    sequencer: Sequencer,
    username: str,
    password: str,
    display_name: str = "",
    language: str = "zh",
) -> Person:
    """A person with a cash account; raises ValueError (what would pass) or UsernameTaken.

    A crash between the two leaves a person without an account: their login ensures it again.
    """
    loop = asyncio.get_running_loop()
    person = await loop.run_in_executor(
        None, people.register, username, password, display_name, language
    )
    await ensure_cash_account(directory, sequencer, person.id)
    return person


async def ensure_cash_account(
    directory: AccountDirectory, sequencer: Sequencer, person: int
) -> int:
    """The person's first account, opened if there is none."""
    async with directory.opening[person]:  # two first logins at once open one account
        known = directory.accounts_of(person)
        if known:
            return known[0]
        events = await sequencer.submit(building.account_open(person, AccountClass.CASH))
        return int(events[0]["account"])

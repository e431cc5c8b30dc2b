"""The mass day, smaller: grades are those of the prices, sums are zero, a replay ends alike."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bench.mass_day import MassDay, mass_day
from bench.mass_oracle import sums_not_zero
from server.engine.codes import Event, Grade
from tests.shared_data import shared_data


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Ten thousand forced orders are not logged one by one."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(**before)


def held(day: MassDay) -> None:
    """What must hold of any mass day."""
    day.run()
    assert day.mismatches == []
    assert day.replay_hash() == day.engine.state_hash()
    assert day.tally.graded >= day.crowd.accounts * len(day.paths.prices)
    # Every line was reached by many, and forced sales ran and went to an end.
    assert day.tally.kinds[Event.LINE_CROSSED] > day.crowd.accounts // 2
    assert day.tally.kinds[Event.FILL] > day.crowd.accounts // 50
    assert day.tally.kinds[Event.ORDER_REJECTED] == 0
    assert day.grades()[Grade.REMIND] > 0


def test_a_made_day() -> None:
    held(mass_day(accounts=500, instruments=60, frames=8, shared=None))


@pytest.mark.parametrize("account", [7, 400])
def test_a_wrong_grade_and_a_lost_fen_are_found(account: int) -> None:
    day = mass_day(accounts=500, instruments=60, frames=4, shared=None)
    state = day.engine.state
    day.run()
    grade = int(state.accounts[account]["grade"])
    state.accounts[account]["grade"] = (grade + 1) % 5
    graded = [f"grade of account {account}"] if account > day.crowd.persons else []
    assert day.oracle.differences(day.engine) == graded
    state.accounts[account]["grade"] = grade
    state.accounts[account]["cash"] += 100
    assert day.oracle.differences(day.engine) == [f"cash of account {account}"]
    assert sums_not_zero(day.engine) == ["cash sums to 100"]


def test_a_lost_share_and_a_wrong_debt_are_found() -> None:
    day = mass_day(accounts=500, instruments=60, frames=4, shared=None)
    state, account = day.engine.state, 400
    state.contracts[account]["loan"] += 1
    state.positions[int(state.accounts[account]["first_position"])]["quantity"] -= 100
    found = day.oracle.differences(day.engine)
    assert found == [f"debt of account {account}", "shares of accounts"]


@pytest.mark.proof
def test_twenty_thousand_accounts_through_a_made_day() -> None:
    held(mass_day(accounts=20_000, instruments=1_000, frames=24, shared=None))


@pytest.mark.proof
@pytest.mark.needs_data
def test_twenty_thousand_accounts_through_the_real_days() -> None:
    day = mass_day(accounts=20_000, instruments=1_000, frames=24, shared=Path(shared_data()))
    assert len(day.paths.shapes) == 56 + 205
    held(day)

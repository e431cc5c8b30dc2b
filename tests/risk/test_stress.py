"""The officers' stress says what the engine's own figures say, whatever happens between slices."""

from random import Random

import pytest

from server.engine.engine import Engine
from server.protocol.desk import StressStep
from server.risk.stress import stress
from server.risk.systemic_figures import take_figures
from tests.engine.twin.histories import history


def _engine(seed: int) -> Engine:
    engine = Engine()
    engine.apply(history(Random(seed), 700).batch)
    return engine


def _plain(step: StressStep) -> list[int]:
    """Contracts of each grade, those without debt among the normal ones, then the loss."""
    return [*(count.accounts for count in step.grades), step.loss]


@pytest.mark.parametrize("seed", [9, 10, 12])
def test_it_agrees_with_the_systemic_figures(seed: int) -> None:
    engine = _engine(seed)
    steps = [_plain(step) for step in stress(engine)]
    figures = take_figures(engine)
    for step, told in zip(steps, figures.stress, strict=False):
        assert step[1:] == [told.remind, told.restrict, told.reduce, told.liquidate, told.loss]
    assert sum(steps[-1][1:-1]) > 0
    assert len(steps) == 4
    assert steps[0] != steps[2]


def test_what_is_applied_between_two_slices_changes_nothing() -> None:
    engine, still = _engine(8), list(stress(_engine(8)))
    under_way = stress(engine)
    first = next(under_way)
    state = engine.state
    state.positions["quantity"] *= 2
    state.instruments["mark"] //= 2
    state.accounts["debt"] //= 2
    assert [first, *under_way] == still

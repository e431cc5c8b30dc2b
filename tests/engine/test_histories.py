"""The kernel against its twin, its invariants, and itself, over random histories of commands.

(a) the same events and state as the plain-Python twin; (b) the invariants after every command;
(c) a snapshot at any cut changes nothing; (d) nor does the cutting into batches; (e) nor does
running without the compiler.
"""

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from server.engine.engine import Engine
from server.scenarios.invariants import check_invariants
from tests.engine.hashes import hashes
from tests.engine.twin.histories import history as made
from tests.engine.twin.run import Run
from tests.engine.twin.states import state_of_engine, state_of_twin
from tests.engine.twin.told import as_values, events_as_told

Commands = NDArray[np.void]
ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "tests" / "scenarios").glob("*.toml"))
LENGTH = 250
LONG = 100_000
LONG_EACH = 5_000


def check_against_twin(history: Run, events: Commands, engine: Engine) -> None:
    """Says the first command whose events differ."""
    shown = events_as_told(events)
    for got, wanted in zip(shown, history.told, strict=False):
        seq = min(got[0], wanted[0])
        assert got == wanted, f"command {as_values(history.commands[seq - 1])}"
    assert len(shown) == len(history.told)
    assert state_of_engine(engine) == state_of_twin(history.twin)


histories = st.builds(
    made, st.randoms(use_true_random=False), st.integers(min_value=1, max_value=LENGTH)
)


@given(histories)
@settings(max_examples=120)
def test_the_kernel_agrees_with_its_twin(history: Run) -> None:
    engine = Engine()
    check_against_twin(history, engine.apply(history.batch), engine)


@given(histories)
@settings(max_examples=40)
def test_the_invariants_hold_after_every_command(history: Run) -> None:
    engine = Engine()
    for command in history.commands:
        engine.apply(command)
        check_invariants(engine)


@given(histories, st.data())
@settings(max_examples=60)
def test_a_snapshot_at_any_cut_changes_nothing(history: Run, data: st.DataObject) -> None:
    batch = history.batch
    cut = data.draw(st.integers(min_value=0, max_value=len(batch)), label="cut")
    engine = Engine()
    whole = engine.apply(batch)
    first = Engine()
    before = first.apply(batch[:cut])
    second = Engine.restore(first.snapshot())
    assert second.state_hash() == first.state_hash()
    after = second.apply(batch[cut:])
    assert np.concatenate([before, after]).tobytes() == whole.tobytes()
    assert second.state_hash() == engine.state_hash()
    assert second.snapshot() == engine.snapshot()


@given(histories, st.data())
@settings(max_examples=60)
def test_how_commands_are_cut_into_batches_changes_nothing(
    history: Run, data: st.DataObject
) -> None:
    batch = history.batch
    places = st.sets(st.integers(min_value=0, max_value=len(batch)), max_size=20)
    cuts = sorted({0, len(batch)} | data.draw(places, label="cuts"))
    whole, parts = Engine(), Engine()
    events = whole.apply(batch)
    cut = [parts.apply(batch[start:stop]) for start, stop in pairwise(cuts)]
    assert np.concatenate(cut).tobytes() == events.tobytes()
    assert parts.state_hash() == whole.state_hash()


def test_without_the_compiler_everything_is_the_same() -> None:
    """The interpreter also raises where an int64 would overflow, which compiled code never does."""
    seed, count = 20261120, 600
    command = [
        *(sys.executable, "-W", "error::RuntimeWarning"),
        *("-W", "ignore::RuntimeWarning:server.engine.positions"),  # a hash that wraps on purpose
        *("-m", "tests.engine.hashes", str(seed), str(count)),
        *(str(path) for path in SCENARIOS),
    ]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    interpreted = json.loads(done.stdout)
    assert interpreted == hashes(seed, count, SCENARIOS)
    assert all(interpreted.values())


@pytest.mark.proof
def test_a_long_history_proves_it_all() -> None:
    """A hundred thousand commands in histories of thousands, from a seed that can be given."""
    seed = int(os.environ.get("HONGHE_SEED", "20261122"))
    print(f"HONGHE_SEED={seed}")
    random = Random(seed)
    done = 0
    while done < LONG:
        history = made(Random(random.getrandbits(64)), random.randrange(200, LONG_EACH))
        done += len(history.commands)
        prove(history, random)


def prove(history: Run, random: Random) -> None:
    """The twin, the invariants, a snapshot and random batches, in one pass."""
    batch = history.batch
    whole = Engine()
    events = whole.apply(batch)
    check_against_twin(history, events, whole)
    parts = Engine()
    start, cut = 0, []
    while start < len(batch):
        stop = start + random.randrange(1, 20)
        cut.append(parts.apply(batch[start:stop]))
        check_invariants(parts)
        if random.randrange(40) == 0:
            parts = Engine.restore(parts.snapshot())
        start = stop
    assert np.concatenate(cut).tobytes() == events.tobytes()
    assert parts.state_hash() == whole.state_hash()

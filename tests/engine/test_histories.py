"""The kernel against its twin, its invariants, and itself, over random histories of commands.

At every cut of a history: (a) the same events and state as the plain-Python twin; (b) the
invariants; (c) a snapshot restored; (d) however it is cut, the same bytes; (e) without the compiler
too.
"""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.hashes import hashes
from tests.engine.twin.histories import history as made
from tests.engine.twin.proving import every, prove, random_cuts
from tests.engine.twin.run import Run

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted((ROOT / "tests" / "scenarios").glob("*.toml"))
LENGTH = 250
LONG = 100_000
LONG_EACH = 5_000

randoms = st.randoms(use_true_random=False)
histories = st.builds(made, randoms, st.integers(min_value=1, max_value=LENGTH))


@given(histories, randoms)
@settings(max_examples=15)
def test_after_every_command_the_kernel_is_what_its_twin_is(history: Run, random: Random) -> None:
    prove(history.batch, every(len(history.batch)), random)


@given(histories, randoms, st.data())
@settings(max_examples=60)
def test_at_any_cut_the_kernel_is_what_its_twin_is(
    history: Run, random: Random, data: st.DataObject
) -> None:
    places = st.sets(st.integers(min_value=0, max_value=len(history.batch)), max_size=20)
    prove(history.batch, sorted(data.draw(places, label="cuts")), random)


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
@pytest.mark.timeout(1_200)
def test_a_long_history_proves_it_all(capsys: pytest.CaptureFixture[str]) -> None:
    """In histories of thousands, each time from another seed; HONGHE_SEED repeats one."""
    seed = int(os.environ.get("HONGHE_SEED", "0")) or secrets.randbits(32)
    with capsys.disabled():
        print(f"\nHONGHE_SEED={seed}", flush=True)
    random = Random(seed)
    done = 0
    while done < LONG:
        commands = made(Random(random.getrandbits(64)), random.randrange(200, LONG_EACH)).batch
        done += len(commands)
        prove(commands, random_cuts(random, len(commands), 20), random)

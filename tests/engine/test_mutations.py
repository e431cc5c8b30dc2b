"""The proof can fail: a handful of bugs in the kernels is found by the histories.

`python -m tests.engine.mutations` tries them all.
"""

from pathlib import Path

import pytest

from tests.engine.mutants import Mutant
from tests.engine.mutations import ALL, ROOT, attempt, copied

HANDFUL = ALL[::12]


@pytest.mark.proof
@pytest.mark.parametrize("mutant", HANDFUL, ids=[mutant.what for mutant in HANDFUL])
def test_a_bug_is_found(mutant: Mutant, tmp_path: Path) -> None:
    assert attempt(mutant, copied(tmp_path))


@pytest.mark.proof
def test_every_mutant_has_its_place() -> None:
    engine = ROOT / "server" / "engine"
    sources = {path.name: path.read_text(encoding="utf-8") for path in engine.glob("*.py")}
    assert [m.what for m in ALL if sources[m.file].count(m.old) != 1] == []

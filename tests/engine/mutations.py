"""Do the histories see a bug, or the scenarios? Each of `mutants` and its like is put into a
copy of the tree and must be found.

`python -m tests.engine.mutations [WORD…]` tries those whose description has all the words. It runs
without the compiler, some seconds each, and fails when a mutant lives or no longer applies.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engine.lending_mutants import LENDING_MUTANTS
from tests.engine.mutants import MUTANTS, Mutant
from tests.engine.risk_mutants import RISK_MUTANTS
from tests.engine.rule_mutants import RULE_MUTANTS

ALL = (*MUTANTS, *RULE_MUTANTS, *LENDING_MUTANTS, *RISK_MUTANTS)
ROOT = Path(__file__).parents[2]
SEED = 7
LENGTHS = (250, 250, 1_000, 1_500, 2_500, 4_000, 4_000, 4_000, 4_000)
TIME_LIMIT_S = 300  # a mutant may hang
SCENARIOS = "import sys; from server.cli.scenario import run; sys.exit(run(sys.argv[1:]))"


def attempt(mutant: Mutant, tree: Path) -> str:
    """What became of the mutant in a copy of the tree; empty when it lives."""
    path = tree / "server" / "engine" / mutant.file
    source = path.read_text(encoding="utf-8")
    found = source.count(mutant.old)
    if found != 1:
        raise ValueError(f"{mutant.what}: its place stands {found} times in {mutant.file}")
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return proved(tree)
    finally:
        path.write_text(source, encoding="utf-8")


def proved(tree: Path) -> str:
    """What the histories say of a tree, or else the scenarios; empty when neither finds a thing."""
    histories = ["-m", "tests.engine.twin.proving", str(SEED), *map(str, LENGTHS)]
    if found := _complaint(tree, histories):
        return found
    files = sorted(map(str, (tree / "tests" / "scenarios").glob("*.toml")))
    return _complaint(tree, ["-c", SCENARIOS, *files])


def _complaint(tree: Path, arguments: list[str]) -> str:
    """The last line of what a program that fails says; empty when it does not fail."""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-W", "ignore", *arguments],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "it hangs"
    said = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["it fails"]
    return said[-1] if done.returncode else ""


def copied(target: Path) -> Path:
    for package in ("server", "tests/engine", "tests/scenarios", "tests/__init__.py"):
        source = ROOT / package
        (target / package).parent.mkdir(exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, target / package, ignore=ignored)
        else:
            shutil.copy(source, target / package)
    return target


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in ALL if all(word in mutant.what for word in words)]
    bad = 0
    with TemporaryDirectory() as directory:
        tree = copied(Path(directory))
        if failure := proved(tree):
            print(f"the proofs fail without any mutant: {failure}")
            return 1
        for mutant in chosen:
            try:
                seen = attempt(mutant, tree)
            except ValueError as stale:
                seen, outcome = "", f"STALE   {stale}"
            else:
                outcome = f"{'found ' if seen else 'LIVES '}  {mutant.file}: {mutant.what}"
            bad += not seen
            print(f"{outcome}  [{seen[:60]}]" if seen else outcome, flush=True)
    print(f"{len(chosen) - bad} of {len(chosen)} found")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

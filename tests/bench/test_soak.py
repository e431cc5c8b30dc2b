"""The soak itself, short: what it promises holds, so the script cannot rot."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.proof
def test_a_short_soak_keeps_every_promise(tmp_path: Path) -> None:
    """Days of 24 seconds; how long the loop works at a time depends on the machine, and is not
    asked here."""
    command = [sys.executable, "-P", "-m", "bench.soak", f"--dir={tmp_path}"]
    options = ["--minutes=0.8", "--clients=12", "--speed=600", "--goal-ms=0"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    ran = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-2_000:]
    assert "every promise was kept" in ran.stdout
    assert not list(tmp_path.iterdir()), "nothing is left lying about"

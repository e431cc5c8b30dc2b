"""State hashes of a history and of scenario files; run as a program, printed as JSON.

`python -m tests.engine.hashes SEED COUNT FILE…`, with or without NUMBA_DISABLE_JIT=1.
"""

import json
import sys
from pathlib import Path
from random import Random

import structlog

from server.engine.engine import Engine
from server.scenarios.runner import Passed, run_file
from tests.engine.twin.histories import history


def hashes(seed: int, count: int, files: list[Path]) -> dict[str, str]:
    """Hex state hashes by name; a scenario that fails has the empty one."""
    engine = Engine()
    engine.apply(history(Random(seed), count).batch)
    found = {"history": engine.state_hash().hex()}
    for path in files:
        outcome = run_file(path)
        found[path.stem] = outcome.state_hash.hex() if isinstance(outcome, Passed) else ""
    return found


if __name__ == "__main__":
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # the JSON is alone
    print(json.dumps(hashes(int(sys.argv[1]), int(sys.argv[2]), [Path(a) for a in sys.argv[3:]])))

"""The kernel beside that of another tree: how many times as long a command takes.

`python -m bench.against PATH_OF_THE_OTHER_TREE [--turns 9]`. One process holds the other tree's
kernel, one ours, one ours with every rule on, each with 1,000 instruments and 100,000 accounts.
They replay their commands in turns, so that whatever else the machine does falls on all three; the
figures are the least processor time a command, and their ratios.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from bench.table import print_table

BATCH = 1_024
HERE = Path(__file__).resolve().parents[1]

# Runs in either tree, so it uses only what both have.
PLAYER = """
import sys, time
from bench.flow import Flow
from bench.population import Population
from server.engine.engine import Engine
batch, rules = int(sys.argv[1]), sys.argv[2] == "on"
population = Population(1_000, 100_000, **({"rules": True} if rules else {}))
Flow(population, 81_920, seed=3)
snapshot = population.engine.snapshot()
commands = Flow(population, 65_536).commands
first = len(commands) // 8
print("ready", flush=True)
for _ in sys.stdin:
    engine = Engine.restore(snapshot)
    for i in range(0, first, batch):
        engine.apply(commands[i : min(i + batch, first)])
    start = time.process_time_ns()
    for i in range(first, len(commands), batch):
        engine.apply(commands[i : i + batch])
    print((time.process_time_ns() - start) / (len(commands) - first), flush=True)
"""


class Player:
    """One kernel, ready to replay its commands."""

    def __init__(self, tree: Path, *, rules: bool) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PLAYER, str(BATCH), "on" if rules else "off"],
            cwd=tree,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tree), "HOME": str(Path.home())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def play(self) -> float:
        """Nanoseconds of the processor a command."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._line())

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the kernel's process has ended")
        return line


def report(other: Path, turns: int = 9) -> None:
    players = [Player(other, rules=False), Player(HERE, rules=False), Player(HERE, rules=True)]
    turn = [[player.play() for player in players] for _ in range(turns)]
    for player in players:
        player.end()
    least = [min(column) for column in zip(*turn, strict=True)]
    rows = [
        (name, f"{cost:,.0f}", f"{cost / least[0]:.2f}")
        for name, cost in zip(("the other tree", "here", "every rule on"), least, strict=True)
    ]
    print_table(
        f"kernel: ns of the processor a command in batches of {BATCH:,}, least of {turns} turns",
        ("kernel", "ns a command", "times the other"),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.against")
    parser.add_argument("other", type=Path)
    parser.add_argument("--turns", type=int, default=9)
    arguments = parser.parse_args()
    report(arguments.other.resolve(), arguments.turns)


if __name__ == "__main__":
    main()

"""How long a start takes, and a question about the past, with a long journal.

`python -m bench.recovery [--commands 1000000] [--batches 5,200] [--dir DIR]`. The journal is
made first (some ten seconds a million commands, 160 bytes each on disk) and removed afterwards. The
services' own catching up is not in these figures. Times are wall and CPU seconds of this process;
memory is the most that it has used so far.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.long_journal import History, write_history
from bench.table import print_table
from server.compiling import compile_kernels
from server.engine.codes import Command
from server.engine.engine import Engine
from server.engine.records import ORDER_EVENT
from server.journal.lookback import Moment, look_back
from server.journal.prefix import PrefixCheck
from server.journal.recovery import recover
from server.journal.snapshots import SnapshotStore
from server.journal.sqlite import SqliteJournal
from server.journal.starts import Starts
from server.journal.tracing import trace_command, trace_order
from server.journal.verification import verify

COMMANDS = 1_000_000
BATCHES = (5, 200)
SNAPSHOT_EVERY = 250_000
ACCOUNT = 77
_MIB = 2**20

T = TypeVar("T")
Cells = tuple[str, ...]


class Clock:
    """Times pieces of work as rows of a table."""

    def __init__(self) -> None:
        self.rows: list[Cells] = []

    def time(self, name: str, work: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        self.rows.append((name, f"{wall:.2f}", f"{cpu:.2f}", f"{_memory_mib():,.0f}"))
        return result


def _memory_mib() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / _MIB if sys.platform == "darwin" else most / 1_024


class Questions:
    """A data directory, and what is asked of it."""

    def __init__(self, directory: Path) -> None:
        self.journal = SqliteJournal.open(directory / "journal.db", read_only=True)
        self.all = SnapshotStore(directory / "snapshots")
        self.killed = _without_newest(self.all, directory / "killed")
        self.none = SnapshotStore(directory / "none")
        self.clock = Clock()

    def starts(self) -> None:
        journal, clock = self.journal, self.clock
        clock.time("start after a clean stop", lambda: recover(journal, self.all, Engine))
        killed = clock.time("start after a kill", lambda: recover(journal, self.killed, Engine))
        check = killed.prefix
        if check:
            clock.time("the rest of the chain, beside it", lambda: _finish(check))
        clock.time("start without a snapshot", lambda: recover(journal, self.none, Engine))

    def looks_back(self) -> None:
        clock, last = self.clock, self.journal.last_seq
        for name, seq in (("early", last // 10), ("in the middle", last // 2), ("late", last - 9)):
            order_id = self._order_after(seq - last // 100)
            clock.time(f"an account, {name}", partial(self._account, seq))
            clock.time(f"a command, {name}", partial(self._command, seq))
            clock.time(f"an order, {name}", partial(self._order, order_id))

    def _account(self, seq: int) -> None:
        look_back(self.journal, Starts(self.all, Engine), Moment(seq=seq), ACCOUNT)

    def _command(self, seq: int) -> None:
        trace_command(self.journal, Starts(self.all, Engine), seq)

    def _order_after(self, seq: int) -> int:
        """An order that was accepted soon after `seq`."""
        engine = look_back(self.journal, Starts(self.all, Engine), Moment(seq=seq), 0, 0).engine
        for batch in self.journal.batches(seq + 1):
            new = batch.commands[batch.commands["seq"] > seq]
            events = engine.apply(new).view(ORDER_EVENT)
            ids = events["order_id"][
                np.isin(events["seq"], new["seq"][new["kind"] == Command.ORDER])
            ]
            if (ids > 0).any():
                return int(ids[ids > 0][0])
        raise LookupError(seq)

    def _order(self, order_id: int) -> None:
        slot = order_id & 0xFFFFFF

        def known(engine: Engine) -> bool:
            state = engine.state
            return slot < int(state.header[0]["orders"]) and state.orders[slot]["id"] >= order_id

        events, _ = trace_order(self.journal, Starts(self.all, Engine), order_id, known)
        assert len(events)

    def whole(self) -> None:
        self.clock.time("the whole proof", lambda: verify(self.journal, self.all, Engine))


def _without_newest(store: SnapshotStore, directory: Path) -> SnapshotStore:
    directory.mkdir()
    for _, path in store.paths()[1:]:
        (directory / path.name).symlink_to(path)
    return SnapshotStore(directory)


def _finish(check: PrefixCheck) -> None:
    while not check.done:
        check.step()


def _sizes(directory: Path) -> Iterator[str]:
    journal = (directory / "journal.db").stat().st_size
    snapshots = [path.stat().st_size for path in (directory / "snapshots").iterdir()]
    yield f"journal {journal / _MIB:,.0f} MiB"
    yield f"{len(snapshots)} snapshots of {max(snapshots) / _MIB:,.0f} MiB"


def report(
    commands: int = COMMANDS, batches: tuple[int, ...] = BATCHES, directory: Path | None = None
) -> None:
    compile_kernels(print)
    for batch in batches:
        with tempfile.TemporaryDirectory(prefix="honghe-bench-", dir=directory) as made:
            _report_one(
                Path(made) / "data", History(commands, batch, snapshot_every=SNAPSHOT_EVERY)
            )


def _report_one(place: Path, made: History) -> None:
    start = time.perf_counter()
    count = write_history(place, made)
    taken = time.perf_counter() - start
    sizes = ", ".join(_sizes(place))
    questions = Questions(place)
    questions.starts()
    questions.looks_back()
    questions.whole()
    last = questions.journal.last_seq
    questions.journal.close()
    print_table(
        f"recovery: {last:,} commands in {count:,} batches, made in {taken:.0f} s; {sizes}",
        ("", "wall s", "CPU s", "most MiB"),
        questions.clock.rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--batches", default=",".join(map(str, BATCHES)))
    parser.add_argument("--dir", type=Path, help="where the journal is made")
    arguments = parser.parse_args()
    batches = tuple(int(each) for each in arguments.batches.split(","))
    report(arguments.commands, batches, arguments.dir)


if __name__ == "__main__":
    main()

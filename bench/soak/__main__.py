"""`make soak` and `python -m bench.soak [--minutes 60]`: a server kept busy, and what it promises.

The server is the demo's, with its agents at 20 times the market's speed; a trading day takes some
12 minutes and days follow each other. 50 clients in processes of their own: traders, one that reads
hardly at all, one whose connection never lasts, one that sends rubbish. A line a minute says how
the server does. At the end the clients go, the server is stopped, and its journal is replayed.

Exit codes: 0 every promise was kept, 1 some were not (each is one line), 2 it could not be run.
"""

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.people import register
from bench.soak import judge
from bench.soak.diary import HEAD, Diary
from bench.soak.plan import PASSWORD, Crowd, Plan, Tally, together
from bench.soak.processes import ClientProcess, HealthLine, ServerLog, settings
from bench.soak.replaying import replay
from bench.vitals import Vitals, vitals
from server.cli.child import ServerFailed, ServerProcess
from server.journal.disk import measure_disk

SLOW, RESTLESS, RUDE = "slow", "restless", "rude"
LONG_ENOUGH_S = 45.0  # for a slow client to be cut off
GONE_WITHIN_S = 60.0
_POLL_S = 0.5


class Soak:
    """One run in the directory `made`."""

    def __init__(self, plan: Plan, made: Path) -> None:
        self._plan = plan
        self._data = made / "data"
        self._log_path = made / "server.log"
        self._errors = made / "clients.log"
        self._diary = Diary()
        self._broken: list[str] = []

    def run(self) -> list[str]:
        """Prints as it goes; returns the broken promises. Raises ServerFailed."""
        register(self._data, [*self._plan.traders, SLOW, RESTLESS, RUDE], PASSWORD)
        with ServerProcess(settings(self._data, self._plan), self._log_path) as server:
            url = server.wait_ready(print).url
            log = ServerLog(self._log_path)
            before = self._idle(server, log)
            tally = self._live(server, log, url)
            after = self._idle(server, log, before[0].tasks)
            server.stop()
            if server.exit_code != 0:
                self._broken.append(f"the server's exit code is {server.exit_code}")
            log.read()
        self._judge(log, tally, before, after)
        return self._broken

    def _live(self, server: ServerProcess, log: ServerLog, url: str) -> Tally:
        """The clients come, stay, and go."""
        with contextlib.ExitStack() as stack, self._errors.open("wb") as errors:
            processes = [ClientProcess(crowd, errors) for crowd in self._crowds(url)]
            for process in processes:
                stack.callback(process.kill)
            print(HEAD, flush=True)
            self._watch(server, log, processes)
            for process in processes:
                process.wind_down()
            return together([process.finished() for process in processes])

    def _crowds(self, url: str) -> list[Crowd]:
        """Those who behave in one process, the others in another."""
        plan = self._plan
        odd = Crowd(url=url, plan=plan, slow=[SLOW], restless=[RESTLESS], rude=[RUDE])
        return [Crowd(url=url, plan=plan, traders=plan.traders), odd]

    def _watch(self, server: ServerProcess, log: ServerLog, processes: list[ClientProcess]) -> None:
        """Until the time is up, or something has ended that should not have."""
        self._diary.begin()
        due = min(60.0, self._plan.seconds / 3)
        while self._diary.elapsed_s < self._plan.seconds:
            time.sleep(_POLL_S)
            if server.exit_code is not None or not all(each.is_running for each in processes):
                self._broken.append("the server or a client process ended by itself")
                return
            self._note(server, log, together([each.tally for each in processes]))
            if self._diary.elapsed_s >= due:
                due += 60.0
                print(self._diary.line(), flush=True)
        print(self._diary.line(), flush=True)

    def _note(self, server: ServerProcess, log: ServerLog, tally: Tally) -> None:
        lines = log.read()
        if lines:
            self._diary.note(lines[-1], vitals(server.pid), tally)

    def _idle(
        self, server: ServerProcess, log: ServerLog, tasks: int = 1_000
    ) -> tuple[HealthLine, Vitals]:
        """How the server is with no more than so many tasks, and without clients.

        After a while, how it is with those left over.
        """
        until = time.monotonic() + GONE_WITHIN_S
        while True:
            time.sleep(_POLL_S)
            new = log.read()
            gone = new and new[-1].connections == 0 and new[-1].tasks <= tasks
            if gone or (new and time.monotonic() > until):
                return new[-1], vitals(server.pid)
            if server.exit_code is not None:
                raise ServerFailed(server.log_tail())

    def _judge(
        self,
        log: ServerLog,
        tally: Tally,
        before: tuple[HealthLine, Vitals],
        after: tuple[HealthLine, Vitals],
    ) -> None:
        samples = self._diary.samples
        verdicts = [
            judge.memory(samples),
            judge.stalls(samples, self._plan.goal_ms),
            judge.left_behind(before, after),
            judge.clients(tally, long_enough=self._plan.seconds >= LONG_ENOUGH_S),
            replay(self._data),
        ]
        for text, broken in verdicts:
            print(text)
            self._broken += broken
        self._broken += judge.troubles(log.troubles)


def main() -> int:
    plan, directory, is_kept = _arguments()
    machine.report()
    print(f"disk sync alone, p50: {measure_disk(directory).p50_us:,.0f} µs\n", flush=True)
    with contextlib.ExitStack() as stack:
        made = Path(tempfile.mkdtemp(prefix=".soak-", dir=directory))
        if not is_kept:
            stack.callback(shutil.rmtree, made, ignore_errors=True)
        try:
            broken = Soak(plan, made).run()
        except ServerFailed as error:
            print(f"the server failed: {error}", file=sys.stderr)
            return 2
    for line in broken:
        print(f"BROKEN: {line}")
    print("every promise was kept" if not broken else f"{len(broken)} promises were broken")
    return 1 if broken else 0


def _arguments() -> tuple[Plan, Path, bool]:
    parser = argparse.ArgumentParser("python -m bench.soak", description="keep a server busy")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=50, help="three of them do not behave")
    parser.add_argument("--speed", type=float, default=20.0, help="of the market")
    parser.add_argument("--actions", type=float, default=8.0, help="of each client in a second")
    parser.add_argument(
        "--goal-ms", type=float, default=50.0, help="longest work of the event loop; 0: any"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dir", type=Path, default=Path(), help="where the data is to lie")
    parser.add_argument("--keep", action="store_true", help="the data and the logs")
    options = parser.parse_args()
    plan = Plan(
        minutes=options.minutes,
        clients=max(1, options.clients - 3),
        speed=options.speed,
        seed=options.seed,
        actions_a_second=options.actions,
        goal_ms=options.goal_ms,
    )
    return plan, options.dir, options.keep


if __name__ == "__main__":
    sys.exit(main())

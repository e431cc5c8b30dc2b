"""The soak's processes: the server with its log, and the clients."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import msgspec

from bench.soak.plan import Crowd, Plan, Tally

HEALTH_S = 5
WIND_DOWN_S = 180.0


class HealthLine(msgspec.Struct, frozen=True):
    """What `server.health` writes, as far as the soak reads it."""

    seq: int
    connections: int
    sessions: int
    remembered: int
    unwritten: int
    state_bytes: int
    tasks: int
    beats: int
    late_p99_ms: float
    late_ms: float
    busy_ms: float
    busiest_ms: float
    collection_ms: float
    doing: str


class Trouble(msgspec.Struct, frozen=True):
    """A line of the server's log that is more than news."""

    level: str
    text: str


def settings(data: Path, plan: Plan) -> list[str]:
    """The server's arguments. The limits are the usual ones; snapshots come every minute or so."""
    return [
        *(f"--data={data}", "--port=0", f"--speed={plan.speed}", f"--seed={plan.seed}"),
        *("--set=server.demo=true", "--set=log.format=json", f"--set=log.health_s={HEALTH_S}"),
        f"--set=journal.snapshot_every={plan.snapshot_every}",
    ]


class ServerLog:
    """Reads on in the server's log."""

    def __init__(self, path: Path) -> None:
        self._file = path.open()
        self._half = ""
        self.lines: list[HealthLine] = []
        self.troubles: list[Trouble] = []

    def read(self) -> list[HealthLine]:
        """The health lines that are new."""
        before = len(self.lines)
        *whole, self._half = (self._half + self._file.read()).split("\n")
        for line in filter(None, whole):
            self._take(line)
        return self.lines[before:]

    def _take(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            self.troubles.append(Trouble("error", line))  # a traceback, or a library's word
            return
        if said.get("event") == "health":
            self.lines.append(msgspec.convert(said, HealthLine))
        elif said.get("level") != "info":
            self.troubles.append(Trouble(said.get("level", "error"), line))


class ClientProcess:
    """A process of clients and the newest word of it."""

    def __init__(self, crowd: Crowd, errors: IO[bytes]) -> None:
        self.tally = Tally()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.soak.crowd"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=Path(__file__).parents[2],
            env=os.environ,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(crowd) + b"\n")
        self._process.stdin.flush()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.tally = msgspec.json.decode(line, type=Tally)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def wind_down(self) -> None:
        """Tells the clients to finish; `finished` waits for it."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def finished(self) -> Tally:
        """The last word; a process that is not over in time has broken its promise."""
        try:
            self._process.wait(WIND_DOWN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if not self.tally.over:
            self.tally.complain(f"a client process ended with {self._process.returncode}, early")
        return self.tally

    def kill(self) -> None:
        """If it still runs."""
        if self.is_running:
            self._process.kill()
            self._process.wait()

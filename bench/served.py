"""The server that is measured: the demo's, in a process and a directory of its own."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.people import register
from bench.vitals import cpu_s
from server.cli.child import ServerProcess
from server.ready import Ready

PASSWORD: Final = "a bench's password"
SETTINGS: Final = (
    "--port=0",
    "--ephemeral",
    "--set=server.demo=true",
    "--set=gateway.requests_per_second=1000000",
    "--set=gateway.request_burst=1000000",
    "--set=gateway.logins_per_minute=1000",
    "--set=gateway.outbox=1000000",  # thousands of cancels in one step, between two runs
)
# The market opens, and its next frame is hours away.
MARKETS: Final = {"demo": (), "quiet": ("--set=market.speed=0.0001",)}


class Served:
    """A server that listens."""

    def __init__(self, process: ServerProcess, ready: Ready) -> None:
        self.ready = ready
        self._process = process

    def cpu_s(self) -> float:
        """Processor time the server has used; 0 where the system does not tell."""
        try:
            return cpu_s(self._process.pid)
        except FileNotFoundError:
            return 0.0


@contextmanager
def served(directory: Path, market: str, people: int = 0) -> Generator[Served]:
    """A server with its journal under `directory`, and so many `people` beside the demo's."""
    data = directory / f"data-{market}"
    if people:
        register(data, names(people), PASSWORD)
    arguments = [*SETTINGS, *MARKETS[market], f"--data={data}"]
    with ServerProcess(arguments, directory / "server.log") as process:
        yield Served(process, process.wait_ready(print))


def names(number: int) -> list[str]:
    return [f"bench{i:03d}" for i in range(number)]

"""A server that is killed at any moment, and started again on what it left."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from server.ready import Failed, Ready, announcements
from tests.e2e.serving import server_command

OPTIONS = (
    "--speed=5",
    "--set=journal.snapshot_every=3000",
    "--set=gateway.requests_per_second=100000",
    "--set=gateway.request_burst=100000",
)


class Mortal:
    """One process after another on the same data and port."""

    def __init__(self, directory: Path, port: int) -> None:
        self._directory = directory
        self._command = server_command(directory, port, *OPTIONS)
        self._process: Process | None = None
        self.start_s = 0.0  # how long the last start took that was let to its end

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=self._directory
        )

    async def ready(self) -> str:
        """Its address, once it listens."""
        assert self._process is not None
        assert self._process.stdout is not None
        begun = asyncio.get_running_loop().time()
        while line := await self._process.stdout.readline():
            (message,) = announcements([line])
            assert not isinstance(message, Failed), message
            if isinstance(message, Ready):
                self.start_s = asyncio.get_running_loop().time() - begun
                return message.url
        raise AssertionError("it ended before it listened")

    async def is_ready_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.ready()
        except TimeoutError:
            return False
        return True

    async def kill(self) -> None:
        await self._end(signal.SIGKILL, -signal.SIGKILL)

    async def stop(self) -> None:
        """In order."""
        await self._end(signal.SIGTERM, os.EX_OK)

    async def _end(self, number: signal.Signals, expected: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        assert await self._process.wait() == expected

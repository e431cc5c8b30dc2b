"""A server of one's own: started as a child process, waited for, and ended whatever happens."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from server.ready import Failed, Progress, Ready, announcements

COMMAND = [sys.executable, "-P", "-m", "server"]
STOP_WITHIN_S = 8.0
_LOG_LINES = 8


class ServerFailed(RuntimeError):
    """The server did not start; the text says why, with the end of its log."""


class ServerProcess:
    """`honghe-server` with `arguments`; its log goes to the file `log`.

    The child reads this process's end as the end of its stdin, so it stops even if nobody here
    lives to tell it. It is not in the terminal's process group: Ctrl+C is ours to act on.
    """

    def __init__(self, arguments: Iterable[str], log: Path) -> None:
        self._ready = False
        self._log = log.open("a+b")  # kept open: its end can be read when its directory is gone
        self._process = subprocess.Popen(
            [*COMMAND, "--ready-fd=1", "--lifeline", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._log.close()

    def wait_ready(self, progress: Callable[[str], None]) -> Ready:
        """Blocks until the server listens; raises ServerFailed."""
        assert self._process.stdout is not None
        try:
            for message in announcements(self._process.stdout):
                match message:
                    case Progress(text):
                        progress(text)
                    case Failed(text):
                        raise ServerFailed(text)
                    case Ready():
                        self._ready = True
                        return message
        except msgspec.DecodeError as error:
            raise ServerFailed(f"{error}\n{self.log_tail()}") from error
        raise ServerFailed(self.log_tail())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def log_tail(self) -> str:
        """The last lines of what the server wrote to its log."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-_LOG_LINES:])

    def stop(self) -> None:
        """Asks by closing the lifeline, waits, and then insists; a second call does nothing.

        It is asked once: a second signal means that it shall not put its things in order. A server
        that is not ready yet has nothing to put in order, and may be deep in a compiler that hears
        no signal for seconds: it is not asked.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        if self.exit_code is None and not self._ready:
            self._process.kill()
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

"""A program in a real pseudo-terminal: what it wrote, what is typed into it, how it ended."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

WITHIN_S = 60.0  # much more than any step takes on a busy machine of two cores
SIZE = (40, 120)  # rows, columns

# What moves the cursor separates words; what sets colours and modes stands inside them.
_MOVES = re.compile(r"\x1b\[[0-9;]*[A-HJKSTfd]|\x1b[78M]|\r")
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\|\x1b\[[^@-~]*[@-~]|\x1b."
)

# Run in the child: a session's first terminal becomes its controlling one only when asked for.
_TAKE_THE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """`text` is all that was written since the last `forget`, without its escape sequences."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._written = b""

    @property
    def text(self) -> str:
        written = self._written.decode(errors="replace")
        return _ESCAPES.sub("", _MOVES.sub("\n", written))

    def forget(self) -> None:
        """What was written so far does not count for the next `wait_for`."""
        self._read(0)
        self._written = b""

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The first match in what is written from the last `forget` on; fails after WITHIN_S."""
        deadline = time.monotonic() + WITHIN_S
        while not (found := re.search(pattern, self.text)):
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{self.text[-4000:]}"
            alive = self._read(0.2)
            assert alive or re.search(pattern, self.text), f"ended before {pattern!r}:\n{self.text}"
        return found

    def press_until(self, keys: str, pattern: str) -> re.Match[str]:
        """Types `keys`, and again while the answer is not there: for keys that may come too early.

        Only for keys that do no more when they are pressed twice.
        """
        deadline = time.monotonic() + WITHIN_S
        while True:
            self.type(keys)
            pause = min(deadline, time.monotonic() + 2.0)
            while time.monotonic() < pause:
                if found := re.search(pattern, self.text):
                    return found
                assert self._read(0.2), f"ended before {pattern!r}:\n{self.text[-4000:]}"
            assert time.monotonic() < deadline, f"no {pattern!r} in:\n{self.text[-4000:]}"

    def ended(self) -> int:
        """The exit code, once it has ended; what it writes meanwhile is read."""
        deadline = time.monotonic() + WITHIN_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"still there:\n{self.text[-4000:]}"
            self._read(0.1)
        self._read(0)
        return self.process.wait()

    def _read(self, within_s: float) -> bool:
        """Takes in what there is; False at the terminal's end."""
        while select.select([self._master], [], [], within_s)[0]:
            try:
                data = os.read(self._master, 65_536)
            except OSError:  # the other end is closed
                return False
            if not data:
                return False
            self._written += data
            within_s = 0
        return True


def _own_terminal(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without the size of another terminal, which a test runner may have set."""
    kept = {name: value for name, value in environ.items() if name not in {"COLUMNS", "LINES"}}
    return kept | {"TERM": "xterm-256color"}


@contextmanager
def opened(command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> Generator[Terminal]:
    """Runs `command` with a new terminal as its own, SIZE large; ends it whatever happens."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_THE_TERMINAL, *command],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=_own_terminal(environ),
        cwd=cwd,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()
        os.close(master)

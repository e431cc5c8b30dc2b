"""How long a warm start takes, as the terminal sees it: to the first screen, to the first quote.

`python -m bench start`. The commands run in a pseudo-terminal of 120x40; the clock runs from the
start of the process until the bytes that draw the thing have been read. Kernels are compiled first.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import termios
import time

from bench.table import print_table
from server.compiling import compile_kernels

RUNS = 5
PATIENCE_S = 60.0
CLOSED_PORT = "ws://127.0.0.1:9"
LOGIN_SCREEN = re.compile("登录红河".encode())
QUOTE = re.compile(rb"[+-]\d+\.\d\d%")

CASES = (
    ("client alone, to its first screen", ["trade", "--server", CLOSED_PORT], LOGIN_SCREEN),
    ("server and client, to the first quote", ["demo"], QUOTE),
)


def first_sight_s(arguments: list[str], wanted: re.Pattern[bytes]) -> float:
    """Seconds until `wanted` is drawn; raises TimeoutError. The program is ended afterwards."""
    started = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execv(sys.executable, [sys.executable, "-m", "honghe_tui.cli", *arguments])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    try:
        return _wait_for(terminal, wanted, started)
    finally:
        os.kill(process, signal.SIGTERM)
        _drain(terminal)
        os.waitpid(process, 0)
        os.close(terminal)


def _wait_for(terminal: int, wanted: re.Pattern[bytes], started: float) -> float:
    seen = b""
    while (passed := time.perf_counter() - started) < PATIENCE_S:
        if select.select([terminal], [], [], 0.01)[0]:
            seen += os.read(terminal, 65_536)
            if wanted.search(seen):
                return passed
    raise TimeoutError(f"nothing like {wanted.pattern!r} in {PATIENCE_S:.0f} s")


def _drain(terminal: int) -> None:
    """Reads on, so that a program that is ending can say what it has to say."""
    with contextlib.suppress(OSError):
        while select.select([terminal], [], [], 2.0)[0] and os.read(terminal, 65_536):
            pass


def report() -> None:
    compile_kernels(print)
    rows: list[list[str]] = []
    for name, arguments, wanted in CASES:
        first_sight_s(arguments, wanted)
        taken = sorted(first_sight_s(arguments, wanted) for _ in range(RUNS))
        rows.append([name, f"{statistics.median(taken):.2f}", f"{taken[-1]:.2f}"])
    print_table(f"warm start, s, {RUNS} runs at 120x40", ["", "median", "worst"], rows)

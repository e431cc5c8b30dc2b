"""However a demo ends in its terminal, its server and its directory end with it."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's pidfd")

WITHIN_S = 30

# The real demo and the real main; stand-ins for the engine, the app and the client. The client
# shows the server's process id, which arrives as the user name, and then looks for input twenty
# times a second, as one that draws frames does: a signal just before a read that never returns
# would go unheard.
DEMO = """
import fcntl, os, select, signal, sys, termios, types
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background shell
from server.cli import child, demo
demo.HANGING_S = 0.2
child.COMMAND = [sys.executable, "-c", sys.argv[1]]
def run(url, username, password, language, config):
    print(f"server {username}.", flush=True)
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        pass
    said = sys.stdin.readline()
    if said == "crash\\n":
        raise ZeroDivisionError
    if said == "hang\\n":
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            select.select([], [], [])
    return 0
import honghe_tui
honghe_tui.app = sys.modules["honghe_tui.app"] = types.SimpleNamespace(run=run)
sys.exit(demo.run([]))
"""
SERVER = """
import asyncio, os, sys, types
async def serve(config, ready):
    from server.ready import Ready
    (config.server.data_path / "journal").touch()
    ready(Ready("ws://127.0.0.1:1", str(os.getpid())))
    await asyncio.get_running_loop().create_future()
def module(name, **names):
    sys.modules[name] = made = types.ModuleType(name)
    vars(made).update(names)
module("server.app", serve=serve)
module("server.compiling", compile_kernels=lambda progress: progress("compiling"))
from server.main import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Demo:
    process: subprocess.Popen[bytes]
    terminal: int
    server: int  # pidfd


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", DEMO, SERVER],
        stdin=other_end,
        stdout=other_end,
        stderr=other_end,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    os.close(other_end)
    server = os.pidfd_open(_server_pid(terminal))
    yield Demo(process, terminal, server)
    process.kill()
    process.wait()
    os.close(server)
    os.close(terminal)


def _server_pid(terminal: int) -> int:
    shown = b""
    while b"server " not in shown or not shown.rstrip().endswith(b"."):
        assert select.select([terminal], [], [], WITHIN_S)[0], shown
        shown += os.read(terminal, 4096)
    return int(shown.split(b"server ")[1].split(b".")[0])


def _type(text: bytes) -> Callable[[Demo], object]:
    return lambda demo: os.write(demo.terminal, text)


def _send(number: int) -> Callable[[Demo], object]:
    return lambda demo: demo.process.send_signal(number)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        pytest.param(_type(b"quit\n"), 0, id="quit"),
        pytest.param(_type(b"crash\n"), 1, id="crash"),
        pytest.param(_type(b"\x03"), 130, id="ctrl-c"),
        pytest.param(_send(signal.SIGTERM), 128 + signal.SIGTERM, id="sigterm"),
        pytest.param(_send(signal.SIGHUP), 128 + signal.SIGHUP, id="terminal-closed"),
        pytest.param(_type(b"hang\n"), 128 + signal.SIGTERM, id="hangs-at-sigterm"),
        pytest.param(_send(signal.SIGKILL), -signal.SIGKILL, id="kill-9"),
    ],
)
def test_nothing_stays_behind(
    demo: Demo, tmp_path: Path, end: Callable[[Demo], object], code: int
) -> None:
    assert len(list(tmp_path.iterdir())) == 1
    end(demo)
    assert demo.process.wait(WITHIN_S) == code
    assert select.select([demo.server], [], [], WITHIN_S)[0], "the server still runs"
    assert list(tmp_path.iterdir()) == []

"""A server that is killed in mid-session: the terminal says so, and is live again when it is."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from server.ready import Failed, Ready, announcements
from tests.e2e.keys import QUOTE_ROW, order_with_enter_held_down
from tests.e2e.terminal import Terminal, opened
from tests.e2e.wire import orders_of, pay_in

USERNAME, PASSWORD = "trader", "correct horse battery"
MONEY = 1_000_000_000  # 100,000 yuan


def test_orders_are_there_when_the_server_is_back(tmp_path: Path) -> None:
    add_user(tmp_path)
    port = free_port()
    with serving(tmp_path, port) as server:
        url = server.url
        pay_in(url, USERNAME, PASSWORD, MONEY)
        with trading(url, tmp_path) as terminal:
            terminal.wait_for(QUOTE_ROW)
            number = order_with_enter_held_down(terminal)
            before = orders_of(url, USERNAME, PASSWORD)
            assert [str(order.order_id) for order in before] == [number]
            terminal.forget()
            server.process.send_signal(signal.SIGKILL)
            terminal.wait_for("次重连")
            with serving(tmp_path, port):
                terminal.forget()
                terminal.press_until("\x12", "已连接")
                terminal.type("1")
                terminal.wait_for(QUOTE_ROW)
                terminal.forget()
                terminal.press_until("3", rf"{number}　买入 工商银行 100 股")
                assert orders_of(url, USERNAME, PASSWORD) == before
                terminal.type("q")
                assert terminal.ended() == 0


class Serving:
    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process, self.url = process, url


@contextmanager
def serving(directory: Path, port: int) -> Generator[Serving]:
    """A server on the data in `directory`; killed at the end if it still runs."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-P", "-m", "server", "--ready-fd=1", "--lifeline"),
            *(f"--data={directory / 'data'}", f"--port={port}", "--speed=20", "--seed=7"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=directory,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            last = next(m for m in announcements(process.stdout) if isinstance(m, Ready | Failed))
            assert isinstance(last, Ready), last
            yield Serving(process, last.url)
        finally:
            process.kill()
            process.wait()


def trading(url: str, directory: Path) -> AbstractContextManager[Terminal]:
    command = [sys.executable, "-P", "-m", "honghe_tui.cli", "trade"]
    environ = os.environ | {"HONGHE_PASSWORD": PASSWORD}
    return opened([*command, f"--server={url}", f"--user={USERNAME}"], environ, directory)


def add_user(directory: Path) -> None:
    subprocess.run(
        [
            *(sys.executable, "-P", "-m", "server", f"--add-user={USERNAME}"),
            f"--data={directory / 'data'}",
        ],
        env=os.environ | {"HONGHE_PASSWORD": PASSWORD},
        cwd=directory,
        check=True,
        capture_output=True,
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])

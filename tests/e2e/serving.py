"""Servers as processes of their own, on a data directory that outlives them."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from server.ready import Failed, Ready, announcements

PASSWORD = "correct horse battery"


def server_command(directory: Path, port: int, *options: str) -> list[str]:
    """Serves the data in `directory`; it announces itself on its standard output."""
    command = [sys.executable, "-P", "-m", "server", "--ready-fd=1", "--lifeline"]
    return [*command, f"--data={directory / 'data'}", f"--port={port}", "--seed=7", *options]


class Serving:
    def __init__(self, process: subprocess.Popen[bytes], url: str) -> None:
        self.process, self.url = process, url


@contextmanager
def serving(directory: Path, port: int, *options: str) -> Generator[Serving]:
    """A server on the data in `directory`; killed at the end if it still runs."""
    process = subprocess.Popen(
        server_command(directory, port, "--speed=20", *options),
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


def add_user(directory: Path, username: str) -> None:
    subprocess.run(
        [
            *(sys.executable, "-P", "-m", "server", f"--add-user={username}"),
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

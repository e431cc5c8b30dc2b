"""The client in a pseudo-terminal against a server over TCP: the whole way, in 256 colours."""

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from fcntl import ioctl
from pathlib import Path
from struct import pack
from subprocess import Popen
from termios import TIOCSWINSZ

import pytest
from pyte import ByteStream, Screen

from tests.tui.fake_server import FakeServer

ROOT = Path(__file__).parents[2]
COLUMNS, LINES = 80, 24


class RealTerminal:
    """A child in a terminal of 80x24, whose output pyte interprets."""

    def __init__(self, *words: str, term: str) -> None:
        self._screen = Screen(COLUMNS, LINES)
        self._stream = ByteStream(self._screen)
        self._fd, child = pty.openpty()
        ioctl(child, TIOCSWINSZ, pack("HHHH", LINES, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": term, "HONGHE_PASSWORD": "demo", "COLORTERM": ""}
        self.process = Popen(
            [sys.executable, "-m", "honghe_tui.cli", *words],
            cwd=ROOT, stdin=child, stdout=child, stderr=child, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(child)

    @property
    def text(self) -> str:
        """What stands on the screen; the second cell of a wide character is empty."""
        rows = self._screen.buffer
        return "\n".join("".join(rows[y][x].data for x in range(COLUMNS)) for y in range(LINES))

    async def until(self, true: Callable[[], bool]) -> None:
        """Reads until `true` holds; fails with what the terminal shows."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(30):
                while not true():
                    ready = asyncio.Event()
                    loop.add_reader(self._fd, ready.set)
                    try:
                        await ready.wait()
                    finally:
                        loop.remove_reader(self._fd)
                    self._stream.feed(os.read(self._fd, 65_536))
        except (TimeoutError, OSError) as error:
            raise AssertionError(self.text) from error

    async def ended(self) -> int:
        """Reads on until the program has ended, so that it never waits for its terminal."""
        with suppress(AssertionError):  # the terminal is gone when the program is
            await self.until(lambda: False)
        return await asyncio.to_thread(self.process.wait, 10)

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._fd)


@asynccontextmanager
async def client(server: FakeServer, *words: str, term: str) -> AsyncIterator[RealTerminal]:
    terminal = RealTerminal("--server", server.url, "--user", "demo", *words, term=term)
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.mark.parametrize("term", ["xterm-256color", "screen", "linux"])
async def test_it_trades_in_a_real_terminal(server: FakeServer, term: str) -> None:
    async with client(server, "--lang", "en", term=term) as terminal:
        await terminal.until(lambda: "600519" in terminal.text)
        terminal.press("b")
        await terminal.until(lambda: "600000" in terminal.text and "Limit" in terminal.text)
        terminal.press("\t100\ry")
        await terminal.until(lambda: len(server.placed) == 1 and "order 200" in terminal.text)
        terminal.press("\x1b")
        # Esc and the next key in one read would be Alt and that key.
        await terminal.until(lambda: "Limit" not in terminal.text)
        terminal.press("q")
        assert await terminal.ended() == 0


async def test_a_lost_server_shows_a_sentence_and_no_traceback(server: FakeServer) -> None:
    async with client(server, "--lang", "en", term="xterm-256color") as terminal:
        await terminal.until(lambda: "600519" in terminal.text)
        server.drop()
        await terminal.until(lambda: "Live" in terminal.text and len(server.received) > 8)
        await server.stop()
        await terminal.until(lambda: "attempt" in terminal.text)
        assert "Traceback" not in terminal.text
        await server.start()
        await terminal.until(lambda: "attempt" not in terminal.text)

"""What a server tells whoever started it: a JSON line a message on a pipe, or words on stderr.

A supervising process passes `--ready-fd`; the last line is always `ready` or `failed`.
"""

import os
import sys
from collections.abc import Iterable, Iterator

import msgspec


class Progress(msgspec.Struct, tag="progress"):
    """Something takes its time before the server listens."""

    text: str


class Ready(msgspec.Struct, tag="ready"):
    """The server listens. A demo server names its trader, with a password made up at each start."""

    url: str
    username: str = ""
    password: str = ""


class Failed(msgspec.Struct, tag="failed"):
    """The server will not start, in one line."""

    text: str


Announcement = Progress | Ready | Failed


class Announcer:
    """Sends announcements to `fd`; None says them on stderr."""

    def __init__(self, fd: int | None) -> None:
        self._fd = fd

    def progress(self, text: str) -> None:
        self._send(Progress(text), text)

    def ready(self, ready: Ready) -> None:
        trader = (
            f"; log in as {ready.username}, password {ready.password}" if ready.username else ""
        )
        self._send(ready, f"listening on {ready.url}{trader}")

    def failed(self, text: str) -> None:
        self._send(Failed(text), text)

    def _send(self, message: Announcement, words: str) -> None:
        if self._fd is None:
            print(f"honghe-server: {words}", file=sys.stderr, flush=True)
        else:
            os.write(self._fd, msgspec.json.encode(message) + b"\n")


def announcements(lines: Iterable[bytes]) -> Iterator[Announcement]:
    """Reads them back; raises msgspec.DecodeError for a line that is none."""
    decoder = msgspec.json.Decoder[Announcement](Announcement)
    for line in lines:
        yield decoder.decode(line)

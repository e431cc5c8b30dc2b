"""What the client may say about its connection."""

from typing import Literal

import msgspec

from server.protocol.session import Failed

LinkKind = Literal["idle", "connecting", "rejected", "live", "stale", "waiting", "closed"]
"""`idle`: nobody has logged in yet. `waiting`: will dial again at `retry_at`. `stale`: connected,
but the server's clock has not been heard for some seconds. `rejected`: the login was refused and
nothing is tried until somebody logs in again."""

Cause = Literal["", "unreachable", "handshake", "lost", "restart", "protocol", "busy"]
"""Why there is no connection. `restart`: the server said that it goes and comes again. `busy`: it
is there but will not take the login just now."""


class LinkState(msgspec.Struct, frozen=True):
    """The connection at one moment; `retry_at` is on the connection's own monotonic clock."""

    kind: LinkKind = "idle"
    cause: Cause = ""
    attempt: int = 0
    retry_at: float = 0.0
    failed: Failed | None = None


class LinkLost(Exception):
    """The connection is gone, or never came about."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause: Cause = cause


class Refused(Exception):
    """The server said no; `failed` has the reason in both languages."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.code)
        self.failed = failed


class Unanswered(Exception):
    """Nobody knows whether the request was carried out.

    `key` is a text of the catalogue: the answer took too long, the connection broke, or the
    market day changed meanwhile.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

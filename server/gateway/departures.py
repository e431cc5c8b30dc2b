"""Who has something to send in this turn of the loop: their frames leave together, at its end."""

import asyncio

import structlog

from server.gateway.session import Session
from server.protocol.closing import CloseCode

_log = structlog.get_logger("honghe.gateway")


class Departures:
    """`announce` as often as there is news; whoever knows that the turn is over calls `leave`."""

    def __init__(self) -> None:
        self._due: dict[Session, None] = {}
        self._wake: asyncio.Handle | None = None

    def announce(self, session: Session) -> None:
        """Has a frame sent to the session once this turn's replies and pushes are all in."""
        if not self._due:
            self._wake = asyncio.get_running_loop().call_soon(self.leave)
        self._due[session] = None

    def leave(self) -> None:
        """Sends a frame to everyone announced."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        due, self._due = self._due, {}
        for session in due:
            depart(session)


def depart(session: Session) -> None:
    """Sends what waits; an error of ours must not leave a client waiting in silence."""
    try:
        session.flush()
    except Exception as error:  # noqa: BLE001  a frame that cannot be made ends one connection
        _log.exception("frame_failed", error=repr(error))
        session.cut(CloseCode.INTERNAL_ERROR)

"""Keeps the server's pushes to what the screen in sight needs."""

from dataclasses import dataclass

from honghe_tui.connection import Connection
from honghe_tui.mirror import Mirror
from server.protocol.desk import DeskWindow
from server.protocol.session import BarTopic


@dataclass(frozen=True, slots=True)
class Wants:
    """What a screen shows beyond quotes: one instrument's depth, bar series, the risk desk."""

    symbol: str = ""
    bars: tuple[BarTopic, ...] = ()
    desk: tuple[DeskWindow, ...] = ()


class Watcher:
    """Called once a frame; acts when the wants have stood for two frames.

    So a cursor that runs down a list does not subscribe to every row it passes.
    """

    def __init__(self, connection: Connection, mirror: Mirror) -> None:
        self._connection = connection
        self._mirror = mirror
        self._before = Wants()
        self._watched = Wants()
        self._asked: set[BarTopic] = set()

    def follow(self, wants: Wants) -> list[BarTopic]:
        """Subscribes; returns the bar series that have to be asked for as a whole."""
        stable, self._before = wants == self._before, wants
        if not stable:
            return []
        if wants != self._watched:
            self._watched = wants
            self._asked.intersection_update(wants.bars)  # the others go stale unwatched
            self._connection.watch_depth([wants.symbol] if wants.symbol else [])
            self._connection.watch_bars(wants.bars)
            self._connection.watch_desk(wants.desk)
            self._mirror.follow_tape(wants.symbol)
        if self._connection.state.kind != "live":
            return []
        missing = [topic for topic in wants.bars if topic not in self._asked]
        self._asked.update(missing)
        return missing

    def forget_series(self) -> None:
        """After a new login the series may have holes: each is asked for anew."""
        self._asked.clear()

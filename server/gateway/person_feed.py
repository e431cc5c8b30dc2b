"""What a person hears of their own: orders, fills and notices at once, holdings as they change."""

from collections import defaultdict
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.accounts.directory import AccountDirectory
from server.engine import records
from server.engine.codes import Event
from server.engine.engine import Engine
from server.engine.queries import positions_of
from server.gateway import holding_views
from server.gateway.ports import Risk
from server.gateway.session import Session
from server.history.changes import Changes
from server.journal.batch import Applied
from server.protocol.accounts import Notice
from server.sequencing.errors import Stopped

_TOUCHING: Final = np.zeros(256, np.bool_)
_TOUCHING[
    [
        *(Event.ORDER_ACCEPTED, Event.ORDER_CANCELLED, Event.ORDER_EXPIRED, Event.FILL),
        *(Event.ENTITLED, Event.LINE_CROSSED, Event.GRADE_CHANGED, Event.CASH_MOVED),
        *(Event.INTEREST_ACCRUED, Event.CONTRACT_SETTLED, Event.SHORTFALL),
        *(Event.ACCOUNT_OPENED, Event.CONTRACT_OPENED),
    ]
] = True
_OPENING: Final = np.zeros(256, np.bool_)
_OPENING[[Event.ACCOUNT_OPENED, Event.CONTRACT_OPENED]] = True


class _Holdings:
    """The positions of one watched account: their indices, and each instrument's index."""

    __slots__ = ("by_instrument", "indices", "person")

    def __init__(self, engine: Engine, account: int, person: int) -> None:
        self.person = person
        self.indices = np.array(positions_of(engine, account), np.intp)
        owned = engine.state.positions["instrument"][self.indices].tolist()
        self.by_instrument: dict[int, int] = dict(zip(owned, self.indices.tolist(), strict=True))


class PersonFeed:
    """Follows the accounts of the people who are connected."""

    def __init__(self, engine: Engine, directory: AccountDirectory, risk: Risk) -> None:
        self._engine = engine
        self._directory = directory
        self._risk = risk
        self._sessions: defaultdict[int, set[Session]] = defaultdict(set)  # by person
        self._watched: dict[int, _Holdings] = {}  # by account
        self._is_watched = np.zeros(0, np.bool_)  # by account
        self._delivered: set[int] = set()  # notices on record as delivered, in this run
        self._positions: NDArray[np.intp] | None = None  # of all watched accounts; None: to gather

    # Coming and going

    def join(self, session: Session) -> None:
        """From now on the session hears of its person; `session.person` is set."""
        assert session.person is not None, "joins after the login"
        self._sessions[session.person.id].add(session)
        for account in self._directory.accounts_of(session.person.id):
            self._watch(account, session.person.id)
        session.before_frame = self._fill
        session.after_frame = self._deliver

    def leave(self, session: Session) -> None:
        if session.person is None:
            return
        person = session.person.id
        self._sessions[person].discard(session)
        if not self._sessions[person]:
            del self._sessions[person]
            for account in [a for a, held in self._watched.items() if held.person == person]:
                del self._watched[account]
                self._is_watched[account] = False
            self._positions = None

    def show_all(self, session: Session) -> None:
        """Marks every account and holding of the session's person to be sent."""
        for account, held in self._watched.items():
            if session.person is not None and held.person == session.person.id:
                session.dirty_accounts.add(account)
                session.dirty_positions.update(self._shown(held))
        session.flush_soon()

    def _shown(self, held: _Holdings) -> list[int]:
        """Positions that hold something, or did today."""
        rows = self._engine.state.positions[held.indices]
        is_shown = (rows["quantity"] != 0) | (rows["day_flow"] != 0)
        return held.indices[is_shown].tolist()

    def _watch(self, account: int, person: int) -> None:
        if account >= len(self._is_watched):
            missing = max(64, 2 * account) - len(self._is_watched)
            self._is_watched = np.append(self._is_watched, np.zeros(missing, np.bool_))
        self._is_watched[account] = True
        self._watched[account] = _Holdings(self._engine, account, person)
        self._positions = None

    # In the sequencer's turn

    def applied(self, applied: Applied) -> None:
        """Notes which holdings changed."""
        events = applied.events
        kinds = events["kind"]
        if not self._sessions:
            return
        if _OPENING[kinds].any():
            self._watch_new(events[_OPENING[kinds]])
        if (kinds == Event.DAY_OPENED).any():
            for sessions in self._sessions.values():
                for session in sessions:
                    self.show_all(session)
        accounts = events["account"]
        ours = _TOUCHING[kinds] & (accounts >= 0) & (accounts < len(self._is_watched))
        ours[ours] = self._is_watched[accounts[ours]]
        if ours.any():
            self._touch(events[ours])

    def _watch_new(self, openings: NDArray[np.void]) -> None:
        people = openings.view(records.CONTRACT_EVENT)["person"].tolist()
        for account, person in zip(openings["account"].tolist(), people, strict=True):
            if person in self._sessions and self._directory.owns(person, account):
                self._watch(account, person)

    def _touch(self, events: NDArray[np.void]) -> None:
        pairs = set(events[["account", "instrument"]].tolist())
        for account, instrument in pairs:
            held = self._watched[account]
            if instrument >= 0 and instrument not in held.by_instrument:
                self._watch(account, held.person)
                held = self._watched[account]
            position = held.by_instrument.get(instrument)
            for session in self._sessions[held.person]:
                session.dirty_accounts.add(account)
                if position is not None:
                    session.dirty_positions.add(position)
                session.flush_soon()

    def changed(self, changes: Changes) -> None:
        """Pushes orders and fills, in order."""
        for item in (*changes.orders, *changes.fills):
            held = self._watched.get(item.account)
            if held is not None:
                for session in self._sessions[held.person]:
                    session.push(item)

    def notify(self, person: int, notice: Notice) -> None:
        """Pushes a notice to a person, if connected."""
        for session in self._sessions.get(person, ()):
            session.push(notice)

    def _deliver(self, items: list[Any]) -> None:
        """Evidence that notices reached a client, once each; none when nothing is recorded now."""
        for item in items:
            if type(item) is Notice and item.notice_id not in self._delivered:
                with suppress(Stopped):
                    self._risk.delivered(item)
                    self._delivered.add(item.notice_id)

    # At a flush

    def tick(self, instruments: NDArray[np.bool_]) -> None:
        """Marks the holdings whose instrument was touched, and their accounts."""
        if not self._watched:
            return
        if self._positions is None:
            self._positions = np.concatenate([h.indices for h in self._watched.values()])
        rows = self._engine.state.positions
        held = rows["quantity"][self._positions] != 0
        ticked = self._positions[held & instruments[rows["instrument"][self._positions]]]
        for position, account in zip(
            ticked.tolist(), rows["account"][ticked].tolist(), strict=True
        ):
            for session in self._sessions[self._watched[account].person]:
                session.dirty_positions.add(position)
                session.dirty_accounts.add(account)

    def _fill(self, session: Session) -> None:
        """Builds what the session's next frame says of its holdings."""
        for account in session.dirty_accounts:
            message = holding_views.account(
                self._engine, self._directory, self._risk, account, session.language
            )
            session.push_newest(("account", account), message)
        positions = sorted(session.dirty_positions)
        for message in holding_views.positions(self._engine, positions):
            session.push_newest(("position", message.account, message.symbol), message)
        session.dirty_accounts.clear()
        session.dirty_positions.clear()

"""What a person hears of their own: orders, fills and notices at once, holdings as they change."""

from collections import defaultdict
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.accounts.directory import AccountDirectory
from server.engine import records
from server.engine.codes import AccountClass, Event
from server.engine.engine import Engine
from server.engine.queries import positions_of
from server.gateway import holding_views
from server.gateway.plan_feed import PlanFeed
from server.gateway.ports import Risk
from server.gateway.session import Session
from server.history.changes import Changes
from server.journal.batch import Applied
from server.protocol.accounts import Notice
from server.protocol.trading import Fill, Order
from server.sequencing.errors import Stopped

NOBODYS, CASH, CONTRACT = range(3)  # accounts not watched here, and the two kinds that are
_TOUCHING: Final = np.zeros(256, np.bool_)
_TOUCHING[
    [
        *(Event.ORDER_ACCEPTED, Event.ORDER_CANCELLED, Event.ORDER_EXPIRED, Event.FILL),
        *(Event.ORDER_CONVERTED, Event.ORDER_RELEASED),
        *(Event.ENTITLED, Event.LINE_CROSSED, Event.GRADE_CHANGED, Event.CASH_MOVED),
        *(Event.INTEREST_ACCRUED, Event.CONTRACT_SETTLED, Event.SHORTFALL),
        *(Event.ACCOUNT_OPENED, Event.CONTRACT_OPENED, Event.EX_RIGHTS, Event.DIVIDEND_PAID),
        *(Event.DRAWN, Event.LOAN_REPAID, Event.EXTENDED, Event.OVERDUE, Event.RELEASED),
        *(Event.SHARES_LISTED, Event.RIGHTS_PAID, Event.RIGHTS_LAPSED, Event.DELISTED),
    ]
] = True
_DAY_OPENED: Final = int(Event.DAY_OPENED)
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
        # By account + 1, so that no account, -1, comes first; the last is always NOBODYS.
        self._kinds = np.zeros(1, np.uint8)
        self._plans = PlanFeed(engine, risk)
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
                self._plans.forget(account)
                self._kinds[account + 1] = NOBODYS
            self._positions = None

    def show_all(self, session: Session) -> None:
        """Marks every account and holding of the session's person to be sent."""
        for account, held in self._watched.items():
            if session.person is not None and held.person == session.person.id:
                session.dirty_accounts.add(account)
                session.dirty_positions.update(self._shown(held))
                for plan in self._plans.told([account]):
                    session.push_newest(("plan", account), plan)
        session.flush_soon()

    def _shown(self, held: _Holdings) -> list[int]:
        """Positions that hold something, or did today."""
        rows = self._engine.state.positions[held.indices]
        is_shown = (rows["quantity"] != 0) | (rows["day_flow"] != 0)
        return held.indices[is_shown].tolist()

    def _watch(self, account: int, person: int) -> None:
        if account + 2 >= len(self._kinds):
            missing = max(64, 2 * account) + 2 - len(self._kinds)
            self._kinds = np.append(self._kinds, np.zeros(missing, np.uint8))
        is_contract = self._engine.state.accounts[account]["klass"] == AccountClass.CONTRACT
        self._kinds[account + 1] = CONTRACT if is_contract else CASH
        self._watched[account] = _Holdings(self._engine, account, person)
        self._positions = None

    # In the sequencer's turn

    def answering(self, applied: Applied) -> None:
        """Marks what changed in cash accounts: it goes with the answers of the turn."""
        if not self._sessions:
            return
        events = applied.events
        opened = _OPENING[events["kind"]]
        if opened.any():
            self._watch_new(events[opened])
        self._touch(events, CASH)

    def applied(self, applied: Applied) -> None:
        """Marks what changed in contracts, once risk has seen it: they tell of calls."""
        if not self._sessions:
            return
        self._touch(applied.events, CONTRACT)
        if (applied.events["kind"] == _DAY_OPENED).any():
            for sessions in self._sessions.values():
                for session in sessions:
                    self.show_all(session)

    def _watch_new(self, openings: NDArray[np.void]) -> None:
        people = openings.view(records.CONTRACT_EVENT)["person"].tolist()
        for account, person in zip(openings["account"].tolist(), people, strict=True):
            if person in self._sessions and self._directory.owns(person, account):
                self._watch(account, person)

    def _touch(self, events: NDArray[np.void], kind: int) -> None:
        """Marks the accounts of one kind that events changed, and their positions."""
        accounts = events["account"]
        kinds = self._kinds.take(accounts + 1, mode="clip")
        ours = _TOUCHING[events["kind"]] & (kinds == kind)
        if not ours.any():
            return
        pairs = zip(accounts[ours].tolist(), events["instrument"][ours].tolist(), strict=True)
        for account, instrument in set(pairs):
            self._mark(account, instrument)

    def _mark(self, account: int, instrument: int) -> None:
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
        pushes: defaultdict[int, list[Order | Fill]] = defaultdict(list)
        for item in (*changes.orders, *changes.fills):
            held = self._watched.get(item.account)
            if held is not None:
                pushes[held.person].append(item)
        for person, items in pushes.items():
            for session in self._sessions[person]:
                session.push(*items)

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

    def tell_plans(self) -> None:
        """Pushes the plans of forced sales that have changed."""
        for plan in self._plans.tick(self._watched):
            for session in self._sessions[self._watched[plan.account].person]:
                session.push_newest(("plan", plan.account), plan)
                session.flush_soon()

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

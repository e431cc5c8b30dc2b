"""How runs end, and the statement of each that did something.

Cured: the ratio is above the restrict line again, whether by the client, by prices, or by the
reduction's own repayment; the contract goes on. Settled: everything is sold, repaid and returned.
Overtaken: a reduction whose account has reached the liquidation line.
"""

from typing import Any

import numpy as np

from server.engine import records
from server.engine.codes import Event
from server.engine.engine import Engine
from server.journal.batch import Applied
from server.protocol.accounts import Statement
from server.risk.catalogue import Catalogue, Facts
from server.risk.codes import NoticeCode
from server.risk.contract_events import life_sums
from server.risk.notices import NoticeWriter
from server.risk.reading import figures_of
from server.risk.runs import Figures, Run, Trigger, take_cash
from server.risk.statements import check_statement, statement_of


class Endings:
    """The runs that one batch ended."""

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        applied: Applied,
        writer: NoticeWriter,
    ) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._applied = applied
        self._writer = writer
        self._ended: list[Run] = []
        self.overtaken: dict[int, Trigger] = {}
        self.statements: list[tuple[int, Statement]] = []

    def cured(self, run: Run) -> None:
        code = NoticeCode.REDUCTION_CURED
        if run.kind == "liquidation":
            code = NoticeCode.LIQUIDATION_CURED
        elif run.repaid > 0:
            code = NoticeCode.REDUCTION_FINISHED
            if run.overdue > 0:
                code = NoticeCode.COLLECTION_FINISHED
        self._tell(code, run)
        self._ended.append(run)

    def overtake(self, run: Run) -> None:
        self._tell(NoticeCode.REDUCTION_OVERTAKEN, run)
        self._ended.append(run)

    def _tell(self, code: NoticeCode, run: Run) -> None:
        now = figures_of(self._engine, run.account)
        facts = Facts(
            account=run.account, assets=now.cash + now.value, debt=now.debt, amount=run.repaid
        )
        self._writer.of_batch(code, run.person, facts)

    def settled(self, run: Run | None, event: Any) -> None:
        """Takes a CONTRACT_SETTLED event; without a run it was the client's own request."""
        if run is None or run.opening is None:
            run = self._settlement(event)
        self._ended.append(run)

    def _settlement(self, event: Any) -> Run:
        """What one CONTRACT_SETTLE did, as a run: an account of cash alone that repays it.

        What waits for its release is still there.
        """
        account, seq = int(event["account"]), int(event["seq"])
        trigger = Trigger(seq, int(event["time"]), 0, 0)
        run = Run(account, int(event["person"]), "settlement", trigger)
        events = self._applied.events
        moved = (events["seq"] == seq) & (events["account"] == account)
        for i in np.flatnonzero(moved & (events["kind"] == Event.CASH_MOVED)):
            take_cash(run, events.view(records.CASH_EVENT)[i])
        run.opening = Figures(
            seq=seq - 1,
            time=trigger.time,
            cash=figures_of(self._engine, account).cash - sum(run.moves.values()),
            value=0,
            debt=run.repaid + int(event["shortfall"]),
        )
        return run

    def write_statements(self) -> None:
        """Closing figures are the accounts' as the batch leaves them."""
        for run in self._ended:
            if run.opening is None:
                continue
            if run.kind == "settlement" or run.fills or run.moves:
                self._write(run, run.opening)

    def _write(self, run: Run, opening: Figures) -> None:
        closing = figures_of(self._engine, run.account)
        number = self._writer.next_id()
        sums = life_sums(self._engine, run.account)
        statement = statement_of(run, opening, closing, number, self._catalogue, sums)
        statement.date = self._engine.date
        statement.digest = self._applied.digest.hex()
        check_statement(statement, run.debts)
        self.statements.append((run.person, statement))
        self._writer.statement_ready(run.person, run.account, number)

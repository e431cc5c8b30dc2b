"""What the risk officer's desk shows: accounts, calls and plans, as the engine has them now."""

from collections.abc import Callable
from typing import Final

from server.engine.engine import Engine
from server.protocol.desk import (
    DeskAccount,
    DeskAccountPage,
    DeskAccounts,
    DeskCall,
    DeskCallList,
    DeskPlanList,
    DeskPlanRow,
    Overview,
)
from server.protocol.risk import LiquidationPlan
from server.protocol.words import DeskSort
from server.risk import desk_figures
from server.risk.book import Book
from server.risk.calls import MarginCall
from server.risk.cure import deposit_to_cure, repayment_to_cure
from server.risk.desk_figures import GRADES, Contracts, Ints
from server.risk.desk_store import ActionRow
from server.risk.liquidation import ForcedSales
from server.risk.plan_messages import plan_message
from server.risk.reading import figures_of, person_of, restore_ppm

PAGE: Final = 200
LONGEST_LIST: Final = 500
_SORTS: Final[dict[DeskSort, Callable[[Contracts], Ints]]] = {
    "ratio": lambda found: found.ratio_ppm,
    "debt": lambda found: -found.debt,
    "assets": lambda found: -found.assets,
    "uncovered": lambda found: found.assets - found.debt,
    "account": lambda found: found.account,
}


class DeskRefused(ValueError):
    """Why an act is not carried out: a code of `protocol.reasons`, with its figure."""

    def __init__(self, code: str, figure: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.figure = figure


class DeskViews:
    """`proposals` of a release, by account, are whose acts they are."""

    def __init__(
        self,
        engine: Engine,
        book: Callable[[], Book],
        sales: ForcedSales,
        proposals: dict[int, ActionRow],
    ) -> None:
        self._engine = engine
        self._get_book = book
        self._sales = sales
        self._proposals = proposals

    @property
    def _book(self) -> Book:
        return self._get_book()

    def overview(self, request_id: int) -> Overview:
        engine, book = self._engine, self._book
        found = Contracts(engine)
        state = engine.state
        count = int(state.header[0]["accounts"])
        cold = state.contracts[:count]
        return Overview(
            id=request_id,
            market_time=engine.time,
            contracts=len(found.account),
            bars=desk_figures.bars(found.ratio_ppm, found.debt),
            grades=desk_figures.grades(found.grade, found.debt),
            calls=len(book.calls),
            unacknowledged=sum(not call.acknowledged for call in book.calls.values()),
            plans=len(book.runs),
            held=len(self._sales.holds),
            lent=int(cold["loan"].sum()),
            interest=int(cold["interest"].sum()),
            bad_debt=int(cold["shortfall"].sum()),
            uncovered=int((found.debt - found.assets).clip(min=0).sum()),
            largest=desk_figures.largest(found),
        )

    def accounts(self, asked: DeskAccounts) -> DeskAccountPage:
        found = Contracts(self._engine)
        chosen = (found.debt > 0) & (found.grade >= GRADES.index(asked.from_grade))
        rows = chosen.nonzero()[0]
        order = _SORTS[asked.sort](found)[rows].argsort(kind="stable")
        start = max(0, asked.offset)
        page = rows[order][start : start + min(max(1, asked.limit), PAGE)]
        ratio = found.ratio_ppm[page].tolist()
        items = [self._account(found, i, ppm) for i, ppm in zip(page.tolist(), ratio, strict=True)]
        return DeskAccountPage(asked.id, len(rows), start, items)

    def _account(self, found: Contracts, i: int, ratio_ppm: int) -> DeskAccount:
        account = int(found.account[i])
        call, run = self._book.calls.get(account), self._book.runs.get(account)
        item = DeskAccount(
            account=account,
            person=int(found.person[i]),
            leverage=int(self._engine.state.terms[int(found.product[i])]["leverage"]),
            assets=int(found.assets[i]),
            debt=int(found.debt[i]),
            ratio_ppm=ratio_ppm,
            grade=GRADES[int(found.grade[i])],
            market_value=int(found.value[i]),
            held_until=self._sales.held_until(account),
        )
        if call is not None:
            item.deadline, item.acknowledged = call.deadline, call.acknowledged
        if run is not None:
            item.running = "liquidation" if run.kind == "liquidation" else "reduction"
        return item

    def calls(self, request_id: int) -> DeskCallList:
        calls = sorted(self._book.calls.values(), key=lambda call: (call.deadline, call.account))
        items = [self._call(call) for call in calls[:LONGEST_LIST]]
        return DeskCallList(request_id, len(calls), items)

    def _call(self, call: MarginCall) -> DeskCall:
        now = figures_of(self._engine, call.account)
        assets, line = now.cash + now.value, restore_ppm(self._engine, call.account)
        return DeskCall(
            account=call.account,
            person=person_of(self._engine, call.account),
            deadline=call.deadline,
            deposit=deposit_to_cure(assets, now.debt, line),
            repay=repayment_to_cure(assets, now.debt, line),
            ratio_ppm=assets * 1_000_000 // now.debt if now.debt else 0,
            reminders=call.reminders,
            acknowledged=call.acknowledged,
        )

    def plans(self, request_id: int) -> DeskPlanList:
        """In the order in which they fell due."""
        runs = sorted(self._book.runs.values(), key=lambda run: (run.trigger.seq, run.account))
        items: list[DeskPlanRow] = []
        for run in runs[:LONGEST_LIST]:
            now, held = figures_of(self._engine, run.account), self._sales.held_until(run.account)
            assets = now.cash + now.value
            items.append(
                DeskPlanRow(
                    account=run.account,
                    person=run.person,
                    kind="liquidation" if run.kind == "liquidation" else "reduction",
                    when="held" if held else "running" if run.opening else "at_once",
                    since=run.trigger.time,
                    ratio_ppm=assets * 1_000_000 // now.debt if now.debt else 0,
                    steps=run.steps,
                    held_until=held,
                    proposed_by=self._proposed_by(run.account),
                )
            )
        return DeskPlanList(request_id, len(runs), items)

    def _proposed_by(self, account: int) -> int:
        proposal = self._proposals.get(account)
        return proposal.officer if proposal is not None else 0

    def plan(self, request_id: int, account: int) -> LiquidationPlan:
        """Raises DeskRefused for an account there is not."""
        self._check_account(account)
        held = self._sales.held_until(account)
        return plan_message(self._engine, self._book, held, request_id, account)

    def _check_account(self, account: int) -> None:
        if not 0 <= account < int(self._engine.state.header[0]["accounts"]):
            raise DeskRefused("unknown_account")

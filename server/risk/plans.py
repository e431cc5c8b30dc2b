"""The plans of runs: each made once, however many ask for it before the next command."""

from collections.abc import Collection

from server.engine.engine import Engine
from server.risk.plan import Plan, plan_liquidation, plan_reduction
from server.risk.quotes import Quotes
from server.risk.reading import read_portfolio
from server.risk.runs import Kind

_Wanted = tuple[int, Kind, frozenset[int]]


class Plans:
    """Of one engine, as it is now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._quotes = Quotes(engine)
        self._seq = -1
        self._made: dict[_Wanted, Plan] = {}

    def next_step(self, account: int, kind: Kind, sell_last: Collection[int]) -> Plan:
        """Of a run of the account; `sell_last` are the instruments its client tagged so."""
        if self._seq != self._engine.seq:
            self._made.clear()
            self._seq = self._engine.seq
        wanted = (account, kind, frozenset(sell_last))
        plan = self._made.get(wanted)
        if plan is None:
            portfolio = read_portfolio(self._engine, account, sell_last, self._quotes)
            make = plan_liquidation if kind == "liquidation" else plan_reduction
            plan = self._made[wanted] = make(portfolio)
        return plan

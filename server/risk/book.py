"""Open calls and runs, and what one batch made of them."""

import msgspec

from server.protocol.accounts import Statement
from server.risk.calls import MarginCall
from server.risk.notices import Issued
from server.risk.runs import Run
from server.risk.standing import Standing


class Book(msgspec.Struct):
    """Calls and runs that are not over, by account; `session` is the market's date, YYYYMMDD."""

    session: int
    calls: dict[int, MarginCall] = {}
    runs: dict[int, Run] = {}
    late: set[int] = set()  # accounts with a debt past its due day: their calls are for it
    standings: list[Standing] = []  # by instrument, of the day before
    sell_last: dict[int, set[int]] = {}  # by account: the instruments its client tagged so

    def wishes(self, account: int) -> set[int]:
        return self.sell_last.get(account, set())


class Outcome(msgspec.Struct, frozen=True):
    """What one batch made: notices, statements, and (notice_id, stage) that it put on record.

    A statement comes with its person.
    """

    last_seq: int
    issued: list[Issued]
    statements: list[tuple[int, Statement]]
    stages: list[tuple[int, int]]

    def __bool__(self) -> bool:
        return bool(self.issued or self.statements or self.stages)

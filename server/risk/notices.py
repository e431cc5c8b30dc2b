"""Makes notices out of events: numbered by what gave rise to them, worded by the catalogue."""

import msgspec

from server.journal.batch import Applied
from server.protocol.accounts import Notice
from server.risk.catalogue import Catalogue, Facts
from server.risk.codes import FIRST_OF_BATCH, NoticeCode, notice_id


class Issued(msgspec.Struct, frozen=True):
    """A notice, whom it is for, and its number in the journal."""

    person: int
    code: NoticeCode
    notice: Notice


class NoticeWriter:
    """The notices of one batch, in the order of what they tell of."""

    def __init__(self, applied: Applied, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._wall_time = applied.wall_time
        self._seq = applied.last_seq
        self._time = int(applied.commands[-1]["time"])
        self._next_index = FIRST_OF_BATCH
        self.issued: list[Issued] = []

    def of_event(
        self, code: NoticeCode, person: int, facts: Facts, seq: int, index: int, time: int
    ) -> None:
        """A notice that one event gives rise to; at most one each."""
        self._write(code, person, facts, notice_id(seq, index), seq, time)

    def of_batch(self, code: NoticeCode, person: int, facts: Facts) -> int:
        """A notice about the account as the batch leaves it; returns its id."""
        number = self.next_id()
        self._write(code, person, facts, number, self._seq, self._time)
        return number

    def next_id(self) -> int:
        number = notice_id(self._seq, self._next_index)
        self._next_index += 1
        return number

    def statement_ready(self, person: int, account: int, statement_id: int) -> None:
        """A statement and the notice of it share one id."""
        facts = Facts(account=account, statement=statement_id)
        code = NoticeCode.STATEMENT_READY
        self._write(code, person, facts, statement_id, self._seq, self._time)

    def _write(
        self, code: NoticeCode, person: int, facts: Facts, number: int, seq: int, time: int
    ) -> None:
        wording = self._catalogue.notice(code, facts)
        notice = Notice(
            seq=seq,
            notice_id=number,
            account=facts.account,
            code=code.name.lower(),
            time=time,
            wall_time=self._wall_time,
            title_zh=wording.title_zh,
            title_en=wording.title_en,
            body_zh=wording.body_zh,
            body_en=wording.body_en,
            severity=wording.severity,
            statement_id=facts.statement,
        )
        self.issued.append(Issued(person, code, notice))

"""Look-ahead lines: whom the next session's opening takes below a line if no price moves.

A contract's lines are those of its version and never change. What a new date brings by itself is
interest for the calendar days between (three at a weekend, ten over a long holiday) and its bills,
the due day, corporate actions, and what each share counts for from that date on.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final, get_args

from server.engine.engine import Engine
from server.protocol import risk as wire
from server.protocol import words
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.cure import deposit_to_cure
from server.risk.look_ahead import Outlook, look_ahead_together
from server.risk.ports import NextOpening
from server.risk.reading import lines_of, person_of
from server.risk.tomorrow_candidates import Candidates, candidates

GRADES: Final[tuple[words.Grade, ...]] = get_args(words.Grade)
TOGETHER = 500  # contracts on one copy


def days_between(first: int, last: int) -> int:
    """Calendar days from one YYYYMMDD to another."""
    return (_date(last) - _date(first)).days


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)


def falling(engine: Engine, opening: NextOpening, session: int) -> list[Outlook]:
    """Contracts that will be below a line that they are above now, by account."""
    chosen = candidates(engine, opening, session, days_between(engine.date, session))
    return [each for each in _outlooks(engine, opening, session, chosen) if _falls(each)]


def _falls(outlook: Outlook) -> bool:
    return outlook.grade_after > outlook.grade_before


def _outlooks(
    engine: Engine, opening: NextOpening, session: int, chosen: Candidates
) -> Iterator[Outlook]:
    every = chosen.every
    for first in range(0, len(every), TOGETHER):
        some = every[first : first + TOGETHER]
        yield from look_ahead_together(engine, opening, some, session)


def warn(batch: BatchContext) -> None:
    """The evening before: to whom the next opening takes below a line, past a due day, or leaves
    short of margin.
    """
    engine, opening = batch.engine, batch.rules.opening
    try:
        session = batch.rules.next_session(engine.date)
    except LookupError:  # the calendar ends here
        return
    days = days_between(engine.date, session)
    chosen = candidates(engine, opening, session, days)
    for each in _outlooks(engine, opening, session, chosen):
        for code, facts in _told(engine, each, chosen, session, days):
            batch.writer.of_batch(code, person_of(engine, each.account), facts)


def _told(
    engine: Engine, outlook: Outlook, chosen: Candidates, session: int, days: int
) -> Iterator[tuple[NoticeCode, Facts]]:
    account, before, after = outlook.account, outlook.before, outlook.after
    if _falls(outlook):
        line = lines_of(engine, account)[outlook.grade_after - 1]
        yield (
            NoticeCode.BELOW_A_LINE_TOMORROW,
            Facts(
                account=account,
                day=session,
                count=days,
                interest=outlook.interest,
                worth=after.assets - before.assets,
                assets=after.assets,
                debt=after.debt,
                ratio=after.ratio_ppm,
                line=line,
                deposit=deposit_to_cure(after.assets, after.debt, line),
            ),
        )
    if outlook.falls_overdue and account in chosen.due:
        facts = Facts(account=account, day=session, amount=after.debt, interest=outlook.interest)
        yield NoticeCode.OVERDUE_TOMORROW, facts
    if account in chosen.margin and after.margin < 0 <= before.margin:
        facts = Facts(account=account, day=session, credit=before.margin, amount=-after.margin)
        yield NoticeCode.MARGIN_SHORT_TOMORROW, facts


def tomorrow_message(engine: Engine, request_id: int, session: int, seen: Outlook) -> wire.Tomorrow:
    """`changes` are those that the outlook was made with."""
    after, before = seen.after, seen.before
    return wire.Tomorrow(
        id=request_id,
        account=seen.account,
        session=session,
        days=days_between(engine.date, session),
        interest=seen.interest,
        assets=after.assets,
        debt=after.debt,
        ratio_ppm=after.ratio_ppm,
        grade=GRADES[seen.grade_before],
        grade_then=GRADES[seen.grade_after],
        assets_now=before.assets,
        debt_now=before.debt,
        ratio_now_ppm=before.ratio_ppm,
        margin_now=before.margin,
        margin=after.margin,
        falls_overdue=seen.falls_overdue,
        changes=[
            wire.TomorrowChange(
                each.cause,
                engine.symbol(each.instrument) if each.instrument >= 0 else "",
                *each[2:],
            )
            for each in seen.changes
        ],
    )

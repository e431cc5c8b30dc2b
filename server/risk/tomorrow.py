"""Look-ahead lines: where the next session's opening leaves a contract if no price moves.

A contract's lines are those of its version and never change; what a new date brings by itself is
interest for the calendar days between (three at a weekend, ten over a long holiday), at the overdue
rate from the due day on. It is booked by the kernel on a copy of the account.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.engine import building
from server.engine.arithmetic import PPM
from server.engine.codes import AccountClass, AccountStatus, Grade
from server.engine.engine import Engine
from server.engine.queries import assets, ratio_ppm
from server.engine.supposing import suppose
from server.protocol import risk as wire
from server.protocol import words
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.cure import deposit_to_cure
from server.risk.reading import lines_of, person_of

GRADES: Final[tuple[words.Grade, ...]] = get_args(words.Grade)


@dataclass(frozen=True, slots=True)
class Tomorrow:
    """One contract at the opening of `session` (YYYYMMDD); money in 1/10 000 yuan."""

    account: int
    session: int
    days: int  # of interest
    interest: int
    assets: int
    debt: int
    ratio_ppm: int
    before: Grade
    after: Grade


def days_between(first: int, last: int) -> int:
    """Calendar days from one YYYYMMDD to another."""
    return (_date(last) - _date(first)).days


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)


def tomorrow_of(engine: Engine, account: int, session: int) -> Tomorrow:
    """Exact to the last fraction; of what owes nothing, as it stands."""
    days = days_between(engine.date, session)
    before = int(engine.state.accounts[account]["debt"])
    copied = suppose(engine, account).copy
    copied.apply(building.accrue(days))
    row = copied.state.accounts[account]
    held, debt = assets(copied.engine, account), int(row["debt"])
    return Tomorrow(
        *(account, session, days, debt - before, held, debt, ratio_ppm(held, debt)),
        Grade(int(engine.state.accounts[account]["grade"])),
        Grade(int(row["grade"])),
    )


def falling(engine: Engine, session: int) -> list[Tomorrow]:
    """Contracts that will be below a line that they are above now, by account.

    Chosen by a bound from above of the interest, over all tables at once; then each is looked at.
    """
    found = [tomorrow_of(engine, each, session) for each in _candidates(engine, session)]
    return [each for each in found if each.after > each.before]


def _candidates(engine: Engine, session: int) -> list[int]:
    count = int(engine.state.header[0]["accounts"])
    rows = engine.state.accounts[:count]
    owing = (rows["klass"] == AccountClass.CONTRACT) & (rows["status"] == AccountStatus.OPEN)
    accounts = np.flatnonzero(owing & (rows["debt"] > 0) & (rows["grade"] < Grade.LIQUIDATE))
    chosen = rows[accounts]
    terms = engine.state.terms[chosen["product"]]
    grown = chosen["debt"] + _most_interest(chosen, terms, days_between(engine.date, session))
    next_line = np.take_along_axis(
        terms["line_ppm"].astype(np.int64), chosen["grade"][:, None].astype(np.int64), 1
    )[:, 0]
    whole, rest = np.divmod(grown, PPM)
    reached = whole * next_line + rest * next_line // PPM
    return accounts[chosen["cash"] + chosen["value"] <= reached].tolist()


def _most_interest(rows: NDArray[Any], terms: NDArray[Any], days: int) -> NDArray[np.int64]:
    """As if all debt bore the higher of the two rates."""
    overdue = np.maximum(terms["overdue_ppm"].astype(np.int64), PPM)
    rate = terms["annual_rate_ppm"].astype(np.int64) * overdue // PPM + 1
    a_day = rows["debt"] // PPM * rate // np.maximum(terms["day_count"], 1) + PPM
    return a_day * days


def warn(batch: BatchContext) -> None:
    """The evening before, to whom the next opening will take below a line."""
    engine = batch.engine
    try:
        session = batch.rules.next_session(engine.date)
    except LookupError:  # the calendar ends here
        return
    for each in falling(engine, session):
        line = lines_of(engine, each.account)[each.after - 1]
        facts = Facts(
            account=each.account,
            day=session,
            count=each.days,
            interest=each.interest,
            assets=each.assets,
            debt=each.debt,
            ratio=each.ratio_ppm,
            line=line,
            deposit=deposit_to_cure(each.assets, each.debt, line),
        )
        code = NoticeCode.BELOW_A_LINE_TOMORROW
        batch.writer.of_batch(code, person_of(engine, each.account), facts)


def tomorrow_message(request_id: int, found: Tomorrow) -> wire.Tomorrow:
    return wire.Tomorrow(
        *(request_id, found.account, found.session, found.days, found.interest),
        *(found.assets, found.debt, found.ratio_ppm),
        GRADES[found.before],
        GRADES[found.after],
    )

"""A held share's standing: holders are told when a day's terms give it another (1.1, 5.3, 5.6)."""

from server.engine.codes import Command, HoldingClass, RiskStatus
from server.engine.engine import Engine
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.reading import holders_of, person_of
from server.risk.standing import Standing

_RISKS = {
    RiskStatus.NONE: NoticeCode.RISK_WARNING_LIFTED,
    RiskStatus.WARNED: NoticeCode.RISK_WARNING,
    RiskStatus.DELISTING: NoticeCode.DELISTING_PERIOD,
}


def tell_of_changes(batch: BatchContext) -> None:
    """Compares the day that the batch has laid out with the one before; LADDERS ends its terms."""
    if not (batch.applied.commands["kind"] == Command.LADDERS).any():
        return
    before, now = batch.book.standings, _standings(batch.engine)
    for index, (old, new) in enumerate(zip(before, now, strict=False)):
        if old != new:
            for code in _told(old, new):
                _tell(batch, index, code)
    batch.book.standings = now


def _standings(engine: Engine) -> list[Standing]:
    count = int(engine.state.header[0]["instruments"])
    days, rules = engine.state.instruments[:count], engine.state.rules[:count]
    columns = (rules["st"], days["holding_class"], days["suspended"])
    return list(map(Standing, *(column.tolist() for column in columns)))


def _told(old: Standing, new: Standing) -> list[NoticeCode]:
    """A class that changes with the risk mark is not told apart from it."""
    codes: list[NoticeCode] = []
    if old.suspended != new.suspended:
        codes.append(NoticeCode.SHARE_SUSPENDED if new.suspended else NoticeCode.SHARE_RESUMED)
    if old.risk != new.risk:
        codes.append(_RISKS[RiskStatus(new.risk)])
    elif old.holding_class != new.holding_class:
        codes.append(NoticeCode.CLASS_CHANGED)
    return codes


def _tell(batch: BatchContext, index: int, code: NoticeCode) -> None:
    engine = batch.engine
    day = engine.state.instruments[index]
    for account in holders_of(engine, index):
        facts = Facts(
            account=account,
            symbol=engine.symbol(index),
            limit=int(day["limit_ppm"]),
            weight=int(day["valuation_ppm"]),
            holding_class=HoldingClass(int(day["holding_class"])),
        )
        batch.writer.of_batch(code, person_of(engine, account), facts)

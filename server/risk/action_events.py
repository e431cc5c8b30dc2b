"""Corporate actions: holders are told what is announced, booked, paid, listed, and what lapses."""

from typing import Any

from server.engine.codes import Event
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode
from server.risk.reading import holders_of, person_of

FOLLOWING = {
    Event.DIVIDEND_PAID: NoticeCode.ACTION_CASH_PAID,
    Event.SHARES_LISTED: NoticeCode.ACTION_SHARES_LISTED,
    Event.RIGHTS_PAID: NoticeCode.RIGHTS_PAID,
    Event.RIGHTS_LAPSED: NoticeCode.RIGHTS_LAPSED,
    Event.DELISTED: NoticeCode.DELISTED,
}


def announced(batch: BatchContext, event: Any) -> None:
    """To everyone who holds the share when it is announced."""
    index = int(event["instrument"])
    engine = batch.engine
    last_day = not event["ex_date"]
    code = NoticeCode.DELISTING_ANNOUNCED if last_day else NoticeCode.ACTION_ANNOUNCED
    for account in holders_of(engine, index):
        facts = Facts(
            account=account,
            symbol=engine.symbol(index),
            record_day=int(event["record_date"]),
            day=int(event["ex_date"]),
        )
        batch.writer.of_batch(code, person_of(engine, account), facts)


def booked(batch: BatchContext, event: Any) -> None:
    """One position's ex-date, or what followed it."""
    kind = Event(int(event["kind"]))
    code = FOLLOWING.get(kind, NoticeCode.ACTION_BOOKED)
    rights = int(event["rights"])
    if kind == Event.EX_RIGHTS and rights:
        code = NoticeCode.RIGHTS_TO_PAY
    shares = int(event["shares"])
    if kind == Event.EX_RIGHTS:
        shares = int(event["new_quantity"]) - int(event["old_quantity"])
    elif kind == Event.DELISTED:
        shares = int(event["old_quantity"])
    price = int(event["price"])
    facts = Facts(
        account=int(event["account"]),
        symbol=batch.engine.symbol(int(event["instrument"])),
        amount=abs(int(event["cash"])),
        tax=int(event["withheld"]),
        quantity=shares,
        count=rights,
        price=price,
        payable=rights * price,
        worth=int(event["value"]),
        day=int(event["rights_until"]),
    )
    batch.tell(code, event, facts)

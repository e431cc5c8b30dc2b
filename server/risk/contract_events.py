"""What a contract's owner is told and shown beside its lines: extensions, the rest's return, sums.

The sums are those of the contract's whole life, from its opening to its end.
"""

from typing import Any

from server.engine.codes import AccountStatus, Event
from server.engine.engine import Engine
from server.risk.batch_context import BatchContext
from server.risk.catalogue import Facts
from server.risk.codes import NoticeCode

Sums = list[tuple[str, int]]


def changed(batch: BatchContext, event: Any) -> None:
    """An EXTENDED or RELEASED event."""
    account = int(event["account"])
    if int(event["kind"]) == Event.RELEASED:
        facts = Facts(account=account, amount=int(event["amount"]))
        batch.tell(NoticeCode.REST_RELEASED, event, facts)
        return
    facts = Facts(
        account=account,
        amount=int(event["amount"]),
        count=int(event["days"]),
        interest=int(event["interest"]),
    )
    batch.tell(NoticeCode.CONTRACT_EXTENDED, event, facts)


def life_sums(engine: Engine, account: int) -> Sums:
    """Signed as the contract's cash sees them; nothing of a contract that goes on."""
    row, contract = engine.state.accounts[account], engine.state.contracts[account]
    status = int(row["status"])
    if status == AccountStatus.OPEN:
        return []
    sums = [
        ("life_realised", int(contract["realised"])),
        ("life_fees", -int(contract["fees_paid"])),
        ("life_interest", -int(contract["interest_paid"])),
    ]
    if status == AccountStatus.RELEASING:
        sums.append(("to_release", int(row["cash"])))
    return sums

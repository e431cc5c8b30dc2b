"""The random histories reach what the engine can do: a proof over what never happens is none.

The lists are floors, read off the kernel's sources; whoever adds a code adds it here.
"""

from collections.abc import Iterator
from enum import IntEnum
from random import Random

from server.engine.codes import (
    CashMove,
    Command,
    ConcentrationScope,
    DecidedBy,
    Event,
    Grade,
    HoldingClass,
    Ledger,
    LimitKind,
    MarkPolicy,
    OrderType,
    Origin,
    Phase,
    PlatformState,
    StopLevel,
    StopScope,
)
from server.engine.reasons import Reason
from tests.engine.twin.histories import history
from tests.engine.twin.run import Run
from tests.engine.twin.told import as_values

HISTORIES = 400  # at the most: they end when all has been reached
LENGTH = 1_000
NOT_THE_ENGINES = {Reason.NONE}

EVENTS = {
    Command.DAY_OPEN: "DAY_OPENED ORDER_EXPIRED CASH_MOVED RELEASED",
    Command.LADDERS: "LINE_CROSSED GRADE_CHANGED",
    Command.PHASE: (
        "PHASE_CHANGED ORDER_RELEASED ORDER_HELD ORDER_CANCELLED TRADE FILL TRADING_HALTED "
        "TRADING_RESUMED"
    ),
    Command.UNCROSS: "AUCTION TRADE FILL LINE_CROSSED GRADE_CHANGED",
    Command.CLOSING: "CLOSED AUCTION TRADE FILL ORDER_EXPIRED LINE_CROSSED GRADE_CHANGED",
    Command.RESUME: "TRADING_RESUMED AUCTION TRADE FILL TRADING_HALTED ORDER_RELEASED",
    Command.DAY_CLOSE: "DAY_CLOSED ORDER_EXPIRED",
    Command.PRICE: (
        "PRICE_MARKED PRICE_QUARANTINED TRADING_HALTED ORDER_RELEASED LINE_CROSSED GRADE_CHANGED"
    ),
    Command.FRAME_END: "LINE_CROSSED GRADE_CHANGED",
    Command.ENTITLEMENT: "ENTITLED CASH_MOVED",
    Command.ACCOUNT_OPEN: "ACCOUNT_OPENED",
    Command.CONTRACT_OPEN: "CONTRACT_OPENED CASH_MOVED",
    Command.CONTRACT_SETTLE: "CASH_MOVED CONTRACT_SETTLED SHORTFALL GRADE_CHANGED LOAN_REPAID",
    Command.DEPOSIT: "CASH_MOVED GRADE_CHANGED",
    Command.WITHDRAW: "CASH_MOVED",
    Command.TRANSFER: "CASH_MOVED GRADE_CHANGED",
    Command.ACCRUE: "INTEREST_ACCRUED OVERDUE",
    Command.REPAY: "CASH_MOVED GRADE_CHANGED LOAN_REPAID",
    Command.ORDER: (
        "ORDER_ACCEPTED TRADE FILL ORDER_CANCELLED LINE_CROSSED GRADE_CHANGED "
        "ORDER_QUEUED ORDER_HELD ORDER_RELEASED ORDER_CONVERTED DRAWN LOAN_REPAID TRADING_HALTED"
    ),
    Command.CANCEL: "ORDER_CANCELLED ORDER_RELEASED",
    Command.CANCEL_ALL: "ORDER_CANCELLED ORDER_RELEASED",
    Command.NOTICE: "NOTICE_RECORDED",
    Command.CORPORATE_ACTION: "EX_RIGHTS CASH_MOVED",
    Command.ACTION_CASH_PAID: "DIVIDEND_PAID CASH_MOVED",
    Command.ACTION_SHARES_LISTED: "SHARES_LISTED",
    Command.RIGHTS_PAY: "RIGHTS_PAID CASH_MOVED",
    Command.RIGHTS_LAPSE: "RIGHTS_LAPSED",
    Command.DELIST: "DELISTED",
    Command.ACTION_ANNOUNCE: "ANNOUNCED",
    Command.SELL_LAST: "SELL_LAST_SET",
    Command.DESK_ACTION: "DESK_RECORDED",
    Command.STOCK_LIMIT: "FINANCING_CHANGED",
    Command.PLATFORM_STATE: "PLATFORM_CHANGED",
    Command.STOP: "STOP_CHANGED",
    Command.PRICE_OVERRIDE: "PRICE_OVERRIDDEN PRICE_MARKED GRADE_CHANGED",
    Command.DRAW: "CASH_MOVED DRAWN",
    Command.EXTEND: "EXTENDED",
}
REASONS = {
    Command.INSTRUMENT_ADD: "OUT_OF_ORDER",
    Command.INSTRUMENT_DAY: "UNKNOWN_INSTRUMENT OUT_OF_ORDER",
    Command.INSTRUMENT_RULES: "UNKNOWN_INSTRUMENT OUT_OF_ORDER",
    Command.UNCROSS: "UNKNOWN_INSTRUMENT",
    Command.CLOSING: "UNKNOWN_INSTRUMENT",
    Command.RESUME: "UNKNOWN_INSTRUMENT OUT_OF_ORDER",
    Command.PRICE: "UNKNOWN_INSTRUMENT",
    Command.ENTITLEMENT: "UNKNOWN_INSTRUMENT OUT_OF_ORDER",
    Command.ACCOUNT_OPEN: "OUT_OF_ORDER OUT_OF_RANGE",
    Command.CONTRACT_OPEN: (
        "UNKNOWN_ACCOUNT OUT_OF_ORDER UNKNOWN_PRODUCT DEPOSIT_OUT_OF_RANGE NOT_A_CONTRACT "
        "DEBT_BLOCKS_WITHDRAWAL WITHDRAWABLE_EXCEEDED NO_NEW_FINANCING STOPPED_ACCOUNT "
        "STOPPED_PERSON CLIENT_LENDING_CAP LENDING_CAP CREDIT_LINE_EXCEEDED"
    ),
    Command.PRODUCT_TERMS: "UNKNOWN_PRODUCT LINES_DO_NOT_SURVIVE",
    Command.DRAW: (
        "UNKNOWN_ACCOUNT NOT_A_CONTRACT FINANCING_NOT_ALLOWED AMOUNT_NOT_POSITIVE "
        "CONTRACT_OVERDUE GRADE_RESTRICTED CREDIT_LINE_EXCEEDED NO_NEW_FINANCING "
        "STOPPED_ACCOUNT STOPPED_PERSON CLIENT_LENDING_CAP LENDING_CAP"
    ),
    Command.EXTEND: (
        "UNKNOWN_ACCOUNT NOT_A_CONTRACT GRADE_RESTRICTED CONTRACT_OVERDUE EXTENSION_NOT_ALLOWED "
        "UNKNOWN_LOAN"
    ),
    Command.CONTRACT_SETTLE: "UNKNOWN_ACCOUNT NOT_A_CONTRACT DIFFERENT_PERSON CONTRACT_NOT_EMPTY",
    Command.DEPOSIT: "UNKNOWN_ACCOUNT AMOUNT_NOT_POSITIVE OUT_OF_RANGE ACCOUNT_CLOSED",
    Command.WITHDRAW: (
        "UNKNOWN_ACCOUNT DEBT_BLOCKS_WITHDRAWAL AMOUNT_NOT_POSITIVE OUT_OF_RANGE "
        "WITHDRAWABLE_EXCEEDED"
    ),
    Command.TRANSFER: (
        "UNKNOWN_ACCOUNT DIFFERENT_PERSON ACCOUNT_CLOSED OUT_OF_RANGE AMOUNT_NOT_POSITIVE "
        "WITHDRAWABLE_EXCEEDED"
    ),
    Command.REPAY: (
        "UNKNOWN_ACCOUNT NOT_A_CONTRACT AMOUNT_NOT_POSITIVE OUT_OF_RANGE INSUFFICIENT_CASH "
        "UNKNOWN_LOAN"
    ),
    Command.ORDER: (
        "UNKNOWN_ACCOUNT UNKNOWN_INSTRUMENT ACCOUNT_CLOSED LIMIT_UNKNOWN SUSPENDED PHASE_CLOSED "
        "ORDER_TYPE_NOT_ALLOWED PRICE_ABOVE_LIMIT PRICE_BELOW_LIMIT PRICE_OFF_TICK OUT_OF_RANGE "
        "QUANTITY_NOT_POSITIVE QUANTITY_ABOVE_MAXIMUM QUANTITY_BELOW_MINIMUM QUANTITY_OFF_LOT "
        "ODD_LOT_SPLIT NOT_SELLABLE GRADE_RESTRICTED INSUFFICIENT_CASH HOLDING_NOT_ADMITTED "
        "CONCENTRATION GAP_NOT_SURVIVED SELF_TRADE HALTED REDUCE_ONLY STOPPED_ACCOUNT "
        "STOPPED_PERSON STOPPED_INSTRUMENT CONCENTRATION_TIER BOARD_CONCENTRATION FINANCING_FULL "
        "STOCK_CAP PERSON_STOCK_CAP "
        "ORDER_TYPE_NOT_ON_BOARD AFTER_HOURS_NOT_OFFERED PRICE_BELOW_CLOSE PRICE_ABOVE_CLOSE "
        "PROTECTION_PRICE_MISSING PRICE_ABOVE_CAGE PRICE_BELOW_CAGE PRICE_ABOVE_CALL_RANGE "
        "PRICE_BELOW_CALL_RANGE SIDE_UNKNOWN "
        "CREDIT_INSUFFICIENT MARGIN_INSUFFICIENT FINANCING_NOT_ALLOWED CONTRACT_OVERDUE "
        "NO_NEW_FINANCING CLIENT_LENDING_CAP LENDING_CAP UNKNOWN_LOAN"
    ),
    Command.PHASE: "PRICE_ABOVE_CAGE PRICE_BELOW_CLOSE PRICE_ABOVE_CLOSE SELF_TRADE",
    Command.CANCEL: "UNKNOWN_ORDER CANCEL_NOT_ALLOWED",
    Command.CANCEL_ALL: "UNKNOWN_ACCOUNT CANCEL_NOT_ALLOWED",
    Command.CORPORATE_ACTION: "UNKNOWN_INSTRUMENT OUT_OF_ORDER OUT_OF_RANGE",
    Command.RIGHTS_PAY: (
        "UNKNOWN_ACCOUNT UNKNOWN_INSTRUMENT QUANTITY_NOT_POSITIVE RIGHTS_EXCEEDED "
        "GRADE_RESTRICTED INSUFFICIENT_CASH"
    ),
    Command.DELIST: "UNKNOWN_INSTRUMENT OUT_OF_ORDER",
    Command.SELL_LAST: "UNKNOWN_ACCOUNT UNKNOWN_INSTRUMENT",
    Command.CONCENTRATION: "OUT_OF_RANGE",
    Command.STOCK_LIMIT: "UNKNOWN_INSTRUMENT",
    Command.PLATFORM_STATE: "OUT_OF_RANGE",
    Command.STOP: "UNKNOWN_ACCOUNT UNKNOWN_PERSON UNKNOWN_INSTRUMENT OUT_OF_RANGE",
    Command.PRICE_OVERRIDE: "UNKNOWN_INSTRUMENT OUT_OF_RANGE NOT_QUARANTINED",
}

CODES = (
    *(PlatformState, StopLevel, StopScope, ConcentrationScope, DecidedBy),
    *(Command, Phase, LimitKind, HoldingClass, CashMove, OrderType, Origin, Grade, MarkPolicy),
    Ledger,
)


def _name(code: IntEnum) -> str:
    """Codes of different kinds are equal numbers."""
    return f"{type(code).__name__}.{code.name}"


def _seen(run: Run) -> Iterator[str]:
    commands = [as_values(command) for command in run.commands]
    for values in commands:
        kind = Command(values["kind"])
        yield _name(kind)
        if kind == Command.PHASE:
            yield _name(Phase(values["phase"]))
        if kind == Command.RESUME:
            yield _name(Phase.HALTED)  # no command's
        if kind == Command.INSTRUMENT_DAY:
            yield _name(LimitKind(values["limit_kind"]))
            yield _name(HoldingClass(values["holding_class"]))
        if kind == Command.CONCENTRATION and values["scope"] in list(ConcentrationScope):
            yield _name(ConcentrationScope(values["scope"]))
    for seq, _, event in run.told:
        kind, figures = Command(commands[seq - 1]["kind"]), dict(event.figures)
        yield f"{kind.name} {_name(event.kind)}"
        if "reason" in figures:
            yield f"{kind.name} {_name(Reason(figures['reason']))}"
        if event.kind == Event.CASH_MOVED:
            yield _name(CashMove(figures["move"]))
        if event.kind == Event.FILL:
            yield _name(OrderType(figures.get("type", 0)))
            yield _name(Origin(figures.get("origin", 0)))
        if event.kind == Event.STOP_CHANGED:
            yield _name(StopScope(figures.get("scope", 0)))
            yield _name(StopLevel(figures.get("level", 0)))
        if event.kind == Event.PLATFORM_CHANGED:
            yield _name(PlatformState(figures.get("state", 0)))
            yield _name(DecidedBy(figures.get("by", 0)))
        if event.kind == Event.GRADE_CHANGED:
            yield _name(Grade(figures.get("new_grade", 0)))
    yield _name(run.policy)
    yield from [_name(ledger) for ledger, cash in run.twin.ledgers.items() if cash]


def _reached(wanted: set[str]) -> set[str]:
    """What histories see, one after another, until they have seen all that is wanted."""
    found: set[str] = set()
    for seed in range(HISTORIES):
        found.update(_seen(history(Random(seed), LENGTH)))
        if wanted <= found:
            break
    return found


def _floor() -> set[str]:
    events = {
        f"{kind.name} {_name(Event[name])}"
        for kind, names in EVENTS.items()
        for name in names.split()
    }
    reasons = {
        f"{kind.name} {_name(Reason[name])}"
        for kind, names in REASONS.items()
        for name in names.split()
    }
    return events | reasons


def test_every_code_and_every_answer_to_every_command_is_reached() -> None:
    wanted = _floor() | {_name(code) for codes in CODES for code in codes}
    assert wanted - _reached(wanted) == set()


def test_the_floor_names_every_event_and_reason() -> None:
    named = {answer.split()[1] for answer in _floor()}
    refusals = {Event.ORDER_REJECTED, Event.CANCEL_REJECTED, Event.COMMAND_REJECTED}
    assert {_name(event) for event in Event} - named == {_name(event) for event in refusals}
    assert {_name(reason) for reason in Reason} - named == {_name(r) for r in NOT_THE_ENGINES}

"""Refusals of the engine and of the sequencer as `failed` replies."""

from typing import Final

from server.engine.reasons import Reason
from server.engine.records import CLIENT_ID_BYTES
from server.protocol.reasons import Unit, refusal
from server.protocol.session import Failed
from server.sequencing.errors import Overloaded, Stopped

UNACKNOWLEDGED: Final = (Stopped, Overloaded)
_ID_WORDS: Final = f"string, 1 .. {CLIENT_ID_BYTES} printable ASCII characters"


def check_client_id(request_id: int, field: str, text: str) -> Failed | None:
    """Refuses a client's own id that does not fit a journal record."""
    if 0 < len(text) <= CLIENT_ID_BYTES and text.isascii() and text.isprintable():
        return None
    return refusal(request_id, "bad_message", field=field, expected=_ID_WORDS)


def reason_refusal(request_id: int, reason: int, figure: int, bound: Unit) -> Failed:
    """`bound` is the unit of the figure where the reason is only that a bound was passed.

    It also tells an order that cash does not pay for from a repayment.
    """
    unit = bound if reason == Reason.OUT_OF_RANGE else None
    code = Reason(reason).name.lower()
    if reason == Reason.INSUFFICIENT_CASH and bound == "money":
        code = "insufficient_cash_to_repay"
    return refusal(request_id, code, figure, unit)


def unacknowledged(request_id: int, error: Exception) -> Failed:
    """Of a command that the sequencer did not take, or did not acknowledge."""
    return refusal(request_id, "overloaded" if isinstance(error, Overloaded) else "engine_stopped")

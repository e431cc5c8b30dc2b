"""Carrying a command out once for its sender's id, however often it is asked for."""

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from server.gateway.ports import Services
from server.gateway.refusals import UNACKNOWLEDGED, reason_refusal, unacknowledged
from server.protocol.reasons import Unit, refusal
from server.protocol.session import Failed
from server.sequencing.idempotency import Conflict, Duplicate, Outcome

Reused: TypeAlias = Literal["client_order_id_reused", "request_id_reused"]


async def carry_out_once(
    services: Services, request_id: int, command: NDArray[np.void], reused: Reused, bound: Unit
) -> NDArray[np.void] | Outcome | Failed:
    """The command's events; what came of the first for a repetition; or why there is neither.

    `bound` is the unit of a figure that only says that a bound was passed. The command is
    submitted before anything is waited for, so that a connection's requests keep their order.
    """
    claim = services.registry.claim(command)
    if isinstance(claim, Conflict):
        return refusal(request_id, reused)
    if isinstance(claim, Duplicate):
        try:
            first = await claim.outcome
        except UNACKNOWLEDGED as error:
            return unacknowledged(request_id, error)
        if first.accepted:
            return first
        return reason_refusal(request_id, first.reason, first.figure, bound)
    try:
        return await services.sequencer.submit(command)
    except UNACKNOWLEDGED as error:
        services.registry.release(claim, error)
        return unacknowledged(request_id, error)

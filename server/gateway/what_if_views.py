"""The engine's what-if as a message: figures as they are, the reason in words."""

from typing import Final, get_args

from server.engine.reasons import Reason
from server.engine.what_if import WhatIf
from server.gateway.holding_views import GRADES
from server.protocol import words
from server.protocol.reasons import SENTENCES, sentences
from server.protocol.trading import LineDistance, WhatIfResult

RESTS: Final[tuple[words.RestOutcome, ...]] = get_args(words.RestOutcome)


def what_if_result(request_id: int, found: WhatIf) -> WhatIfResult:
    code, unit, zh, en = "", "", "", ""
    if found.reason != Reason.NONE:
        code = found.reason.name.lower()
        unit = "quantity" if found.reason == Reason.OUT_OF_RANGE else SENTENCES[code].unit
        zh, en = sentences(code, found.figure, unit)
    return WhatIfResult(
        id=request_id,
        code=code,
        message_zh=zh,
        message_en=en,
        figure=found.figure if unit else None,
        unit=unit,
        filled_now=found.filled_now,
        average_price=found.average_price,
        amount=found.amount,
        fees=found.fees,
        frozen=found.frozen,
        rest=RESTS[found.rest],
        rest_price=found.rest_price,
        debt=found.debt,
        assets_before=found.assets_before,
        assets_after=found.assets_after,
        ratio_before_ppm=found.ratio_before_ppm,
        ratio_after_ppm=found.ratio_after_ppm,
        grade_after=GRADES[found.grade_after],
        interest_a_day=found.interest_a_day,
        largest_quantity=found.largest_quantity,
        withdrawable_before=found.withdrawable_before,
        withdrawable_after=found.withdrawable_after,
        debt_before=found.debt_before,
        credit_left_after=found.credit_left_after,
        margin_after=found.margin_after,
        buying_power_after=found.buying_power_after,
        lines=[
            LineDistance(
                *(GRADES[line.grade], line.line_ppm, line.assets),
                *(line.fall, line.fall_ppm, line.limit_downs_ppm),
            )
            for line in found.lines
        ],
    )

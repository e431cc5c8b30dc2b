"""The events a page may expect: what each is called, its subject, and its figures."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from server.engine import records
from server.engine.codes import (
    CashMove,
    Event,
    Grade,
    OrderType,
    Origin,
    Phase,
    PlatformState,
    Side,
    StopLevel,
    StopScope,
)
from server.engine.reasons import Reason
from server.scenarios.kinds import (
    ACCOUNT,
    CLOCK,
    COUNT,
    COUNTER,
    FIGURE,
    MONEY,
    ORDER,
    PERCENT,
    SYMBOL,
    Kind,
    Word,
)
from server.scenarios.wording import Text, unknown

SIDE = Word(Side, Text("方向", "side"))
TYPE = Word(OrderType, Text("委托类型", "order type"))
GRADE = Word(Grade, Text("等级", "grade"))
REASON = Word(Reason, Text("原因", "reason"))
PHASE = Word(Phase, Text("时段", "phase"))
MOVE = Word(CashMove, Text("资金变动", "cash move"))
ORIGIN = Word(Origin, Text("来源", "origin"))
PLATFORM = Word(PlatformState, Text("平台状态", "platform state"))
LEVEL = Word(StopLevel, Text("停止级别", "stop level"))
SCOPE = Word(StopScope, Text("停止对象", "scope of a stop"))


@dataclass(frozen=True)
class Field:
    """Where a record has a figure, and how it is written."""

    record: str
    kind: Kind


@dataclass(frozen=True)
class EventKind:
    """`silent` events are compared only where a page mentions one of their kind."""

    word: str
    code: Event
    record: np.dtype[np.void]
    subject: Field
    figures: dict[str, Field]
    silent: bool = False

    def figure(self, name: str) -> Field:
        """Raises ScenarioError for a figure that these events do not have."""
        if name not in self.figures:
            raise unknown(
                Text(f"{self.word} 的数字", f"figure of {self.word}"), name, [*self.figures]
            )
        return self.figures[name]

    def fields(self) -> dict[str, Field]:
        return {self.word: self.subject, **self.figures}

    def value(self, event: Any, field: Field) -> int:
        return int(event.view(self.record)[0][field.record])


_ACCOUNT = Field("account", ACCOUNT)
_SYMBOL = Field("instrument", SYMBOL)
_ORDER = Field("order_id", ORDER)
_REASON = Field("reason", REASON)
_ABOUT_ORDER = {
    "account": _ACCOUNT,
    "symbol": _SYMBOL,
    "side": Field("side", SIDE),
    "type": Field("type", TYPE),
    "by": Field("origin", ORIGIN),
    "price": Field("price", MONEY),
    "quantity": Field("quantity", COUNT),
    "remaining": Field("remaining", COUNT),
}
_REFUSED = {"account": _ACCOUNT, "symbol": _SYMBOL, "figure": Field("figure", FIGURE)}
_FEES = (
    *("commission", "stamp_duty", "transfer_fee"),
    *("handling_fee", "regulatory_fee", "dividend_tax"),
)
_FILL = {
    "account": _ACCOUNT,
    "symbol": _SYMBOL,
    "side": Field("side", SIDE),
    "by": Field("origin", ORIGIN),
    "price": Field("price", MONEY),
    "quantity": Field("quantity", COUNT),
    "remaining": Field("remaining", COUNT),
    "realised": Field("realised", MONEY),
    **{name: Field(name, MONEY) for name in _FEES},
}
_TRADE = {
    "price": Field("price", MONEY),
    "quantity": Field("quantity", COUNT),
    "buyer": Field("buy_account", ACCOUNT),
    "seller": Field("sell_account", ACCOUNT),
    "buy": Field("buy_order_id", ORDER),
    "sell": Field("sell_order_id", ORDER),
}
_GRADE = {
    "from": Field("old_grade", GRADE),
    "to": Field("new_grade", GRADE),
    "ratio": Field("ratio_ppm", PERCENT),
    "at": Field("line_ppm", PERCENT),
    "assets": Field("assets", MONEY),
    "debt": Field("debt", MONEY),
}
_CONTRACT = {
    "deposit": Field("deposit", MONEY),
    "loan": Field("loan", MONEY),
    "interest": Field("interest", MONEY),
    "returned": Field("returned", MONEY),
    "shortfall": Field("shortfall", MONEY),
    "credit": Field("credit", MONEY),
    "principal": Field("principal", MONEY),
    "fee": Field("fee", MONEY),
    "refund": Field("refund", MONEY),
    "days": Field("days", COUNT),
}
_LOAN = {
    "symbol": _SYMBOL,
    "amount": Field("amount", MONEY),
    "interest": Field("interest", MONEY),
    "total": Field("total", MONEY),
    "loan": Field("loan", COUNT),
    "margin": Field("ratio_ppm", PERCENT),
    "days": Field("days", COUNT),
}
_CASH = {
    "amount": Field("amount", MONEY),
    "balance": Field("balance", MONEY),
    "move": Field("move", MOVE),
    "counter": Field("counter", COUNTER),
}
_PRICE = {
    "price": Field("price", MONEY),
    "old_price": Field("old_price", MONEY),
    "volume": Field("volume", COUNT),
}
_ENTITLED = {
    "symbol": _SYMBOL,
    "old_quantity": Field("old_quantity", COUNT),
    "new_quantity": Field("new_quantity", COUNT),
    "cash": Field("cash", MONEY),
}
_ACTION_FIGURES = {
    "symbol": _SYMBOL,
    "action": Field("action", COUNT),
    "old_quantity": Field("old_quantity", COUNT),
    "new_quantity": Field("new_quantity", COUNT),
    "shares": Field("shares", COUNT),
    "cash": Field("cash", MONEY),
    "withheld": Field("withheld", MONEY),
    "rights": Field("rights", COUNT),
    "price": Field("price", MONEY),
    "value": Field("value", MONEY),
}
_ACTION_KINDS = (
    EventKind(word, code, records.ACTION_EVENT, _ACCOUNT, _ACTION_FIGURES, silent=True)
    for word, code in (
        ("ex_rights", Event.EX_RIGHTS),
        ("dividend_paid", Event.DIVIDEND_PAID),
        ("shares_listed", Event.SHARES_LISTED),
        ("rights_paid", Event.RIGHTS_PAID),
        ("rights_lapsed", Event.RIGHTS_LAPSED),
        ("delisted", Event.DELISTED),
    )
)
_ANNOUNCED = {
    name: Field(name, COUNT)
    for name in ("ex_date", "record_date", "pay_date", "list_date", "rights_until")
}
_FINANCING = {
    "financed": Field("financed", COUNT),
    "bound": Field("bound", COUNT),
    "full": Field("full", COUNT),
}
_PLATFORM = {
    "from": Field("old_state", PLATFORM),
    "of_rules": Field("of_rules", PLATFORM),
    "of_officer": Field("of_officer", PLATFORM),
}
_STOP = {
    "scope": Field("scope", SCOPE),
    "account": _ACCOUNT,
    "symbol": _SYMBOL,
}
_QUARANTINED = {
    "price": Field("price", MONEY),
    "last": Field("last", MONEY),
    "agreed": Field("agreed", COUNT),
}
_OVERRIDDEN = {"price": Field("price", MONEY), "waiting": Field("quarantined", MONEY)}
_AUCTION = {"price": Field("price", MONEY), "quantity": Field("quantity", COUNT)}
_HALTED = {
    "price": Field("price", MONEY),
    "base": Field("base", MONEY),
    "until": Field("until", CLOCK),
    "move": Field("halt_ppm", PERCENT),
}
_DATE = Field("date", COUNT)

_KINDS = (
    EventKind("accepted", Event.ORDER_ACCEPTED, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("rejected", Event.ORDER_REJECTED, records.ORDER_EVENT, _REASON, _REFUSED),
    EventKind(
        "cancelled",
        Event.ORDER_CANCELLED,
        records.ORDER_EVENT,
        _ORDER,
        {**_ABOUT_ORDER, "reason": _REASON, "figure": Field("figure", FIGURE)},
    ),
    EventKind("expired", Event.ORDER_EXPIRED, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("queued", Event.ORDER_QUEUED, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("held", Event.ORDER_HELD, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("released", Event.ORDER_RELEASED, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("converted", Event.ORDER_CONVERTED, records.ORDER_EVENT, _ORDER, _ABOUT_ORDER),
    EventKind("fill", Event.FILL, records.FILL_EVENT, _ORDER, _FILL),
    EventKind("cancel_rejected", Event.CANCEL_REJECTED, records.ORDER_EVENT, _REASON, _REFUSED),
    EventKind("refused", Event.COMMAND_REJECTED, records.ORDER_EVENT, _REASON, _REFUSED),
    EventKind("financing", Event.FINANCING_CHANGED, records.FINANCING_EVENT, _SYMBOL, _FINANCING),
    EventKind(
        "platform",
        Event.PLATFORM_CHANGED,
        records.PLATFORM_EVENT,
        Field("state", PLATFORM),
        _PLATFORM,
    ),
    EventKind("stopped", Event.STOP_CHANGED, records.STOP_EVENT, Field("level", LEVEL), _STOP),
    EventKind(
        "quarantined", Event.PRICE_QUARANTINED, records.QUARANTINE_EVENT, _SYMBOL, _QUARANTINED
    ),
    EventKind("overridden", Event.PRICE_OVERRIDDEN, records.OVERRIDE_EVENT, _SYMBOL, _OVERRIDDEN),
    EventKind("auction", Event.AUCTION, records.AUCTION_EVENT, _SYMBOL, _AUCTION),
    EventKind("halted", Event.TRADING_HALTED, records.HALT_EVENT, _SYMBOL, _HALTED),
    EventKind("resumed", Event.TRADING_RESUMED, records.AUCTION_EVENT, _SYMBOL, _AUCTION),
    EventKind("closed", Event.CLOSED, records.PRICE_EVENT, _SYMBOL, _PRICE),
    EventKind("line", Event.LINE_CROSSED, records.GRADE_EVENT, _ACCOUNT, _GRADE),
    EventKind("grade", Event.GRADE_CHANGED, records.GRADE_EVENT, _ACCOUNT, _GRADE),
    EventKind("contract", Event.CONTRACT_OPENED, records.CONTRACT_EVENT, _ACCOUNT, _CONTRACT),
    EventKind("settled", Event.CONTRACT_SETTLED, records.CONTRACT_EVENT, _ACCOUNT, _CONTRACT),
    EventKind(
        "shortfall",
        Event.SHORTFALL,
        records.CONTRACT_EVENT,
        _ACCOUNT,
        {"amount": Field("shortfall", MONEY)},
    ),
    EventKind("drawn", Event.DRAWN, records.LOAN_EVENT, _ACCOUNT, _LOAN, silent=True),
    EventKind("repaid", Event.LOAN_REPAID, records.LOAN_EVENT, _ACCOUNT, _LOAN, silent=True),
    EventKind("extended", Event.EXTENDED, records.LOAN_EVENT, _ACCOUNT, _LOAN),
    EventKind("overdue", Event.OVERDUE, records.LOAN_EVENT, _ACCOUNT, _LOAN),
    EventKind("paid_out", Event.RELEASED, records.LOAN_EVENT, _ACCOUNT, _LOAN),
    EventKind("trade", Event.TRADE, records.TRADE_EVENT, _SYMBOL, _TRADE, silent=True),
    EventKind("cash", Event.CASH_MOVED, records.CASH_EVENT, _ACCOUNT, _CASH, silent=True),
    EventKind("marked", Event.PRICE_MARKED, records.PRICE_EVENT, _SYMBOL, _PRICE, silent=True),
    EventKind("entitled", Event.ENTITLED, records.ENTITLED_EVENT, _ACCOUNT, _ENTITLED, silent=True),
    EventKind(
        "interest",
        Event.INTEREST_ACCRUED,
        records.CONTRACT_EVENT,
        _ACCOUNT,
        {"amount": Field("interest", MONEY), "loan": Field("loan", MONEY)},
        silent=True,
    ),
    EventKind("opened", Event.ACCOUNT_OPENED, records.CONTRACT_EVENT, _ACCOUNT, {}, silent=True),
    EventKind(
        "phase", Event.PHASE_CHANGED, records.DAY_EVENT, Field("phase", PHASE), {}, silent=True
    ),
    EventKind("day_opened", Event.DAY_OPENED, records.DAY_EVENT, _DATE, {}, silent=True),
    EventKind("day_closed", Event.DAY_CLOSED, records.DAY_EVENT, _DATE, {}, silent=True),
    *_ACTION_KINDS,
    EventKind(
        *("announced", Event.ANNOUNCED, records.ANNOUNCED_EVENT, _SYMBOL, _ANNOUNCED), silent=True
    ),
)
BY_WORD = {kind.word: kind for kind in _KINDS}
BY_CODE = {kind.code: kind for kind in _KINDS}
REFUSALS = ("rejected", "cancel_rejected", "refused")

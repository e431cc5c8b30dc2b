"""Engine events as lines of text: name, then figures, in either language."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.cli.audit_text import market_text, percent
from server.engine import records
from server.engine.codes import CashMove, DeskAction, Event, Grade, NoticeStage
from server.engine.reasons import Reason
from server.protocol.reasons import sentences, yuan

if TYPE_CHECKING:
    from server.engine.engine import Engine

Both = tuple[str, str]

SIDES: dict[int, Both] = {0: ("买", "buy"), 1: ("卖", "sell")}
GRADES: dict[int, Both] = {
    Grade.NORMAL: ("正常", "normal"),
    Grade.REMIND: ("提醒", "remind"),
    Grade.RESTRICT: ("限制", "restrict"),
    Grade.REDUCE: ("减仓", "reduce"),
    Grade.LIQUIDATE: ("平仓", "liquidate"),
}
_MOVES: dict[int, Both] = {
    CashMove.DEPOSIT: ("存入", "deposit"),
    CashMove.WITHDRAW: ("取出", "withdrawal"),
    CashMove.TRANSFER_OUT: ("转出", "transfer out"),
    CashMove.TRANSFER_IN: ("转入", "transfer in"),
    CashMove.LOAN: ("借款", "loan"),
    CashMove.REPAY_PRINCIPAL: ("还本", "principal repaid"),
    CashMove.REPAY_INTEREST: ("付息", "interest paid"),
    CashMove.ENTITLEMENT: ("除权派现", "entitlement"),
    CashMove.DIVIDEND: ("现金红利", "dividend"),
    CashMove.FRACTION: ("零碎份额现金", "cash for a fraction of a share"),
    CashMove.RIGHTS_PAYMENT: ("配股缴款", "payment for rights"),
    CashMove.DRAW: ("放款", "drawn"),
    CashMove.EARLY_FEE: ("提前结束费", "fee of ending early"),
    CashMove.REFUND_INTEREST: ("退还预收利息", "refund of interest charged ahead"),
}
_ACTIONS: dict[int, Both] = {
    DeskAction.HOLD: ("暂缓平仓", "hold"),
    DeskAction.PROPOSE_RELEASE: ("提请解除暂缓", "release proposed"),
    DeskAction.RELEASE: ("解除暂缓", "release"),
    DeskAction.REDUCE: ("人工减仓", "manual reduction"),
    DeskAction.STOP: ("停止交易", "stop"),
    DeskAction.RESUME: ("恢复交易", "resume"),
    DeskAction.QUARANTINE_PRICE: ("隔离行情价", "price quarantined"),
    DeskAction.OVERRIDE_PRICE: ("改定行情价", "price overridden"),
    DeskAction.FREE_PRICE: ("恢复行情价", "price freed"),
    DeskAction.PLATFORM_STATE: ("平台状态", "platform state"),
}
_STAGES: dict[int, Both] = {
    NoticeStage.SENT: ("发出", "sent"),
    NoticeStage.DELIVERED: ("送达", "delivered"),
    NoticeStage.ACKNOWLEDGED: ("确认", "acknowledged"),
}


def _money(value: int) -> Both:
    return yuan(value), yuan(value)


def _count(value: int) -> Both:
    return f"{value:,}", f"{value:,}"


def _number(value: int) -> Both:
    return f"#{value}", f"#{value}"


def _ratio(value: int) -> Both:
    return percent(value), percent(value)


def _one_of(names: dict[int, Both]) -> Callable[[int], Both]:
    return lambda value: names.get(value, (str(value), str(value)))


class Figure(NamedTuple):
    field: str
    zh: str
    en: str
    shown: Callable[[int], Both]


class Line(NamedTuple):
    """How the events of one kind are written."""

    zh: str
    en: str
    record: np.dtype[np.void]
    figures: tuple[Figure, ...] = ()


_ORDER_ID = Figure("order_id", "委托", "order", _number)
_PRICE = Figure("price", "价格", "price", _money)
_QUANTITY = Figure("quantity", "数量", "quantity", _count)
_REMAINING = Figure("remaining", "剩余", "remaining", _count)
_SIDE = Figure("side", "", "", _one_of(SIDES))
_ORDER = (_ORDER_ID, _SIDE, _PRICE, _QUANTITY, _REMAINING)
_GRADES = (
    Figure("old_grade", "原等级", "from", _one_of(GRADES)),
    Figure("new_grade", "新等级", "to", _one_of(GRADES)),
    Figure("line_ppm", "线", "line", _ratio),
    Figure("ratio_ppm", "维持担保比例", "ratio", _ratio),
    Figure("assets", "资产", "assets", _money),
    Figure("debt", "负债", "debt", _money),
)
_DEPOSIT = Figure("deposit", "保证金", "deposit", _money)
_LOAN = Figure("loan", "借款", "loan", _money)
_INTEREST = Figure("interest", "利息", "interest", _money)
_RETURNED = Figure("returned", "退还", "returned", _money)
_SHORTFALL = Figure("shortfall", "欠款", "shortfall", _money)
_FEES = tuple(
    Figure(field, zh, en, _money)
    for field, zh, en in (
        ("commission", "佣金", "commission"),
        ("stamp_duty", "印花税", "stamp duty"),
        ("transfer_fee", "过户费", "transfer fee"),
        ("handling_fee", "经手费", "handling fee"),
        ("regulatory_fee", "证管费", "regulatory fee"),
        ("dividend_tax", "红利税", "dividend tax"),
    )
)
_HELD = (
    Figure("old_quantity", "原数量", "from", _count),
    Figure("new_quantity", "新数量", "to", _count),
)
_ACTION = Figure("action", "编号", "action", _number)
_SHARES = Figure("shares", "股数", "shares", _count)
_CASH = Figure("cash", "现金", "cash", _money)
_RIGHTS = (
    Figure("rights", "配股权", "rights", _count),
    Figure("price", "配股价", "rights price", _money),
)
_RIGHTS_VALUE = Figure("value", "价值", "value", _money)

_LINES: dict[int, Line] = {
    Event.ORDER_ACCEPTED: Line("委托接受", "order accepted", records.ORDER_EVENT, _ORDER),
    Event.ORDER_REJECTED: Line("委托拒绝", "order rejected", records.ORDER_EVENT, _ORDER[1:4]),
    Event.ORDER_CANCELLED: Line("委托撤销", "order cancelled", records.ORDER_EVENT, _ORDER),
    Event.ORDER_EXPIRED: Line("委托到期", "order expired", records.ORDER_EVENT, _ORDER),
    Event.ORDER_QUEUED: Line("委托待报", "order queued", records.ORDER_EVENT, _ORDER),
    Event.ORDER_HELD: Line("委托暂存", "order held", records.ORDER_EVENT, _ORDER),
    Event.ORDER_RELEASED: Line("委托申报", "order sent to the book", records.ORDER_EVENT, _ORDER),
    Event.ORDER_CONVERTED: Line("转为限价", "order rests", records.ORDER_EVENT, _ORDER),
    Event.CANCEL_REJECTED: Line("撤单拒绝", "cancel rejected", records.ORDER_EVENT, (_ORDER_ID,)),
    Event.COMMAND_REJECTED: Line("请求拒绝", "request rejected", records.ORDER_EVENT),
    Event.FILL: Line(
        "成交",
        "fill",
        records.FILL_EVENT,
        (*_ORDER, Figure("realised", "实现盈亏", "realised", _money), *_FEES),
    ),
    Event.LINE_CROSSED: Line("跌破线", "line crossed", records.GRADE_EVENT, _GRADES),
    Event.GRADE_CHANGED: Line("等级变化", "grade changed", records.GRADE_EVENT, _GRADES),
    Event.ACCOUNT_OPENED: Line("开户", "account opened", records.CONTRACT_EVENT),
    Event.CONTRACT_OPENED: Line(
        "合约开立", "contract opened", records.CONTRACT_EVENT, (_DEPOSIT, _LOAN)
    ),
    Event.CONTRACT_SETTLED: Line(
        "合约结清",
        "contract settled",
        records.CONTRACT_EVENT,
        (_LOAN, _INTEREST, _RETURNED, _SHORTFALL),
    ),
    Event.SHORTFALL: Line("欠款", "shortfall", records.CONTRACT_EVENT, (_SHORTFALL,)),
    Event.CASH_MOVED: Line(
        "资金变动",
        "cash moved",
        records.CASH_EVENT,
        (
            Figure("move", "", "", _one_of(_MOVES)),
            Figure("amount", "金额", "amount", _money),
            Figure("balance", "余额", "balance", _money),
        ),
    ),
    Event.INTEREST_ACCRUED: Line(
        "计息", "interest accrued", records.CONTRACT_EVENT, (_INTEREST, _LOAN)
    ),
    Event.EX_RIGHTS: Line(
        "权益入账",
        "corporate action booked",
        records.ACTION_EVENT,
        (
            *(_ACTION, *_HELD, _CASH),
            Figure("withheld", "代扣税", "tax withheld", _money),
            *(*_RIGHTS, _RIGHTS_VALUE),
        ),
    ),
    Event.DIVIDEND_PAID: Line("红利到账", "dividend paid", records.ACTION_EVENT, (_ACTION, _CASH)),
    Event.SHARES_LISTED: Line(
        "新增股份上市", "new shares listed", records.ACTION_EVENT, (_ACTION, _SHARES)
    ),
    Event.RIGHTS_PAID: Line(
        "配股缴款", "rights paid for", records.ACTION_EVENT, (_ACTION, _SHARES, _CASH, *_RIGHTS)
    ),
    Event.RIGHTS_LAPSED: Line(
        "配股权失效", "rights lapsed", records.ACTION_EVENT, (_ACTION, *_RIGHTS, _RIGHTS_VALUE)
    ),
    Event.DELISTED: Line(
        "退市核销", "delisted, written off", records.ACTION_EVENT, (*_HELD, _RIGHTS_VALUE)
    ),
    Event.ANNOUNCED: Line(
        "权益公告", "corporate action announced", records.ANNOUNCED_EVENT, (_ACTION,)
    ),
    Event.ENTITLED: Line(
        "除权除息",
        "entitlement",
        records.ENTITLED_EVENT,
        (
            Figure("old_quantity", "原数量", "from", _count),
            Figure("new_quantity", "新数量", "to", _count),
            Figure("cash", "现金", "cash", _money),
        ),
    ),
    Event.NOTICE_RECORDED: Line(
        "通知",
        "notice",
        records.NOTICE_EVENT,
        (
            Figure("notice_id", "编号", "notice", _number),
            Figure("stage", "", "", _one_of(_STAGES)),
        ),
    ),
    Event.SELL_LAST_SET: Line(
        "标记后卖", "sell last", records.SELL_LAST_EVENT, (Figure("on", "", "", _number),)
    ),
    Event.DESK_RECORDED: Line(
        "风控操作",
        "risk desk",
        records.DESK_EVENT,
        (
            Figure("action_id", "编号", "action", _number),
            Figure("action", "", "", _one_of(_ACTIONS)),
            Figure("officer", "风控员", "officer", _number),
        ),
    ),
}
_REFUSALS = frozenset({Event.ORDER_REJECTED, Event.CANCEL_REJECTED, Event.COMMAND_REJECTED})


def event_lines(events: NDArray[np.void], engine: "Engine", language: str) -> Iterator[str]:
    """Each event with its number and its time."""
    for event in events:
        instrument = int(event["instrument"])
        symbol = engine.symbol(instrument) if instrument >= 0 else ""
        words = _event_text(event, symbol, language)
        yield f"  #{int(event['seq'])}  {market_text(int(event['time']))}  {words}"


def _event_text(event: np.void, symbol: str, language: str) -> str:
    """One event of `records.EVENT` in words; `symbol` is its instrument's, empty without one."""
    column = 0 if language == "zh" else 1
    kind = int(event["kind"])
    line = _LINES.get(kind)
    if line is None:
        return f"{Event(kind).name.lower()} {symbol}".rstrip()
    row = event.reshape(1).view(line.record)[0]
    words = [(line.zh, line.en)[column], symbol]
    for figure in line.figures:
        words.append((figure.zh, figure.en)[column])
        words.append(figure.shown(int(row[figure.field]))[column])
    if kind in _REFUSALS or (kind == Event.ORDER_CANCELLED and row["reason"]):
        words.append(_reason(row, column))
    return " ".join(word for word in words if word)


def _reason(row: np.void, column: int) -> str:
    code = Reason(int(row["reason"])).name.lower()
    return sentences(code, int(row["figure"]))[column]

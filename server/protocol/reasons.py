"""Every code of a refusal, with the sentence that says what would pass, in both languages.

The codes of the engine are the names of its reasons in lower case; the others are the gateway's.
`{figure}` in a sentence is the figure that would pass, written in the code's unit; other names in
braces are filled by whoever refuses.
"""

from typing import Final

from server.protocol.platform_reasons import PLATFORM_SENTENCES
from server.protocol.request_reasons import GATEWAY_SENTENCES
from server.protocol.sentence import Sentence, Unit
from server.protocol.session import Failed

_UNIT_A_YUAN: Final = 10_000
_UNIT_A_FEN = 100
_OWED = frozenset({"contract_overdue", "debt_blocks_withdrawal"})  # their figures round up


ENGINE_SENTENCES: Final[dict[str, Sentence]] = {
    "none": Sentence("没有问题", "Nothing is wrong"),
    "unknown_account": Sentence(
        "没有这个账户，请用自己账户列表中的编号",
        "There is no such account; use a number from your list of accounts",
    ),
    "account_closed": Sentence(
        "账户已结清，请用另一个账户", "The account is closed; use another account"
    ),
    "unknown_instrument": Sentence(
        "没有这个证券，请用证券列表中的代码",
        "There is no such instrument; use a symbol from the list of instruments",
    ),
    "suspended": Sentence(
        "该证券停牌，复牌后可以委托",
        "The instrument is suspended; orders pass when it trades again",
    ),
    "phase_closed": Sentence(
        "现在不是委托时间，请在集合竞价或连续竞价时委托",
        "The market takes no orders now; orders pass in the call or the continuous auction",
    ),
    "order_type_not_allowed": Sentence(
        "此时该证券不接受市价委托，请用限价委托",
        "The instrument takes no market orders now; a limit order passes",
    ),
    "price_off_tick": Sentence(
        "价格不是最小变动单位的整数倍，最接近的价格是 {figure}",
        "The price is not on a tick; the nearest one is {figure}",
        "price",
    ),
    "price_above_limit": Sentence(
        "价格高于涨停价，最高 {figure}",
        "The price is above the limit-up price; the highest that passes is {figure}",
        "price",
    ),
    "price_below_limit": Sentence(
        "价格低于跌停价，最低 {figure}",
        "The price is below the limit-down price; the lowest that passes is {figure}",
        "price",
    ),
    "limit_unknown": Sentence(
        "该证券今日的涨跌停价未知，知道后才能委托",
        "Today's price limits of the instrument are unknown; orders pass once they are known",
    ),
    "quantity_not_positive": Sentence(
        "数量必须大于零，最少 {figure}",
        "The quantity must be above zero; the smallest that passes is {figure}",
        "quantity",
    ),
    "quantity_off_lot": Sentence(
        "数量不符合整手规则，可用 {figure}",
        "The quantity is not in whole lots; {figure} passes",
        "quantity",
    ),
    "quantity_below_minimum": Sentence(
        "数量低于最小申报数量 {figure}",
        "The quantity is below the smallest that passes, {figure}",
        "quantity",
    ),
    "quantity_above_maximum": Sentence(
        "数量超过单笔最大申报数量 {figure}",
        "The quantity is above the largest that passes, {figure}",
        "quantity",
    ),
    "odd_lot_split": Sentence(
        "零股必须一次卖出，不能拆分，可用 {figure}",
        "An odd lot is sold whole, never split; {figure} passes",
        "quantity",
    ),
    "not_sellable": Sentence(
        "可卖数量不足，现在可卖 {figure}",
        "Not that many shares can be sold now; {figure} can",
        "quantity",
    ),
    "insufficient_cash": Sentence(
        "可用资金不足，按此价格最多可买 {figure}",
        "Free cash does not pay for it; at this price it pays for {figure}",
        "quantity",
    ),
    "grade_restricted": Sentence(
        "维持担保比例低于限制线，不能买入；转入 {figure} 后可以买入",
        "The margin ratio is below the restrict line; buying passes after a deposit of {figure}",
        "money",
    ),
    "concentration": Sentence(
        "超过单只证券的集中度上限，最多可买 {figure}",
        "Above the cap on one holding; the most that passes is {figure}",
        "quantity",
    ),
    "holding_not_admitted": Sentence(
        "超过合约对该类证券的持仓上限，最多可买 {figure}",
        "Above the contract's cap on this class of holdings; the most that passes is {figure}",
        "quantity",
    ),
    "gap_not_survived": Sentence(
        "持仓全部跌停一次会跌破平仓线，最多可买 {figure}",
        "One limit-down would break the liquidation line; the most that passes is {figure}",
        "quantity",
    ),
    "self_trade": Sentence(
        "会与自己价格为 {figure} 的委托成交，请先撤单或改价",
        "It would trade with your own order at {figure}; cancel that one, or change the price",
        "price",
    ),
    "unknown_order": Sentence(
        "没有这笔未完成的委托，可能已成交或已撤",
        "There is no such open order; it may have been filled or cancelled",
    ),
    "cancel_not_allowed": Sentence(
        "现在不接受撤单，请在可撤单的时段再撤",
        "The market takes no cancels in this phase; try again in one that does",
    ),
    "amount_not_positive": Sentence("金额必须大于零", "The amount must be above zero"),
    "withdrawable_exceeded": Sentence(
        "超过可转出金额 {figure}", "At most {figure} can be taken out now", "money"
    ),
    "different_person": Sentence(
        "只能在本人的账户之间划转", "Money moves only between accounts of the same person"
    ),
    "debt_blocks_withdrawal": Sentence(
        "有未还清的欠款 {figure}，还清后可以转出",
        "A debt of {figure} is open; money can be taken out once it is paid",
        "money",
    ),
    "unknown_product": Sentence(
        "没有这个产品，请用产品列表中的编号",
        "There is no such product; use a number from the list of products",
    ),
    "deposit_out_of_range": Sentence(
        "保证金超出产品允许的范围，最接近的金额是 {figure}",
        "The deposit is outside the product's range; the nearest that passes is {figure}",
        "money",
    ),
    "contract_not_empty": Sentence(
        "合约还有持仓或未完成的委托，卖出并撤单后可以了结",
        "The contract has holdings or open orders; sell and cancel them, then close it",
    ),
    "credit_insufficient": Sentence(
        "可用资金加授信余额不足，按此价格最多可买 {figure}",
        "Cash and credit line do not pay for it; at this price they pay for {figure}",
        "quantity",
    ),
    "margin_insufficient": Sentence(
        "保证金不足，按此价格最多可买 {figure}",
        "The margin does not carry it; at this price it carries {figure}",
        "quantity",
    ),
    "financing_not_allowed": Sentence(
        "不能融资：账户或证券不支持融资，请用自有资金买入",
        "Nothing is lent for this: the account or the share is not open to financing; buy for cash",
    ),
    "contract_overdue": Sentence(
        "合约已逾期，欠款 {figure}，还清后可以继续",
        "The debt of {figure} is overdue; repay it first",
        "money",
    ),
    "extension_not_allowed": Sentence(
        "不能展期：合约没有期限，或展期次数已用完",
        "It cannot be extended: it has no term, or has had all its extensions",
    ),
    "unknown_loan": Sentence(
        "没有这笔融资合约，请用账户的融资合约编号",
        "The account has no such loan; use a number from its list of loans",
    ),
    "credit_line_exceeded": Sentence(
        "超过授信额度，最多 {figure}",
        "Above the credit line; the most that passes is {figure}",
        "money",
    ),
    "not_a_contract": Sentence(
        "账户类型不符：还款和了结要用未了结的合约账户，开立合约要用现金账户",
        "Another kind of account is needed: an open contract to repay or close, a cash account to"
        " open one from",
    ),
    "out_of_range": Sentence(
        "数值超出允许的范围，界限是 {figure}",
        "The figure is out of range; the bound is {figure}",
        "number",
    ),
    "lines_do_not_survive": Sentence(
        "产品的风控线经不起一次跌停，需要更高的线",
        "The product's lines do not survive one limit-down; they must be higher",
    ),
    "out_of_order": Sentence(
        "指令顺序不对，前面的指令完成后再试",
        "The command came out of order; try again after the one before it",
    ),
    "after_hours_not_offered": Sentence(
        "该证券当日没有盘后固定价格交易，请用限价委托",
        "The instrument has no fixed price trading after hours on this day; a limit order passes",
    ),
    "price_below_close": Sentence(
        "盘后固定价格买入的限价不低于收盘价 {figure}",
        "After hours a buy's limit is not below the close, {figure}",
        "price",
    ),
    "price_above_close": Sentence(
        "盘后固定价格卖出的限价不高于收盘价 {figure}",
        "After hours a sale's limit is not above the close, {figure}",
        "price",
    ),
    "order_type_not_on_board": Sentence(
        "该证券所在板块没有这种市价委托，请用限价委托",
        "The instrument's board has no market orders of this type; a limit order passes",
    ),
    "protection_price_missing": Sentence(
        "该证券的市价委托须带保护限价，最宽为 {figure}",
        "Market orders of this instrument carry a protection price; the widest is {figure}",
        "price",
    ),
    "price_above_cage": Sentence(
        "价格高于有效申报价格范围，最高 {figure}",
        "The price is above the valid range of the moment; the highest that passes is {figure}",
        "price",
    ),
    "price_below_cage": Sentence(
        "价格低于有效申报价格范围，最低 {figure}",
        "The price is below the valid range of the moment; the lowest that passes is {figure}",
        "price",
    ),
    "price_above_call_range": Sentence(
        "价格高于集合竞价的有效范围，最高 {figure}",
        "The price is above the valid range of the call; the highest that passes is {figure}",
        "price",
    ),
    "price_below_call_range": Sentence(
        "价格低于集合竞价的有效范围，最低 {figure}",
        "The price is below the valid range of the call; the lowest that passes is {figure}",
        "price",
    ),
    "side_unknown": Sentence("买卖方向无效", "An order either buys or sells"),
    "rights_exceeded": Sentence(
        "超过可认购的配股数量，还可认购 {figure} 股",
        "That is more than the rights you hold; {figure} shares are left to pay for",
        "quantity",
    ),
    **PLATFORM_SENTENCES,
}

SENTENCES: Final[dict[str, Sentence]] = {**ENGINE_SENTENCES, **GATEWAY_SENTENCES}


def yuan(amount: int) -> str:
    """An amount or price in 1/10 000 yuan as decimal text: two digits, more only if needed."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), _UNIT_A_YUAN)
    digits = f"{rest:04d}"
    return f"{sign}{whole:,}.{digits[:2]}{digits[2:].rstrip('0')}"


def _figure_text(figure: int, unit: str) -> tuple[str, str]:
    """A figure as the two sentences write it; money in whole fen, downwards."""
    if unit == "money":
        figure = figure // _UNIT_A_FEN * _UNIT_A_FEN
    if unit in {"price", "money"}:
        return f"{yuan(figure)} 元", f"{yuan(figure)} yuan"
    if unit == "quantity":
        return f"{figure:,} 股", f"{figure:,} shares"
    return f"{figure:,}", f"{figure:,}"


def sentences(
    code: str, figure: int | None = None, unit: str | None = None, **words: object
) -> tuple[str, str]:
    """The Chinese and the English sentence of a code, filled in. Raises KeyError for no code."""
    sentence = SENTENCES[code]
    if code in _OWED:
        figure = -(-(figure or 0) // _UNIT_A_FEN) * _UNIT_A_FEN
    zh, en = _figure_text(figure or 0, sentence.unit if unit is None else unit)
    return sentence.zh.format(figure=zh, **words), sentence.en.format(figure=en, **words)


def refusal(
    request_id: int,
    code: str,
    figure: int | None = None,
    unit: Unit | None = None,
    **words: object,
) -> Failed:
    """A `failed` reply. `unit` replaces the code's own where a bound has another."""
    own = SENTENCES[code].unit
    named: Unit = own if unit is None else unit
    zh, en = sentences(code, figure, named, **words)
    shown = figure if named else None
    return Failed(request_id, code, zh, en, shown, named if shown is not None else "")

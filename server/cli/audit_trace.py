"""`honghe audit show --order` and `--seq`: what became of an order, and of any one command."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from server.cli.audit_events import SIDES, event_lines
from server.cli.audit_place import Place
from server.cli.audit_text import IMPOSSIBLE, Text, fail, market_text, wall_text
from server.engine import records
from server.engine.codes import Command
from server.journal.starts import Starts
from server.journal.tracing import Traced, trace_command, trace_order
from server.protocol.reasons import yuan

if TYPE_CHECKING:
    from server.engine.engine import Engine

_WORDS = {
    "zh": {
        "order": "委托",
        "no_order": "没有委托 #{order}",
        "no_seq": "没有序号 {seq}：日志的序号从 1 到 {last}",
        "command": "命令",
        "batch": "所在批次",
        "batch_text": "序号 {first} 至 {last}，墙钟 {wall}",
        "digest": "批次摘要",
        "verified": "已核对",
        "verified_text": "摘要链自序号 {first} 至 {last}",
        "events": "事件",
        "none": "无",
        "account": "账户 {account}",
    },
    "en": {
        "order": "order",
        "no_order": "there never was an order #{order}",
        "no_seq": "there is no sequence number {seq}: the journal has 1 to {last}",
        "command": "command",
        "batch": "its batch",
        "batch_text": "sequence {first} to {last}, wall clock {wall}",
        "digest": "batch's digest",
        "verified": "verified",
        "verified_text": "the digest chain from sequence {first} to {last}",
        "events": "events",
        "none": "none",
        "account": "account {account}",
    },
}
_COMMANDS: dict[int, tuple[str, str]] = {
    Command.DAY_OPEN: ("开市日", "day opens"),
    Command.INSTRUMENT_ADD: ("新增证券", "instrument added"),
    Command.INSTRUMENT_DAY: ("证券当日参数", "instrument's day"),
    Command.LADDERS: ("价位表", "price ladders"),
    Command.FEE_SCHEDULE: ("费率表", "fee schedule"),
    Command.PRODUCT: ("产品条款", "product's terms"),
    Command.PHASE: ("交易阶段", "phase"),
    Command.UNCROSS: ("集合竞价撮合", "auction"),
    Command.RESUME: ("复牌", "resumption"),
    Command.DAY_CLOSE: ("收市", "day closes"),
    Command.FRAME_BEGIN: ("行情组开始", "market frame begins"),
    Command.PRICE: ("行情价", "price"),
    Command.FRAME_END: ("行情组结束", "market frame ends"),
    Command.ENTITLEMENT: ("除权除息", "entitlement"),
    Command.ACCOUNT_OPEN: ("开户", "open account"),
    Command.CONTRACT_OPEN: ("开立合约", "open contract"),
    Command.CONTRACT_SETTLE: ("结清合约", "settle contract"),
    Command.DEPOSIT: ("存入", "deposit"),
    Command.WITHDRAW: ("取出", "withdraw"),
    Command.TRANSFER: ("转账", "transfer"),
    Command.ACCRUE: ("计息", "accrue interest"),
    Command.REPAY: ("还款", "repay"),
    Command.ORDER: ("委托", "order"),
    Command.CANCEL: ("撤单", "cancel"),
    Command.CANCEL_ALL: ("全部撤单", "cancel all"),
    Command.NOTICE: ("通知", "notice"),
    Command.CORPORATE_ACTION: ("权益分派", "corporate action"),
    Command.ACTION_CASH_PAID: ("红利发放", "dividend payment"),
    Command.ACTION_SHARES_LISTED: ("新增股份上市", "listing of new shares"),
    Command.RIGHTS_PAY: ("配股缴款", "payment for rights"),
    Command.RIGHTS_LAPSE: ("配股权失效", "rights lapse"),
    Command.DELIST: ("终止上市", "delisting"),
    Command.TAX_PERIODS: ("红利税持股期限", "holding periods of the dividend tax"),
    Command.ACTION_ANNOUNCE: ("权益公告", "announcement"),
    Command.SELL_LAST: ("标记后卖", "sell last"),
    Command.DESK_ACTION: ("风控操作", "risk desk"),
}
_CASH = (Command.DEPOSIT, Command.WITHDRAW, Command.TRANSFER, Command.REPAY)


def show_order(place: Place, order_id: int, language: str) -> int:
    """0 when shown, 2 when there never was such an order."""
    from server.engine.engine import Engine  # after the kernels' cache is chosen

    text = Text(_WORDS[language])
    starts = Starts(place.snapshots, Engine)
    events, engine = trace_order(place.journal, starts, order_id, _knows(order_id))
    if not len(events):
        return fail("audit", text("no_order", order=order_id), IMPOSSIBLE)
    account = text("account", account=int(events["account"][0]))
    print(text.fact("order", f"#{order_id}  {account}"))
    for line in event_lines(events, engine, language):
        print(line)
    return 0


def show_seq(place: Place, seq: int, language: str) -> int:
    """0 when shown, 2 when there is no such sequence number."""
    from server.engine.engine import Engine

    text = Text(_WORDS[language])
    if not 1 <= seq <= place.journal.last_seq:
        return fail("audit", text("no_seq", seq=seq, last=place.journal.last_seq), IMPOSSIBLE)
    traced, engine = trace_command(place.journal, Starts(place.snapshots, Engine), seq)
    for line in _command_lines(traced, engine, language, text):
        print(line)
    return 0


def _knows(order_id: int) -> "Callable[[Engine], bool]":
    from server.engine.book import SLOT_MASK

    slot = order_id & SLOT_MASK

    def knows(engine: "Engine") -> bool:
        state = engine.state
        used = int(state.header[0]["orders"])
        return slot < used and int(state.orders[slot]["id"]) >= order_id

    return knows


def _command_lines(traced: Traced, engine: "Engine", language: str, text: Text) -> Iterator[str]:
    yield text.fact("command", _command_text(traced.command, engine, language))
    first, last, wall = traced.first_seq, traced.last_seq, wall_text(traced.wall_time)
    yield text.fact("batch", text("batch_text", first=first, last=last, wall=wall))
    yield text.fact("digest", traced.digest.hex())
    first, last = traced.verified
    yield text.fact("verified", text("verified_text", first=first, last=last))
    yield text.fact("events", "" if len(traced.events) else text("none")).rstrip()
    yield from event_lines(traced.events, engine, language)


def _command_text(command: np.ndarray, engine: "Engine", language: str) -> str:
    head = command[0]
    kind, column = int(head["kind"]), 0 if language == "zh" else 1
    words = [f"#{int(head['seq'])}", market_text(int(head["time"])), _COMMANDS[kind][column]]
    if kind == Command.ORDER:
        row = command.view(records.ORDER)[0]
        side = SIDES[int(head["side"])][column]
        words += [side, yuan(int(row["price"])), f"× {int(row['quantity']):,}"]
    elif kind == Command.CANCEL:
        words.append(f"#{int(command.view(records.CANCEL)[0]['order_id'])}")
    elif kind in _CASH:
        words.append(yuan(int(command.view(records.CASH)[0]["amount"])))
    elif kind == Command.PRICE:
        words.append(yuan(int(command.view(records.PRICE)[0]["price"])))
    if 0 <= int(head["instrument"]) < int(engine.state.header[0]["instruments"]):
        words.append(engine.symbol(int(head["instrument"])))
    if kind >= Command.ACCOUNT_OPEN:
        words.append(_WORDS[language]["account"].format(account=int(head["account"])))
    return "  ".join(words)

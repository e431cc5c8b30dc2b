"""`honghe audit show`: an account at a moment, an order, or a command, from the journal alone."""

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.cli.audit_place import Place
from server.cli.audit_text import IMPOSSIBLE, Text, fail, market_text, market_time, wall_text
from server.journal.lookback import AsOf, Moment, look_back
from server.journal.starts import Starts

if TYPE_CHECKING:
    from server.engine.engine import Engine

_EVENTS = 12

_WORDS = {
    "zh": {
        "at": "截至",
        "at_text": "{time}（上海）  序号 {seq}  墙钟 {wall}",
        "events": "最近事件",
        "none": "无",
        "since": "（只查到序号 {seq} 之后的）",
        "verified": "已核对",
        "verified_text": "摘要链自序号 {first} 至 {last}",
        "no_account": "账户 {account} 在 {time}（序号 {seq}）还不存在，那时有 {count} 个账户",
        "too_late": "日志到序号 {seq} 为止",
        "skipped": "快照无法使用，已跳过：{file}（{why}）",
    },
    "en": {
        "at": "as of",
        "at_text": "{time} (Shanghai)  sequence {seq}  wall clock {wall}",
        "events": "last events",
        "none": "none",
        "since": "(looked for after sequence {seq} only)",
        "verified": "verified",
        "verified_text": "the digest chain from sequence {first} to {last}",
        "no_account": "there was no account {account} at {time} (sequence {seq}), but {count}",
        "too_late": "the journal ends at sequence {seq}",
        "skipped": "a snapshot that cannot be used is passed over: {file} ({why})",
    },
}


def show_options() -> argparse.ArgumentParser:
    """The options of `show` alone, as a parent parser."""
    parser = argparse.ArgumentParser(add_help=False)
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--account", type=int, metavar="N", help="账户编号 / an account's number")
    asked.add_argument("--order", type=int, metavar="ID", help="委托编号 / an order's id")
    asked.add_argument("--seq", type=int, metavar="N", help="序号 / a command's sequence number")
    parser.add_argument(
        "--at",
        type=_moment,
        metavar="TIME",
        default=Moment(),
        help="账户的时刻，缺省为日志末尾 / the account's moment, the journal's end if not given:"
        " 2015-08-24T10:31:05（上海时间 / Shanghai time）; '#1234'（序号 / sequence number）",
    )
    return parser


def _moment(text: str) -> Moment:
    try:
        return Moment(seq=int(text[1:])) if text.startswith("#") else Moment(time=market_time(text))
    except ValueError as error:
        wanted = "2015-08-24T10:31:05 | #1234"
        raise argparse.ArgumentTypeError(f"{text!r}: {wanted}") from error


def run_show(place: Place, options: argparse.Namespace) -> int:
    """0 when shown, 2 when there is no such thing or moment. Raises what `look_back` raises."""
    from server.cli.audit_trace import show_order, show_seq

    if options.order is not None:
        return show_order(place, options.order, options.lang)
    if options.seq is not None:
        return show_seq(place, options.seq, options.lang)
    return _show_account(place, options.account, options.at, options.lang)


def _show_account(place: Place, account: int, moment: Moment, language: str) -> int:
    from server.engine.engine import Engine  # after the kernels' cache is chosen

    text = Text(_WORDS[language])
    if moment.names_seq and moment.seq > place.journal.last_seq:
        return fail("audit", text("too_late", seq=place.journal.last_seq), IMPOSSIBLE)
    found = look_back(place.journal, Starts(place.snapshots, Engine), moment, account, _EVENTS)
    for skipped in found.skipped:
        print(text("skipped", file=skipped.path.name, why=skipped.why), file=sys.stderr)
    engine = found.engine
    count = int(engine.state.header[0]["accounts"])
    if not 0 <= account < count:
        time = market_text(engine.time)
        why = text("no_account", account=account, time=time, seq=engine.seq, count=count)
        return fail("audit", why, IMPOSSIBLE)
    for line in _lines(found, account, language, text):
        print(line)
    return 0


def _lines(found: "AsOf[Engine]", account: int, language: str, text: Text) -> Iterator[str]:
    from server.cli.audit_account import Sheet
    from server.cli.audit_events import event_lines

    engine = found.engine
    wall = wall_text(found.wall_time)
    yield text.fact("at", text("at_text", time=market_text(engine.time), seq=engine.seq, wall=wall))
    yield from Sheet(engine, account, language).lines()
    first, last = found.verified
    yield text.fact("verified", text("verified_text", first=first, last=last))
    since = text("since", seq=found.since) if found.since and len(found.events) < _EVENTS else ""
    none = "" if len(found.events) else text("none")
    yield text.fact("events", f"{none} {since}".strip()).rstrip()
    yield from event_lines(found.events, engine, language)

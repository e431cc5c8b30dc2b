"""`honghe audit verify`: the chain, the replay, and what the states on record say to it."""

import argparse
import time

from server.cli.audit_heads import HeadsReport, heads_report
from server.cli.audit_place import Place
from server.cli.audit_text import DAMAGED, Text, wall_text
from server.journal.sqlite import SqliteJournal
from server.journal.verification import Verified, verify

_WORDS = {
    "zh": {
        "journal": "日志",
        "market": "市场",
        "market_text": "{market}，建立于 {created}",
        "records": "记录",
        "records_text": "{batches:,} 批，{commands:,} 条命令，摘要链完整",
        "replay": "重放",
        "replay_text": "{events:,} 个事件，{seconds:.2f} 秒",
        "agrees": "序号 {seq} 的状态与重放一致",
        "shutdown": "正常停机",
        "damaged": "快照损坏：{why}",
        "older": "由另一版本的程序写下，无法比较",
        "state": "状态哈希",
        "head": "最新摘要",
        "whole": "核验通过",
        "flawed": "日志完整，但有快照损坏",
        "unsigned": "日志完整，但签名链头文件有问题",
    },
    "en": {
        "journal": "journal",
        "market": "market",
        "market_text": "{market}, begun {created}",
        "records": "records",
        "records_text": "{batches:,} batches, {commands:,} commands, the digest chain is whole",
        "replay": "replay",
        "replay_text": "{events:,} events, {seconds:.2f} s",
        "agrees": "the state at sequence {seq} is the replayed one",
        "shutdown": "clean stop",
        "damaged": "damaged snapshot: {why}",
        "older": "written by another version of the program, not comparable",
        "state": "state hash",
        "head": "head digest",
        "whole": "verified",
        "flawed": "the journal is whole, but a snapshot is damaged",
        "unsigned": "the journal is whole, but the file of signed heads is not",
    },
}


def run_verify(place: Place, options: argparse.Namespace) -> int:
    """0 when all is well, 1 when a snapshot or the heads' file is damaged.

    Raises what `verify` raises, and `JournalRewritten`.
    """
    from server.engine.engine import Engine  # after the kernels' cache is chosen

    text = Text(_WORDS[options.lang])
    heads = heads_report(place, options)
    start = time.perf_counter()
    verified = verify(place.journal, place.snapshots, Engine, heads.checked.marks)
    seconds = time.perf_counter() - start
    _print(text, place.journal, verified, heads, seconds)
    return DAMAGED if verified.damaged or heads.flawed else 0


def _print(
    text: Text, journal: SqliteJournal, verified: Verified, heads: HeadsReport, seconds: float
) -> None:
    identity = journal.identity
    created = wall_text(identity.created)
    print(text.fact("journal", str(journal.path)))
    print(text.fact("market", text("market_text", market=identity.market, created=created)))
    batches, commands = verified.batches, verified.commands
    print(text.fact("records", text("records_text", batches=batches, commands=commands)))
    print(text.fact("replay", text("replay_text", events=verified.events, seconds=seconds)))
    for witnessed in verified.agreed:
        print(text.labelled(_named(text, witnessed.source), text("agrees", seq=witnessed.seq)))
    for source in verified.older:
        print(text.labelled(_named(text, source), text("older")))
    for skipped in verified.damaged:
        print(text.labelled(skipped.path.name, text("damaged", why=skipped.why)))
    print(text.fact("state", verified.state_hash.hex()))
    print(text.fact("head", verified.head_digest.hex()))
    for line in heads.lines(verified.closed):
        print(line)
    print(text("flawed" if verified.damaged else "unsigned" if heads.flawed else "whole"))


def _named(text: Text, source: str) -> str:
    return text("shutdown") if source == "shutdown" else source

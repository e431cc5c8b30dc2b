"""Signed heads against a journal: the first one that does not hold, and where the change must be.

This compares what the journal has written down beside its records; that the records give those
digests is the chain's own check. Both together prove the journal as far as the last head.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from server.journal.chain import Mark
from server.journal.heads import NONE_BEFORE, Head, Signed, genesis_of, parse_line
from server.journal.journal import Journal


class Fault(StrEnum):
    EDITED = "edited"
    FOREIGN_KEY = "foreign_key"
    DROPPED = "dropped"
    OTHER_JOURNAL = "other_journal"
    CUT = "cut"
    REWRITTEN = "rewritten"


_SENTENCES = {
    Fault.EDITED: (
        "第 {line} 行不是有效的签名链头（被改动）",
        "line {line} is not a signed head as it was written (edited)",
    ),
    Fault.FOREIGN_KEY: (
        "第 {line} 行的链头由未获认可的密钥 {key} 签名",
        "the head in line {line} is signed by a key that nobody vouches for: {key}",
    ),
    Fault.DROPPED: (
        "第 {line} 行之前缺少链头：该行编号 {number}，与前一行不衔接",
        "a head is missing before line {line}: it has number {number} and follows another line",
    ),
    Fault.OTHER_JOURNAL: (
        "第 {line} 行的链头属于另一份日志（{market}）",
        "the head in line {line} is of another journal ({market})",
    ),
    Fault.CUT: (
        "日志被截断：第 {line} 行（{date}）的链头在序号 {seq}，日志只到序号 {last}",
        "the journal was cut at sequence {last}: the head in line {line} ({date}) is at {seq}",
    ),
    Fault.REWRITTEN: (
        (
            "日志被改写：与第 {line} 行（{date}）的链头不符；"
            "改动在序号 {first} 至 {seq} 之间，日期 {since} 至 {date}"
        ),
        (
            "the journal was rewritten: it disagrees with the head in line {line} ({date});"
            " the change lies between sequence {first} and {seq}, dated {since} to {date}"
        ),
    ),
}


class HeadFault(msgspec.Struct, frozen=True):
    """The first line that does not hold.

    `seq` and `date` are the head's; the change lies after `good_seq`, on `good_date` or later.
    """

    fault: Fault
    line: int
    number: int = 0
    key: str = ""
    market: str = ""
    seq: int = 0
    date: int = 0
    good_seq: int = 0
    good_date: int = 0
    last_seq: int = 0

    @property
    def in_journal(self) -> bool:
        """The head is genuine: it is the journal that is not what was signed."""
        return self.fault in {Fault.CUT, Fault.REWRITTEN}

    def sentence(self, language: str = "en") -> str:
        return _SENTENCES[self.fault][0 if language == "zh" else 1].format(
            line=self.line,
            number=self.number,
            key=self.key,
            market=self.market,
            seq=self.seq,
            date=day_text(self.date),
            first=self.good_seq + 1,
            since=day_text(self.good_date or self.date),
            last=self.last_seq,
        )

    def __str__(self) -> str:
        return self.sentence()


class HeadsChecked(msgspec.Struct, frozen=True):
    """The heads that hold, oldest first, and the first line that does not."""

    heads: tuple[Head, ...]
    fault: HeadFault | None = None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What they say of the chain, for those who read it."""
        return tuple(
            Mark(head.seq, bytes.fromhex(head.digest), f"head {head.number}, {head.date}")
            for head in self.heads
        )

    def days_without(self, closed: Iterable[tuple[int, int]]) -> list[int]:
        """Which of the days (date, sequence number of its close) have no head of their own."""
        signed = {head.date for head in self.heads if head.kind == "day"}
        return [date for date, _ in closed if date not in signed]


def day_text(date: int) -> str:
    return f"{date // 10_000:04}-{date // 100 % 100:02}-{date % 100:02}"


def check_heads(lines: Sequence[bytes], keys: Iterable[str], journal: Journal) -> HeadsChecked:
    """Checks the lines of a heads file in order, up to the first that does not hold.

    `keys` are the public keys that are trusted. A trusted key may hand over to another, and is not
    trusted after that; and with each line it signs it vouches for all lines before.
    """
    file = [_genuine(line) for line in lines]
    vouched = _vouched(file, set(keys))
    genesis = genesis_of(journal)
    held: list[Head] = []
    previous = NONE_BEFORE
    for i, signed in enumerate(file, 1):
        if signed is None:
            return HeadsChecked(tuple(held), HeadFault(Fault.EDITED, i))
        head = signed.head
        good = held[-1] if held else None
        fault = None
        if head.previous != previous or head.number != i:
            fault = HeadFault(Fault.DROPPED, i, number=head.number)
        elif i > vouched:
            fault = HeadFault(Fault.FOREIGN_KEY, i, key=head.key)
        fault = fault or _fault_in_journal(head, i, genesis, good, journal)
        if fault:
            return HeadsChecked(tuple(held), fault)
        held.append(head)
        previous = signed.digest
    return HeadsChecked(tuple(held))


def _genuine(line: bytes) -> Signed | None:
    signed = parse_line(line)
    return signed if signed and signed.genuine else None


def _vouched(file: Sequence[Signed | None], trusted: set[str]) -> int:
    """The last line that a trusted key has signed; 0 for none."""
    last = 0
    for i, signed in enumerate(file, 1):
        if signed and signed.head.key in trusted:
            last = i
            if signed.head.new_key:
                trusted.remove(signed.head.key)
                trusted.add(signed.head.new_key)
    return last


def _fault_in_journal(
    head: Head, line: int, genesis: str, good: Head | None, journal: Journal
) -> HeadFault | None:
    """What is wrong with the journal by this head, when the one before it was `good`."""
    if head.journal != genesis:
        return HeadFault(Fault.OTHER_JOURNAL, line, market=head.market)
    fault = None
    if head.seq > journal.last_seq:
        fault = Fault.CUT
    elif (journal.digest_at(head.seq) or b"").hex() != head.digest:
        fault = Fault.REWRITTEN
    if fault is None:
        return None
    return HeadFault(
        fault,
        line,
        number=head.number,
        seq=head.seq,
        date=head.date,
        good_seq=good.seq if good else 0,
        good_date=good.date if good else 0,
        last_seq=journal.last_seq,
    )

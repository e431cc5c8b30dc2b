"""`honghe audit key`, `sign` and `rotate`; and what signed heads say, for `verify`."""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.cli.audit_place import Place
from server.cli.audit_text import Text
from server.config import Config
from server.journal.head_check import HeadsChecked, check_heads, day_text
from server.journal.heads import HeadFile, Point, Signed, read_lines
from server.journal.keys import SigningKey, create_key, load_key, load_or_create_key, parse_public
from server.journal.recovery import recover

_SHOWN_DAYS = 10
_NEW = ".new"

_WORDS = {
    "zh": {
        "heads": "签名链头",
        "agree": "{count} 个链头与日志一致，{first} 至 {last}，到序号 {seq}",
        "no_heads": "没有签名链头",
        "no_key": "未核对：没有公钥（--key），也没有签名密钥 {key}",
        "without": "以下交易日没有自己的链头：{days}（由其后的链头覆盖，或尚未签名）",
        "beyond": "最后的链头在序号 {seq}，其后到 {last} 的记录没有签名",
        "file": "{file} 第 {line} 行起不可信：{why}",
        "signed": "已签名：第 {number} 个链头，序号 {seq}，{file}",
        "rotated": "新密钥 {key} 已由旧密钥签名承认，写入 {file}",
    },
    "en": {
        "heads": "signed heads",
        "agree": "{count} heads agree with the journal, {first} to {last}, up to sequence {seq}",
        "no_heads": "there are none",
        "no_key": "not checked: no public key (--key), and no signing key at {key}",
        "without": "days without a head of their own: {days} (a later one covers them, or none)",
        "beyond": "the last head is at sequence {seq}; up to {last} the journal is unsigned",
        "file": "{file} cannot be trusted from line {line} on: {why}",
        "signed": "signed: head {number}, sequence {seq}, {file}",
        "rotated": "the old key has signed the new one, {key}; it is in {file}",
    },
}


class JournalRewritten(Exception):
    """The journal is not the one that was signed; the text says where it changed."""


class HeadsReport:
    """The heads of a file against a journal, and the lines that say it."""

    def __init__(self, place: Place, path: Path, keys: list[str], language: str) -> None:
        """Raises `JournalRewritten` and `OSError`."""
        self._place, self._path, self._language = place, path, language
        self._text = Text(_WORDS[language])
        self._lines = read_lines(path)
        self._keys = keys
        self.checked = HeadsChecked(())
        if keys:
            self.checked = check_heads(self._lines, keys, place.journal)
        fault = self.checked.fault
        if fault and fault.in_journal:
            raise JournalRewritten(f"{path.name}: {fault.sentence(language)}")

    @property
    def flawed(self) -> bool:
        return self.checked.fault is not None

    def lines(self, closed: tuple[tuple[int, int], ...]) -> Iterator[str]:
        """`closed` are the days that the journal holds, with the number each closed at."""
        yield self._text.fact("heads", self._summary())
        if not self._keys or not self._lines:
            return
        fault, heads = self.checked.fault, self.checked.heads
        if fault:
            why, file = fault.sentence(self._language), self._path.name
            yield self._text.labelled("", self._text("file", file=file, line=fault.line, why=why))
        days = [day_text(day) for day in self.checked.days_without(closed)]
        if days:
            shown = ", ".join(days[:_SHOWN_DAYS]) + (" …" if len(days) > _SHOWN_DAYS else "")
            yield self._text.labelled("", self._text("without", days=shown))
        last, seq = self._place.journal.last_seq, heads[-1].seq if heads else 0
        if seq < last:
            yield self._text.labelled("", self._text("beyond", seq=seq, last=last))

    def _summary(self) -> str:
        heads, text = self.checked.heads, self._text
        if not self._lines:
            return text("no_heads")
        if not self._keys:
            return text("no_key", key=self._place.key)
        if not heads:
            return text("agree", count=0, first="-", last="-", seq=0)
        first, last = day_text(heads[0].date), day_text(heads[-1].date)
        return text("agree", count=len(heads), first=first, last=last, seq=heads[-1].seq)


def heads_options() -> argparse.ArgumentParser:
    """The options of `verify` alone, as a parent parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--heads", metavar="FILE", help="别处保存的签名链头 / signed heads kept elsewhere"
    )
    parser.add_argument(
        "--key",
        metavar="PUB",
        action="append",
        default=[],
        type=parse_public,
        help="签名公钥，或存有它的文件；可多次给出 / a public key, or a file with it; repeatable",
    )
    return parser


def heads_report(place: Place, options: argparse.Namespace) -> HeadsReport:
    """The report on what `verify` was given, else on the journal's own heads and key."""
    keys: list[str] = options.key
    if not keys and place.key.exists():
        keys = [load_key(place.key).public]
    path = Path(options.heads).expanduser() if options.heads else place.heads
    if options.heads:
        path.stat()  # no file is no heads, but not where one was named
    return HeadsReport(place, path, keys, options.lang)


def run_key(config: Config) -> int:
    """Prints the public key; makes the key when there is none. Raises `KeyUnusable`."""
    print(load_or_create_key(config.journal.key_path).public)
    return 0


def run_sign(place: Place, options: argparse.Namespace) -> int:
    """Checks the journal as a start does, and signs its head as it is now."""
    signed = _sign(place, options.lang, load_or_create_key(place.key))
    head, text = signed.head, Text(_WORDS[options.lang])
    print(text("signed", number=head.number, seq=head.seq, file=place.heads))
    return 0


def run_rotate(place: Place, options: argparse.Namespace) -> int:
    """Makes a new key, which the old one names in its last head and which signs the next.

    Raises `FileNotFoundError` when there is no key to hand over from.
    """
    old = load_key(place.key)
    fresh = place.key.with_name(place.key.name + _NEW)
    new = create_key(fresh)
    try:
        _sign(place, options.lang, old, new)
    except BaseException:
        fresh.unlink()
        raise
    fresh.replace(place.key)
    print(Text(_WORDS[options.lang])("rotated", key=new.public, file=place.key))
    return 0


def _sign(
    place: Place, language: str, key: SigningKey, new_key: SigningKey | None = None
) -> Signed:
    """The newest head, signed by `key`, or after a hand-over by `new_key`."""
    from server.engine.engine import Engine  # after the kernels' cache is chosen

    journal = place.journal
    checked = check_heads(read_lines(place.heads), [key.public], journal)
    if checked.fault:
        raise JournalRewritten(f"{place.heads.name}: {checked.fault.sentence(language)}")
    engine = recover(journal, place.snapshots, Engine, marks=checked.marks).engine
    heads = HeadFile(place.heads, key, journal)
    point = Point(
        "asked", engine.date, journal.last_seq, journal.head_digest, time.time_ns() // 1_000
    )
    if new_key:
        heads.add(msgspec.structs.replace(point, kind="key"), new_key)
    return heads.add(point)

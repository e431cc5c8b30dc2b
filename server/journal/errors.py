"""What can be wrong with a journal, as a stable kind, a sequence number and a sentence."""

from enum import StrEnum


class Damage(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    TORN = "torn"
    REPEATED = "repeated"
    MISPLACED = "misplaced"
    APPENDED = "appended"
    CUT = "cut"
    REWRITTEN = "rewritten"
    UNREADABLE = "unreadable"
    STATE_DIFFERS = "state_differs"


_SENTENCES = {
    Damage.CHANGED: ("序号 {seq} 的记录被改动", "the record at sequence {seq} was changed"),
    Damage.MISSING: ("缺少序号 {seq} 的记录", "the record at sequence {seq} is missing"),
    Damage.TORN: ("序号 {seq} 的记录不完整", "the record at sequence {seq} is torn"),
    Damage.REPEATED: ("序号 {seq} 的记录重复", "sequence {seq} is recorded twice"),
    Damage.MISPLACED: (
        "序号 {seq} 处是另一条记录（调换或重复）",
        "another record stands at sequence {seq} (swapped or repeated)",
    ),
    Damage.APPENDED: (
        "序号 {seq} 起有链外追加的记录",
        "records were appended outside the chain from sequence {seq}",
    ),
    Damage.CUT: (
        "日志末尾被截断，缺少序号 {seq} 起的记录",
        "the journal's end was cut: records from sequence {seq} are missing",
    ),
    Damage.REWRITTEN: (
        "截至序号 {seq} 的摘要链被改写",
        "the digest chain up to sequence {seq} was rewritten",
    ),
    Damage.UNREADABLE: (
        "序号 {seq} 处无法读取",
        "the journal cannot be read at sequence {seq}",
    ),
    Damage.STATE_DIFFERS: (
        "重放到序号 {seq} 得到的状态与当时记录的不同",
        "the state replayed to sequence {seq} is not the one recorded then",
    ),
}


class JournalCorrupt(Exception):
    """A record is not what was written. `seq` is the first sequence number it concerns.

    It is 0 when the damage lies before the first record (the file's head or its identity).
    """

    def __init__(self, seq: int, damage: Damage, detail: str = "") -> None:
        super().__init__(seq, damage, detail)
        self.seq = seq
        self.damage = damage
        self.detail = detail

    def sentence(self, language: str = "en") -> str:
        chinese, english = _SENTENCES[self.damage]
        text = (chinese if language == "zh" else english).format(seq=self.seq)
        prefix = "日志损坏：" if language == "zh" else "journal damaged: "
        return f"{prefix}{text}" + (f" ({self.detail})" if self.detail else "")

    def __str__(self) -> str:
        return self.sentence()


class JournalFailed(Exception):
    """A batch could not be made durable; the journal takes no more. Nothing of it may be told."""


class JournalUnusable(Exception):
    """The journal is whole but not ours to use now: in use, of another market or format, absent."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese = chinese
        self.english = english

    def sentence(self, language: str = "en") -> str:
        return self.chinese if language == "zh" else self.english

    def __str__(self) -> str:
        return f"{self.chinese} / {self.english}"


class JournalInUse(JournalUnusable):
    """A running server owns the file."""


class JournalForeign(JournalUnusable):
    """The file belongs to another market or format, or there is none where one must be."""

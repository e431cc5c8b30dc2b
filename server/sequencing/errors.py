"""Why the sequencer does not take a command."""

from enum import StrEnum

import msgspec


class StopKind(StrEnum):
    ASKED = "asked"
    JOURNAL = "journal"
    ENGINE = "engine"
    CRASHED = "crashed"


_SENTENCES = {
    StopKind.ASKED: ("服务器正在停止", "the server is stopping"),
    StopKind.JOURNAL: ("日志写入失败，交易已停止", "the journal failed: trading has stopped"),
    StopKind.ENGINE: ("交易引擎故障，交易已停止", "the engine failed: trading has stopped"),
    StopKind.CRASHED: ("服务器故障，交易已停止", "the server failed: trading has stopped"),
}


class StopReason(msgspec.Struct, frozen=True):
    """Why nothing is acknowledged any more, after which sequence number."""

    kind: StopKind
    seq: int
    detail: str = ""

    @property
    def in_order(self) -> bool:
        return self.kind is StopKind.ASKED

    def sentence(self, language: str = "en") -> str:
        chinese, english = _SENTENCES[self.kind]
        return chinese if language == "zh" else english


class Stopped(Exception):
    """The command was not acknowledged and never will be; it may or may not be in the journal."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        detail = f" ({self.reason.detail})" if self.reason.detail else ""
        return f"{self.reason.sentence()}{detail}"


class Overloaded(Exception):
    """Too many commands are waiting; this one was not taken."""

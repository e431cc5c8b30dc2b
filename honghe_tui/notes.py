"""Short-lived notes to the person: what was done, filled, refused."""

from collections import deque
from typing import Literal

import msgspec

Severity = Literal["information", "warning", "error"]

SHOWN_S: dict[Severity, float] = {"information": 4.0, "warning": 6.0, "error": 8.0}
HURRIED_S = 1.5  # when others wait
KEPT = 8


class Note(msgspec.Struct, frozen=True):
    """One sentence, already cleaned."""

    sentence: str
    severity: Severity


class Notes:
    """One note at a time, each long enough to be read; `now_s` is any monotonic clock.

    Toasts would lie over tables that repaint, and a repaint that cuts a Chinese character in two
    leaves a hole in it.
    """

    def __init__(self) -> None:
        self._waiting: deque[Note] = deque(maxlen=KEPT)
        self._since_s: float | None = None

    def add(self, note: Note) -> None:
        self._waiting.append(note)

    def current(self, now_s: float) -> Note | None:
        """The note to show now."""
        while self._waiting:
            note = self._waiting[0]
            if self._since_s is None:
                self._since_s = now_s
            patience = HURRIED_S if len(self._waiting) > 1 else SHOWN_S[note.severity]
            if now_s - self._since_s < patience:
                return note
            self._waiting.popleft()
            self._since_s = None
        return None

"""Processes below one: that they are gone is seen by a handle, not by a number used again."""

import os
import select
from pathlib import Path

WITHIN_S = 60.0


class Descendants:
    """Handles to every process under `root` at this moment."""

    def __init__(self, root: int) -> None:
        self._handles = [(pid, os.pidfd_open(pid)) for pid in _below(root)]

    def __len__(self) -> int:
        return len(self._handles)

    def left_behind(self) -> list[int]:
        """Those that still run after a while; closes the handles."""
        left = [pid for pid, handle in self._handles if not _ended(handle)]
        for _, handle in self._handles:
            os.close(handle)
        return left


def _ended(handle: int) -> bool:
    return bool(select.select([handle], [], [], WITHIN_S)[0])


def _below(root: int) -> list[int]:
    children = [
        int(pid)
        for task in Path(f"/proc/{root}/task").iterdir()
        for pid in (task / "children").read_text().split()
    ]
    return [*children, *(pid for child in children for pid in _below(child))]

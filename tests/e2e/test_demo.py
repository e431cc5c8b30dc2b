"""The whole, as one sees it: `honghe demo` in a terminal of 120x40, driven by its keys."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.e2e.keys import QUOTE_ROW, order_with_enter_held_down
from tests.e2e.processes import Descendants
from tests.e2e.terminal import Terminal, opened

pytestmark = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux's pidfd")

DEMO = [sys.executable, "-P", "-m", "honghe_tui.cli", "demo", "--speed=20", "--seed=7"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The only one in which the demo may leave anything."""
    return tmp_path


@pytest.fixture
def demo(directory: Path) -> Iterator[Terminal]:
    with open_demo(directory) as terminal:
        terminal.wait_for(QUOTE_ROW)
        yield terminal


def open_demo(directory: Path) -> AbstractContextManager[Terminal]:
    return opened(DEMO, os.environ | {"TMPDIR": str(directory)}, directory)


def test_an_order_by_keyboard_through_every_page_and_out(demo: Terminal, directory: Path) -> None:
    order_with_enter_held_down(demo)
    demo.wait_for(r"工商银行 +买入 .*已报")
    for page, seen in enumerate(PAGES, 1):
        demo.forget()
        demo.type(str(page))
        demo.wait_for(seen)
    below = Descendants(demo.process.pid)
    assert len(below) >= 1
    demo.type("q")
    assert demo.ended() == 0
    assert below.left_behind() == []
    assert list(directory.iterdir()) == []


PAGES = (
    QUOTE_ROW,
    r"工商银行 601398\.SSE",
    "未成交",
    r"总资产|市值 ",
    "维持担保比例与四条线",
    "合约已开立",
    "还没有结算单",
    "任何页面",
)


def test_a_client_that_is_killed_leaves_no_server(demo: Terminal, directory: Path) -> None:
    below = Descendants(demo.process.pid)
    assert len(below) >= 1
    demo.process.send_signal(signal.SIGKILL)
    assert demo.process.wait() == -signal.SIGKILL
    assert below.left_behind() == []
    assert list(directory.iterdir()) == []

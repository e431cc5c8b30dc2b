"""A server that is killed in mid-session: the terminal says so, and is live again when it is."""

import os
import signal
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from tests.e2e.keys import QUOTE_ROW, order_with_enter_held_down
from tests.e2e.serving import PASSWORD, add_user, free_port, serving
from tests.e2e.terminal import Terminal, opened
from tests.e2e.wire import orders_of, pay_in

USERNAME = "trader"
MONEY = 1_000_000_000  # 100,000 yuan


def test_orders_are_there_when_the_server_is_back(tmp_path: Path) -> None:
    add_user(tmp_path, USERNAME)
    port = free_port()
    with serving(tmp_path, port) as server:
        url = server.url
        pay_in(url, USERNAME, PASSWORD, MONEY)
        with trading(url, tmp_path) as terminal:
            terminal.wait_for(QUOTE_ROW)
            number = order_with_enter_held_down(terminal)
            before = orders_of(url, USERNAME, PASSWORD)
            assert [str(order.order_id) for order in before] == [number]
            terminal.forget()
            server.process.send_signal(signal.SIGKILL)
            terminal.wait_for("次重连")
            with serving(tmp_path, port):
                terminal.forget()
                terminal.press_until("\x12", "已连接")
                terminal.type("1")
                terminal.wait_for(QUOTE_ROW)
                terminal.forget()
                terminal.press_until("3", rf"{number}　买入 工商银行 100 股")
                assert orders_of(url, USERNAME, PASSWORD) == before
                terminal.type("q")
                assert terminal.ended() == 0


def trading(url: str, directory: Path) -> AbstractContextManager[Terminal]:
    command = [sys.executable, "-P", "-m", "honghe_tui.cli", "trade"]
    environ = os.environ | {"HONGHE_PASSWORD": PASSWORD}
    return opened([*command, f"--server={url}", f"--user={USERNAME}"], environ, directory)

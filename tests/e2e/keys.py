"""What a trader types, and what the terminal then shows."""

import re

from tests.e2e.terminal import Terminal

QUOTE_ROW = r"\n.?\d{6} \S+ +\d+\.\d\d "
ESCAPE = "\x1b[27u"  # the key alone, and not the beginning of another
_LIMITS = r"限价区间 (\d+\.\d\d)~\d+\.\d\d"
_NUMBER = r"委托号(\d+)"


def order_with_enter_held_down(terminal: Terminal) -> str:
    """Buys 100 of a bank at the lowest price there is, where it stays; the order's number."""
    terminal.type("/601398")
    terminal.wait_for(r"\n>601398 工商银行")
    terminal.type("\r")
    terminal.press_until("b", _LIMITS)
    lowest = re.findall(_LIMITS, terminal.text)[-1]
    terminal.type(f"{lowest}\t100" + "\r" * 50)
    terminal.wait_for(rf"工商银行\(601398\) {lowest} × 100股")
    terminal.type("y" * 20 + "\r" * 100)
    number = terminal.wait_for(_NUMBER)[1]
    terminal.forget()
    terminal.type(ESCAPE)
    terminal.press_until("3", rf"{number}　买入 工商银行 100 股")
    assert set(re.findall(_NUMBER, terminal.text)) <= {number}
    return number

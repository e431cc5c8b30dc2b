"""What a person wants, as messages from screens to the app, which alone acts on them."""

from textual.message import Message

from honghe_tui.connection import Credentials
from honghe_tui.desk_act import Act, Subject
from honghe_tui.screens.forms import FormKind
from server.protocol.risk import WhatIfAccount
from server.protocol.words import Side


class LogIn(Message):
    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self.credentials = credentials


class OpenTicket(Message):
    """An order ticket, filled as far as it is known; nothing is sent by it."""

    def __init__(
        self, symbol: str, side: Side, account: int = -1, price: int = 0, quantity: int = 0
    ) -> None:
        super().__init__()
        self.symbol, self.account = symbol, account
        self.side: Side = side
        self.price, self.quantity = price, quantity


class ShowPage(Message):
    """One of `chrome.PAGES`."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page


class ShowInstrument(Message):
    def __init__(self, symbol: str) -> None:
        super().__init__()
        self.symbol = symbol


class Cancel(Message):
    """Cancel one working order."""

    def __init__(self, account: int, order_id: int) -> None:
        super().__init__()
        self.account, self.order_id = account, order_id


class CancelAll(Message):
    def __init__(self, account: int) -> None:
        super().__init__()
        self.account = account


class Acknowledge(Message):
    def __init__(self, notice_id: int) -> None:
        super().__init__()
        self.notice_id = notice_id


class LoadHistory(Message):
    """Orders and fills of all days, the newest or those before the ones that are known."""

    def __init__(self, *, earlier: bool) -> None:
        super().__init__()
        self.earlier = earlier


class LoadStatements(Message):
    pass


class OpenForm(Message):
    """One of the account forms."""

    def __init__(self, kind: FormKind, account: int) -> None:
        super().__init__()
        self.kind: FormKind = kind
        self.account = account


class ShowContract(Message):
    """All figures and terms of one account."""

    def __init__(self, account: int) -> None:
        super().__init__()
        self.account = account


class ShowProducts(Message):
    """The products, beginning with this one; -1 for the first."""

    def __init__(self, product: int = -1) -> None:
        super().__init__()
        self.product = product


class AskDeskPlan(Message):
    def __init__(self, account: int) -> None:
        super().__init__()
        self.account = account


class OpenDeskForm(Message):
    """What an officer wants to do to whom; it is asked for its reason first."""

    def __init__(self, act: Act, of: Subject) -> None:
        super().__init__()
        self.act: Act = act
        self.of = of


class AskPlan(Message):
    """What forced sales would send for one's own account."""

    def __init__(self, account: int) -> None:
        super().__init__()
        self.account = account


class SellLast(Message):
    """The wish to have a holding sold after all others, or no more."""

    def __init__(self, account: int, symbol: str) -> None:
        super().__init__()
        self.account, self.symbol = account, symbol


class OpenSuppose(Message):
    """What if, over one's own account."""

    def __init__(self, account: int) -> None:
        super().__init__()
        self.account = account


class AskForecast(Message):
    def __init__(self, question: WhatIfAccount) -> None:
        super().__init__()
        self.question = question

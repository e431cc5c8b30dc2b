"""What the fake server pushes for each window of the risk desk."""

from collections.abc import Callable

from server.protocol.desk import (
    DeskAccounts,
    DeskWindow,
    TomorrowList,
    UnsellableList,
    UnsellableShare,
)
from server.protocol.desk_acts import DeskAction, DeskActionList
from server.protocol.messages import Push
from server.protocol.words import DeskView
from tests.tui import canned


def shown(window: DeskWindow) -> Push:
    """What a window is told; each time the same."""
    if window.view == "accounts":
        asked = DeskAccounts(0, window.sort, window.offset, window.limit)
        return canned.desk_accounts(asked)
    return _VIEWS[window.view]()


def _locked() -> UnsellableList:
    share = UnsellableShare("600028.SSE", "suspended", 3, 60_000, 366_600 * 10_000)
    return UnsellableList(0, share.value, 12_000, [share])


def _actions() -> DeskActionList:
    act = DeskAction(7, "hold", 1_900, "价格有争议", canned.NOW, canned.WALL, 101)
    odd = DeskAction(
        *(6, "stop", 1_901, "演练", canned.NOW, canned.WALL),
        person=9_999,
        refused="unknown_person",
    )
    return DeskActionList(0, [act, odd])


_VIEWS: dict[DeskView, Callable[[], Push]] = {
    "overview": lambda: canned.overview(0),
    "calls": lambda: canned.desk_calls(0),
    "plans": lambda: canned.desk_plans(0),
    "stocks": lambda: canned.desk_stocks(0),
    "stress": lambda: canned.desk_stress(0),
    "tomorrow": lambda: TomorrowList(0, 2, [canned.tomorrow(0, 104), canned.tomorrow(0, 109)]),
    "unsellable": _locked,
    "actions": _actions,
}

"""What officers look at is pushed when it changes, and only that."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, get_args

import pytest

from server.engine import building
from server.gateway import desk_feed
from server.gateway.desk_feed import DeskFeed
from server.protocol.desk import (
    DeskAccountPage,
    DeskAccounts,
    DeskCallList,
    DeskWatch,
    DeskWindow,
    Overview,
    RatioBar,
    Stress,
    TomorrowList,
)
from server.protocol.session import Failed, Ok
from server.protocol.words import DeskView
from tests.gateway.client import Client, client
from tests.gateway.house import YUAN, House, house
from tests.gateway.test_desk import contract_of

T = TypeVar("T")

PICTURE = DeskWindow("overview")
PAGE = DeskWindow("accounts")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_feed, "FRAME_S", 0.01)


async def _price(made: House, yuan: int) -> None:
    price = building.price(0, yuan * YUAN)
    await made.do(building.concat([building.frame_begin(), price, building.frame_end()]))


async def _told(officer: Client, kind: type[T], wanted: Callable[[T], bool] = lambda _: True) -> T:
    """The newest of a kind that is wanted, wherever it came between the others."""
    async with asyncio.timeout(10):
        while not (found := [item for item in officer.of(kind) if wanted(item)]):
            await officer.receive()
    return found[-1]


async def _moved(officer: Client, before: list[RatioBar]) -> None:
    """Until the newest picture is another one."""
    async with asyncio.timeout(10):
        while officer.of(Overview)[-1].bars == before:
            await officer.receive()


async def _officer(made: House, wu: Client) -> None:
    await made.officer("wu")
    await wu.login("wu")


async def test_a_window_is_told_at_once_and_when_it_changes(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        contract = await contract_of(made)
        await _officer(made, wu)
        assert isinstance(await wu.ask(DeskWatch(0, [PICTURE, PAGE])), Ok)
        page = await _told(wu, DeskAccountPage)
        assert (page.id, page.total, page.items[0].account) == (0, 1, contract)
        assert (await _told(wu, Overview)).contracts == 1
        await _price(made, 8)
        fallen = await _told(wu, DeskAccountPage, lambda told: told.items[0].grade != "normal")
        assert fallen.items[0].ratio_ppm < page.items[0].ratio_ppm
        await _told(wu, Overview, lambda told: told.grades[0].accounts == 0)


async def test_what_has_not_changed_is_not_told_again(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        await contract_of(made)
        await _officer(made, wu)
        await wu.ask(DeskWatch(0, [PICTURE, DeskWindow("calls")]))
        await _told(wu, DeskCallList)
        for yuan in (9, 8, 7):
            before = (await _told(wu, Overview)).bars
            await _price(made, yuan)
            await _moved(wu, before)
        assert [len(each.items) for each in wu.of(DeskCallList)] == [0]


async def test_a_closed_window_is_told_no_more(tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as xu:
        await contract_of(made)
        await _officer(made, wu)
        await made.officer("xu")
        await xu.login("xu")
        for each in (wu, xu):
            await each.ask(DeskWatch(0, [PAGE]))
            await _told(each, DeskAccountPage)
        await wu.ask(DeskWatch(0, []))
        await _price(made, 8)
        await _told(xu, DeskAccountPage, lambda told: told.items[0].grade != "normal")
        assert len(wu.of(DeskAccountPage)) == 1


async def test_every_view_has_something_to_show(tmp_path: Path) -> None:
    views: tuple[DeskView, ...] = get_args(DeskView)
    async with house(tmp_path) as made, client(made) as wu:
        await contract_of(made)
        await _officer(made, wu)
        await wu.ask(DeskWatch(0, [DeskWindow(view) for view in views[:8]]))
        await wu.ask(DeskWatch(0, [DeskWindow(view) for view in views[8:]]))
        await wu.ask(DeskWatch(0, [DeskWindow("stress"), DeskWindow("tomorrow")]))
        assert len((await _told(wu, Stress)).steps) == 4
        await _told(wu, TomorrowList)


async def test_officers_share_what_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as made, client(made) as wu, client(made) as xu:
        await contract_of(made)
        await _officer(made, wu)
        await made.officer("xu")
        await xu.login("xu")
        for each in (wu, xu):
            await each.ask(DeskWatch(0, [PAGE]))
            await _told(each, DeskAccountPage)
        asked = Counter[str]()
        accounts = made.risk.desk.accounts

        def counted(question: DeskAccounts) -> DeskAccountPage:
            asked["accounts"] += 1
            return accounts(question)

        monkeypatch.setattr(made.risk.desk, "accounts", counted)
        await _price(made, 8)
        for each in (wu, xu):
            await _told(each, DeskAccountPage, lambda told: told.items[0].grade != "normal")
        assert asked["accounts"] <= 2  # the price may come in between two frames


@pytest.mark.parametrize(
    "windows", [[PICTURE] * 9, [DeskWindow("accounts", offset=-1)], [DeskWindow("calls")] * 20]
)
async def test_too_much_is_refused(windows: list[DeskWindow], tmp_path: Path) -> None:
    async with house(tmp_path) as made, client(made) as wu:
        await _officer(made, wu)
        failed = await wu.ask(DeskWatch(0, windows))
        assert isinstance(failed, Failed)
        assert failed.code == "out_of_range"


async def test_who_is_gone_costs_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as made:
        feed: DeskFeed = made.gateway.fanout.desk
        async with client(made) as wu:
            await _officer(made, wu)
            await wu.ask(DeskWatch(0, [PAGE]))
            await _told(wu, DeskAccountPage)
            assert feed.watched
        async with client(made) as xu:  # the house has noticed by the time it greets the next
            await made.officer("xu")
            await xu.login("xu")
            await xu.ask(DeskWatch(0, [PICTURE]))
            await _told(xu, Overview)
            assert feed.watched == {PICTURE}

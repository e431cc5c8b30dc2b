"""The notice card and the status bar."""

from dataclasses import replace

import msgspec
import pytest

from honghe_tui.widgets.notice_card import NoticeCard
from honghe_tui.widgets.status_bar import Status, StatusBar
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look, said

LIVE = Status(
    "live",
    data_age_ms=200,
    market="replay",
    market_label="历史回放 2015-08-20",
    market_time=canned.NOW,
    phase="continuous",
    interpolated=True,
    unread=2,
    worst_severity=3,
    person="demo",
)


async def test_a_notice_has_its_severity_in_words_its_time_and_its_body() -> None:
    card = NoticeCard(make_look())
    async with hosted(card, size=(50, 8)):
        card.show(canned.notices()[0])
        drawn = lines(card)
    assert drawn[0].startswith("[! 提醒] 维持担保比例低于提醒线")
    assert drawn[1].startswith("2015-08-20 09:45:00  账户 #2")
    assert "126.20%" in drawn[2] + drawn[3]
    assert drawn[-1].startswith("按 a 确认已读")


async def test_a_acknowledges_once() -> None:
    card = NoticeCard(make_look())
    async with hosted(card, size=(50, 8), heard=[NoticeCard.Acknowledged]) as pilot:
        card.show(canned.notices()[0])
        card.focus()
        await pilot.press("a", "a", "a")
        await pilot.pause()
        assert [m.notice_id for m in said(pilot)] == [1]
        assert "正在确认" in lines(card)[-1]
        card.not_sent(1)
        await pilot.press("a")
        await pilot.pause()
        assert [m.notice_id for m in said(pilot)] == [1, 1]
        card.show(canned.notices()[1])  # acknowledged already
        await pilot.press("a")
        await pilot.pause()
        assert len(said(pilot)) == 2
        assert lines(card)[-1].startswith("已确认")


async def test_a_long_body_is_scrolled() -> None:
    card = NoticeCard(make_look())
    body = "\n".join(f"第{n}行" for n in range(20))
    notice = msgspec.structs.replace(canned.notices()[0], body_zh=body)
    async with hosted(card, size=(50, 8)) as pilot:
        card.show(notice)
        card.focus()
        assert lines(card)[2].startswith("第0行")
        assert "上下键翻看" in lines(card)[-1]
        await pilot.press("down", "j", "up")
        assert lines(card)[2].startswith("第1行")
        await pilot.press(*["down"] * 40)
        assert lines(card)[6].startswith("第19行")


async def test_the_status_bar_has_everything_at_eighty_columns() -> None:
    bar = StatusBar(make_look())
    async with hosted(bar, size=(80, 1)):
        bar.show(LIVE)
        shown = lines(bar)[0]
    for part in (
        "● 已连接", "行情<1s", "历史回放 2015-08-20", "插值", "10:31:00 连续竞价", "v 未读2",
    ):  # fmt: skip
        assert part in shown


async def test_the_date_is_told_once() -> None:
    bar = StatusBar(make_look())
    async with hosted(bar, size=(120, 1)):
        bar.show(LIVE)
        assert lines(bar)[0].count("2015-08-20") == 1
        bar.show(changed(LIVE, market_label="Simulated"))
        assert "2015-08-20 10:31:00" in lines(bar)[0]


def changed(status: Status, **changes: object) -> Status:
    return replace(status, **changes)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status("idle"), "- 未登录"),
        (Status("connecting"), "~ 正在连接"),
        (Status("waiting", cause="lost", retry_s=5), "! 连接断开 连接中断 5秒后重试"),
        (Status("waiting", cause="restart"), "! 连接断开 服务器重启"),
        (Status("stale", data_age_ms=12_200), "? 服务器无响应 行情12s 已延迟"),
        (Status("rejected", refusal="密码错误"), "x 登录被拒绝 密码错误"),
        (Status("closed"), "x 已关闭"),
    ],
)
async def test_every_state_of_the_connection_looks_like_itself(status: Status, words: str) -> None:
    bar = StatusBar(make_look())
    async with hosted(bar, size=(80, 1)):
        bar.show(status)
        assert words in lines(bar)[0]


async def test_the_narrowest_bar_keeps_the_connection() -> None:
    bar = StatusBar(make_look())
    async with hosted(bar, size=(40, 1)):
        bar.show(LIVE)
        shown = lines(bar)[0]
    assert "已连接 行情<1s" in shown
    assert "未读2" in shown
    assert "连续竞价" not in shown


async def test_only_a_visible_change_draws() -> None:
    bar = StatusBar(make_look())
    async with hosted(bar, size=(80, 1)):
        bar.show(LIVE)
        painted = bar.painted
        bar.show(changed(LIVE, data_age_ms=900))  # still under a second
        assert bar.painted == painted
        bar.show(changed(LIVE, data_age_ms=1_000))
        assert bar.painted == painted + 1

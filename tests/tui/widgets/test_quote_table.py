"""The quote list: what it shows, what moves in it, and how little it draws."""

import msgspec
from rich.color import Color
from textual.geometry import Region

from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.quote_columns import QuoteRow, amplitude_ppm, sort_key
from honghe_tui.widgets.quote_table import FLASH_S, QuoteTable
from honghe_tui.widgets.row_strip import RowStrip
from server.protocol.market import Instrument, Quote
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look, said
from tests.tui.widgets.samples import instruments, quotes

MAOTAI, PING_AN, BANK = "600519.SSE", "601318.SSE", "600036.SSE"
LOOK = make_look()


def table_of(count: int = 10) -> tuple[QuoteTable, dict[str, Instrument], dict[str, Quote]]:
    known, market = instruments(), quotes(count)
    return QuoteTable(LOOK, known, market), known, market


def moved(quote: Quote, ticks: int) -> Quote:
    return msgspec.structs.replace(quote, last=quote.last + 100 * ticks)


def background(table: QuoteTable, row: int, text: str) -> Color | None:
    """The background of the segment of a row that has `text`."""
    strip = table.render_line(row + 1)
    return next(s.style.bgcolor for s in strip if text in s.text and s.style is not None)


def test_the_amplitude_is_of_the_previous_close() -> None:
    """Section 7.2: (10.60 - 9.80) / 10.00 is 8 %, whatever the opening and the last price."""
    quote = Quote("600000.SSE", 0, 99_000, 100_000, open=103_000, high=106_000, low=98_000)
    assert amplitude_ppm(quote) == 80_000
    assert amplitude_ppm(Quote("600000.SSE", 0, 100_000, 100_000)) == 0


async def test_a_row_shows_the_quote() -> None:
    table, known, _ = table_of()
    async with hosted(table, size=(150, 20)):
        table.show(list(known))
        header, first = lines(table)[:2]
    assert header.split()[:6] == ["代码", "名称", "最新", "涨跌", "涨幅", "总手"]
    assert first.split()[1:8] == [
        "贵州茅台", "1638.00", "-42.00", "-2.50%", "1.235万", "20.22亿", "1637.99",
    ]  # fmt: skip


async def test_without_a_quote_a_row_shows_dashes_and_a_suspended_one_says_so() -> None:
    table, known, _ = table_of()
    async with hosted(table, size=(90, 20)):
        table.show(list(known))
        drawn = lines(table)
    assert drawn[12].split()[:4] == ["600000", "浦发银行", "--", "--"]
    assert "停牌" in drawn[4]


async def test_a_price_at_its_limit_is_marked_beside_its_colour() -> None:
    table, known, market = table_of()
    market[PING_AN] = msgspec.structs.replace(market[PING_AN], last=known[PING_AN].limit_up)
    async with hosted(table):
        table.show([PING_AN])
        assert "▲57.54" in lines(table)[1]


async def test_columns_go_by_rank_when_it_is_narrow() -> None:
    wanted = {
        44: ["代码", "名称", "最新", "涨幅"],
        62: ["代码", "名称", "最新", "涨跌", "涨幅", "总手"],
        80: ["代码", "名称", "最新", "涨跌", "涨幅", "总手", "金额", "买一"],
    }
    for width, titles in wanted.items():
        table, known, _ = table_of()
        async with hosted(table, size=(width, 8)):
            table.show(list(known)[:3])
            assert lines(table)[0].split() == titles


async def test_only_rows_in_sight_that_changed_are_drawn() -> None:
    table, known, market = table_of()
    async with hosted(table, size=(80, 6)) as pilot:  # five rows in sight
        table.show(list(known))
        await pilot.pause()
        lines(table)
        before = table.drawn_rows
        for symbol in (MAOTAI, "920128.BSE"):
            market[symbol] = moved(market[symbol], 1)
        table.update([MAOTAI, PING_AN, "920128.BSE", "no.such"])
        assert table.drawn_rows == before + 1  # PING_AN is the same, the other is out of sight
        table.update([MAOTAI])
        assert table.drawn_rows == before + 1


async def test_a_row_that_has_left_the_sight_is_drawn_when_it_comes_back() -> None:
    table, known, market = table_of()
    async with hosted(table, size=(80, 6)) as pilot:
        table.show(list(known))
        await pilot.pause()
        lines(table)
        table.scroll_to(y=5, animate=False)
        lines(table)
        drawn = table.drawn_rows
        market[MAOTAI] = moved(market[MAOTAI], 100)
        table.update([MAOTAI])
        assert table.drawn_rows == drawn
        table.scroll_to(y=0, animate=False)
        assert "1639.00" in lines(table)[1]


async def test_a_repaint_ends_at_the_last_column_that_changed() -> None:
    table, known, market = table_of()
    regions: list[Region] = []
    async with hosted(table, size=(120, 10)) as pilot:
        table.show(list(known))
        await pilot.pause()
        lines(table)
        refresh = table.refresh
        table.refresh = lambda *r, **_: regions.extend(r) or refresh(*r)
        market[PING_AN] = moved(market[PING_AN], 1)
        table.update([PING_AN])
        table.refresh = refresh
    # margin, code 6, name 10, last 9, change 8, change % 8, a cell between two
    assert regions == [Region(0, 2, 7 + 11 + 10 + 9 + 9, 1)]


async def test_a_changed_price_flashes_and_the_flash_ends_by_the_frame_clock() -> None:
    table, known, market = table_of()
    palette = LOOK.palette
    async with hosted(table) as pilot:
        table.show(list(known))
        table.tick(100.0)
        await pilot.pause()
        lines(table)
        for ticks, expected in ((2, palette.flash_up), (-1, palette.flash_down)):
            market[PING_AN] = moved(market[PING_AN], ticks)
            table.update([PING_AN])
            price = f"{market[PING_AN].last // 100 / 100:.2f}"
            assert background(table, 1, price) == Color.parse(expected)
        table.tick(100.0 + FLASH_S - 0.01)
        assert background(table, 1, "51.27") == Color.parse(palette.flash_down)
        drawn = table.drawn_rows
        table.tick(100.0 + FLASH_S)
        assert background(table, 1, "51.27") != Color.parse(palette.flash_down)
        assert table.drawn_rows == drawn + 1


async def test_a_first_price_does_not_flash() -> None:
    table, known, market = table_of(count=1)
    async with hosted(table) as pilot:
        table.show(list(known))
        await pilot.pause()
        lines(table)
        market[PING_AN] = canned.quote(1)
        table.update([PING_AN])
        assert background(table, 1, "51.26") == background(table, 2, "--")


async def test_the_order_holds_still_while_prices_move() -> None:
    table, known, market = table_of()
    async with hosted(table):
        table.show(list(known))
        table.sort("change_percent")
        order = list(table.keys)
        assert order[0] == "920128.BSE"  # +1.97 %
        assert order[-2:] == ["510300.SSE", "600000.SSE"]  # without quotes
        market[order[-3]] = moved(market[order[-3]], 50_000)
        table.update([order[-3]])
        assert table.keys == order
        table.resort()
        assert table.keys[0] == order[-3]
        table.sort("change_percent", descending=False)
        assert table.keys[-2:] == ["510300.SSE", "600000.SSE"]
        table.sort(None)
        assert table.keys == list(known)


def test_every_column_but_none_sorts() -> None:
    row = QuoteRow(canned.instruments()[0], canned.quote(0))
    for column in ("code", "name", "last", "change", "turnover", "amplitude", "sector", "prev"):
        assert sort_key(column)(row) is not None
    assert sort_key("last")(QuoteRow(row.instrument, None)) is None


async def test_keys_move_the_cursor_and_open_a_row() -> None:
    table, known, _ = table_of()
    heard = [LineTable.Selected, LineTable.Opened]
    async with hosted(table, size=(80, 6), heard=heard) as pilot:
        table.show(list(known))
        table.focus()
        symbols = list(known)
        for key, place in (
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("G", 11), ("g", 0),
            ("pagedown", 4), ("pageup", 0), ("end", 11), ("home", 0), ("j", 1),
        ):  # fmt: skip
            await pilot.press(key)
            assert table.cursor_key == symbols[place]
            row = place - table.scroll_offset.y
            assert lines(table)[row + 1].startswith(f">{symbols[place][:6]}")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(said(pilot)[-1], LineTable.Opened)
        assert said(pilot)[-1].key == PING_AN
        assert said(pilot)[-1].table is table


async def test_the_cursor_stays_with_its_row() -> None:
    table, known, _ = table_of()
    async with hosted(table) as pilot:
        table.show(list(known))
        table.move_to(BANK)
        table.sort("code")
        assert table.cursor_key == BANK
        table.show([MAOTAI, BANK])
        assert table.cursor_key == BANK
        table.show([MAOTAI])
        assert table.cursor_key == MAOTAI
        table.show([])
        await pilot.pause()
        assert table.cursor_key is None


async def test_the_mouse_selects_opens_and_sorts() -> None:
    table, known, _ = table_of()
    heard = [LineTable.Selected, LineTable.Opened, QuoteTable.Sorted]
    async with hosted(table, heard=heard) as pilot:
        table.show(list(known))
        await pilot.pause()
        await pilot.click(table, offset=(10, 3))
        assert table.cursor_key == BANK
        await pilot.double_click(table, offset=(10, 2))
        await pilot.pause()
        assert [m.key for m in said(pilot) if isinstance(m, LineTable.Opened)] == [PING_AN]
        await pilot.click(table, offset=(43, 0))
        await pilot.pause()
        assert table.sorted_by == ("change_percent", True)
        assert "涨幅▼" in lines(table)[0]
        await pilot.click(table, offset=(43, 0))
        assert table.sorted_by == ("change_percent", False)


async def test_sorting_keys() -> None:
    table, known, _ = table_of()
    async with hosted(table) as pilot:
        table.show(list(known))
        table.focus()
        await pilot.press("s")
        assert table.sorted_by == ("change_percent", True)
        assert table.cursor_key == table.keys[0] == "920128.BSE"
        await pilot.press("S")
        assert table.sorted_by == ("change_percent", False)
        await pilot.press("s", "s", "s", "s", "s")
        assert table.sorted_by is None


async def test_the_sort_mark_fades_once_prices_have_moved() -> None:
    table, known, market = table_of()

    def ink() -> Color | None:
        table.refresh()
        title = next(part for part in table.render_line(0) if "涨幅" in part.text)
        assert title.style is not None
        return title.style.color

    async with hosted(table):
        table.show(list(known))
        faded = ink()
        table.sort("change_percent")
        assert ink() != faded
        market[PING_AN] = moved(market[PING_AN], 1)
        table.update([PING_AN])
        assert ink() == faded
        table.resort()
        assert ink() != faded
        table.sort("code")
        market[PING_AN] = moved(market[PING_AN], 1)
        table.update([PING_AN])
        title = next(part for part in table.render_line(0) if "代码" in part.text)
        assert title.style is not None
        assert title.style.color != faded  # codes do not move


async def test_the_sort_mark_is_an_arrow_in_ascii_too() -> None:
    _, known, market = table_of()
    table = QuoteTable(make_look("en", "ascii"), known, market)
    async with hosted(table):
        table.show(list(known))
        table.sort("change_percent")
        assert "Chg%v" in lines(table)[0]
        table.sort("change_percent", descending=False)
        assert "Chg%^" in lines(table)[0]


async def test_an_empty_list_says_what_it_is() -> None:
    table = QuoteTable(LOOK, {}, {}, empty="没有符合的证券")
    async with hosted(table):
        assert any("没有符合的证券" in line for line in lines(table))


async def test_the_place_in_a_long_list_is_told_and_follows_the_wheel() -> None:
    table, known, _ = table_of()
    async with hosted(table, size=(80, 6)) as pilot:
        table.show(list(known))
        await pilot.pause()
        assert lines(table)[0].endswith("1-5/12")
        table.scroll_to(y=3, animate=False)
        assert lines(table)[0].endswith("4-8/12")
        assert lines(table)[1].split()[0] == "600028"


async def test_a_long_list_goes_straight_to_the_terminal() -> None:
    """No scrollbar and no border: what is painted are the table's own cheap strips."""
    table, known, _ = table_of()
    async with hosted(table, size=(80, 6)) as pilot:
        table.show(list(known))
        await pilot.pause()
        assert not table.gutter
        painted = table.render_lines(Region(0, 0, 80, 6))
        assert [type(strip) for strip in painted[1:]] == [RowStrip] * 5


async def test_a_shorter_list_is_not_shown_beyond_its_end() -> None:
    table, known, _ = table_of()
    async with hosted(table, size=(80, 6)) as pilot:
        table.show(list(known))
        await pilot.pause()
        table.action_last()
        table.show(list(known)[:4])
        await pilot.pause()
        assert lines(table)[1].split()[0].strip(">") == "600519"

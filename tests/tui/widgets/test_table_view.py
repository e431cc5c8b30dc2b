"""A table of keyed rows: equal rows cost nothing, the cursor stays with its key."""

import msgspec

from honghe_tui.widgets.columns import total_width
from honghe_tui.widgets.line_table import LineTable
from honghe_tui.widgets.table_view import TableView
from server.protocol.trading import Order
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look, said
from tests.tui.widgets.samples import order_columns

LOOK = make_look()


def orders() -> list[tuple[int, Order]]:
    return [(order.order_id, order) for order in canned.orders()]


def view(empty: str = "") -> TableView[Order]:
    return TableView(LOOK, order_columns(LOOK), empty=empty)


async def test_rows_stand_in_the_order_given() -> None:
    table = view()
    async with hosted(table, size=(60, 8)):
        table.show(orders())
        assert [line[1:].split()[0] for line in lines(table)[1:5]] == [
            "101", "102", "103", "104",
        ]  # fmt: skip
        assert "买入" in lines(table)[1]


async def test_equal_rows_are_not_drawn_again() -> None:
    table = view()
    async with hosted(table, size=(60, 8)) as pilot:
        table.show(orders())
        await pilot.pause()
        lines(table)
        drawn = table.drawn_rows
        table.show(orders())
        table.put(102, dict(orders())[102])
        lines(table)
        assert table.drawn_rows == drawn
        changed = msgspec.structs.replace(dict(orders())[102], filled=300)
        table.put(102, changed)
        assert table.drawn_rows == drawn + 1
        assert "300" in lines(table)[2]


async def test_a_new_row_on_top_keeps_the_cursor_on_its_order() -> None:
    table = view()
    async with hosted(table, size=(60, 8)) as pilot:
        table.show(orders())
        table.move_to(102)
        newer = msgspec.structs.replace(canned.orders()[0], order_id=200)
        table.show([(200, newer), *orders()])
        await pilot.pause()
        assert table.cursor_key == 102
        assert table.selected == dict(orders())[102]
        assert lines(table)[3].startswith(">   102")
        assert lines(table)[2].startswith("    101")


async def test_put_appends_an_unknown_key() -> None:
    table = view()
    async with hosted(table, size=(60, 8)):
        table.show(orders()[:1])
        table.put(102, dict(orders())[102])
        assert table.keys == [101, 102]
        assert table.row(102) == dict(orders())[102]
        assert table.row(7) is None


async def test_without_rows_a_sentence_stands_in_the_middle() -> None:
    table = view(empty="今天没有委托")
    async with hosted(table, size=(60, 9)) as pilot:
        assert lines(table)[4].strip() == "今天没有委托"
        table.show(orders())
        await pilot.pause()
        assert not any("今天没有委托" in line for line in lines(table))


async def test_a_column_without_room_is_left_out() -> None:
    table = view()
    width = total_width(table.columns)
    async with hosted(table, size=(width - 1, 8)):
        table.show(orders())
        assert lines(table)[0].split() == ["#", "symbol", "side"]


async def test_two_tables_are_told_apart_by_their_messages() -> None:
    first, second = view(), view()
    async with hosted(first, second, heard=[LineTable.Opened]) as pilot:
        for table in (first, second):
            table.show(orders())
        second.focus()
        await pilot.press("j", "enter")
        await pilot.pause()
        assert [(m.control, m.key) for m in said(pilot)] == [(second, 102)]


async def test_only_the_focused_table_s_cursor_has_the_cursor_s_ground() -> None:
    first, second = view(), view()
    async with hosted(first, second) as pilot:
        for table in (first, second):
            table.show(orders())
        first.focus()
        await pilot.pause()
        focused = next(iter(first.render_line(1))).style
        other = next(iter(second.render_line(1))).style
        assert focused is not None
        assert other is not None
        assert focused.bgcolor != other.bgcolor

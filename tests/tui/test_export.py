"""Ctrl+E writes the list in sight as CSV, and never over another file."""

import csv
from pathlib import Path

import msgspec
import pytest

from honghe_tui.app import HongheApp
from honghe_tui.export import export
from tests.tui import canned
from tests.tui.fake_server import FakeServer
from tests.tui.harness import Hands, drawn, make_app, running, screen_text

MOMENT = "20150820-103100"


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def files_in(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir()]


def exporting_to(directory: Path) -> HongheApp:
    app = make_app(FakeServer(), Hands(), "en", direct=True)
    config = app.terminal.config
    app.terminal.config = msgspec.structs.replace(config, export_dir=str(directory))
    return app


PAGES = {  # key: (page, rows, a field, one of its values)
    "1": ("quotes", 12, "last", "1638.0000"),
    "3": ("orders", 2, "price", "6.1100"),
    "4": ("positions", 3, "cost", "261550.0000"),
    "6": ("notices", 2, "severity", "3"),
    "7": ("statements", 1, "date", "2015-08-20"),
}


async def test_a_list_is_written_whole(tmp_path: Path) -> None:
    app = exporting_to(tmp_path)
    async with running(app) as pilot:
        for key, (page, count, field, value) in PAGES.items():
            await pilot.press(key)
            await drawn(app, pilot)
            await pilot.press("ctrl+e")
            await drawn(app, pilot)
            path = tmp_path / f"honghe-{page}-{MOMENT}.csv"
            found = rows_of(path)
            assert len(found) == count
            assert value in {row[field] for row in found}
        assert "Exported 12 rows to" in screen_text(app)


async def test_where_nothing_can_be_written_it_is_told(tmp_path: Path) -> None:
    app = exporting_to(tmp_path / "nowhere")
    async with running(app) as pilot:
        await pilot.press("ctrl+e")
        await drawn(app, pilot)
        assert "Cannot write to" in screen_text(app)


async def test_a_page_without_a_list_writes_nothing(tmp_path: Path) -> None:
    app = exporting_to(tmp_path)
    async with running(app) as pilot:
        await pilot.press("8", "ctrl+e")
        await drawn(app, pilot)
    assert files_in(tmp_path) == []


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    fills = canned.fills()
    first = export(fills, tmp_path, "fills")
    second = export(fills[:1], tmp_path, "fills")
    assert (first.name, second.name) == ("fills.csv", "fills-2.csv")
    assert len(rows_of(first)) == len(fills)
    assert len(rows_of(second)) == 1


@pytest.mark.parametrize("name", ["=1+1", "+1", "@x", "-1"])
def test_a_text_is_no_formula(tmp_path: Path, name: str) -> None:
    """What a person wrote must not be carried out by a spreadsheet."""
    account = msgspec.structs.replace(canned.accounts()[0], name=name)
    assert rows_of(export([account], tmp_path, "accounts"))[0]["name"] == f"'{name}"

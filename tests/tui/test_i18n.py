"""Both catalogues say the same things."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from honghe_tui.i18n import Catalogue, flatten, texts
from honghe_tui.link_state import Cause, LinkKind

SOURCE = Path(__file__).parents[2] / "honghe_tui"
LITERAL_KEY = re.compile(r'(?:\bt|\btext|\b_say)\(\s*"((?:app|screen|word)\.[a-z_0-9.]+)"')


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    assert texts("zh").keys() == texts("en").keys()


def test_both_languages_have_the_same_placeholders() -> None:
    zh, en = texts("zh"), texts("en")
    assert {key: placeholders(zh[key]) for key in zh} == {key: placeholders(en[key]) for key in zh}


def test_every_key_that_the_code_names_is_there() -> None:
    known = texts("zh").keys()
    named = {
        key
        for file in SOURCE.rglob("*.py")
        for key in LITERAL_KEY.findall(file.read_text(encoding="utf-8"))
    }
    assert len(named) > 30
    assert named - known == set()


def test_english_has_no_chinese_in_it() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [key for key, text in texts("en").items() if chinese.search(text)] == []


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Catalogue("zh").t("screen.nowhere")


def test_a_text_that_is_none_is_an_error() -> None:
    with pytest.raises(TypeError, match=r"a\.b"):
        flatten({"a": {"b": 1}})


def test_values_may_be_called_anything() -> None:
    assert "k = v" in Catalogue("en").t("app.cli.bad_setting", key="k", value="v", passes="p")


def test_every_state_and_cause_of_the_connection_has_its_words() -> None:
    known = texts("zh").keys()
    causes = [cause for cause in get_args(Cause) if cause]
    wanted = {f"app.cause.{cause}" for cause in causes}
    wanted |= {f"widget.status.cause_{cause}" for cause in causes}
    wanted |= {f"widget.status.{kind}" for kind in get_args(LinkKind)}
    assert wanted - known == set()

"""`honghe audit` with signed heads, as an operator and an auditor elsewhere type it."""

import json
import shutil
from pathlib import Path

import pytest

from tests.journal.journals import rewrite
from tests.journal.runs import Place


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def forge(place: Place) -> None:
    """A forger with all the time in the world, but without the key."""
    rewrite(place.journal, 212)
    shutil.rmtree(place.directory / "snapshots")


def test_the_key_is_shown_and_stays_the_same(said, place: Place) -> None:
    code, first, _ = said("key")
    assert (code, len(first)) == (0, 65)
    assert said("key")[1] == first
    assert not list(place.directory.glob("*key*"))


def test_a_signed_head_is_verified_from_a_copy_elsewhere(
    said, place: Place, tmp_path: Path
) -> None:
    assert "没有签名链头" in said("verify")[1]
    code, out, _ = said("sign")
    assert (code, "第 1 个链头，序号 611" in out) == (0, True)
    public = said("key")[1].strip()
    elsewhere = tmp_path / "elsewhere.jsonl"
    shutil.move(place.directory / "heads.jsonl", elsewhere)
    shutil.rmtree(tmp_path / "home")
    code, out, _ = said("verify", "--heads", str(elsewhere), "--key", public)
    assert code == 0
    assert "1 个链头与日志一致，2015-08-24 至 2015-08-24，到序号 611" in out
    assert out.endswith("核验通过\n")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "改动在序号 1 至 611 之间，日期 2015-08-24 至 2015-08-24"),
        ("en", "between sequence 1 and 611, dated 2015-08-24 to 2015-08-24"),
    ],
)
def test_a_recomputed_chain_is_named(said, place: Place, language: str, words: str) -> None:
    said("sign")
    forge(place)
    code, out, err = said("verify", "--lang", language)
    assert (code, out) == (1, "")
    assert words in err
    assert err.count("\n") == 1


def test_without_the_heads_nothing_tells_of_a_recomputed_chain(said, place: Place) -> None:
    forge(place)
    assert said("verify")[0] == 0


def test_an_edited_line_is_named_though_the_journal_is_whole(said, place: Place) -> None:
    said("sign")
    file = place.directory / "heads.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"seq":611', b'"seq":610'))
    code, out, _ = said("verify", "--lang", "en")
    assert code == 1
    assert "line 1 is not a signed head as it was written" in out
    assert out.endswith("the journal is whole, but the file of signed heads is not\n")


def test_a_new_key_is_vouched_for_by_the_old(said, place: Place) -> None:
    said("sign")
    old = said("key")[1].strip()
    code, out, _ = said("rotate", "--lang", "en")
    new = said("key")[1].strip()
    assert (code, new in out, new != old) == (0, True, True)
    lines = (place.directory / "heads.jsonl").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["asked", "key", "asked"]
    for trusted in (old, new):
        code, out, _ = said("verify", "--key", trusted, "--heads", str(_heads(place)))
        assert (code, "3 个链头与日志一致" in out) == (0, True)


def test_there_is_nothing_to_hand_over_from_without_a_key(said) -> None:
    code, _, err = said("rotate")
    assert (code, "journal.key" in err) == (2, True)


def test_a_heads_file_that_is_not_there_is_said(said, tmp_path: Path) -> None:
    code, _, err = said("verify", "--heads", str(tmp_path / "none.jsonl"))
    assert (code, "none.jsonl" in err) == (2, True)


def test_a_journal_that_differs_from_its_heads_is_not_signed_again(said, place: Place) -> None:
    said("sign")
    before = _heads(place).read_bytes()
    forge(place)
    for language, words in (("zh", "日志被改写"), ("en", "the journal was rewritten")):
        for command in ("sign", "rotate"):
            code, out, err = said(command, "--lang", language)
            assert (code, out) == (1, "")
            assert words in err
    assert _heads(place).read_bytes() == before


def _heads(place: Place) -> Path:
    return place.directory / "heads.jsonl"


def test_a_command_is_shown_with_its_batch_and_events(said) -> None:
    code, out, _ = said("show", "--seq", "10", "--lang", "en")
    assert code == 0
    assert "deposit  1,000,000.00  account 1" in out
    assert "sequence 1 to 11" in out
    assert "cash moved deposit amount 1,000,000.00 balance 1,000,000.00" in out


@pytest.mark.parametrize("seq", ["0", "612"])
def test_a_number_that_is_not_there_is_said(said, seq: str) -> None:
    code, out, err = said("show", "--seq", seq)
    assert (code, out) == (2, "")
    assert f"没有序号 {seq}：日志的序号从 1 到 611" in err


def test_an_order_is_shown_from_its_acceptance_to_its_end(said) -> None:
    _, seen, _ = said("show", "--account", "1", "--lang", "en")
    [*_, filled] = [line for line in seen.splitlines() if " fill " in line]
    order_id = filled.split("order #")[1].split()[0]
    code, out, _ = said("show", "--order", order_id, "--lang", "en")
    first, *rest = out.splitlines()
    assert code == 0
    assert first.split() == ["order", f"#{order_id}", "account", "1"]
    assert "order accepted 600000.SSE" in rest[0]
    assert filled in rest
    assert all(f"order #{order_id} " in line for line in rest)


def test_an_order_that_never_was_is_said(said) -> None:
    code, out, err = said("show", "--order", str(7 << 24 | 99_999))
    assert (code, out) == (2, "")
    assert "没有委托" in err

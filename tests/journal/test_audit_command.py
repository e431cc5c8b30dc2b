"""`honghe audit` as an operator types it."""

import pytest

from server.journal.sqlite import SqliteJournal
from tests.journal.journals import IDENTITY, flipped, tampering
from tests.journal.runs import LAST, Place, Run


def test_a_whole_journal_is_verified(run: Run, said) -> None:
    code, out, _ = said("verify")
    assert code == 0
    assert "31 批，611 条命令，摘要链完整" in out
    assert f"{run.events:,} 个事件" in out
    assert run.hashes[LAST].hex() in out
    assert "序号 411 的状态与重放一致" in out
    assert out.endswith("核验通过\n")


def test_it_speaks_english_when_asked(said) -> None:
    code, out, _ = said("verify", "--lang", "en")
    assert code == 0
    assert "31 batches, 611 commands, the digest chain is whole" in out
    assert out.endswith("verified\n")


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "序号 292 的记录被改动"), ("en", "the record at sequence 292 was changed")],
)
def test_one_changed_byte_makes_it_fail_and_name_the_place(
    place: Place, said, language: str, words: str
) -> None:
    with tampering(place.journal) as db:
        [(data,)] = db.execute("SELECT commands FROM batches WHERE first_seq = 292").fetchall()
        change = "UPDATE batches SET commands = ? WHERE first_seq = 292"
        db.execute(change, (flipped(data, 700),))
    code, _, err = said("verify", "--lang", language)
    assert code == 1
    assert words in err
    assert err.count("\n") == 1


def test_a_damaged_snapshot_makes_it_fail(place: Place, said) -> None:
    path = place.snapshot_file(411)
    path.write_bytes(flipped(path.read_bytes(), 4_000))
    code, out, _ = said("verify")
    assert code == 1
    assert "snapshot-411.bin" in out
    assert "快照损坏" in out
    assert "核验通过" not in out


def test_a_running_server_is_said_in_one_line(place: Place, said) -> None:
    owner = SqliteJournal.open(place.journal, IDENTITY)
    for language, words in (("zh", "正被另一个进程"), ("en", "in use by another process")):
        code, out, err = said("verify", "--lang", language)
        assert (code, out) == (2, "")
        assert words in err
        assert err.count("\n") == 1
    owner.close()


def test_no_journal_is_said_in_one_line(place: Place, said) -> None:
    place.journal.unlink()
    code, out, err = said("verify")
    assert (code, out) == (2, "")
    assert "没有日志文件" in err


def test_an_account_is_shown_as_it_was(said) -> None:
    code, out, _ = said("show", "--account", "2", "--at", "2015-08-24T09:30:00")
    lines = out.splitlines()
    assert code == 0
    assert "2015-08-24 09:30:00（上海）  序号 11" in lines[0]
    assert "合约 1:2（产品 0 版本 1）  人员 2" in lines[1]
    assert "600,000.00（冻结 0.00" in out
    assert "400,000.00（借款 400,000.00，利息 0.00；保证金 200,000.00）" in out
    assert "150.00%" in out
    assert "120.00%：资产 480,000.00，距此 120,000.00" in out
    assert "持仓                无" in out
    assert "合约开立 保证金 200,000.00 借款 400,000.00" in out


def test_what_is_shown_of_a_position_is_the_engines(run: Run, said) -> None:
    code, out, _ = said("show", "--account", "1", "--at", "#611", "--lang", "en")
    state = run.engine.state
    [row] = [p for p in state.positions if p["account"] == 1 and p["quantity"] > 0]
    position = next(line for line in out.splitlines() if line.startswith("  600000.SSE"))
    assert code == 0
    assert f"quantity {row['quantity']:,} sellable 0" in position
    assert f"bought today {row['bought_today']:,}" in position
    assert "fill 600000.SSE" in out
    assert "last events" in out


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--account", "7", "--at", "#600"), "账户 7 在 2015-08-24 09:30:30（序号 600）还不存在"),
        (("--account", "1", "--at", "#6000"), "日志到序号 611 为止"),
    ],
)
def test_what_there_is_not_cannot_be_shown(said, words: tuple[str, ...], answer: str) -> None:
    code, out, err = said("show", *words)
    assert (code, out) == (2, "")
    assert answer in err


@pytest.mark.parametrize("moment", ["yesterday", "#x", "10:31"])
def test_a_moment_that_is_none_is_wrong_usage(
    said, capsys: pytest.CaptureFixture[str], moment: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        said("show", "--account", "1", "--at", moment)
    assert ended.value.code == 2
    assert "2015-08-24T10:31:05 | #1234" in capsys.readouterr().err

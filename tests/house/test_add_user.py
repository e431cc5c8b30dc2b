"""`honghe-server --add-user`."""

from pathlib import Path

import pytest

from server.accounts.people import People
from server.database import open_database
from server.main import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("HONGHE_CONFIG", raising=False)


def test_the_person_can_log_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HONGHE_PASSWORD", "hunter2 hunter2")
    assert main([f"--data={tmp_path / 'data'}", "--add-user=Li Lei"]) == 0
    database = open_database(f"sqlite:///{tmp_path / 'data' / 'honghe.sqlite'}")
    person = People(database, lambda: 0).verify("li lei", "hunter2 hunter2")
    assert person is not None
    assert person.username == "li lei"
    database.dispose()


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_that_will_not_do_is_refused(
    password: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HONGHE_PASSWORD", password)
    assert main([f"--data={tmp_path / 'data'}", "--add-user=lilei"]) == 1
    assert "8 to 256" in capsys.readouterr().err


def test_a_name_is_given_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HONGHE_PASSWORD", "hunter2 hunter2")
    command = [f"--data={tmp_path / 'data'}", "--add-user=lilei"]
    assert [main(command), main(command)] == [0, 1]
    assert "taken" in capsys.readouterr().err


def test_two_different_passwords_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HONGHE_PASSWORD", raising=False)
    typed = iter(["hunter2 hunter2", "hunter3 hunter3"])
    monkeypatch.setattr("server.registering.getpass", lambda _: next(typed))
    assert main([f"--data={tmp_path / 'data'}", "--add-user=lilei"]) == 1
    assert "differ" in capsys.readouterr().err


def test_a_role_is_given_at_once_or_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HONGHE_PASSWORD", "hunter2 hunter2")
    data = f"--data={tmp_path / 'data'}"
    (tmp_path / "data").mkdir()
    database = open_database(f"sqlite:///{tmp_path / 'data' / 'honghe.sqlite'}")
    people = People(database, lambda: 0)

    def role() -> str:
        person = people.find("lilei")
        assert person is not None
        return person.role

    assert main([data, "--add-user=lilei", "--role=risk_officer"]) == 0
    assert role() == "risk_officer"
    assert main([data, "--set-role=LiLei", "--role=trader"]) == 0
    assert role() == "trader"
    assert main([data, "--set-role=nobody", "--role=risk_officer"]) == 1
    assert "nobody" in capsys.readouterr().err
    database.dispose()

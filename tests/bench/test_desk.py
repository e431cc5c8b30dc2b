"""The risk desk's bench asks what officers are shown: small, and no figure asserted."""

import pytest

from bench.desk import TOMORROW, book_of, questions, report
from bench.population import Population


def test_every_question_of_the_desk_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    report(accounts=40, instruments=5, times=1)
    lines = capsys.readouterr().out.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("the risk desk with 4"))
    asked = [name for name, _ in questions(Population(5, 40).engine)]
    assert [
        line[: len(name)] for name, line in zip(asked, lines[start + 2 :], strict=True)
    ] == asked


def test_calls_are_of_accounts_that_owe() -> None:
    engine = Population(5, 40).engine
    book = book_of(engine)
    assert book.calls
    assert all(engine.state.accounts[each]["debt"] > 0 for each in book.calls)
    assert engine.date < TOMORROW

"""docs/protocol.md is what the generator yields, and complete."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from server.cli import protocol_docs
from server.cli.protocol_docs import PAGE, main, page
from server.protocol import words
from server.protocol.messages import Frame, Push, Reply, Request


def test_the_committed_page_is_what_the_generator_yields() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m server.cli.protocol_docs"


def test_every_message_has_a_section_with_all_its_fields() -> None:
    text = page()
    for kind in (*get_args(Request), *get_args(Reply), *get_args(Push)):
        heading = f"### {kind.__struct_config__.tag}\n"
        assert text.count(heading) == 1, heading
        section = text.split(heading)[1].split("\n### ")[0]
        for field in msgspec.structs.fields(kind):
            assert f"| `{field.encode_name}` |" in section, (kind, field.name)


def test_every_word_and_code_is_listed() -> None:
    text = page()
    for name in ("Side", "Grade", "Phase", "OrderStatus", "Interval"):
        assert f"id='{name.lower()}'" in text
        for word in get_args(getattr(words, name)):
            assert f"`{word}`" in text
    for code in ("price_off_tick", "bad_message", "engine_stopped"):
        assert f"| `{code}` |" in text


def test_every_link_leads_somewhere() -> None:
    text = page()
    targets = {f"#{name.lower()}" for name in re.findall(r"^#{2,3} (\w+)$", text, re.MULTILINE)}
    targets |= {f"#{name}" for name in re.findall(r"<a id='(\w+)'>", text)}
    assert set(re.findall(r"\]\((#[\w-]+)\)", text)) <= targets


def test_the_conversation_is_in_the_protocol() -> None:
    """Each line is read strictly, and says nothing that the reader would drop."""
    conversation = re.search(r"## A conversation.*?```\n(.*?)```", page(), re.DOTALL)
    assert conversation
    lines = conversation[1].splitlines()
    assert {line[0] for line in lines} == {">", "<"}
    for line in lines:
        kind = Request if line[0] == ">" else Frame
        message = msgspec.json.decode(line[2:], type=kind)
        said = msgspec.json.decode(line[2:])
        assert covers(fields_of(message), said), line


def fields_of(message: object) -> object:
    """A message as plain values, defaults included."""
    if isinstance(message, msgspec.Struct):
        if message.__struct_config__.array_like:
            return [fields_of(value) for value in msgspec.structs.astuple(message)]
        fields = {name: fields_of(value) for name, value in msgspec.structs.asdict(message).items()}
        tag = message.__struct_config__.tag
        return fields | ({"type": tag} if tag else {})
    return [fields_of(each) for each in message] if isinstance(message, list) else message


def covers(full: object, said: object) -> bool:
    """Whether everything that was said is in the message as read."""
    if isinstance(said, dict) and isinstance(full, dict):
        return all(key in full and covers(full[key], value) for key, value in said.items())
    if isinstance(said, list) and isinstance(full, list):
        return len(full) == len(said) and all(map(covers, full, said))
    return full == said


def test_a_page_that_differs_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(protocol_docs, "PAGE", tmp_path / "protocol.md")
    assert main(["--check"]) == 1
    assert "protocol.md" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0

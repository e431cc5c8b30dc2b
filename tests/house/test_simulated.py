"""Section 8: a simulation only. No way out to an exchange or a bank, a mark on every statement."""

import ast
from pathlib import Path
from typing import get_args

from server.risk.catalogue import load_catalogue
from server.risk.runs import Kind

SERVER = Path(__file__).parents[2] / "server"
# What opens connections: a server that imports none of these sends no order and moves no money.
CLIENTS = ("httpx", "requests", "aiohttp", "urllib.request", "http.client", "socket", "smtplib")
OUTWARD = (*CLIENTS, "websockets.asyncio.client", "websockets.client", "websockets.sync.client")


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def test_the_server_connects_to_nobody() -> None:
    imported = {path: _imported(path) for path in SERVER.rglob("*.py")}
    assert any("websockets.asyncio.server" in names for names in imported.values())
    assert {
        path.name: names & set(OUTWARD) for path, names in imported.items() if names & set(OUTWARD)
    } == {}


def test_every_kind_of_statement_carries_the_mark() -> None:
    for kind in get_args(Kind):
        zh, en = load_catalogue().statement_title(kind)
        assert zh.endswith("（模拟交易，不构成要约）")
        assert en.endswith("(simulated, not an offer)")

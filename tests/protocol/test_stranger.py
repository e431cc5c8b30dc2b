"""A client by somebody who has docs/protocol.md, a WebSocket library and a JSON parser."""

import asyncio
import json
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from server.engine.codes import Side
from tests.gateway.house import house

PATIENCE_S = 10.0


class Stranger:
    """What the page says a client must keep: the token, the highest seq, what it was told."""

    def __init__(self, socket: ClientConnection, kept: "Stranger | None" = None) -> None:
        self.socket = socket
        self.number = 0
        self.token = kept.token if kept else ""
        self.seq = kept.seq if kept else 0
        self.orders: dict[int, dict[str, Any]] = kept.orders if kept else {}
        self.fills: dict[tuple[int, int], dict[str, Any]] = kept.fills if kept else {}
        self.positions: dict[tuple[int, str], dict[str, Any]] = {}
        self.accounts: dict[int, dict[str, Any]] = {}
        self.quotes: dict[str, dict[str, Any]] = {}
        self.depth: dict[str, dict[str, Any]] = {}

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Sends a request; returns its answer, taking in whatever else comes."""
        self.number += 1
        await self.socket.send(json.dumps({"type": kind, "id": self.number, **fields}))
        while True:
            for item in await self.hear():
                if item.get("id") == self.number:
                    return item

    async def hear(self) -> list[dict[str, Any]]:
        """Takes in one frame."""
        async with asyncio.timeout(PATIENCE_S):
            frame = json.loads(await self.socket.recv())
        assert frame["type"] == "frame"
        self.seq = max(self.seq, frame["seq"])
        for item in frame["items"]:
            self.take(item)
        return frame["items"]

    def take(self, item: dict[str, Any]) -> None:
        match item["type"]:
            case "welcome":
                self.token = item["token"]
            case "order":
                known = self.orders.get(item["order_id"])
                if known is None or item["seq"] >= known["seq"]:
                    self.orders[item["order_id"]] = item
            case "fill":
                self.fills[item["trade_no"], item["order_id"]] = item
            case "position":
                self.positions[item["account"], item["symbol"]] = item
            case "account":
                self.accounts[item["account"]] = item
            case "quote":
                self.quotes[item["symbol"]] = item
            case "depth":
                self.depth[item["symbol"]] = item


async def test_a_stranger_trades_from_the_page_alone(tmp_path: Path) -> None:
    async with house(tmp_path) as server:
        await server.person("anna")
        await server.quote(Side.SELL, fen=1_000, quantity=500)

        async with connect(server.url, subprotocols=["honghe.v1.json"], proxy=None) as socket:
            anna = Stranger(socket)
            welcome = await anna.ask("login", username="anna", password="correct horse")
            assert welcome["type"] == "welcome"
            assert welcome["resumed"] is False
            while not anna.accounts:
                await anna.hear()
            (account,) = anna.accounts
            assert anna.accounts[account]["cash"] == 1_000_000 * 10_000

            listed = await anna.ask("get_instruments")
            symbol = listed["items"][0]["symbol"]
            assert (await anna.ask("subscribe", quotes=[symbol], depth=[symbol]))["type"] == "ok"
            while symbol not in anna.depth:
                await anna.hear()
            assert anna.depth[symbol]["asks"] == [[100_000, 500]]
            assert anna.quotes[symbol]["ask"] == 100_000

            order = {
                "account": account, "symbol": symbol, "side": "buy", "order_type": "limit",
                "quantity": 300, "price": anna.quotes[symbol]["ask"], "client_order_id": "anna-1",
            }  # fmt: skip
            placed = await anna.ask("place_order", **order)
            assert placed["type"] == "placed"
            assert placed["duplicate"] is False
            assert placed["order"]["status"] == "filled"
            order_id = placed["order"]["order_id"]
            while not anna.fills or (account, symbol) not in anna.positions:
                await anna.hear()
            (fill,) = anna.fills.values()
            assert (fill["order_id"], fill["quantity"], fill["price"]) == (order_id, 300, 100_000)
            assert anna.positions[account, symbol]["quantity"] == 300

            again = await anna.ask("place_order", **order)
            assert (again["duplicate"], again["order"]["order_id"]) == (True, order_id)
            other = await anna.ask("place_order", **{**order, "quantity": 200})
            assert (other["type"], other["code"]) == ("failed", "client_order_id_reused")

            resting = {**order, "price": 95_000, "client_order_id": "anna-2"}
            resting_id = (await anna.ask("place_order", **resting))["order"]["order_id"]

        await server.quote(Side.SELL, fen=950, quantity=300)

        async with connect(server.url, subprotocols=["honghe.v1.json"], proxy=None) as socket:
            anna = Stranger(socket, kept=anna)
            assert anna.orders[resting_id]["status"] == "working"
            resumed = await anna.ask("resume", token=anna.token, last_seq=anna.seq)
            assert (resumed["type"], resumed["resumed"]) == ("welcome", True)
            while (account, symbol) not in anna.positions:
                await anna.hear()
            assert anna.orders[resting_id]["status"] == "filled"
            assert sorted(fill["order_id"] for fill in anna.fills.values()) == sorted(
                [order_id, resting_id]
            )
            assert anna.positions[account, symbol]["quantity"] == 600
            history = await anna.ask("get_orders")
            assert [each["order_id"] for each in history["items"]] == [resting_id, order_id]

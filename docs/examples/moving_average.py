"""Trades the cross of two moving averages: `python docs/examples/moving_average.py 600519`.

Buys a lot when the fast average of the closes rises above the slow one and sells what it can when
it falls below. The server, the user and the password are $HONGHE_SERVER, $HONGHE_USER and
$HONGHE_PASSWORD. It shows how a program uses `honghe_tui.client`; it is no advice.
"""

import argparse
import asyncio
import os

from honghe_tui.client import Client, draft
from honghe_tui.link_state import Refused
from honghe_tui.text import percent
from server.protocol.market import Bar

HISTORY = 480


def crossing(closes: list[int], fast: int, slow: int) -> int:
    """1 if the fast average has just crossed above the slow one, -1 if below, else 0.

    Sums are compared instead of quotients, so that nothing is rounded.
    """
    if len(closes) <= slow:
        return 0

    def above(end: int) -> bool:
        return sum(closes[end - fast : end]) * slow > sum(closes[end - slow : end]) * fast

    now, before = above(len(closes)), above(len(closes) - 1)
    return now - before


async def trade(client: Client, symbol: str, account: int, fast: int, slow: int) -> None:
    """Until the session ends; one order at most for each minute."""
    news = client.stream(Bar)
    closes = [bar.close for bar in await client.bars(symbol, "1m") if bar.final]
    client.watch_bars([symbol], "1m")
    async for bar in news:
        if bar.symbol != symbol or not bar.final:
            continue
        closes = [*closes[-HISTORY:], bar.close]
        turn = crossing(closes, fast, slow)
        if turn:
            await act(client, symbol, account, turn)


async def act(client: Client, symbol: str, account: int, turn: int) -> None:
    """Asks first what the order would do; a refusal is told, and the next cross awaited."""
    held = client.mirror.positions.get((account, symbol))
    if turn > 0:
        order = draft("buy", account, symbol, client.mirror.instruments[symbol].lot)
    elif held is not None and held.sellable:
        order = draft("sell", account, symbol, held.sellable)
    else:
        return
    try:
        ahead = await client.what_if(order)
        ratio = percent(ahead.ratio_after_ppm)
        print(f"{order.side} {order.quantity} {symbol}: the ratio would be {ratio}")
        placed = await client.place(order)
        print(f"order {placed.order_id}: {placed.status}, {placed.filled} filled")
    except Refused as refused:
        print(f"refused: {refused.failed.message_en}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("symbol")
    parser.add_argument("--account", type=int)
    parser.add_argument("--fast", type=int, default=5)
    parser.add_argument("--slow", type=int, default=20)
    options = parser.parse_args()
    server = os.environ.get("HONGHE_SERVER", "ws://127.0.0.1:8765")
    user, password = os.environ["HONGHE_USER"], os.environ["HONGHE_PASSWORD"]
    async with Client(server, user, password, language="en") as client:
        symbol = client.instrument(options.symbol).symbol
        account = client.account(options.account).account
        await trade(client, symbol, account, options.fast, options.slow)


if __name__ == "__main__":
    asyncio.run(main())

"""A process of clients: `python -m bench.soak.crowd` reads who it plays, and tallies on stdout.

A line a second says what they have seen; when stdin ends they finish, look at the record, and the
last line says `over`.
"""

import asyncio
import os
import sys

import msgspec
import uvloop

from bench.soak.plan import Crowd, Tally
from bench.soak.restless import Restless
from bench.soak.rude import Rude
from bench.soak.slow import Slow
from bench.soak.trader import Trader

ARRIVAL_S = 0.1  # between two clients: a login costs the server a password's hashing


async def play(crowd: Crowd, tally: Tally, over: asyncio.Event) -> None:
    kinds = ((Slow, crowd.slow), (Restless, crowd.restless), (Rude, crowd.rude))
    people = [kind(name, crowd, tally) for kind, names in kinds for name in names]
    people += [Trader(name, crowd, tally) for name in crowd.traders]
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(_live(person, tally, over))
            await asyncio.sleep(ARRIVAL_S)


async def _live(person: Trader | Slow | Restless | Rude, tally: Tally, over: asyncio.Event) -> None:
    """One client's error is said; the others go on."""
    try:
        await person.run(over)
    except Exception as error:  # noqa: BLE001  whatever it is, it must not be
        tally.complain(f"{type(person).__name__} gave up: {error!r}")


async def main() -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    crowd = msgspec.json.decode(sys.stdin.buffer.readline(), type=Crowd)
    loop.add_reader(sys.stdin.fileno(), lambda: os.read(0, 4_096) or over.set())
    tally = Tally()
    playing = asyncio.create_task(play(crowd, tally, over))
    while not playing.done():
        _say(tally)
        await asyncio.wait([playing], timeout=1.0)
    tally.over = True
    _say(tally)
    await playing


def _say(tally: Tally) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(tally) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())

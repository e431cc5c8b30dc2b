"""A trader whose connection never lasts: it resumes, asks again, and must have missed nothing."""

import asyncio

from bench.soak.link import Link, Lost, linked
from bench.soak.trader import Trader

LONGEST_S = 4.0  # that a connection lasts
IN_FLIGHT = 4


class Restless(Trader):
    async def run(self, over: asyncio.Event) -> None:
        async with linked(self._crowd.url, self.tally, self.hear) as link:
            await self.begin(link)
            self.last_seq = link.last_seq
        while not over.is_set():
            await self._briefly(link_for_s=self.rng.uniform(0.1, LONGEST_S), over=over)
        try:
            async with linked(self._crowd.url, self.tally, self.hear) as link:
                await self.resume(link)
                await self.finish(link)
        except (Lost, TimeoutError) as error:
            self.tally.complain(f"{self.name} could not come back: {error!r}")

    async def _briefly(self, link_for_s: float, over: asyncio.Event) -> None:
        """One connection, dropped in the middle of whatever is under way."""
        async with linked(self._crowd.url, self.tally, self.hear) as link:
            try:
                async with asyncio.timeout(link_for_s):
                    await self.resume(link)
                    async with asyncio.TaskGroup() as hands:
                        for _ in range(IN_FLIGHT):
                            hands.create_task(self._act(link, over))
            except (TimeoutError, Lost):
                pass
            self.last_seq = link.last_seq
            if self.rng.random() < 0.5:
                link.socket.transport.abort()  # without a word, as a network does

    async def _act(self, link: Link, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.act_once(link)

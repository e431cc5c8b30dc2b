"""The demo's trader: a cash account and contracts of 1:2, 1:3 and 1:4, invested on the first day.

The purchases are ordinary orders at the market's best offer, so every share has a seller and the
journal shows how the holdings came to be.
"""

import asyncio
import secrets
from dataclasses import dataclass

import structlog

from server.accounts.registration import register
from server.engine import building
from server.engine.codes import Event, HoldingClass, OrderType, Phase, Side
from server.engine.engine import Engine
from server.engine.queries import depth
from server.gateway.ports import Services
from server.journal.batch import Applied

USERNAME = "demo"
OFFICERS = ("risk1", "risk2")  # a release takes two; the demo's password is theirs too
CASH = 20_000_000_000  # 2,000,000 yuan
DEPOSIT = 2_000_000_000  # 200,000 yuan in each contract
LEAST_LEVERAGE = 2
SHARES = 10  # different ones a contract holds
INVESTED_PPM = 995_000  # what is left pays fees
SPREAD_PPM = 1_002_000  # commission and a tick, when money is turned into shares

_log = structlog.get_logger("honghe.demo")


@dataclass(slots=True)
class _Purchase:
    """A share one contract is still to buy, for so much money."""

    account: int
    instrument: int
    money: int


class DemoTraders:
    """Registers the demo's person in a new data directory and invests what it has.

    `applied` is a listener of the sequencer; it acts once a frame of continuous trading.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._contracts: list[int] = []
        self._purchases: list[_Purchase] = []
        self._waiting = False
        self._under_way = False

    async def open_accounts(self) -> tuple[str, str]:
        """User name and password; in a data directory that has the demo already, a new password."""
        password = secrets.token_urlsafe(12)
        people = self._services.people
        loop = asyncio.get_running_loop()
        await self._officers(password)
        if people.find(USERNAME):
            await loop.run_in_executor(None, people.set_password, USERNAME, password)
            return USERNAME, password
        person = await register(
            people,
            self._services.directory,
            self._services.sequencer,
            USERNAME,
            password,
            "演示交易员",
        )
        cash = self._services.directory.accounts_of(person.id)[0]
        await self._services.sequencer.submit(building.deposit(cash, CASH))
        for product in self._services.products:
            if product.family != "fixed" or not product.offered:  # others lend as they are used
                continue
            if product.leverage < LEAST_LEVERAGE:  # its lines are too far away to be seen moving
                continue
            command = building.contract_open(cash, product.product, DEPOSIT)
            events = await self._services.sequencer.submit(command)
            if int(events[0]["kind"]) != Event.CONTRACT_OPENED:
                raise RuntimeError(f"the demo's contract 1:{product.leverage} was refused")
            self._contracts.append(int(events[0]["account"]))
        self._waiting = True
        return USERNAME, password

    async def _officers(self, password: str) -> None:
        people, loop = self._services.people, asyncio.get_running_loop()
        for number, name in enumerate(OFFICERS, 1):
            if people.find(name):
                await loop.run_in_executor(None, people.set_password, name, password)
                continue
            shown = f"演示风控员{number}"
            await loop.run_in_executor(None, people.register, name, password, shown)
            await loop.run_in_executor(None, people.grant, name, "risk_officer")

    def applied(self, applied: Applied) -> None:
        """Starts the next round of purchases when the market has moved on."""
        if self._under_way or not (self._waiting or self._purchases):
            return
        if not (applied.commands["time"] > 0).any() or not _is_continuous(self._services.engine):
            return
        if self._waiting:
            self._purchases = self._plan()
            self._waiting = not self._purchases
        if self._purchases:
            self._under_way = True
            task = asyncio.ensure_future(self._buy())
            task.add_done_callback(self._bought)

    def _plan(self) -> list[_Purchase]:
        """Shares from all over the market, busy and quiet; each contract its own, evenly."""
        engine = self._services.engine
        offers = [instrument for _, instrument in sorted(_offers(engine), reverse=True)]
        wanted = min(len(offers), len(self._contracts) * SHARES)
        chosen = [offers[i * len(offers) // wanted] for i in range(wanted)]
        plan: list[_Purchase] = []
        for i, account in enumerate(self._contracts):
            cash = int(engine.state.accounts[account]["cash"])
            own = chosen[i :: len(self._contracts)]
            shares = own if len(own) == SHARES else chosen[:SHARES]
            plan += [
                _Purchase(account, share, cash * INVESTED_PPM // 1_000_000 // len(shares))
                for share in shares
            ]
        return plan

    async def _buy(self) -> None:
        """One order a purchase, at the best offer and for no more than is offered there."""
        engine = self._services.engine
        for purchase in list(self._purchases):
            _, asks = depth(engine, purchase.instrument, 1)
            if not asks:
                continue
            price, offered = asks[0]
            step = int(engine.state.instruments[purchase.instrument]["buy_step"])
            wanted = purchase.money * 1_000_000 // (price * SPREAD_PPM) // step * step
            if wanted == 0:
                self._purchases.remove(purchase)
                continue
            quantity = min(wanted, offered // step * step)
            if quantity == 0:
                continue
            order = building.order(
                purchase.account, purchase.instrument, Side.BUY, OrderType.LIMIT, price, quantity
            )
            events = await self._services.sequencer.submit(order)
            if int(events[0]["kind"]) == Event.ORDER_REJECTED:
                self._purchases.remove(purchase)
            else:
                purchase.money -= price * quantity

    def _bought(self, task: asyncio.Task[None]) -> None:
        self._under_way = False
        if not task.cancelled() and (error := task.exception()):
            self._purchases = []
            _log.warning("demo_purchases_ended", why=repr(error))


def _is_continuous(engine: Engine) -> bool:
    count = int(engine.state.header[0]["instruments"])
    return bool((engine.state.instruments["phase"][:count] == Phase.CONTINUOUS).any())


def _offers(engine: Engine) -> list[tuple[int, int]]:
    """(value on offer at the best price, instrument) of every share any contract may hold."""
    count = int(engine.state.header[0]["instruments"])
    found: list[tuple[int, int]] = []
    for index in range(count):
        row = engine.state.instruments[index]
        asks = depth(engine, index, 1)[1]
        if asks and row["holding_class"] == HoldingClass.MAIN and row["limit_ppm"] == 100_000:
            found.append((asks[0][0] * asks[0][1], index))
    return found

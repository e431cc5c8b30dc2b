"""A journal being written by a real engine, batch by batch, without a loop."""

import numpy as np

from server.engine import building
from server.engine.building import ALL, Commands
from server.engine.codes import AccountClass, LimitKind, MarkPolicy, OrderType, Origin, Phase, Side
from server.engine.engine import Engine
from server.engine.terms import DayTerms, FeeTerms, ProductTerms
from server.journal.batch import Applied, Batch
from server.journal.memory import MemoryJournal

YUAN = 10_000
DATE = 20_150_824
MAKER, ANNA, CONTRACT = 0, 1, 2

DAY = DayTerms(
    reference=10 * YUAN, limit_up=11 * YUAN, limit_down=9 * YUAN, tick=100, lot=100,
    buy_minimum=100, buy_step=100, sell_minimum=100, sell_step=100, max_limit_quantity=1_000_000,
    max_market_quantity=1_000_000, limit_ppm=100_000, valuation_ppm=1_000_000, fee_schedule=0,
    session=0, limit_kind=LimitKind.LIMITED, holding_class=0, suspended=0, same_day_sale=0,
)  # fmt: skip
FEES = FeeTerms(1, 250_000, 5 * YUAN, 0, 1_000_000, 20_000, 0, 48_700, 20_000)
PRODUCT = ProductTerms(
    version=1, leverage=2, annual_rate_ppm=72_000, day_count=360, remind_ppm=1_400_000,
    restrict_ppm=1_300_000, reduce_ppm=1_250_000, liquidate_ppm=1_200_000,
    class_cap_ppm=(1_000_000, 1_000_000, 1_000_000, 1_000_000), single_cap_ppm=1_000_000,
    exit_cost_ppm=2_000, deposit_minimum=1_000 * YUAN, deposit_maximum=100_000_000 * YUAN,
)  # fmt: skip


def day(date: int) -> list[Commands]:
    return [
        building.day_open(date, MarkPolicy.LAST_TRADE),
        building.instrument_day(0, DAY),
        building.ladders(),
        building.phase(ALL, Phase.CONTINUOUS),
    ]


def order(
    account: int, side: Side, fen: int, quantity: int, client_order_id: str = "", origin: int = 0
) -> Commands:
    return building.order(
        *(account, 0, side, OrderType.LIMIT, fen * 100, quantity),
        origin=Origin.MARKET if account == MAKER else origin,
        client_order_id=client_order_id.encode(),
    )


class Tape:
    """`applied` has every batch; the market is open, Anna has a cash account and a contract."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.journal = MemoryJournal()
        self.applied: list[Applied] = []
        self.apply(
            building.fee_schedule(0, FEES),
            building.product(0, PRODUCT),
            building.instrument_add(0, "600000.SSE"),
            *day(DATE),
            building.account_open(1, AccountClass.MARKET, MAKER),
            building.account_open(1_000, AccountClass.CASH, ANNA),
            building.deposit(ANNA, 1_000_000 * YUAN),
            building.contract_open(ANNA, 0, 200_000 * YUAN, account=CONTRACT),
        )

    def apply(self, *parts: Commands) -> Applied:
        """One batch."""
        commands = building.concat(parts)
        first = self.engine.seq + 1
        commands["seq"] = np.arange(first, first + len(commands))
        commands["time"] = 1_440_379_800_000_000 + commands["seq"]
        self.journal.append(Batch(first, 7 * first, commands))
        events = self.engine.apply(commands)
        done = Applied(first, first + len(commands) - 1, 7 * first, commands, events)
        self.applied.append(done)
        return done

    def trade(self, batches: int, seed: int, size: int = 20) -> None:
        """Orders of everybody around 10 yuan, many of which meet, some refused, some cancelled."""
        random = np.random.default_rng(seed)
        for _ in range(batches):
            parts = [self._random_order(random) for _ in range(size)]
            if random.integers(3) == 0:
                parts.append(building.cancel_all(int(random.choice([MAKER, ANNA, CONTRACT]))))
            self.apply(*parts)

    def _random_order(self, random: np.random.Generator) -> Commands:
        account = int(random.choice([MAKER, MAKER, ANNA, CONTRACT]))
        lots = int(random.integers(1, 11))
        fen = int(random.integers(980, 1_021))
        odd = int(random.integers(10) == 0)  # refused
        return order(account, Side(int(random.integers(2))), fen, lots * 100 + odd, f"{fen}-{lots}")

    def next_day(self, date: int) -> None:
        self.apply(building.day_close())
        self.apply(*day(date))

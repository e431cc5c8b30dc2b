from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine import building, records
from server.engine.codes import (
    AccountClass,
    Command,
    Event,
    Grade,
    HoldingClass,
    LimitKind,
    MarkPolicy,
    OrderType,
    Phase,
    Side,
)
from server.engine.engine import Engine
from server.engine.reasons import Reason
from server.market.opening import (
    MOST_LEVELS,
    DayInstrument,
    DayWarning,
    day_commands,
    listing_commands,
    wide_ladder,
)
from server.market.rules import RuleMissing, Rules
from server.market.universe import UniverseEntry, replay_entry

RULES = Rules()
BANK = replay_entry("600000.SSE", {}, "浦发银行")
CHIP = replay_entry("688981.SSE", {}, "中芯国际")
GOLD = replay_entry("518880.SSE", {}, "黄金ETF")
SMALL = replay_entry("920128.BSE", {}, "胜业电气")


def quiet(warning: DayWarning) -> None:
    pytest.fail(str(warning))


def opened(
    date: int,
    *items: DayInstrument,
    previous_date: int = 0,
    report: Callable[[DayWarning], None] = quiet,
) -> NDArray[np.void]:
    return day_commands(
        date, items, RULES, MarkPolicy.SOURCE, previous_date=previous_date, report=report
    )


def days_of(commands: NDArray[np.void]) -> NDArray[np.void]:
    return commands.view(records.INSTRUMENT_DAY)[commands["kind"] == Command.INSTRUMENT_DAY]


def day_of(date: int, item: DayInstrument) -> np.void:
    return days_of(opened(date, item))[0]


def test_commands_of_a_day_in_order() -> None:
    commands = opened(
        20150824,
        DayInstrument(0, BANK, 155_000),
        DayInstrument(1, GOLD, 24_000, old_close=24_100),
        previous_date=20150821,
    )
    assert [Command(int(kind)).name for kind in commands["kind"]] == [
        "DAY_OPEN",
        "TAX_PERIODS",
        "ACCRUE",
        "FINANCING_MARGIN",
        "FEE_SCHEDULE",
        "FEE_SCHEDULE",
        "ENTITLEMENT",
        "INSTRUMENT_DAY",
        "INSTRUMENT_RULES",
        "INSTRUMENT_DAY",
        "INSTRUMENT_RULES",
        "LADDERS",
    ]
    first = commands.view(records.DAY_OPEN)[0]
    assert (first["date"], first["mark_policy"]) == (20150824, MarkPolicy.SOURCE)
    assert commands.view(records.ACCRUE)[2]["days"] == 3
    assert commands.view(records.FEE_SCHEDULE)[4:6]["schedule"].tolist() == [0, 3]
    assert commands.view(records.FEE_SCHEDULE)[4]["stamp_sell_ppb"] == 1_000_000
    ex_date = commands.view(records.ENTITLEMENT)[6]
    assert (ex_date["instrument"], ex_date["old_close"], ex_date["reference"]) == (
        1,
        24_100,
        24_000,
    )


def test_first_day_accrues_nothing() -> None:
    assert Command.ACCRUE not in opened(20150824, DayInstrument(0, BANK, 155_000))["kind"]


def test_terms_of_a_main_board_share() -> None:
    row = day_of(20150824, DayInstrument(4, BANK, 155_000))
    assert (row["instrument"], row["reference"]) == (4, 155_000)
    assert (row["limit_up"], row["limit_down"]) == (170_500, 139_500)
    assert (row["tick"], row["lot"], row["buy_minimum"], row["sell_step"]) == (100, 100, 100, 100)
    assert (row["limit_kind"], row["limit_ppm"]) == (LimitKind.LIMITED, 100_000)
    assert (row["holding_class"], row["same_day_sale"]) == (HoldingClass.MAIN, 0)
    assert (row["suspended"], row["valuation_ppm"], row["session"]) == (0, 1_000_000, 0)


def test_terms_of_the_other_boards() -> None:
    rows = days_of(
        opened(
            20260803,
            DayInstrument(0, CHIP, 920_000),
            DayInstrument(1, GOLD, 71_200),
            DayInstrument(2, SMALL, 18_200),
        )
    )
    assert rows["limit_up"].tolist() == [1_104_000, 78_320, 23_600]
    assert rows["limit_down"].tolist() == [736_000, 64_080, 12_800]
    assert rows["buy_minimum"].tolist() == [200, 100, 100]
    assert rows["same_day_sale"].tolist() == [0, 1, 0]
    assert rows["fee_schedule"].tolist() == [0, 3, 2]
    assert rows["holding_class"].tolist() == [
        HoldingClass.WIDE_20,
        HoldingClass.MAIN,
        HoldingClass.BSE_30,
    ]


def test_status_of_the_day_wins() -> None:
    row = day_of(20150824, DayInstrument(0, BANK, 100_000, status="st"))
    assert (row["limit_up"], row["limit_down"]) == (105_000, 95_000)
    assert row["holding_class"] == HoldingClass.RISK_WARNING


def test_suspended_share_counts_less_with_time() -> None:
    first = day_of(20150824, DayInstrument(0, BANK, 100_000, suspended=True))
    fifth = day_of(20150824, DayInstrument(0, BANK, 100_000, suspended=True, suspended_sessions=5))
    assert (first["suspended"], first["valuation_ppm"]) == (1, 900_000)
    assert fifth["valuation_ppm"] == 800_000


def test_unlimited_day_has_a_wide_ladder() -> None:
    row = day_of(20190722, DayInstrument(0, CHIP, 100_000, listing_day=1))
    assert row["limit_kind"] == LimitKind.UNLIMITED
    assert (row["limit_up"], row["limit_down"]) == (500_000, 20_000)
    assert row["limit_ppm"] == 200_000


def test_unknown_limit_is_reported() -> None:
    warnings: list[DayWarning] = []
    item = DayInstrument(0, BANK, 55_300, listing_day=1, day_low=83_600, day_high=93_900)
    row = days_of(opened(20131219, item, report=warnings.append))[0]
    assert row["limit_kind"] == LimitKind.UNKNOWN
    assert row["limit_down"] <= 83_600
    assert row["limit_up"] >= 93_900
    assert [(warning.kind, warning.symbol) for warning in warnings] == [
        ("limit_unknown", "600000.SSE")
    ]


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (139_500, 170_500, LimitKind.LIMITED),
        (139_400, 170_500, LimitKind.UNLIMITED),
        (139_500, 170_600, LimitKind.UNLIMITED),
    ],
)
def test_replayed_day_beyond_its_limits_is_widened_and_reported(
    low: int, high: int, kind: LimitKind
) -> None:
    warnings: list[DayWarning] = []
    item = DayInstrument(0, BANK, 155_000, day_low=low, day_high=high)
    row = days_of(opened(20150824, item, report=warnings.append))[0]
    assert row["limit_kind"] == kind
    assert row["limit_down"] <= low < high <= row["limit_up"]
    widened = [(warning.kind, warning.limit_down, warning.limit_up) for warning in warnings]
    assert widened == ([] if kind is LimitKind.LIMITED else [("widened", 139_500, 170_500)])


@pytest.mark.parametrize(
    ("reference", "tick", "low", "high", "ladder"),
    [
        (100_000, 100, 0, 0, (500_000, 20_000)),
        (100, 100, 0, 0, (500, 100)),
        (10_000_000, 100, 0, 0, (13_999_900, 8_000_000)),  # levels run out
        (10_000_000, 100, 7_000_000, 20_000_000, (20_000_000, 7_000_000)),  # the bar needs more
        (15_000, 10, 0, 0, (75_000, 3_000)),
    ],
)
def test_wide_ladder(
    reference: int, tick: int, low: int, high: int, ladder: tuple[int, int]
) -> None:
    top, bottom = wide_ladder(reference, tick, low, high)
    assert (top, bottom) == ladder
    assert low or (top - bottom) // tick < MOST_LEVELS


def test_what_the_rules_do_not_say_is_refused() -> None:
    with pytest.raises(RuleMissing, match=r"star.*20150824"):
        opened(20150824, DayInstrument(0, CHIP, 500_000))
    with pytest.raises(ValueError, match=r"600000\.SSE 20150824: reference price 0"):
        opened(20150824, DayInstrument(0, BANK, 0))
    with pytest.raises(ValueError, match="cannot open after"):
        opened(20150824, DayInstrument(0, BANK, 155_000), previous_date=20150825)


# Through the engine -------------------------------------------------------------------------------


class Market:
    """An engine that is given the commands of a test, stamped."""

    def __init__(self, *entries: UniverseEntry) -> None:
        self.engine = Engine()
        self.apply(listing_commands(entries))

    def apply(self, *commands: NDArray[np.void]) -> NDArray[np.void]:
        batch = building.concat(commands)
        batch["seq"] = np.arange(len(batch)) + self.engine.seq + 1
        return self.engine.apply(batch)


def test_engine_takes_the_day() -> None:
    market = Market(BANK, CHIP)
    items = (DayInstrument(0, BANK, 155_000), DayInstrument(1, CHIP, 920_000))
    events = market.apply(opened(20260803, *items))
    assert events["kind"].tolist() == [Event.DAY_OPENED]
    state = market.engine.state
    assert state.instruments[:2]["limit_up"].tolist() == [170_500, 1_104_000]
    assert state.instruments[:2]["levels"].tolist() == [311, 3_681]
    assert market.engine.symbol(1) == "688981.SSE"
    assert state.fees[0]["stamp_sell_ppb"] == 500_000


def test_engine_trades_what_building_builds() -> None:
    market = Market(BANK)
    market.apply(
        building.account_open(0, AccountClass.MARKET, account=0),
        building.account_open(1, AccountClass.CASH, account=1),
        building.deposit(1, 1_000_000_000),
        opened(20260803, DayInstrument(0, BANK, 155_000)),
        building.phase(-1, Phase.CONTINUOUS),
    )
    sell = building.order(0, 0, Side.SELL, OrderType.LIMIT, 156_000, 1_000)
    buy = building.order(1, 0, Side.BUY, OrderType.LIMIT, 156_000, 300, client_order_id=b"one")
    events = market.apply(sell, buy)
    assert Event.TRADE in events["kind"]
    fills = events.view(records.FILL_EVENT)[events["kind"] == Event.FILL]
    assert fills["account"].tolist() == [1]  # a market account is told of trades alone
    assert (fills[0]["quantity"], fills[0]["commission"]) == (300, 50_000)  # the minimum


def test_columns_build_what_single_orders_build() -> None:
    singles = building.concat(
        [
            building.order(account, 3, Side.BUY, OrderType.LIMIT, 1_000 + account, 100, origin=1)
            for account in range(3)
        ]
    )
    accounts = np.arange(3)
    columns = building.orders(accounts, 3, Side.BUY, OrderType.LIMIT, 1_000 + accounts, 100)
    assert columns.tobytes() == singles.tobytes()
    frame = building.concat([building.price(1, 500, 7), building.price(4, 600, 8)])
    assert building.prices([1, 4], [500, 600], [7, 8]).tobytes() == frame.tobytes()


def test_ex_date_leaves_the_ratio_where_it_was() -> None:
    market = Market(BANK)
    market.apply(
        building.account_open(0, AccountClass.MARKET, account=0),
        building.account_open(1, AccountClass.CASH, account=1),
        building.deposit(1, 1_000_000_000),
        opened(20150821, DayInstrument(0, BANK, 100_000)),
        building.phase(-1, Phase.CONTINUOUS),
        building.order(0, 0, Side.SELL, OrderType.LIMIT, 100_000, 1_000),
        building.order(1, 0, Side.BUY, OrderType.LIMIT, 100_000, 1_000),
        building.day_close(),
    )
    account = market.engine.state.accounts[1]
    before = int(account["cash"] + account["value"])
    ex_date = DayInstrument(0, BANK, 80_000, old_close=100_000)
    events = market.apply(opened(20150824, ex_date, previous_date=20150821))
    assert Event.ENTITLED in events["kind"]
    assert Event.COMMAND_REJECTED not in events["kind"]
    account = market.engine.state.accounts[1]
    assert int(account["cash"] + account["value"]) == before
    assert account["grade"] == Grade.NORMAL


def test_unknown_limit_takes_no_order() -> None:
    market = Market(BANK)
    unknown = DayInstrument(0, BANK, 55_300, listing_day=1)
    events = market.apply(
        building.account_open(0, AccountClass.MARKET, account=0),
        opened(20131219, unknown, report=lambda _: None),
        building.phase(-1, Phase.CONTINUOUS),
        building.order(0, 0, Side.SELL, OrderType.LIMIT, 55_300, 1_000),
    )
    refused = events.view(records.ORDER_EVENT)[events["kind"] == Event.ORDER_REJECTED]
    assert refused["reason"].tolist() == [Reason.LIMIT_UNKNOWN]

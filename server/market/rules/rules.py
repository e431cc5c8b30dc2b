"""All rules together, read from the package's data files."""

from importlib.resources import files
from typing import TypeVar

import msgspec

from server.engine.codes import AuctionRule, LimitKind
from server.engine.terms import FeeTerms
from server.market.dates import to_date
from server.market.rules.choices import Choices
from server.market.rules.dividend_tax import DividendTaxRow
from server.market.rules.fees import (
    Commission,
    CommissionRow,
    FeeRow,
    FeeTables,
    ScheduleRow,
    StampRow,
    TransferRow,
    fee_terms,
)
from server.market.rules.limits import LimitRow, Rounding, limit_prices
from server.market.rules.margin import FinancingRow, HaircutRow, Haircuts, financing_margin_ppm
from server.market.rules.orders import (
    AfterHoursRow,
    CageRow,
    CallRangeRow,
    HaltRow,
    OrderTypesRow,
    QueueRow,
)
from server.market.rules.tables import Row, RuleKey, Table
from server.market.rules.trading import (
    AuctionRow,
    GroupRow,
    PhasesRow,
    QuantityRow,
    Step,
    SuspensionRow,
    TurnaroundRow,
    steps_of,
)
from server.protocol.words import Exchange

WHOLE_PPM = 1_000_000


class _Limits(msgspec.Struct, forbid_unknown_fields=True):
    rounding: dict[Exchange, Rounding]
    limit: tuple[LimitRow, ...]


class _Quantities(msgspec.Struct, forbid_unknown_fields=True):
    quantity: tuple[QuantityRow, ...]


class _Fees(msgspec.Struct, forbid_unknown_fields=True):
    stamp_duty: tuple[StampRow, ...]
    transfer_fee: tuple[TransferRow, ...]
    handling_fee: tuple[FeeRow, ...]
    regulatory_fee: tuple[FeeRow, ...]
    commission: tuple[CommissionRow, ...]
    schedule: tuple[ScheduleRow, ...]


class _DividendTax(msgspec.Struct, forbid_unknown_fields=True):
    dividend_tax: tuple[DividendTaxRow, ...]


class _Trading(msgspec.Struct, forbid_unknown_fields=True):
    turnaround: tuple[TurnaroundRow, ...]
    group: tuple[GroupRow, ...]
    phases: tuple[PhasesRow, ...]
    suspension: tuple[SuspensionRow, ...]
    auction: tuple[AuctionRow, ...]


class _Orders(msgspec.Struct, forbid_unknown_fields=True):
    order_types: tuple[OrderTypesRow, ...]
    cage: tuple[CageRow, ...]
    call_range: tuple[CallRangeRow, ...]
    halt: tuple[HaltRow, ...]
    after_hours: tuple[AfterHoursRow, ...]
    queue: tuple[QueueRow, ...]


class _Margin(msgspec.Struct, forbid_unknown_fields=True):
    financing_margin: tuple[FinancingRow, ...]
    haircut: tuple[HaircutRow, ...]


FileType = TypeVar("FileType")
RowType = TypeVar("RowType", bound=Row)


def _read(name: str, kind: type[FileType]) -> FileType:
    data = files("server.market").joinpath("data", name).read_bytes()
    return msgspec.toml.decode(data, type=kind)


class Rules:
    """Answers for one key at a time; every method raises RuleMissing or RuleAmbiguous."""

    def __init__(
        self, commission: Commission | None = None, choices: Choices | None = None
    ) -> None:
        choices = choices or Choices()
        limits = _read("price_limits.toml", _Limits)
        trading = _read("trading.toml", _Trading)
        fees = _read("fees.toml", _Fees)
        self.commission = commission or Commission()
        margin = _read("margin.toml", _Margin)
        self._financing = margin.financing_margin
        self.haircuts = Haircuts(margin.haircut, choices)
        self._rounding = limits.rounding
        self._limits = Table("price_limits", limits.limit)
        self._quantities = Table("quantities", _read("quantities.toml", _Quantities).quantity)
        self._turnaround = Table("turnaround", trading.turnaround)
        self._groups = Table("group", trading.group)
        self._by_index = choices.suspended_shares == "index"
        self._suspension = Table("suspension", trading.suspension)
        taxes = _read("dividend_tax.toml", _DividendTax)
        self._dividend_tax = Table("dividend_tax", taxes.dividend_tax)
        self._auctions = Table("auction", _chosen(trading.auction, choices))
        self._phases = trading.phases
        self._fees = FeeTables(
            stamp_duty=Table("stamp_duty", fees.stamp_duty),
            transfer_fee=Table("transfer_fee", fees.transfer_fee),
            handling_fee=Table("handling_fee", _chosen(fees.handling_fee, choices)),
            regulatory_fee=Table("regulatory_fee", fees.regulatory_fee),
            commission=Table("commission", fees.commission),
            schedule=Table("fee_schedule", fees.schedule),
        )
        orders = _read("orders.toml", _Orders)
        self._order_types = Table("order_types", _chosen(orders.order_types, choices))
        self._cages = Table("cage", _chosen(orders.cage, choices))
        self._call_ranges = Table("call_range", _chosen(orders.call_range, choices))
        self._halts = Table("halt", _chosen(orders.halt, choices))
        self._after_hours = Table("after_hours", _chosen(orders.after_hours, choices))
        queues = _chosen(orders.queue, choices)
        self._queues = tuple(
            Table(f"queue at {pause}", [row for row in queues if row.pause == pause])
            for pause in ("lunch", "pause")
        )
        self._terms: dict[RuleKey, FeeTerms] = {}

    def financing_margin_ppm(self, date: int) -> int:
        """The least margin of a day for each yuan newly financed; negative: none is."""
        return financing_margin_ppm(self._financing, date)

    @property
    def tables(self) -> tuple[Table[Row], ...]:
        """Every table with a key."""
        fees = self._fees
        return (
            *(self._limits, self._quantities, self._turnaround, self._groups, self._suspension),
            *(fees.stamp_duty, fees.transfer_fee, fees.handling_fee, fees.regulatory_fee),
            *(fees.commission, fees.schedule, self._dividend_tax, self._auctions),
            *(self._order_types, self._cages, self._call_ranges, self._halts),
            *(self._after_hours, *self._queues),
        )

    def limit(self, key: RuleKey) -> LimitRow:
        return self._limits.find(key)

    def limit_prices(self, key: RuleKey, reference: int) -> tuple[int, int]:
        """(up, down) of a day that has limits; ValueError on one that has none or is unknown."""
        row = self.limit(key)
        if row.kind_code is not LimitKind.LIMITED:
            raise ValueError(f"{row.limit} price limit ({row.rule}) for {key}")
        tick = self.quantity(key).tick
        rounding = self._rounding[key.exchange]
        return limit_prices(reference, row.up_ppm, tick, rounding, row.fall_ppm)

    def quantity(self, key: RuleKey) -> QuantityRow:
        return self._quantities.find(key)

    def same_day_sale(self, key: RuleKey) -> bool:
        return self._turnaround.find(key).same_day_sale

    def session_group(self, key: RuleKey) -> int:
        return self._groups.find(key).group

    def auction_rule(self, key: RuleKey) -> AuctionRule:
        return self._auctions.find(key).code

    def valuation_ppm(self, key: RuleKey, suspended_sessions: int, index_ppm: int = 0) -> int:
        """Share of the last price that counts as collateral (section 5.6).

        `index_ppm`: a published index over what it was when a suspended share last traded, 0 where
        nothing says. A rise of it adds nothing to a price that nobody has paid.
        """
        if self._by_index and suspended_sessions > 0 and index_ppm > 0:
            return min(index_ppm, WHOLE_PPM)
        limit = self.limit(key).daily_limit_ppm
        return self._suspension.find(key).valuation_ppm(suspended_sessions, limit)

    def dividend_tax(self, key: RuleKey) -> DividendTaxRow:
        """By the record date, which the key's date is."""
        return self._dividend_tax.find(key)

    def fees(self, key: RuleKey) -> FeeTerms:
        if key not in self._terms:
            self._terms[key] = fee_terms(self._fees, key, self.commission)
        return self._terms[key]

    def fee_schedule(self, key: RuleKey) -> int:
        """The engine's number of the schedule that `fees` is for."""
        return self._fees.schedule.find(key).schedule

    def phase_steps(self, group: int, date: int) -> tuple[Step, ...]:
        return steps_of(self._phases, group, to_date(date))

    def order_types(self, key: RuleKey) -> OrderTypesRow:
        return self._order_types.find(key)

    def cage(self, key: RuleKey) -> CageRow:
        return self._cages.find(key)

    def call_range(self, key: RuleKey) -> CallRangeRow:
        """Only of a day without price limit."""
        return self._call_ranges.find(key)

    def halts(self, key: RuleKey) -> HaltRow:
        """Only of a day without price limit."""
        return self._halts.find(key)

    def after_hours(self, key: RuleKey) -> AfterHoursRow:
        return self._after_hours.find(key)

    def queue_code(self, key: RuleKey) -> int:
        """Bits of the pauses in which the broker keeps orders: `orders.LUNCH`, `orders.PAUSE`."""
        return sum(table.find(key).code for table in self._queues)

    def session_groups(self) -> tuple[int, ...]:
        return tuple(sorted({row.group for row in self._groups.rows}))


def _chosen(rows: tuple[RowType, ...], choices: Choices) -> list[RowType]:
    """The rows that the settings leave in force."""
    return [row for row in rows if choices.admits(row.choice)]

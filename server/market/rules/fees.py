"""Fee schedules of a date, put together from dated items (section 3)."""

from dataclasses import dataclass

from server.engine.terms import FeeTerms
from server.market.rules.tables import Row, RuleKey, Table


class StampRow(Row, frozen=True, kw_only=True):
    buy_ppb: int
    sell_ppb: int


class TransferRow(Row, frozen=True, kw_only=True):
    ppb: int
    per_share: int


class FeeRow(Row, frozen=True, kw_only=True):
    """Handling or regulatory fee."""

    ppb: int


class CommissionRow(Row, frozen=True, kw_only=True):
    cap_ppb: int
    minimum: int


class ScheduleRow(Row, frozen=True, kw_only=True):
    """The engine's number of the schedule an instrument is charged by."""

    schedule: int


@dataclass(frozen=True, slots=True)
class Commission:
    """What the broker agreed with its clients. `minimum` None is the rule's 5.00 yuan an order."""

    rate_ppb: int = 250_000
    minimum: int | None = None
    all_in: bool = True


@dataclass(frozen=True, slots=True)
class FeeTables:
    stamp_duty: Table[StampRow]
    transfer_fee: Table[TransferRow]
    handling_fee: Table[FeeRow]
    regulatory_fee: Table[FeeRow]
    commission: Table[CommissionRow]
    schedule: Table[ScheduleRow]


def fee_terms(tables: FeeTables, key: RuleKey, commission: Commission) -> FeeTerms:
    """What the engine charges on the key's date.

    With an all-in commission the handling and regulatory fees are not charged, so a date without a
    row for them is no error: the part that goes to the exchange is then not split off. Raises
    RuleMissing for any other missing item and ValueError for a commission above the cap.
    """
    bounds = tables.commission.find(key)
    if not 0 <= commission.rate_ppb <= bounds.cap_ppb:
        raise ValueError(f"commission {commission.rate_ppb} ppb is above the cap {bounds.cap_ppb}")
    stamp = tables.stamp_duty.find(key)
    transfer = tables.transfer_fee.find(key)
    return FeeTerms(
        all_in=int(commission.all_in),
        commission_ppb=commission.rate_ppb,
        commission_minimum=bounds.minimum if commission.minimum is None else commission.minimum,
        stamp_buy_ppb=stamp.buy_ppb,
        stamp_sell_ppb=stamp.sell_ppb,
        transfer_ppb=transfer.ppb,
        transfer_per_share=transfer.per_share,
        handling_ppb=_passed_on(tables.handling_fee, key, commission.all_in),
        regulatory_ppb=_passed_on(tables.regulatory_fee, key, commission.all_in),
    )


def _passed_on(table: Table[FeeRow], key: RuleKey, all_in: bool) -> int:
    row = table.get(key) if all_in else table.find(key)
    return row.ppb if row is not None else 0

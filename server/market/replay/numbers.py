"""Cells to integers: prices in 1/10 000 yuan, quantities in shares.

Cells pass through float64, which is exact here: a price within `MAX_PRICE` differs from its
integer by less than 1e-6, and anything further off is refused, not rounded.
"""

import numpy as np
from numpy.typing import NDArray

from server.engine.records import MAX_PRICE
from server.market.replay.rows import Rows

_UNIT = 10_000
_SLACK = 1e-4


def yuan(price: int) -> str:
    """A price for a message: 98700 as "9.87"."""
    text = f"{price / _UNIT:.4f}".rstrip("0")
    return text + "0" * max(0, 2 - len(text.partition(".")[2]))


def numbers(rows: Rows, column: str) -> NDArray[np.float64]:
    """The column as floats; an empty cell is 0. Raises `BadFile`."""
    cells = [cell.strip() or "0" for cell in rows.column(column)]
    try:
        values = np.array(cells, np.float64)
    except ValueError:
        row = next(i for i, cell in enumerate(cells) if not _is_number(cell))
        zh, en = f"「{cells[row]}」不是数字", f"{cells[row]!r} is no number"
        raise rows.fault(row, column, zh, en) from None
    _refuse(rows, column, ~np.isfinite(values), "不是有限的数", "is not a finite number")
    _refuse(rows, column, values < 0, "是负数;应不小于 0", "is negative; 0 or more would pass")
    return values


def prices(rows: Rows, column: str, tick: int) -> NDArray[np.int64]:
    """The column as prices on ticks, 0 where the cell is empty; raises `BadFile`."""
    exact = numbers(rows, column) * _UNIT
    too_high = exact > MAX_PRICE
    top = yuan(MAX_PRICE)
    _refuse(rows, column, too_high, f"高于上限 {top}", f"is above the bound of {top}")
    values = np.rint(exact).astype(np.int64)
    off = (np.abs(exact - values) > _SLACK) | (values % tick != 0)
    if off.any():
        row = int(off.argmax())
        near = yuan((int(values[row]) + tick // 2) // tick * tick)
        cell, step = rows.column(column)[row], yuan(tick)
        zh = f"{cell} 不在最小变动价位 {step} 上;最近的是 {near}"
        en = f"{cell} is off the tick of {step}; {near} would pass"
        raise rows.fault(row, column, zh, en)
    return values


def quantities(rows: Rows, column: str, unit: int = 1) -> NDArray[np.int64]:
    """The column in shares; `unit` is the shares in one of the file's; raises `BadFile`."""
    values = numbers(rows, column)
    whole = np.rint(values)
    fraction = np.abs(values - whole) > _SLACK
    _refuse(rows, column, fraction, "应为整数", "should be a whole number")
    return whole.astype(np.int64) * unit


def require_positive(rows: Rows, column: str, values: NDArray[np.int64], need: object) -> None:
    """Refuses 0 where the mask `need` says a price must be."""
    _refuse(rows, column, (values <= 0) & np.asarray(need), "应大于 0", "should be above 0")


def _refuse(rows: Rows, column: str, bad: NDArray[np.bool_], zh: str, en: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        cell = rows.column(column)[row]
        raise rows.fault(row, column, f"{cell} {zh}", f"{cell} {en}")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True

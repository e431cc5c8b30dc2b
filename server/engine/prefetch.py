"""Asking memory early for what a later command will touch.

With 100,000 accounts the records of a command are in no cache, and it would wait for main memory
half a dozen times in a row. Asked for a few commands ahead, they come while others are carried
out. A hint reads nothing, changes nothing, and does no harm when it is wrong or out of range.
"""

from typing import Any

import numpy as np

from server.engine import layout
from server.engine.access import Workspace
from server.engine.jit import cgutils, intrinsic, ir, overload, types


def _fetcher(number: int, size: int, lines: int) -> Any:
    """An intrinsic that hints at the first `lines` cache lines of record `index` of a table."""

    @intrinsic
    def fetch(typing_context: Any, s: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(s)(context, builder, arguments[0])
            table = builder.load(builder.gep(array.data, [cgutils.intp_t(2 * number)]))
            start = builder.add(table, builder.mul(arguments[1], cgutils.intp_t(size)))
            kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, *3 * [cgutils.int32_t]])
            hint = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
            for line in range(lines):
                address = builder.add(start, cgutils.intp_t(line * layout.CACHE_LINE))
                pointer = builder.inttoptr(address, cgutils.voidptr_t)
                builder.call(hint, [pointer, *(cgutils.int32_t(each) for each in (0, 3, 1))])
            return context.get_dummy_value()

        return types.void(s, types.intp), generate

    return fetch


def _bind(hint: Any, table: str, dtype: np.dtype[np.void], lines: int) -> None:
    fetch = _fetcher(Workspace._fields.index(table), dtype.itemsize, lines)

    @overload(hint)
    def _compiled(s, index):
        return lambda s, index: fetch(s, index)  # noqa: PLW0108 (numba wants a function)


def expect_account(s: Any, index: Any) -> None: ...


def expect_position(s: Any, index: Any) -> None: ...


def expect_whole_position(s: Any, index: Any) -> None: ...


def expect_slot(s: Any, index: Any) -> None: ...


def expect_order(s: Any, index: Any) -> None: ...


def expect_instrument(s: Any, index: Any) -> None: ...


def expect_level(s: Any, index: Any) -> None: ...


def expect_contract(s: Any, index: Any) -> None: ...


_bind(expect_account, "accounts", layout.ACCOUNT, 1)
_bind(expect_position, "positions", layout.POSITION, 1)
_bind(expect_whole_position, "positions", layout.POSITION, 2)
_bind(expect_slot, "slots", layout.SLOT, 1)
_bind(expect_order, "orders", layout.ORDER, 2)
_bind(expect_instrument, "instruments", layout.INSTRUMENT, 2)
_bind(expect_level, "levels", layout.LEVEL, 1)
_bind(expect_contract, "contracts", layout.CONTRACT, 2)

"""How kernels reach the tables: `account_at(s, 7)` is record 7 of the accounts.

Compiled, `s` is one int64 array with the address and the length of every table, so a call from
Python and a call between kernels hand over a single array whatever the number of tables (handing
over the arrays themselves made the kernels take five times as long to compile). Every access is
checked against the table's length and raises IndexError. Without the compiler `s` is a `Workspace`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.engine import layout, term_tables
from server.engine.jit import DISABLED, cgutils, intrinsic, overload, types

CURSOR = np.dtype([("count", "i8"), ("seq", "i8"), ("time", "i8"), ("first", "i8")])


class Workspace(NamedTuple):
    """The tables of `State` and what one call reads and writes, in the order of the addresses."""

    header: NDArray[np.void]
    accounts: NDArray[np.void]
    contracts: NDArray[np.void]
    positions: NDArray[np.void]
    slots: NDArray[np.void]
    orders: NDArray[np.void]
    instruments: NDArray[np.void]
    rules: NDArray[np.void]
    tape: NDArray[np.void]
    levels: NDArray[np.void]
    words: NDArray[np.void]
    summaries: NDArray[np.void]
    holders: NDArray[np.void]
    touched: NDArray[np.void]
    fees: NDArray[np.void]
    terms: NDArray[np.void]
    lots: NDArray[np.void]
    claims: NDArray[np.void]
    limits: NDArray[np.void]
    concentration: NDArray[np.void]
    exposures: NDArray[np.void]
    loans: NDArray[np.void]
    cursor: NDArray[
        np.void
    ]  # one record: events written, seq and time and first event of the command
    events: NDArray[np.void]
    commands: NDArray[np.void]


class Placed:
    """Tables where kernels find them, while this lives and none of them moves; `s` is theirs."""

    def __init__(self, space: Workspace) -> None:
        pairs = [(array.ctypes.data if len(array) else 0, len(array)) for array in space]
        self._space = space  # keeps the tables
        self.s: Any = space if DISABLED else np.array(pairs, np.int64).ravel()


def _load(builder: Any, data: Any, cell: int) -> Any:
    """One cell of the address array; it never changes during a call, which LLVM may rely on."""
    pointer = builder.gep(data, [cgutils.intp_t(cell)])
    value = builder.load(pointer)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _reader(number: int) -> Any:
    """An intrinsic that gives record `index` of table `number`, seen as `dtype`."""

    @intrinsic
    def read(typing_context: Any, s: Any, index: Any, dtype: Any) -> Any:
        record = dtype.dtype

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(s)(context, builder, arguments[0])
            base = _load(builder, array.data, 2 * number)
            length = _load(builder, array.data, 2 * number + 1)
            cgutils.do_boundscheck(context, builder, arguments[1], length)
            address = builder.add(base, builder.mul(arguments[1], cgutils.intp_t(record.size)))
            return builder.inttoptr(address, context.get_value_type(record))

        return record(s, types.intp, dtype), generate

    return read


def _bind(accessor: Any, table: str, dtype: np.dtype[np.void]) -> int:
    """Gives an accessor its compiled form; returns the table's number."""
    number = Workspace._fields.index(table)
    read = _reader(number)

    @overload(accessor)
    def _compiled(s, index):
        return lambda s, index: read(s, index, dtype)

    return number


def header_at(s: Any) -> Any:
    return s.header[0]


def cursor_at(s: Any) -> Any:
    return s.cursor[0]


_read_header = _reader(Workspace._fields.index("header"))
_read_cursor = _reader(Workspace._fields.index("cursor"))


@overload(header_at)
def _header_at(s):
    return lambda s: _read_header(s, 0, layout.HEADER)


@overload(cursor_at)
def _cursor_at(s):
    return lambda s: _read_cursor(s, 0, CURSOR)


def account_at(s: Any, index: Any) -> Any:
    return s.accounts[index]


def contract_at(s: Any, index: Any) -> Any:
    return s.contracts[index]


def position_at(s: Any, index: Any) -> Any:
    return s.positions[index]


def slot_at(s: Any, index: Any) -> Any:
    return s.slots[index]


def order_at(s: Any, index: Any) -> Any:
    return s.orders[index]


def instrument_at(s: Any, index: Any) -> Any:
    return s.instruments[index]


def rules_at(s: Any, index: Any) -> Any:
    return s.rules[index]


def tape_at(s: Any, index: Any) -> Any:
    return s.tape[index]


def level_at(s: Any, index: Any) -> Any:
    return s.levels[index]


def word_at(s: Any, index: Any) -> Any:
    return s.words[index]


def summary_at(s: Any, index: Any) -> Any:
    return s.summaries[index]


def holder_at(s: Any, index: Any) -> Any:
    return s.holders[index]


def touched_at(s: Any, index: Any) -> Any:
    return s.touched[index]


def fees_at(s: Any, index: Any) -> Any:
    return s.fees[index]


def terms_at(s: Any, index: Any) -> Any:
    return s.terms[index]


def lot_at(s: Any, index: Any) -> Any:
    return s.lots[index]


def claim_at(s: Any, index: Any) -> Any:
    return s.claims[index]


def limits_at(s: Any, index: Any) -> Any:
    return s.limits[index]


def concentration_at(s: Any, index: Any) -> Any:
    return s.concentration[index]


def exposure_at(s: Any, index: Any) -> Any:
    return s.exposures[index]


def loan_at(s: Any, index: Any) -> Any:
    return s.loans[index]


ACCOUNTS = _bind(account_at, "accounts", layout.ACCOUNT)
CONTRACTS = _bind(contract_at, "contracts", layout.CONTRACT)
POSITIONS = _bind(position_at, "positions", layout.POSITION)
SLOTS = _bind(slot_at, "slots", layout.SLOT)
ORDERS = _bind(order_at, "orders", layout.ORDER)
INSTRUMENTS = _bind(instrument_at, "instruments", layout.INSTRUMENT)
RULES = _bind(rules_at, "rules", layout.RULES)
TAPE = _bind(tape_at, "tape", layout.TAPE)
LEVELS = _bind(level_at, "levels", layout.LEVEL)
WORDS = _bind(word_at, "words", layout.WORD)
SUMMARIES = _bind(summary_at, "summaries", layout.WORD)
HOLDERS = _bind(holder_at, "holders", layout.HOLDER)
TOUCHED = _bind(touched_at, "touched", layout.TOUCHED)
FEES = _bind(fees_at, "fees", term_tables.FEES)
TERMS = _bind(terms_at, "terms", term_tables.TERMS)
LOTS = _bind(lot_at, "lots", layout.LOT)
CLAIMS = _bind(claim_at, "claims", layout.CLAIM)
LIMITS = _bind(limits_at, "limits", term_tables.LIMITS)
CONCENTRATION = _bind(concentration_at, "concentration", term_tables.CONCENTRATION)
EXPOSURES = _bind(exposure_at, "exposures", term_tables.EXPOSURE)
LOANS = _bind(loan_at, "loans", layout.LOAN)
EVENTS = Workspace._fields.index("events")
COMMANDS = Workspace._fields.index("commands")
_read_event = _reader(EVENTS)
_read_command = _reader(COMMANDS)


def event_at(s: Any, index: Any, dtype: Any) -> Any:
    """Event `index`, seen as one of the dtypes of `records`."""
    return s.events[index : index + 1].view(dtype)[0]


def command_at(s: Any, index: Any, dtype: Any) -> Any:
    """Command `index`, seen as one of the dtypes of `records`."""
    return s.commands[index : index + 1].view(dtype)[0]


@overload(event_at)
def _event_at(s, index, dtype):
    return lambda s, index, dtype: _read_event(s, index, dtype)  # noqa: PLW0108 (numba wants a function)


@overload(command_at)
def _command_at(s, index, dtype):
    return lambda s, index, dtype: _read_command(s, index, dtype)  # noqa: PLW0108 (numba wants a function)


def rows_of(s: Any, table: int) -> int:
    """How many records a table has room for."""
    return len(s[table])


@overload(rows_of)
def _rows_of(s, table):
    return lambda s, table: s[2 * table + 1]

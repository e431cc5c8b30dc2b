"""Commands from plain values: one constructor a kind, each a `COMMAND` array of one record.

`seq` and `time` stay 0: the sequencer stamps them. Nothing is checked here beyond the width of a
field (`struct.error`); the bounds are the gateway's, the rules the engine's. Units as in `records`.
"""

from collections.abc import Sequence
from struct import Struct
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from server.engine import records
from server.engine.codes import AccountClass, Command, Origin, Phase
from server.engine.terms import (
    DayTerms,
    FeeTerms,
    MoreTerms,
    ProductTerms,
    RuleTerms,
)

NEXT_FREE = -1  # account index of a new account or contract: the sequencer fills it
ALL = -1  # every instrument, or every session group

Commands: TypeAlias = NDArray[np.void]

_CODES = {"i8": "q", "i4": "i", "i2": "h", "u2": "H", "u1": "B"}


def _packer(record: np.dtype[np.void]) -> Struct:
    """The `struct` layout of a record dtype, head included."""
    codes: list[str] = []
    for name in record.names or ():
        if name == "padding":
            continue
        field = record[name]
        base, shape = field.subdtype or (field, ())
        count = int(np.prod(shape, dtype=np.int64))
        width = f"{base.itemsize}s" if base.kind == "S" else _CODES[base.str[1:]]
        codes.append(width * count)
    packed = Struct("<" + "".join(codes))
    return Struct(f"{packed.format}{records.RECORD_BYTES - packed.size}x")


_order = _packer(records.ORDER).pack
_cancel = _packer(records.CANCEL).pack
_price = _packer(records.PRICE).pack
_phase = _packer(records.PHASE).pack
_cash = _packer(records.CASH).pack
_account_open = _packer(records.ACCOUNT_OPEN).pack
_contract_open = _packer(records.CONTRACT_OPEN).pack
_contract_settle = _packer(records.CONTRACT_SETTLE).pack
_accrue = _packer(records.ACCRUE).pack
_notice = _packer(records.NOTICE).pack
_sell_last = _packer(records.SELL_LAST).pack
_desk_action = _packer(records.DESK_ACTION).pack
_day_open = _packer(records.DAY_OPEN).pack
_instrument_add = _packer(records.INSTRUMENT_ADD).pack
_instrument_day = _packer(records.INSTRUMENT_DAY).pack
_instrument_rules = _packer(records.INSTRUMENT_RULES).pack
_fee_schedule = _packer(records.FEE_SCHEDULE).pack
_product = _packer(records.PRODUCT).pack
_product_terms = _packer(records.PRODUCT_TERMS).pack
_financing_margin = _packer(records.FINANCING_MARGIN).pack
_extend = _packer(records.EXTEND).pack
_entitlement = _packer(records.ENTITLEMENT).pack
_bare = _packer(records.COMMAND).pack
_ORDER, _CLIENT = int(Command.ORDER), int(Origin.CLIENT)


def _record(packed: bytes) -> Commands:
    return np.frombuffer(bytearray(packed), records.COMMAND)


packer, as_record = _packer, _record  # for the constructors of `building_*`


# Trading ------------------------------------------------------------------------------------------


def order_record(
    account: int,
    instrument: int,
    side: int,
    order_type: int,
    price: int,
    quantity: int,
    client_order_id: bytes,
    financed: int = 0,
    loan: int = 0,
) -> bytes:
    """A client's order as the bytes of its record: for those who have thousands a second."""
    return _order(
        *(0, 0, _ORDER, side, order_type, _CLIENT, account, instrument, 0),
        *(price, quantity, client_order_id, financed, *b"\0\0\0", loan),
    )


def order(
    account: int,
    instrument: int,
    side: int,
    order_type: int,
    price: int,
    quantity: int,
    origin: int = Origin.CLIENT,
    client_order_id: bytes = b"",
    *,
    financed: int = 0,
    loan: int = 0,
) -> Commands:
    """`financed` 1: a buy on margin, or a sale whose proceeds repay, `loan` first (section 4)."""
    return _record(
        _order(
            *(0, 0, Command.ORDER, side, order_type, origin, account, instrument, 0),
            *(price, quantity, client_order_id, financed, *b"\0\0\0", loan),
        )
    )


def cancel(
    account: int,
    order_id: int,
    origin: int = Origin.CLIENT,
    client_order_id: bytes = b"",
) -> Commands:
    return _record(
        _cancel(0, 0, Command.CANCEL, 0, 0, origin, account, ALL, 0, order_id, client_order_id)
    )


def cancel_all(account: int, instrument: int = ALL, origin: int = Origin.CLIENT) -> Commands:
    return _record(_bare(0, 0, Command.CANCEL_ALL, 0, 0, origin, account, instrument, 0))


# Accounts -----------------------------------------------------------------------------------------


def account_open(
    person: int,
    account_class: AccountClass,
    account: int = NEXT_FREE,
    request_id: bytes = b"",
) -> Commands:
    head = (0, 0, Command.ACCOUNT_OPEN, 0, 0, 0, account, ALL, 0)
    return _record(_account_open(*head, person, account_class, request_id))


def contract_open(
    source: int,
    product: int,
    deposit: int,
    request_id: bytes = b"",
    account: int = NEXT_FREE,
    credit: int = 0,
) -> Commands:
    """`deposit` comes out of the account `source`; `product` is the index of its PRODUCT record.

    `credit` is the line asked for, 0 the largest there is.
    """
    return _record(
        _contract_open(
            *(0, 0, Command.CONTRACT_OPEN, 0, 0, 0, account, ALL, 0),
            *(source, product, deposit, request_id, *b"\0\0\0\0", credit),
        )
    )


def contract_settle(account: int, destination: int, request_id: bytes = b"") -> Commands:
    return _record(
        _contract_settle(
            0, 0, Command.CONTRACT_SETTLE, 0, 0, 0, account, ALL, 0, destination, request_id
        )
    )


def _cash_move(
    kind: Command, account: int, counter: int, amount: int, request_id: bytes
) -> Commands:
    return _record(_cash(0, 0, kind, 0, 0, 0, account, ALL, 0, counter, amount, request_id, 0))


def deposit(account: int, amount: int, request_id: bytes = b"") -> Commands:
    return _cash_move(Command.DEPOSIT, account, ALL, amount, request_id)


def withdraw(account: int, amount: int, request_id: bytes = b"") -> Commands:
    return _cash_move(Command.WITHDRAW, account, ALL, amount, request_id)


def transfer(account: int, destination: int, amount: int, request_id: bytes = b"") -> Commands:
    return _cash_move(Command.TRANSFER, account, destination, amount, request_id)


def repay(
    account: int, amount: int, request_id: bytes = b"", instrument: int = ALL, loan: int = 0
) -> Commands:
    """Interest first; of a licensed account one loan, or one share's or all in their order."""
    command = _cash_move(Command.REPAY, account, ALL, amount, request_id)
    command["instrument"] = instrument
    command.view(records.CASH)["loan"] = loan
    return command


def draw(account: int, amount: int, request_id: bytes = b"") -> Commands:
    """From the credit line into the contract's cash."""
    return _cash_move(Command.DRAW, account, ALL, amount, request_id)


def extend(account: int, loan: int = 0, request_id: bytes = b"") -> Commands:
    """Of the contract, or of one loan of a licensed account by its number."""
    return _record(_extend(0, 0, Command.EXTEND, 0, 0, 0, account, ALL, 0, loan, request_id))


def accrue(days: int) -> Commands:
    return _record(_accrue(0, 0, Command.ACCRUE, 0, 0, 0, -1, ALL, 0, days))


def notice(account: int, notice_id: int, code: int, stage: int, channel: int) -> Commands:
    return _record(
        _notice(
            *(0, 0, Command.NOTICE, 0, 0, 0, account, ALL, 0),
            *(notice_id, code, stage, channel),
        )
    )


def sell_last(account: int, instrument: int, on: int) -> Commands:
    """Asks forced sales to sell a holding after the others (1), or takes that back (0)."""
    return _record(_sell_last(0, 0, Command.SELL_LAST, 0, 0, 0, account, instrument, 0, on))


def desk_action(
    action_id: int,
    officer: int,
    action: int,
    account: int = -1,
    instrument: int = ALL,
    person: int = -1,
    until: int = 0,
) -> Commands:
    """Evidence of what a risk officer did, and to whom; `until` is a market time."""
    return _record(
        _desk_action(
            *(0, 0, Command.DESK_ACTION, 0, 0, Origin.OFFICER, account, instrument, 0),
            *(action_id, until, officer, action, person),
        )
    )


# The day and the market ---------------------------------------------------------------------------


def bare_command(kind: Command, instrument: int = ALL) -> Commands:
    """The market's, of nothing but its kind."""
    return _record(_bare(0, 0, kind, 0, 0, Origin.MARKET, -1, instrument, 0))


def day_open(date: int, mark_policy: int, conventions: int = 0) -> Commands:
    """`conventions`: bits of Convention."""
    return _record(
        _day_open(0, 0, Command.DAY_OPEN, 0, 0, 1, -1, ALL, 0, date, mark_policy, conventions)
    )


def instrument_add(instrument: int, symbol: str) -> Commands:
    """`instrument` must be the next free index; `symbol` is at most 12 ASCII characters."""
    return _record(
        _instrument_add(0, 0, Command.INSTRUMENT_ADD, 0, 0, 1, -1, instrument, 0, symbol.encode())
    )


def instrument_day(instrument: int, terms: DayTerms) -> Commands:
    return _record(
        _instrument_day(0, 0, Command.INSTRUMENT_DAY, 0, 0, 1, -1, instrument, 0, *terms)
    )


def instrument_rules(instrument: int, terms: RuleTerms) -> Commands:
    """After the instrument's `instrument_day`, before `ladders`."""
    flat = (*terms[:5], *terms.halt_ppm, *terms[6:])
    return _record(
        _instrument_rules(0, 0, Command.INSTRUMENT_RULES, 0, 0, 1, -1, instrument, 0, *flat)
    )


def ladders() -> Commands:
    return bare_command(Command.LADDERS)


def day_close() -> Commands:
    return bare_command(Command.DAY_CLOSE)


def uncross(instrument: int) -> Commands:
    return bare_command(Command.UNCROSS, instrument)


def closing(instrument: int) -> Commands:
    """Its closing auction, its closing price, the end of its orders."""
    return bare_command(Command.CLOSING, instrument)


def resume(instrument: int) -> Commands:
    """The auction that ends its temporary halt."""
    return bare_command(Command.RESUME, instrument)


def frame_begin() -> Commands:
    return bare_command(Command.FRAME_BEGIN)


def frame_end() -> Commands:
    return bare_command(Command.FRAME_END)


def fee_schedule(schedule: int, terms: FeeTerms) -> Commands:
    return _record(_fee_schedule(0, 0, Command.FEE_SCHEDULE, 0, 0, 1, -1, ALL, 0, schedule, *terms))


def product(index: int, terms: ProductTerms) -> Commands:
    flat = (*terms[:8], *terms.class_cap_ppm, *terms[9:])
    return _record(_product(0, 0, Command.PRODUCT, 0, 0, 1, -1, ALL, 0, index, *flat))


def product_terms(index: int, terms: MoreTerms) -> Commands:
    """After the PRODUCT of the same index."""
    flat = (*terms[:3], *terms.class_coefficient_ppm, *terms.class_haircut_ppm, *terms[5:])
    return _record(_product_terms(0, 0, Command.PRODUCT_TERMS, 0, 0, 1, -1, ALL, 0, index, *flat))


def financing_margin(ratio_ppm: int) -> Commands:
    """The least margin of the day for each yuan newly financed; negative: nothing is financed."""
    return _record(
        _financing_margin(0, 0, Command.FINANCING_MARGIN, 0, 0, 1, -1, ALL, 0, ratio_ppm)
    )


def phase(session: int, phase: Phase) -> Commands:
    """`session` -1 is every session group."""
    return _record(_phase(0, 0, Command.PHASE, 0, 0, 1, -1, ALL, 0, session, phase))


def price(instrument: int, price: int, volume: int = 0) -> Commands:
    return _record(_price(0, 0, Command.PRICE, 0, 0, 1, -1, instrument, 0, price, volume))


def entitlement(instrument: int, old_close: int, reference: int) -> Commands:
    return _record(
        _entitlement(0, 0, Command.ENTITLEMENT, 0, 0, 1, -1, instrument, 0, old_close, reference)
    )


# Many at once -------------------------------------------------------------------------------------


def concat(parts: Sequence[Commands]) -> Commands:
    """One array of all parts in order; the parts stay as they are."""
    return np.frombuffer(bytearray(b"".join([p.tobytes() for p in parts])), records.COMMAND)


def prices(instruments: ArrayLike, price: ArrayLike, volume: ArrayLike = 0) -> Commands:
    """PRICE of each instrument, without the frame around them."""
    count = np.size(np.asarray(instruments))
    out = np.zeros(count, records.PRICE)
    out["kind"], out["origin"], out["account"] = Command.PRICE, Origin.MARKET, -1
    out["instrument"], out["price"], out["volume"] = instruments, price, volume
    return out.view(records.COMMAND)


def notices(
    accounts: ArrayLike, ids: ArrayLike, codes: ArrayLike, stage: int, channels: ArrayLike
) -> Commands:
    """NOTICEs from columns of the same length."""
    out = np.zeros(np.size(np.asarray(accounts)), records.NOTICE)
    out["kind"], out["instrument"], out["stage"] = Command.NOTICE, ALL, stage
    out["account"], out["notice_id"] = accounts, ids
    out["code"], out["channel"] = codes, channels
    return out.view(records.COMMAND)


def orders(
    accounts: ArrayLike,
    instruments: ArrayLike,
    sides: ArrayLike,
    order_types: ArrayLike,
    price: ArrayLike,
    quantity: ArrayLike,
    origin: int = Origin.MARKET,
) -> Commands:
    """ORDERs from columns; each is an array of the same length or one value for all."""
    columns = (accounts, instruments, sides, order_types, price, quantity)
    out = np.zeros(np.broadcast(*columns).size, records.ORDER)
    out["kind"], out["origin"] = Command.ORDER, origin
    names = ("account", "instrument", "side", "type", "price", "quantity")
    for name, column in zip(names, columns, strict=True):
        out[name] = column
    return out.view(records.COMMAND)

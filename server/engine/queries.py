"""Reading an engine's state from outside, in plain Python. Nothing here changes anything."""

from dataclasses import dataclass

from server.engine.arithmetic import PPM
from server.engine.assess import credit_of as credit_figures
from server.engine.assess import lowest_sale_of, refund_of, sellable_of, withdrawable_of
from server.engine.codes import AccountClass, Family, Side
from server.engine.credit import OF_FAMILY, OVERDUE
from server.engine.engine import Engine
from server.engine.lots import NO_LOT
from server.engine.positions import EMPTY

NONE = -1
DRAWING = (Family.FLEXIBLE, Family.COMBINATION)  # a buy draws what it lacks of cash
_MIX = 0x9E3779B97F4A7C15
_MASK = 0xFFFF_FFFF_FFFF_FFFF
Levels = list[tuple[int, int]]


def person_key(person: int) -> int:
    """As `positions.person_key`."""
    return -2 - person


def home_slot(key: int, mask: int) -> int:
    """As `positions.home_slot`; `mask` is one less than there are slots."""
    return ((key & _MASK) * _MIX & _MASK) >> 32 & mask


def ratio_ppm(assets: int, debt: int) -> int:
    """The ratio assets / debt in ppm, rounded down; 0 without debt."""
    return assets * PPM // debt if debt > 0 else 0


def positions_of(engine: Engine, account: int) -> list[int]:
    """Indices of an account's positions, sold-out ones included, newest first."""
    found: list[int] = []
    index = int(engine.state.accounts[account]["first_position"])
    while index != NONE:
        found.append(index)
        index = int(engine.state.positions[index]["next"])
    return found


def position(engine: Engine, account: int, instrument: int) -> int:
    """Index of one position, or -1."""
    for index in positions_of(engine, account):
        if engine.state.positions[index]["instrument"] == instrument:
            return index
    return NONE


def taxed_lots(engine: Engine, index: int) -> Levels:
    """(quantity, dividend tax for 1,000,000 shares sold today) of a position's lots, oldest first.

    Empty where no lot is taxed; the tax is 0 on one that is not (section 6.2).
    """
    state = engine.state
    found: Levels = []
    lot = int(state.positions[index]["first_lot"]) if state.positions[index]["taxed"] else NO_LOT
    while lot != NO_LOT:
        row = state.lots[lot]
        month, year = (int(state.header[0][name]) for name in ("month_from", "year_from"))
        tier = 0 if row["acquired"] >= month else 1 if row["acquired"] >= year else 2
        found.append((int(row["quantity"]), int(row["tax"][tier])))
        lot = int(row["next"])
    return found


def orders_of(engine: Engine, account: int, instrument: int = NONE) -> list[int]:
    """Arena indices of an account's open orders, newest first within a position."""
    found: list[int] = []
    for index in positions_of(engine, account):
        row = engine.state.positions[index]
        if instrument not in (NONE, int(row["instrument"])):
            continue
        slot = int(row["first_order"])
        while slot != NONE:
            found.append(slot)
            slot = int(engine.state.orders[slot]["position_next"])
    return found


def accounts_of(engine: Engine, person: int) -> list[int]:
    """A person's accounts, oldest first."""
    state = engine.state
    mask = len(state.slots) - 1
    key = person_key(person)
    slot = home_slot(key, mask)
    while int(state.slots[slot]["key"]) not in (key, EMPTY):
        slot = (slot + 1) & mask
    found: list[int] = []
    index = int(state.slots[slot]["position"]) if int(state.slots[slot]["key"]) == key else NONE
    while index != NONE:
        found.append(index)
        index = int(state.contracts[index]["next_account"])
    return found[::-1]


def sellable(engine: Engine, account: int, instrument: int) -> int:
    """Shares of a position that may be sold now (section 6.1)."""
    index = position(engine, account, instrument)
    return position_sellable(engine, index) if index != NONE else 0


def lowest_sale(engine: Engine, instrument: int) -> int:
    """The lowest price at which a limit sale is valid now (sections 1.4, 1.6)."""
    return int(lowest_sale_of(engine.workspace, instrument))


def position_sellable(engine: Engine, index: int) -> int:
    return int(sellable_of(engine.workspace, index))


@dataclass(frozen=True, slots=True)
class Rights:
    """Unpaid rights of a position under one corporate action; the price of one."""

    action: int
    quantity: int
    price: int


def rights_of(engine: Engine, account: int, instrument: int) -> list[Rights]:
    """Newest first."""
    index = position(engine, account, instrument)
    return [] if index == NONE else position_rights(engine, index)


def position_rights(engine: Engine, index: int) -> list[Rights]:
    """Of one position, newest first."""
    found: list[Rights] = []
    row = int(engine.state.positions[index]["first_claim"])
    while row:
        claim = engine.state.claims[row]
        if claim["rights"] > 0:
            found.append(Rights(*(int(claim[name]) for name in ("action", "rights", "price"))))
        row = int(claim["next"])
    return found


def assets(engine: Engine, account: int) -> int:
    row = engine.state.accounts[account]
    return int(row["cash"]) + int(row["value"])


def withdrawable(engine: Engine, account: int) -> int:
    """What may leave an account now (sections 5.4, 6.1)."""
    return int(withdrawable_of(engine.workspace, account))


def credit_of(engine: Engine, account: int) -> tuple[int, int, int]:
    """(credit line left, what a draw may take, margin left) of a contract; zeros of any other."""
    if engine.state.accounts[account]["klass"] != AccountClass.CONTRACT:
        return 0, 0, 0
    left, drawable, margin = credit_figures(engine.workspace, account)
    return int(left), int(drawable), int(margin)


def refund(engine: Engine, account: int) -> int:
    """Of interest charged ahead, what comes back if a contract is settled now."""
    return int(refund_of(engine.workspace, account))


def buying_power(engine: Engine, account: int) -> int:
    """What a buy that is not financed may cost: free cash, and what it would draw."""
    row = engine.state.accounts[account]
    drawn = line_left(engine, account) if int(row["family"]) & OF_FAMILY in DRAWING else 0
    return max(0, int(row["cash"]) - int(row["frozen"]) + drawn)


def line_left(engine: Engine, account: int) -> int:
    """What the credit line still lends; 0 of an account without one."""
    return credit_of(engine, account)[0]


def drawable(engine: Engine, account: int) -> int:
    """What an explicit draw may take now."""
    return credit_of(engine, account)[1]


def margin_left(engine: Engine, account: int) -> int:
    """A licensed account's available margin (section 4.2), a combination's free margin."""
    return credit_of(engine, account)[2]


def loans_of(engine: Engine, account: int) -> list[int]:
    """Rows of a licensed account's loans, oldest first."""
    found: list[int] = []
    for index in positions_of(engine, account):
        row = int(engine.state.positions[index]["first_loan"])
        while row > 0:
            found.append(row)
            row = int(engine.state.loans[row]["next"])
    return sorted(found, key=lambda row: int(engine.state.loans[row]["number"]))


def is_overdue(engine: Engine, account: int) -> int:
    """1 when a debt of the account is past its due day."""
    return int(int(engine.state.accounts[account]["family"]) & OVERDUE != 0)


def interest_a_day(engine: Engine, account: int) -> int:
    """What a contract's loan accrues in a day, rounded down to 1/10 000 yuan."""
    row = engine.state.accounts[account]
    loan = int(engine.state.contracts[account]["loan"])
    if loan == 0:
        return 0
    terms = engine.state.terms[row["product"]]
    return loan * int(terms["annual_rate_ppm"]) // (int(terms["day_count"]) * PPM)


def _next_level(engine: Engine, instrument: int, side: int, level: int) -> int:
    """The next level of a side that holds orders, away from the best, or -1."""
    row = engine.state.instruments[instrument]
    words = engine.state.words["bits"]
    base = int(row["word_base"]) + side * int(row["words"])
    step = -1 if side == Side.BUY else 1
    level += step
    while 0 <= level < int(row["levels"]):
        word = int(words[base + (level >> 6)])
        if side == Side.BUY:
            word &= (1 << ((level & 63) + 1)) - 1
            if word:
                return (level & ~63) + word.bit_length() - 1
            level = (level & ~63) - 1
        else:
            word &= -1 << (level & 63)
            if word:
                return (level & ~63) + (word & -word).bit_length() - 1
            level = (level | 63) + 1
    return NONE


def book_side(engine: Engine, instrument: int, side: int, levels: int) -> Levels:
    """(price, quantity) of the best `levels` levels of one side."""
    row = engine.state.instruments[instrument]
    bottom, tick = int(row["limit_down"]), int(row["tick"])
    base = int(row["level_base"]) + side * int(row["levels"])
    found: Levels = []
    level = int(row["best"][side])
    while level != NONE and len(found) < levels:
        quantity = int(engine.state.levels[base + level]["quantity"])
        found.append((bottom + level * tick, quantity))
        level = _next_level(engine, instrument, side, level)
    return found


def depth(engine: Engine, instrument: int, levels: int = 5) -> tuple[Levels, Levels]:
    """Bids and asks, best first."""
    return (
        book_side(engine, instrument, Side.BUY, levels),
        book_side(engine, instrument, Side.SELL, levels),
    )

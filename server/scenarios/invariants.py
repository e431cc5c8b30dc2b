"""What holds of every state between two commands, whatever was done."""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from server.engine.codes import AccountClass, Family, Grade, OrderStatus, Phase, Side
from server.engine.credit import OF_FAMILY
from server.engine.engine import Engine

Ints = NDArray[np.int64]
PPM = 1_000_000


class InvariantBroken(AssertionError):
    """A bug of the engine, never of a scenario."""


def check_invariants(engine: Engine) -> None:
    """Raises InvariantBroken with everything that does not hold."""
    broken = [
        *_sums(engine),
        *_cash(engine),
        *_values(engine),
        *_grades(engine),
        *_shares(engine),
        *_claims(engine),
        *_lots(engine),
        *_holders(engine),
        *_loans(engine),
        *_books(engine),
        *_exposures(engine),
    ]
    if broken:
        raise InvariantBroken(f"after command {engine.seq}: " + "; ".join(broken))


def _column(rows: NDArray[np.void], name: str) -> Ints:
    return cast("Ints", rows[name]).astype(np.int64)


def _accounts(engine: Engine) -> NDArray[np.void]:
    return engine.state.accounts[: int(engine.state.header[0]["accounts"])]


def _contracts(engine: Engine) -> NDArray[np.void]:
    return engine.state.contracts[: int(engine.state.header[0]["accounts"])]


def _positions(engine: Engine) -> NDArray[np.void]:
    """Without row 0, which stands for no position."""
    return engine.state.positions[1 : int(engine.state.header[0]["positions"])]


def _open(engine: Engine) -> NDArray[np.void]:
    """Orders in the books and those that wait outside them."""
    orders = engine.state.orders[: int(engine.state.header[0]["orders"])]
    return orders[orders["status"] != OrderStatus.FREE]


def _working(engine: Engine) -> NDArray[np.void]:
    orders = _open(engine)
    return orders[orders["status"] == OrderStatus.WORKING]


def _instruments(engine: Engine) -> NDArray[np.void]:
    return engine.state.instruments[: int(engine.state.header[0]["instruments"])]


def _clients(engine: Engine) -> NDArray[np.bool_]:
    return _column(_accounts(engine), "klass") != AccountClass.MARKET


def _sum_by(keys: Ints, values: Ints, size: int) -> Ints:
    """Sum of `values` for each key below `size`, exact."""
    sums = np.zeros(size, np.int64)
    np.add.at(sums, keys, values)
    return sums


def _sums(engine: Engine) -> Iterator[str]:
    """Cash and each share sum to zero over everybody, market and house included."""
    cash = int(_column(_accounts(engine), "cash").sum())
    house = int(_column(engine.state.header, "ledger").sum())
    if cash + house != 0:
        yield f"cash does not sum to zero: {cash} in accounts, {house} in ledgers"
    instruments, positions = _instruments(engine), _positions(engine)
    held = _sum_by(
        _column(positions, "instrument"), _column(positions, "quantity"), len(instruments)
    )
    for index in np.flatnonzero(held + _column(instruments, "issuer")):
        yield f"shares of instrument {index} do not sum to zero"


def _cash(engine: Engine) -> Iterator[str]:
    accounts, clients = _accounts(engine), _clients(engine)
    cash, frozen = _column(accounts, "cash"), _column(accounts, "frozen")
    free = cash + _lines(engine)
    for index in np.flatnonzero(clients & ((frozen < 0) | (cash < 0) | (frozen > free))):
        yield f"account {index} has {frozen[index]} frozen of {cash[index]}"
    orders = _open(engine)
    held = _sum_by(_column(orders, "account"), _column(orders, "frozen"), len(accounts))
    for index in np.flatnonzero(held != frozen):
        yield f"account {index} has {frozen[index]} frozen, its orders hold {held[index]}"


def _lines(engine: Engine) -> Ints:
    """What each contract that draws as it buys may still draw."""
    contracts, family = _contracts(engine), _column(_accounts(engine), "family") & OF_FAMILY
    draws = (family == Family.FLEXIBLE) | (family == Family.COMBINATION)
    left = _column(contracts, "credit") - _column(contracts, "loan")
    return np.where(draws, np.maximum(left, 0), 0)


def _loans(engine: Engine) -> Iterator[str]:
    """A licensed account owes what its loans do, each for shares it holds."""
    rows = engine.state.loans[1 : int(engine.state.header[0]["loans"])]
    rows = rows[rows["number"] > 0]
    accounts, contracts = _accounts(engine), _contracts(engine)
    owner, size = _column(rows, "account"), len(accounts)
    for name, of in (("loan", "principal"), ("interest", "interest")):
        owed, kept = _sum_by(owner, _column(rows, of), size), _column(contracts, name)
        licensed = _column(accounts, "family") & OF_FAMILY == Family.LICENSED
        for index in np.flatnonzero(licensed & (owed != kept)):
            yield f"contract {index} has {name} {kept[index]}, its loans {owed[index]}"
    orders = _open(engine)
    lent = _column(orders, "lent")
    amount = _column(orders, "price") * _column(orders, "remaining")
    buys = _column(orders, "side") == Side.BUY
    if np.any(buys & (_column(orders, "financed") > 0) & (lent != amount)):
        yield "an open buy on margin keeps another line than it needs"
    held = _sum_by(_column(orders, "account"), lent, size)
    for index in np.flatnonzero(held != _column(contracts, "open_credit")):
        yield f"contract {index} keeps another line for open buys than they need"
    if int(held.sum()) != int(engine.state.header[0]["open_credit"]):
        yield "the lines kept for open buys do not add up"


def _values(engine: Engine) -> Iterator[str]:
    """What a client's holdings are worth and what is receivable; here it is counted anew."""
    accounts, positions = _accounts(engine), _positions(engine)
    marks = _column(_instruments(engine), "mark")
    worth = _column(positions, "quantity") * marks[_column(positions, "instrument")]
    counted = _sum_by(_column(positions, "account"), worth, len(accounts))
    counted += _column(_contracts(engine), "receivable")
    kept = _column(accounts, "value")
    for index in np.flatnonzero(_clients(engine) & (counted != kept)):
        yield f"account {index} is said to hold {kept[index]}, and holds {counted[index]}"


def _grades(engine: Engine) -> Iterator[str]:
    """Outside a frame every contract has the grade of its assets and debt."""
    accounts, contracts = _accounts(engine), _contracts(engine)
    in_frame = bool(engine.state.header[0]["in_frame"])
    for index in np.flatnonzero(_column(accounts, "klass") == AccountClass.CONTRACT):
        account, contract = accounts[index], contracts[index]
        debt = int(account["debt"])
        if debt != int(contract["loan"]) + int(contract["interest"]):
            yield f"contract {index} owes {debt}, not its loan and interest"
        if not in_frame and int(account["grade"]) != _grade(engine, account):
            yield f"contract {index} has grade {account['grade']}, not {_grade(engine, account)}"


def _grade(engine: Engine, account: Any) -> int:
    debt, assets = int(account["debt"]), int(account["cash"]) + int(account["value"])
    lines = [int(line) for line in engine.state.terms[int(account["product"])]["line_ppm"]]
    if debt <= 0:
        return Grade.NORMAL
    return sum(assets <= debt * line // PPM for line in lines)


def _shares(engine: Engine) -> Iterator[str]:
    """Nobody but the market is short, and no open sell exceeds what may be sold."""
    positions, orders = _positions(engine), _open(engine)
    instruments = _instruments(engine)
    quantity = _column(positions, "quantity") - _column(positions, "unlisted")
    frozen = _column(positions, "frozen")
    settled = _column(instruments, "same_day_sale")[_column(positions, "instrument")] != 0
    bought = np.where(settled, 0, _column(positions, "bought_today"))
    client = _clients(engine)[_column(positions, "account")]
    for row in np.flatnonzero(client & (quantity - frozen - bought < 0)):
        free = f"{frozen[row]} frozen and {bought[row]} bought today"
        yield f"position {row + 1} of {quantity[row]} has {free}"
    size = int(engine.state.header[0]["positions"])
    for field, side in (("frozen", Side.SELL), ("open_buy", Side.BUY)):
        own = orders[orders["side"] == side]
        held = _sum_by(_column(own, "position"), _column(own, "remaining"), size)[1:]
        for row in np.flatnonzero(held != _column(positions, field)):
            yield f"position {row + 1} has {field} {positions[row][field]}, orders {held[row]}"


def _claims(engine: Engine) -> Iterator[str]:
    """Receivables and unlisted shares are the sums of what corporate actions still owe."""
    claims = engine.state.claims[: int(engine.state.header[0]["claims"])]
    owners = _column(claims, "position")
    listed = _sum_by(owners, _column(claims, "shares"), int(engine.state.header[0]["positions"]))
    for row in np.flatnonzero(listed[1:] != _column(_positions(engine), "unlisted")):
        yield f"position {row + 1} has unlisted shares that no action owes"
    worth = _column(claims, "cash") + _column(claims, "rights") * _column(claims, "worth")
    account = _column(engine.state.positions, "account")[owners[1:]]
    owed = _sum_by(account, worth[1:], len(_accounts(engine)))
    for index in np.flatnonzero(owed != _column(_contracts(engine), "receivable")):
        yield f"account {index} is owed {owed[index]} by corporate actions"


def _lots(engine: Engine) -> Iterator[str]:
    """A position knows how many of its lots owe dividend tax when they are sold."""
    positions, lots = engine.state.positions, engine.state.lots
    used = int(engine.state.header[0]["positions"])
    for index in np.flatnonzero(positions["taxed"][:used]):
        taxed, lot = 0, int(positions[index]["first_lot"])
        while lot:
            taxed += int(lots[lot]["tax"][0]) > 0
            lot = int(lots[lot]["next"])
        if taxed != positions[index]["taxed"]:
            yield f"position {index} counts {positions[index]['taxed']} taxed lots of {taxed}"


def _holders(engine: Engine) -> Iterator[str]:
    """An instrument's slab lists every client's position that is not empty, with its quantity."""
    positions, instruments = _positions(engine), _instruments(engine)
    client = _clients(engine)[_column(positions, "account")]
    held = client & (_column(positions, "quantity") > 0)
    instrument = _column(positions, "instrument")
    for index, row in enumerate(instruments):
        base = int(row["holder_base"])
        slab = engine.state.holders[base : base + int(row["holders"])]
        own = positions[held & (instrument == index)]
        listed = sorted(zip(slab["account"].tolist(), slab["quantity"].tolist(), strict=True))
        counted = sorted(zip(own["account"].tolist(), own["quantity"].tolist(), strict=True))
        if listed != counted:
            yield f"instrument {index} is said to be held by {listed}, and is by {counted}"


def _exposures(engine: Engine) -> Iterator[str]:
    """What accounts that borrow hold, and would with their open buys, over the whole platform."""
    positions, size = _positions(engine), len(_instruments(engine))
    klass = _column(_accounts(engine), "klass")[_column(positions, "account")]
    own = positions[(klass != AccountClass.CASH) & (klass != AccountClass.MARKET)]
    exposures = engine.state.exposures[:size]
    for field, of in (("financed", "quantity"), ("pending", "open_buy")):
        counted = _sum_by(_column(own, "instrument"), _column(own, of), size)
        for index in np.flatnonzero(counted != _column(exposures, field)):
            kept = exposures[index][field]
            yield f"instrument {index} is said to have {kept} {field}, and has {counted[index]}"


def _books(engine: Engine) -> Iterator[str]:
    """In continuous trading no buy stands at or above a sell; levels hold what their orders do."""
    orders, instruments = _working(engine), _instruments(engine)
    price, side = _column(orders, "price"), _column(orders, "side")
    for index, instrument in enumerate(instruments):
        own = _column(orders, "instrument") == index
        bids, asks = price[own & (side == Side.BUY)], price[own & (side == Side.SELL)]
        crossed = len(bids) and len(asks) and int(bids.max()) >= int(asks.min())
        standing = [*sorted(bids.tolist())[-1:], *sorted(asks.tolist())[:1]]
        if (best := _best(instrument)) != standing:
            yield f"instrument {index}: {best} is said to be best, {standing} is"
        if crossed and instrument["phase"] == Phase.CONTINUOUS:
            yield f"instrument {index} is crossed: {bids.max()} is bid, {asks.min()} asked"
        yield from _levels(engine, orders[own], instrument, index)


def _best(instrument: Any) -> list[int]:
    """The best prices of both sides, buys first; an empty side has none."""
    bottom, tick = int(instrument["limit_down"]), int(instrument["tick"])
    return [bottom + int(level) * tick for level in instrument["best"] if level >= 0]


def _levels(engine: Engine, orders: NDArray[np.void], instrument: Any, index: int) -> Iterator[str]:
    count, base = int(instrument["levels"]), int(instrument["level_base"])
    rows = _column(orders, "side") * count + _column(orders, "level")
    held = _sum_by(rows, _column(orders, "remaining"), 2 * count)
    kept = _column(engine.state.levels[base : base + 2 * count], "quantity")
    if not np.array_equal(held, kept):
        yield f"instrument {index}: levels do not hold what their orders do"

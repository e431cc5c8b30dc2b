"""Events become orders, fills and cash moves; the market's own do not."""

import numpy as np
import pytest

from server.engine import building
from server.engine.codes import CashMove, OrderType, Origin, Side
from server.history.changes import Changes
from server.history.projector import ORDER_TYPES, ORIGINS, SIDES, ProjectionBroken, Projector
from server.journal.batch import Applied
from tests.history.tape import ANNA, CONTRACT, DATE, MAKER, YUAN, Tape, order


def project(projector: Projector, applied: Applied) -> Changes:
    return projector.project(applied.last_seq, applied.commands, applied.events)


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def projector(tape: Tape) -> Projector:
    """Has seen the opening."""
    made = Projector()
    project(made, tape.applied[0])
    return made


def test_the_words_are_the_engines_numbers() -> None:
    assert [SIDES[each] for each in Side] == ["buy", "sell"]
    assert [ORDER_TYPES[each].upper() for each in OrderType] == [each.name for each in OrderType]
    assert [ORIGINS[each].upper() for each in Origin] == [each.name for each in Origin]


def test_the_opening_moves_cash(tape: Tape) -> None:
    changes = project(Projector(), tape.applied[0])
    assert [(move.account, move.move, move.amount // YUAN) for move in changes.moves] == [
        (ANNA, CashMove.DEPOSIT, 1_000_000),
        (ANNA, CashMove.TRANSFER_OUT, -200_000),
        (CONTRACT, CashMove.TRANSFER_IN, 200_000),
        (CONTRACT, CashMove.LOAN, 400_000),
    ]
    assert (changes.orders, changes.fills, changes.date) == ([], [], DATE)


def test_an_order_is_followed_to_its_end(tape: Tape, projector: Projector) -> None:
    placed = project(projector, tape.apply(order(ANNA, Side.BUY, 1_000, 300, "mine")))
    (working,) = placed.orders
    assert (working.status, working.quantity, working.filled) == ("working", 300, 0)
    assert (working.client_order_id, working.date, working.symbol) == ("mine", DATE, "600000.SSE")

    part = project(projector, tape.apply(order(MAKER, Side.SELL, 999, 100)))
    (filled,) = part.orders
    assert (filled.status, filled.filled, filled.filled_amount) == ("working", 100, 1_000 * YUAN)
    assert filled.seq == part.last_seq > working.seq
    (fill,) = part.fills
    assert (fill.order_id, fill.quantity, fill.price) == (working.order_id, 100, 10 * YUAN)
    assert fill.commission == 5 * YUAN

    ended = project(projector, tape.apply(building.cancel(ANNA, working.order_id)))
    (cancelled,) = ended.orders
    assert (cancelled.status, cancelled.filled) == ("cancelled", 100)
    assert working.status == "working", "what was given is not changed afterwards"
    assert projector.open_orders([ANNA]) == []


def test_a_refused_order_keeps_the_reason_and_the_figure(tape: Tape, projector: Projector) -> None:
    changes = project(projector, tape.apply(order(ANNA, Side.BUY, 1_000, 150)))
    (refused,) = changes.orders
    assert (refused.status, refused.code, refused.figure) == ("rejected", "quantity_off_lot", 100)
    assert refused.order_id == -changes.last_seq


def test_a_market_order_has_no_price(tape: Tape, projector: Projector) -> None:
    project(projector, tape.apply(order(MAKER, Side.SELL, 1_000, 100)))
    command = building.order(ANNA, 0, Side.BUY, OrderType.BEST_FIVE_IOC, 0, 300)
    (ended,) = project(projector, tape.apply(command)).orders
    assert (ended.price, ended.status, ended.filled) == (0, "cancelled", 100)


def test_the_markets_orders_are_left_out(tape: Tape, projector: Projector) -> None:
    changes = project(projector, tape.apply(order(MAKER, Side.SELL, 1_000, 100)))
    assert not changes


def test_the_close_expires_and_the_next_day_dates(tape: Tape, projector: Projector) -> None:
    project(projector, tape.apply(order(ANNA, Side.BUY, 950, 100)))
    tape.next_day(DATE + 1)
    closing, opening = tape.applied[-2:]
    (expired,) = project(projector, closing).orders
    assert (expired.status, expired.date) == ("expired", DATE)
    project(projector, opening)
    (tomorrow,) = project(projector, tape.apply(order(ANNA, Side.BUY, 950, 100))).orders
    assert tomorrow.date == DATE + 1


def test_a_tag_of_the_house_is_no_client_order_id(tape: Tape, projector: Projector) -> None:
    command = order(ANNA, Side.BUY, 950, 100, "R12-0-1", origin=Origin.FORCED_REDUCE)
    (forced,) = project(projector, tape.apply(command)).orders
    assert (forced.origin, forced.client_order_id) == ("forced_reduce", "")


def test_a_batch_missed_is_noticed(tape: Tape, projector: Projector) -> None:
    tape.apply(order(ANNA, Side.BUY, 1_000, 300))
    with pytest.raises(ProjectionBroken, match="never accepted"):
        project(projector, tape.apply(order(MAKER, Side.SELL, 999, 100)))


def test_it_goes_on_from_its_state_as_if_never_stopped(tape: Tape) -> None:
    tape.trade(batches=20, seed=3)
    through, stopped = Projector(), Projector()
    for applied in tape.applied:
        stopped = Projector(stopped.state())
        assert project(stopped, applied) == project(through, applied)


def test_the_cut_into_batches_changes_no_row(tape: Tape) -> None:
    """Every order's last state, every fill and cash move: the same in one batch as in many."""
    tape.trade(batches=10, seed=5)
    whole = Applied(
        *(1, tape.engine.seq, 0),
        np.concatenate([applied.commands for applied in tape.applied]),
        np.concatenate([applied.events for applied in tape.applied]),
    )
    assert project_all([whole]) == project_all(tape.applied)


def project_all(batches: list[Applied]) -> tuple[dict[int, object], list[object], list[object]]:
    projector = Projector()
    orders: dict[int, object] = {}
    fills: list[object] = []
    moves: list[object] = []
    for applied in batches:
        changes = project(projector, applied)
        orders |= {each.order_id: each for each in changes.orders}
        fills += changes.fills
        moves += changes.moves
    return orders, fills, moves

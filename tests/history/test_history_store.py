"""The tables: pages, what was missed, and the watermark that moves with the rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.database import open_database
from server.engine import building
from server.engine.codes import Side
from server.history.changes import Changes
from server.history.projector import Projector
from server.history.store import HistoryStore, Page, Watermark
from tests.history.tape import ANNA, CONTRACT, DATE, MAKER, Tape, order


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'new' / 'honghe.sqlite'}", durable=False)
    yield made
    made.dispose()


@pytest.fixture
def store(database: Engine) -> HistoryStore:
    return HistoryStore(database)


def write(store: HistoryStore, tape: Tape) -> list[Changes]:
    """Writes what the store does not have yet; returns everything."""
    projector = Projector()
    changes = [projector.project(a.last_seq, a.commands, a.events) for a in tape.applied]
    mark = store.watermark().seq
    store.write(each for each in changes if each.last_seq > mark)
    return changes


def test_a_new_store_is_at_the_beginning(store: HistoryStore) -> None:
    assert store.watermark() == Watermark(0, 0)
    assert store.orders(Page([ANNA])) == []


def test_an_order_stands_once_as_it_was_last(store: HistoryStore) -> None:
    tape = Tape()
    tape.apply(order(ANNA, Side.BUY, 1_000, 300, "mine"))
    write(store, tape)
    tape.apply(order(MAKER, Side.SELL, 1_000, 300))
    write(store, tape)
    (filled,) = store.orders(Page([ANNA]))
    assert (filled.status, filled.filled, filled.client_order_id) == ("filled", 300, "mine")
    assert store.order(filled.order_id) == filled
    assert store.watermark() == Watermark(tape.engine.seq, DATE)


def test_pages_go_back_in_time_without_a_gap(store: HistoryStore) -> None:
    tape = Tape()
    tape.trade(batches=15, seed=1)
    changes = write(store, tape)
    last = {each.order_id: each for batch in changes for each in batch.orders}
    wanted = sorted(last.values(), key=lambda each: (each.seq, each.order_id), reverse=True)
    found, before = [], 0
    while page := store.orders(Page([ANNA, CONTRACT], before_seq=before, limit=7)):
        found += page
        before = page[-1].seq
    assert found == wanted
    fills = [fill for batch in changes for fill in batch.fills]
    found, before = [], 0
    while page := store.fills(Page([ANNA, CONTRACT], before_seq=before, limit=7)):
        found += page
        before = page[-1].seq
    assert sorted(found, key=lambda f: (f.trade_no, f.order_id)) == sorted(
        fills, key=lambda f: (f.trade_no, f.order_id)
    )


def test_what_ended_in_one_command_is_one_page(store: HistoryStore) -> None:
    """A page that ends inside one sequence number would lose the rest of it."""
    tape = Tape()
    tape.apply(*(order(ANNA, Side.BUY, 950 + i, 100) for i in range(10)))
    tape.apply(building.cancel_all(ANNA))
    write(store, tape)
    page = store.orders(Page([ANNA], limit=3))
    assert len(page) == 10
    assert store.orders(Page([ANNA], before_seq=page[-1].seq, limit=3)) == []


def test_days_and_accounts_are_kept_apart(store: HistoryStore) -> None:
    tape = Tape()
    tape.apply(order(ANNA, Side.BUY, 950, 100))
    tape.apply(order(CONTRACT, Side.BUY, 950, 100))
    tape.next_day(DATE + 1)
    tape.apply(order(ANNA, Side.BUY, 950, 200))
    write(store, tape)
    assert [o.quantity for o in store.orders(Page([ANNA], date=DATE + 1))] == [200]
    assert [o.status for o in store.orders(Page([ANNA], date=DATE))] == ["expired"]
    assert len(store.orders(Page([ANNA]))) == 2
    assert len(store.orders(Page([ANNA, CONTRACT], date=DATE))) == 2


def test_what_was_missed_is_given_oldest_first_up_to_a_bound(store: HistoryStore) -> None:
    tape = Tape()
    seen = tape.engine.seq
    for i in range(6):
        tape.apply(order(ANNA, Side.BUY, 950 + i, 100))
    write(store, tape)
    missed = store.after([ANNA], seen, bound=10)
    assert [each.seq for each in missed.orders] == [seen + n for n in range(1, 7)]
    assert missed.lost_seq == 0
    missed = store.after([ANNA], seen, bound=4)
    assert [each.seq for each in missed.orders] == [seen + n for n in range(3, 7)]
    assert missed.lost_seq == seen + 2


def test_rows_and_watermark_are_written_together_or_not_at_all(store: HistoryStore) -> None:
    tape = Tape()
    tape.apply(order(ANNA, Side.BUY, 1_000, 100))
    tape.apply(order(MAKER, Side.SELL, 1_000, 100))
    (changes,) = [each for each in write(store, tape) if each.fills]
    again = Changes(changes.last_seq + 1, DATE, [], changes.fills, [])
    with pytest.raises(SQLAlchemyError):
        store.write([again])
    assert store.watermark().seq == changes.last_seq

"""The ticket's fields: what is typed, stepped, chosen, and when it is an order."""

import pytest

from honghe_tui.widgets.ticket_form import TicketForm, TicketOrder, parse_price, price_text
from tests.tui import canned
from tests.tui.widgets.samples import SYMBOL, resolve


def filled() -> TicketForm:
    form = TicketForm(resolve())
    form.set_accounts(canned.accounts())
    form.set_symbol(SYMBOL)
    form.set_quote(canned.quote(1))
    return form


def type_text(form: TicketForm, keys: str) -> None:
    for key in keys:
        form.type_character(key)


@pytest.mark.parametrize(
    ("typed", "price"),
    [("17.2", 172_000), ("1680", 16_800_000), (".5", 5_000), ("3.951", 39_510),
     ("1.23456", None), ("", None), (".", None), ("1.2.3", None), ("１２", None)],
)  # fmt: skip
def test_a_typed_price_is_read_without_floats(typed: str, price: int | None) -> None:
    assert parse_price(typed) == price


def test_a_price_is_written_with_its_tick_s_digits() -> None:
    assert price_text(16_800_000, 100) == "1680.00"
    assert price_text(39_510, 10) == "3.951"
    assert price_text(0, 100) == ""


def test_the_first_quote_fills_in_the_opposite_best_price() -> None:
    form = filled()
    assert form.texts["price"] == "51.26"  # the ask, to buy
    form.focus = "side"
    form.choose(1)
    assert (form.side, form.texts["price"]) == ("sell", "51.25")


def test_a_price_that_was_typed_is_left_alone() -> None:
    form = filled()
    form.focus = "price"
    type_text(form, "50")
    form.focus = "side"
    form.choose(1)
    form.set_quote(canned.quote(1, step=3))
    assert form.texts["price"] == "50"


def test_the_first_digit_replaces_and_the_next_append() -> None:
    form = filled()
    form.focus = "price"
    form.begin_field()
    type_text(form, "49.5")
    assert form.price == 495_000
    form.erase()
    assert form.texts["price"] == "49."
    type_text(form, "x ")
    assert form.texts["price"] == "49."


def test_plus_and_minus_step_the_price_by_a_tick_and_the_quantity_by_a_lot() -> None:
    form = filled()
    form.focus = "price"
    form.step(1)
    assert form.texts["price"] == "51.27"
    form.focus = "quantity"
    for _ in range(3):
        form.step(1)
    form.step(-1)
    assert form.quantity == 200
    for _ in range(5):
        form.step(-1)
    assert form.quantity == 0


@pytest.mark.parametrize(("part", "quantity"), [("1", 1_250), ("2", 600), ("3", 400), ("4", 300)])
def test_fractions_of_the_largest_quantity_are_whole_lots(part: str, quantity: int) -> None:
    form = filled()
    form.largest = 1_250
    form.focus = "quantity"
    type_text(form, "/" + part)
    assert form.quantity == quantity
    form.set_quantity(0)
    form.focus = "side"
    form.type_character(part)
    assert form.quantity == quantity


def test_digits_on_the_quantity_are_digits() -> None:
    form = filled()
    form.largest = 1_000
    form.focus = "quantity"
    form.begin_field()
    type_text(form, "1234")
    assert form.quantity == 1_234


def test_another_side_or_account_forgets_the_largest_quantity() -> None:
    form = filled()
    for focus in ("side", "account"):
        form.largest = 1_000
        form.focus = focus
        form.choose(1)
        assert form.largest == 0
        form.type_character("1")
        assert form.quantity == 0


def test_a_market_order_has_no_price_field() -> None:
    form = filled()
    form.focus = "order_type"
    form.choose(1)
    form.move(1)
    assert form.focus == "quantity"
    form.set_quantity(100)
    assert form.order() == TicketOrder(0, SYMBOL, "buy", "best_five_ioc", 0, 100)


def test_the_symbol_is_found_by_code_or_pinyin_and_another_one_clears_the_figures() -> None:
    form = TicketForm(resolve())
    form.set_accounts(canned.accounts())
    form.focus = "symbol"
    type_text(form, "zgpa")
    assert form.instrument is not None
    assert form.instrument.symbol == SYMBOL
    form.set_quote(canned.quote(1))
    form.set_quantity(100)
    form.begin_field()
    type_text(form, "600036")
    assert form.instrument.symbol == "600036.SSE"
    assert (form.texts["price"], form.quantity) == ("", 0)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda form: form.set_accounts([]), "no_account"),
        (lambda form: form.set_symbol("nothing"), "no_instrument"),
        (lambda form: form.texts.update(price=""), "no_price"),
        (lambda form: form.texts.update(price="51.255"), "off_tick"),
        (lambda form: form.set_quantity(0), "no_quantity"),
        (lambda form: None, ""),
    ],
)
def test_what_keeps_a_ticket_from_being_an_order(spoil, problem: str) -> None:
    form = filled()
    form.set_quantity(100)
    spoil(form)
    assert form.problem() == problem
    assert (form.order() is None) == bool(problem)


def test_accounts_pushed_again_keep_the_choice() -> None:
    form = filled()
    form.choose_account(2)
    changes = form.changes
    form.set_accounts(canned.accounts())
    assert (form.account_number, form.changes) == (2, changes)

"""Every order type by keys (section 2.5): what each board takes, and why it takes no other."""

import pytest

from honghe_tui.i18n import Language
from honghe_tui.widgets.order_ticket import OrderTicket
from honghe_tui.widgets.ticket_form import TicketOrder
from server.protocol.reasons import SENTENCES
from server.protocol.session import Failed
from server.protocol.words import OrderType
from tests.tui import canned
from tests.tui.widgets.host import hosted, lines, make_look, said
from tests.tui.widgets.samples import resolve

SHANGHAI, SHENZHEN, STAR, BEIJING = "601318.SSE", "000001.SZSE", "688981.SSE", "920128.BSE"
BEST_FIVE: tuple[OrderType, ...] = ("limit", "best_five_ioc")
BESTS: tuple[OrderType, ...] = ("opposite_best", "own_best")
TAKEN: dict[str, tuple[OrderType, ...]] = {
    SHANGHAI: (*BEST_FIVE, "best_five_limit"),
    SHENZHEN: (*BEST_FIVE, *BESTS, "ioc", "fill_or_kill"),
    STAR: (*BEST_FIVE, "best_five_limit", *BESTS),
    BEIJING: (*BEST_FIVE, "best_five_limit", *BESTS),
}
EVERY: list[tuple[str, OrderType]] = [
    *((SHANGHAI, order_type) for order_type in TAKEN[SHANGHAI]),
    *((SHENZHEN, order_type) for order_type in TAKEN[SHENZHEN][2:]),
    (STAR, "best_five_ioc"),
    (BEIJING, "own_best"),
]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def ticket_of(language: Language) -> OrderTicket:
    return OrderTicket(make_look(language), resolve())


async def filled(ticket: OrderTicket, symbol: str) -> None:
    ticket.set_accounts(canned.accounts())
    ticket.start(symbol, "buy", 2, quantity=500)
    ticket.set_quote(canned.quote(canned.SYMBOLS.index(symbol)))
    ticket.focus()


@pytest.mark.parametrize(("symbol", "order_type"), EVERY)
async def test_a_type_is_chosen_and_sent_by_keys(symbol: str, order_type: OrderType) -> None:
    look = make_look("zh")
    ticket = ticket_of("zh")
    heard = [OrderTicket.Submitted]
    async with hosted(ticket, size=(90, 16), heard=heard) as pilot:
        await filled(ticket, symbol)
        place = TAKEN[symbol].index(order_type)
        await pilot.press("up", *["right"] * place)
        assert look.catalogue.t(f"word.order_type.{order_type}") in "".join(lines(ticket))
        await pilot.press("enter", "y")
        await pilot.pause()
        (sent,) = (m.order for m in said(pilot) if isinstance(m, OrderTicket.Submitted))
    item = canned.instruments()[canned.SYMBOLS.index(symbol)]
    quoted = canned.quote(canned.SYMBOLS.index(symbol)).ask
    market = item.limit_up if item.protection else 0
    price = quoted if order_type == "limit" else market
    assert sent == TicketOrder(2, symbol, "buy", order_type, price, 500)


@pytest.mark.parametrize("symbol", TAKEN)
async def test_the_keys_offer_no_other_type(symbol: str) -> None:
    ticket = ticket_of("zh")
    async with hosted(ticket, size=(90, 16)) as pilot:
        await filled(ticket, symbol)
        await pilot.press("up")
        seen: list[str] = []
        for _ in TAKEN[symbol]:
            assert ticket.draft is not None
            seen.append(ticket.draft.order_type)
            await pilot.press("right")
        assert tuple(seen) == TAKEN[symbol]
        assert ticket.draft.order_type == "limit"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_type_that_the_board_does_not_take_is_refused_with_its_reason(
    language: Language,
) -> None:
    """As when the type went out of force after the ticket was opened."""
    sentence = SENTENCES["order_type_not_on_board"]
    ticket = ticket_of(language)
    async with hosted(ticket, size=(120, 16)) as pilot:
        await filled(ticket, SHENZHEN)
        await pilot.press("enter", "y")
        failed = Failed(1, "order_type_not_on_board", sentence.zh, sentence.en)
        ticket.show_failed(failed)
        shown = "".join(lines(ticket))
        assert (sentence.zh if language == "zh" else sentence.en) in shown

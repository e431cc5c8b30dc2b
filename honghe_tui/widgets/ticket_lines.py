"""How the order ticket is written down: fields, what-if, review."""

from rich.style import Style

from honghe_tui import text
from honghe_tui.widgets.account_label import account_label
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.margin_lines import SIGNS, WHOLE_PPM, line_percent
from honghe_tui.widgets.spans import Span, width_of
from honghe_tui.widgets.ticket_form import CHOICES, FieldName, TicketForm, TicketOrder
from server.protocol.market import Instrument
from server.protocol.trading import LineDistance, WhatIfResult
from server.protocol.words import FamilyName, RestOutcome

PLAIN_RESTS: frozenset[RestOutcome] = frozenset({"none", "at_limit"})
LENDING: frozenset[FamilyName] = frozenset({"flexible", "combination", "licensed"})
_LABEL = 9
_WORDY = 50  # cells from which a distance is told in full words
Rows = list[list[Span]]


def side_ink(look: Look, side: str, bold: bool = True) -> Style:
    return look.change(1 if side == "buy" else -1, bold)


def form_rows(form: TicketForm, look: Look, locked: bool, width: int) -> Rows:
    """One row a field; the one in focus has `>` and another ground."""
    return [_field_row(form, name, look, locked, width) for name in form.fields]


def _field_row(
    form: TicketForm, name: FieldName, look: Look, locked: bool, width: int
) -> list[Span]:
    here = name == form.focus and not locked
    ground = look.palette.cursor if here else ""
    plain, muted = style(look.palette.text, ground), style(look.palette.muted, ground)
    shown, ink = _value(form, name, look)
    if here:
        shown = f"< {shown} >" if name in CHOICES else shown + "_"
    value = text.fit(shown, max(1, width - _LABEL - 2))
    return [
        (">" if here else " ", plain),
        (text.fit(look.t(f"ticket.{_label(form, name)}"), _LABEL), muted),
        (" ", plain),
        (value, ink + style("", ground) if ground else ink),
    ]


def _label(form: TicketForm, name: FieldName) -> str:
    return "protection" if name == "price" and form.is_protected else name


def _value(form: TicketForm, name: FieldName, look: Look) -> tuple[str, Style]:
    if name == "account":
        return _account(form, look), look.text
    if name == "side":
        return look.word("side", form.side), side_ink(look, form.side)
    if name == "financed":
        return look.t(f"ticket.{funding(form.side, form.financed)}"), look.text
    if name == "loan":
        return _loan(form, look), look.text
    if name == "symbol":
        return _symbol(form, look), look.text
    if name == "order_type":
        return look.word("order_type", form.order_type), look.text
    if name == "price" and not form.is_priced:
        return look.t("ticket.market_price"), look.muted
    return form.texts[name], look.strong


def funding(side: str, financed: bool) -> str:
    """Key of how an order of a licensed account is paid, or what its proceeds do."""
    return f"{side}_financed" if financed else f"{side}_own"


def _account(form: TicketForm, look: Look) -> str:
    if not form.accounts:
        return look.t("ticket.no_account")
    return account_label(form.accounts[form.account], look)


def _loan(form: TicketForm, look: Look) -> str:
    """The loan that is repaid first, and its due day."""
    loan = form.loan
    if loan is None:
        return look.t("ticket.no_loan_named")
    due = text.date(loan.due) if loan.due else look.glyphs.missing
    return f"#{loan.number} {loan.symbol.partition('.')[0]} {due}"


def _symbol(form: TicketForm, look: Look) -> str:
    typed = form.texts["symbol"]
    if form.instrument is None:
        return typed
    name = f"{form.instrument.code} {text.clean(form.instrument.name)}"
    return name if typed.startswith(form.instrument.code) else f"{typed} {name}"


def market_rows(form: TicketForm, look: Look) -> Rows:
    """Last price and best quotes of the instrument; its limits."""
    instrument, quote = form.instrument, form.quote
    if instrument is None:
        return [[], []]
    spans: list[Span] = []
    if quote is not None:
        ink = look.change(quote.last - quote.previous_close)
        spans.append((f" {text.price(quote.last, instrument.tick)}", ink))
        for key, price in (("bid", quote.bid), ("ask", quote.ask)):
            spans.append((f"  {look.t(f'quote.{key}')} ", look.muted))
            spans.append((text.price(price, instrument.tick), look.text))
    return [spans, _limits(instrument, look)]


def _limits(instrument: Instrument, look: Look) -> list[Span]:
    if not instrument.limited:
        return [(" " + look.t("depth.unlimited"), look.muted)]
    low, high = (
        text.price(p, instrument.tick) for p in (instrument.limit_down, instrument.limit_up)
    )
    return [(f" {look.t('ticket.limits')} {low}~{high}", look.muted)]


def figure_text(figure: int, unit: str, tick: int) -> str:
    """A figure in the unit that a refusal names."""
    if unit == "price":
        return text.price(figure, tick)
    return text.money(figure) if unit == "money" else text.quantity(figure)


def what_if_rows(
    result: WhatIfResult | None,
    tick: int,
    look: Look,
    width: int,
    *,
    whole: bool = True,
    family: FamilyName = "fixed",
) -> Rows:
    """What the order would do to an account of this family, most important first.

    Without `whole` a field is still empty: a refusal of that would blame nobody's order.
    """
    if result is None:
        return [[(look.t("ticket.no_what_if"), look.muted)]]
    rows: Rows = []
    if result.code and whole:
        rows.append(_refusal(result, tick, look))
    rows.append(_ratio(result, look))
    rows += _borrowing(result, look, family, width)
    rows += [_line_row(each, look, width < _WORDY) for each in result.lines]
    rows.append(_pair(look, "largest", text.quantity(result.largest_quantity)))
    rows.append(_amounts(result, look))
    rows += _fill(result, tick, look, width)
    if result.rest not in PLAIN_RESTS:
        rows.append([(look.t(f"rest.{result.rest}", price=_at(result, tick)), look.strong)])
    rows.append(_pair(look, "interest", text.money(result.interest_a_day)))
    return rows


def _borrowing(result: WhatIfResult, look: Look, family: FamilyName, width: int) -> Rows:
    """What the order draws, is lent or repays, and what that leaves to borrow with."""
    if family not in LENDING:
        return []
    debt = f"{text.money(result.debt_before)} -> {text.money(result.debt)}"
    figures = [("line_left", result.credit_left_after)]
    if family != "flexible":
        figures.append(("margin_left", result.margin_after))
    if family != "licensed":
        figures.append(("power_left", result.buying_power_after))
    money = text.short_money
    pairs = [_pair(look, key, money(figure, look.language) + "  ") for key, figure in figures]
    rows = [[span for pair in pairs for span in pair]]
    if width < _WORDY and len(pairs) > 2:
        rows = [[*pairs[0], *pairs[1]], pairs[2]]
    return [_pair(look, "debt", debt), *rows]


def _pair(look: Look, key: str, figure: str) -> list[Span]:
    return [(look.t(f"ticket.{key}") + " ", look.muted), (figure, look.text)]


def _refusal(result: WhatIfResult, tick: int, look: Look) -> list[Span]:
    error = style(look.palette.error, "", True)
    sentence = text.clean(look.catalogue.pick(result.message_zh, result.message_en))
    return [("x " + sentence, error)]


def _ratio(result: WhatIfResult, look: Look) -> list[Span]:
    if not result.debt:
        return [(look.t("ticket.no_debt"), look.muted)]
    ink = style(look.palette.grades[result.grade_after], "", True)
    before, after = (
        text.percent(ppm) if ppm else look.glyphs.missing
        for ppm in (result.ratio_before_ppm, result.ratio_after_ppm)
    )
    grade = f"[{SIGNS[result.grade_after]} {look.word('grade', result.grade_after)}]"
    return [
        (look.t("ticket.ratio") + " ", look.muted),
        (f"{before} -> ", look.text),
        (f"{after} {grade}", ink),
    ]


def _line_row(far: LineDistance, look: Look, brief: bool) -> list[Span]:
    """A line: sign, name, level; how far in yuan, percent, limit-down days."""
    ink = style(look.palette.grades[far.grade])
    name = text.fit(look.word("grade", far.grade), 9 if look.language == "en" else 4)
    level = text.fit(line_percent(far.line_ppm), 6, "right")
    if far.fall <= 0:
        return [(f"{SIGNS[far.grade]} {name}{level} ", ink), (look.t("ticket.reached"), ink)]
    fall = text.fit(text.short_money(far.fall, look.language), 7 if brief else 8, "right")
    if not 0 < far.fall_ppm <= WHOLE_PPM:
        words = f"{fall} {look.t('gauge.out_of_reach')}"
        return [(f"{SIGNS[far.grade]} {name}{level}", ink), (words, look.text)]
    share = text.fit(text.percent(far.fall_ppm), 7, "right")
    days = look.t(
        "gauge.limit_downs_brief" if brief else "gauge.limit_downs",
        days=text.thousandths(far.limit_downs_ppm),
    )
    return [(f"{SIGNS[far.grade]} {name}{level}", ink), (f"{fall}{share} {days}", look.text)]


def _amounts(result: WhatIfResult, look: Look) -> list[Span]:
    return [
        *_pair(look, "amount", text.money(result.amount)),
        ("  ", look.text),
        *_pair(look, "fees", text.money(result.fees)),
    ]


def _at(result: WhatIfResult, tick: int) -> str:
    return text.price(result.rest_price, tick) if result.rest_price else text.MISSING


def _fill(result: WhatIfResult, tick: int, look: Look, width: int) -> Rows:
    spans = _pair(look, "filled_now", text.quantity(result.filled_now))
    if result.filled_now:
        spans.append((f" @ {text.price(result.average_price, tick)}", look.text))
    frozen = _pair(look, "frozen", text.money(result.frozen)) if result.frozen else []
    if frozen and width_of([*spans, *frozen]) + 2 > width:
        return [spans, frozen]
    return [[*spans, ("  ", look.text), *frozen]]


def order_sentence(order: TicketOrder, instrument: Instrument, look: Look) -> str:
    """The order in one sentence, as it is confirmed."""
    price = text.price(order.price, instrument.tick)
    kind = look.word("order_type", order.order_type)
    if order.order_type == "fixed_price":
        price = f"{kind} {price}"
    elif order.order_type != "limit":
        price = f"{kind} {look.t('ticket.protection')} {price}" if order.price else kind
    side = look.word("side", order.side)
    if order.financed:
        side = look.t(f"ticket.{funding(order.side, order.financed)}")
    if order.loan:
        side = look.t("ticket.sell_for_loan", number=order.loan)
    return look.t(
        "ticket.sentence",
        side=side,
        name=text.clean(instrument.name),
        code=instrument.code,
        price=price,
        quantity=text.quantity(order.quantity),
        account=order.account,
    )

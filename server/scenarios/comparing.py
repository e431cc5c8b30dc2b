"""What a step expects beside what the engine shows: the first difference, or none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from server.engine import queries, records
from server.engine.building import Commands
from server.engine.codes import Event, Ledger, Side
from server.engine.reasons import Reason
from server.protocol.reasons import SENTENCES
from server.risk.systemic_figures import take_figures
from server.scenarios import page
from server.scenarios.account_figures import (
    ACCOUNT_FIGURES,
    HOLDING_FIGURES,
    INSTRUMENT_FIGURES,
    LEDGER_FIGURES,
    Figure,
    figure_of,
)
from server.scenarios.ahead import of_ahead
from server.scenarios.event_kinds import BY_CODE, BY_WORD, REFUSALS, EventKind, Field
from server.scenarios.kinds import COUNT, FIGURE, MONEY
from server.scenarios.plan_differences import plan_differences
from server.scenarios.setting import Setting
from server.scenarios.systemic_figures import platform_figure
from server.scenarios.wording import ScenarioError, Text, at, unknown, wrong

NOTHING = Text("无", "nothing")


@dataclass(frozen=True, slots=True)
class Difference:
    """`place` names the figure; `expected` and `got` are as the page would have them."""

    place: Text
    expected: Text
    got: Text


@dataclass(frozen=True, slots=True)
class Expected:
    """An event on the page: its kind, and its figures in their plainest form."""

    kind: EventKind
    figures: dict[str, str]

    @property
    def text(self) -> str:
        return _text(self.figures)


def first_difference(setting: Setting, step: page.Step, events: Commands) -> Difference | None:
    """Raises ScenarioError for figures that cannot be."""
    for found in _differences(setting, step, events):
        return found
    return None


def _differences(setting: Setting, step: page.Step, events: Commands) -> Iterator[Difference]:
    yield from _of_events(setting, step, events)
    for name, figures in step.then.items():
        account = setting.names.account_number(name)
        yield from _of_account(setting, name, account, figures)
    for name, said in step.ahead.items():
        for place, wanted, got in of_ahead(setting, name, said):
            yield Difference(place, wanted, got)
    for symbol, figures in step.instruments.items():
        number = setting.names.instrument_number(symbol)
        yield from _of_figures(setting, symbol, INSTRUMENT_FIGURES, figures, number, 0)
    for symbol, book in step.book.items():
        yield from _of_book(setting, symbol, book)
    for name, raw in step.ledgers.items():
        figure = figure_of(LEDGER_FIGURES, name)
        number = Ledger[name.upper()]
        yield from _of_figure(
            setting, Text(f"账本 {name}", f"ledger {name}"), figure, raw, number, 0
        )
    if step.systemic:
        yield from _of_platform(setting, step.systemic)
    for name, plan in step.plan.items():
        account = setting.names.account_number(name)
        for wanted, got in plan_differences(setting, account, plan):
            if wanted != got:
                place = Text(f"{name} 的计划", f"plan of {name}")
                yield Difference(place, _both(wanted), _both(got))


def _of_platform(setting: Setting, said: page.Raw) -> Iterator[Difference]:
    figures = take_figures(setting.stage.engine)
    for name, raw in said.items():
        figure = platform_figure(name)
        expected = figure.kind.read(raw)
        got = figure.kind.show(figure.of(figures), expected, setting.names)
        if got != expected:
            place = Text(f"平台 {name}", f"platform {name}")
            yield Difference(place, Text(expected, expected), Text(got, got))


# Events -------------------------------------------------------------------------------------------


def _of_events(setting: Setting, step: page.Step, events: Commands) -> Iterator[Difference]:
    expected = _expected(setting, step)
    told = {wanted.kind.word for wanted in expected}
    shown = [
        events[i : i + 1]
        for i in range(len(events))
        if _is_told(int(events[i]["kind"]), told, step)
    ]
    for number in range(max(len(expected), len(shown))):
        place = Text(f"第 {number + 1} 个事件", f"event {number + 1}")
        if number >= len(shown):
            wanted = expected[number].text
            yield Difference(place, Text(wanted, wanted), NOTHING)
        elif number >= len(expected):
            got = _whole_text(setting, shown[number])
            yield Difference(place, NOTHING, Text(got, got))
        else:
            yield from _of_event(setting, place, expected[number], shown[number])


def _is_told(code: int, told: set[str], step: page.Step) -> bool:
    """Whether an event must be on the page: without a list of events, only a refusal must."""
    kind = BY_CODE.get(Event(code))
    if kind is None:
        return False
    if step.events is None:
        return kind.word in REFUSALS
    return not kind.silent or kind.word in told


def _expected(setting: Setting, step: page.Step) -> list[Expected]:
    if step.refused is None:
        return [_read_event(raw) for raw in step.events or []]
    if step.events is not None:
        raise wrong("events 与 refused 只写其一", "give events or refused, not both")
    refusal = step.refused
    if isinstance(refusal, str):
        refusal = page.Refusal(reason=refusal)
    word = "rejected" if step.buy or step.sell else "refused"
    if step.cancel is not None or step.cancel_all is not None:
        word = "cancel_rejected"
    raw: dict[str, Any] = {word: refusal.reason}
    if refusal.figure is not None:
        raw["figure"] = refusal.figure
    return [_read_event(raw)]


def _read_event(raw: page.Raw) -> Expected:
    """The first word of the table that is an event's says what it is."""
    words = [word for word in raw if word in BY_WORD]
    if not words:
        first = next(iter(raw), "")
        raise unknown(Text("事件", "event"), first, [*BY_WORD])
    kind = BY_WORD[next(iter(raw))] if next(iter(raw)) in BY_WORD else BY_WORD[words[0]]
    figures: dict[str, str] = {}
    for name, value in raw.items():
        field = kind.subject if name == kind.word else kind.figure(name)
        try:
            figures[name] = field.kind.read(value)
        except ValueError as error:
            raise _in(f"{kind.word} {name}", error) from error
    return Expected(kind, figures)


def _of_event(
    setting: Setting, place: Text, expected: Expected, event: Commands
) -> Iterator[Difference]:
    kind = BY_CODE[Event(int(event[0]["kind"]))]
    if kind is not expected.kind:
        wanted, got = expected.text, _whole_text(setting, event)
        yield Difference(place, Text(wanted, wanted), Text(got, got))
        return
    fields = kind.fields()
    shown = {
        name: fields[name].kind.show(kind.value(event, fields[name]), wanted, setting.names)
        for name, wanted in expected.figures.items()
    }
    if shown != expected.figures:
        yield Difference(
            place, Text(expected.text, expected.text), Text(_text(shown), _text(shown))
        )


def _whole_text(setting: Setting, event: Commands) -> str:
    kind = BY_CODE[Event(int(event[0]["kind"]))]
    return _text(
        {
            name: field.kind.show(kind.value(event, field), _manner(event, field), setting.names)
            for name, field in kind.fields().items()
            if name == kind.word or _says_something(field, kind.value(event, field))
        }
    )


def _says_something(field: Field, value: int) -> bool:
    """Figures of 0 and names of nothing are left out."""
    return value >= 0 if field.kind not in (MONEY, COUNT, FIGURE) else value != 0


def _manner(event: Commands, field: Field) -> str:
    """How to write what no page has: a refusal's figure as its reason's sentence does."""
    if field.kind is not FIGURE:
        return ""
    reason = Reason(int(event.view(records.ORDER_EVENT)[0]["reason"]))
    return "0.00" if SENTENCES[reason.name.lower()].unit in {"price", "money"} else ""


def _text(figures: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


# State --------------------------------------------------------------------------------------------


def _of_account(
    setting: Setting, name: str, account: int, figures: page.Raw
) -> Iterator[Difference]:
    for key, raw in figures.items():
        if key != "holds":
            figure = figure_of({**ACCOUNT_FIGURES, "holds": HOLDING_FIGURES["quantity"]}, key)
            yield from _of_figure(setting, _both(f"{name} {key}"), figure, raw, account, 0)
            continue
        for symbol, held in _table(raw).items():
            number = setting.names.instrument_number(symbol)
            told = {"quantity": held} if isinstance(held, int) else _table(held)
            place = f"{name} {symbol}"
            yield from _of_figures(setting, place, HOLDING_FIGURES, told, account, number)


def _table(raw: object) -> page.Raw:
    if not isinstance(raw, dict):
        raise wrong("holds 应为表 { 代码 = 数量 }", "holds is a table { code = quantity }")
    return cast("page.Raw", raw)


def _of_figures(
    setting: Setting, place: str, known: dict[str, Figure], told: page.Raw, first: int, second: int
) -> Iterator[Difference]:
    for name, raw in told.items():
        figure = figure_of(known, name)
        yield from _of_figure(setting, _both(f"{place} {name}"), figure, raw, first, second)


def _of_figure(
    setting: Setting, place: Text, figure: Figure, raw: object, first: int, second: int
) -> Iterator[Difference]:
    try:
        wanted = figure.kind.read(raw)
    except ValueError as error:
        raise _in(place.en, error) from error
    got = figure.kind.show(figure.of(setting.stage.engine, first, second), wanted, setting.names)
    if got != wanted:
        yield Difference(place, Text(wanted, wanted), Text(got, got))


def _of_book(setting: Setting, symbol: str, book: page.Book) -> Iterator[Difference]:
    """Every level of both sides, best first."""
    number = setting.names.instrument_number(symbol)
    for side, told, words in (
        (Side.BUY, book.bids, Text("买盘", "bids")),
        (Side.SELL, book.asks, Text("卖盘", "asks")),
    ):
        wanted = [(MONEY.read(price), COUNT.read(quantity)) for price, quantity in told.items()]
        levels = queries.book_side(setting.stage.engine, number, side, len(wanted) + 1)
        got = [
            (MONEY.show(price, "", setting.names), COUNT.show(quantity, "", setting.names))
            for price, quantity in levels
        ]
        if wanted != got:
            place = Text(f"{symbol} {words.zh}", f"{symbol} {words.en}")
            yield Difference(place, _levels(wanted), _levels(got))


def _levels(levels: list[tuple[str, str]]) -> Text:
    if not levels:
        return NOTHING
    text = ", ".join(f"{price} x {quantity}" for price, quantity in levels)
    return _both(text)


def _both(text: str) -> Text:
    return Text(text, text)


def _in(place: str, error: ValueError) -> ValueError:
    return at(_both(place), error) if isinstance(error, ScenarioError) else error

"""One contract's margin ratio against its four lines."""

from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.account_label import account_label
from honghe_tui.widgets.canvas import Canvas
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.margin_lines import (
    SIGNS,
    WHOLE_PPM,
    Distance,
    distance,
    gauge_ends,
    line_percent,
    lines_of,
    next_line,
)
from honghe_tui.widgets.spans import Span, apart, line, width_of
from server.protocol.accounts import Account
from server.protocol.words import Grade

FULL_HEIGHT, CALLED_HEIGHT = 6, 7


@dataclass(frozen=True, slots=True)
class GaugeRange:
    """What the account itself does not carry; everything may stay unknown (0)."""

    low_ppm: int = 0  # lowest and highest ratio of the day
    high_ppm: int = 0
    limit_down_fall: int = 0  # money lost when all holdings fall to one limit-down
    market_time: int = 0  # for the time left until the deadline


class MarginGauge(Drawing):
    """Ratio, grade in words, gauge with the four lines, distance to the next line, the call.

    - `MarginGauge(look, *, id, classes)`: draws 3 lines below 6 lines of height, else 6, and 7
      when called (`preferred_height -> int`); works from 40 columns up.
    - `show(account: Account | None, extra: GaugeRange = GaugeRange())`.
    A cash account shows its assets and says that it has no debt.
    """

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(look, id=id, classes=classes)
        self._account: Account | None = None
        self._extra = GaugeRange()

    def show(self, account: Account | None, extra: GaugeRange = GaugeRange()) -> None:
        self._account, self._extra = account, extra
        self.redraw()

    @property
    def preferred_height(self) -> int:
        account = self._account
        called = account is not None and self._called(account)
        return CALLED_HEIGHT if called else FULL_HEIGHT

    def draw(self, width: int, height: int) -> list[Strip]:
        account = self._account
        if account is None:
            return []
        if account.debt <= 0:
            return self._without_debt(account, width)
        called = self._call(account)
        if height < FULL_HEIGHT:
            last = called or self._distances(account, width)
            rows = [self._title(account, width), last]
            strips = [line(spans, width, self.look.text) for spans in rows]
            return [strips[0], self._gauge(account, width), strips[1]]
        rows = [self._money(account, width), self._distances(account, width), self._costs(account)]
        if called:
            rows.insert(0, called)
        elif account.credit:
            rows.append(self._line(account))
        return [
            line(self._title(account, width), width, self.look.text),
            self._gauge(account, width),
            self._labels(account, width),
            *[line(spans, width, self.look.text) for spans in rows],
        ]

    # Lines of text

    def _ink(self, grade: Grade) -> Style:
        return style(self.look.palette.grades[grade], "", True)

    def _title(self, account: Account, width: int) -> list[Span]:
        look, ink = self.look, self._ink(account.grade)
        grade = look.word("grade", account.grade)
        left: list[Span] = [
            (account_label(account, look) + " ", look.strong),
            (f"[{SIGNS[account.grade]} {grade}]", ink),
        ]
        ratio: list[Span] = [(look.t("gauge.ratio") + " ", look.muted)] if width >= 56 else []
        ratio.append((text.percent(account.ratio_ppm), ink))
        return apart(left, ratio + self._range(width), width, look.text)

    def _range(self, width: int) -> list[Span]:
        extra = self._extra
        if not extra.low_ppm or width < 72:
            return []
        shown = f"{text.percent(extra.low_ppm)}~{text.percent(extra.high_ppm)}"
        return [(f" {self.look.t('gauge.today')} {shown}", self.look.muted)]

    def _money(self, account: Account, width: int) -> list[Span]:
        look = self.look
        figure = text.money if width >= 72 else self._short
        spans: list[Span] = []
        for key, value in (
            ("assets", account.assets),
            ("debt", account.debt),
            ("market_value", account.market_value),
        ):
            spans.append((look.t(f"gauge.{key}") + " ", look.muted))
            spans.append((figure(value) + "  ", look.text))
        return spans

    def _short(self, value: int) -> str:
        return text.short_money(value, self.look.language)

    def _distances(self, account: Account, width: int) -> list[Span]:
        """To the next line, and to the liquidation line where there is room."""
        grade = next_line(account)
        if grade is None:
            return [(self.look.t("gauge.all_reached"), self._ink("liquidate"))]
        spans = self._to(distance(account, grade, self._extra.limit_down_fall))
        last = self._to(distance(account, "liquidate", self._extra.limit_down_fall))
        if grade != "liquidate" and width_of(spans) + 2 + width_of(last) <= width:
            spans += [("  ", self.look.text), *last]
        return spans

    def _to(self, far: Distance) -> list[Span]:
        look = self.look
        name = look.word("grade", far.grade)
        reachable = far.fall <= 0 or 0 < far.fall_ppm <= WHOLE_PPM
        share = text.percent(far.fall_ppm) if reachable else look.t("gauge.out_of_reach")
        spans: list[Span] = [
            (look.t("gauge.to", line=name) + " ", look.muted),
            (f"{self._short(far.fall)} {share}", self._ink(far.grade)),
        ]
        if far.limit_downs_ppm >= 0 and reachable:
            days = text.thousandths(far.limit_downs_ppm)
            spans.append((" " + look.t("gauge.limit_downs", days=days), look.text))
        return spans

    def _costs(self, account: Account) -> list[Span]:
        look = self.look
        spans: list[Span] = []
        for key, value in (("profit_today", account.profit_today), ("profit", account.profit)):
            spans.append((look.t(f"gauge.{key}") + " ", look.muted))
            spans.append((text.short_money(value, look.language, True) + "  ", look.change(value)))
        spans.append((look.t("gauge.interest") + " ", look.muted))
        spans.append((text.money(account.interest_a_day), look.text))
        return spans

    def _line(self, account: Account) -> list[Span]:
        """What a contract with a credit line may still borrow, by its family."""
        look = self.look
        figures = [("credit_left", account.credit_left)]
        if account.family in ("licensed", "combination"):
            figures.append(("margin", account.margin))
        if account.family == "licensed":
            figures.append(("financing_power", account.financing_power))
        else:
            figures.append(("buying_power", account.buying_power))
        spans: list[Span] = []
        for key, value in figures:
            spans.append((look.t(f"gauge.{key}") + " ", look.muted))
            spans.append((text.short_money(value, look.language) + "  ", look.text))
        return spans

    def _lines(self, account: Account) -> list[Span]:
        """The four lines in a row, of a contract that owes nothing yet."""
        spans: list[Span] = []
        for grade, ppm in lines_of(account).items():
            word = self.look.word("grade", grade)
            spans.append((f"{SIGNS[grade]}{word} {line_percent(ppm)}  ", self._ink(grade)))
        return spans

    def _called(self, account: Account) -> bool:
        return bool(account.cure_deadline or account.liquidating or account.shortfall)

    def _call(self, account: Account) -> list[Span]:
        """What must happen by when; empty when nothing is asked."""
        look, urgent = self.look, self._ink("liquidate")
        if account.shortfall:
            return [(look.t("gauge.shortfall", money=text.money(account.shortfall)), urgent)]
        if account.liquidating:
            return [(look.t("gauge.liquidating"), urgent)]
        if not account.cure_deadline:
            return []
        money = text.money(account.cure_deposit)
        until = text.clock(account.cure_deadline, seconds=False)
        spans: list[Span] = [(look.t("gauge.cure", time=until, money=money), urgent)]
        left_s = (account.cure_deadline - self._extra.market_time) // 1_000_000
        if self._extra.market_time and left_s >= 0:
            left = f"{left_s // 3_600}:{left_s // 60 % 60:02d}"
            spans.append((" " + look.t("gauge.left", time=left), look.strong))
        return spans

    def _without_debt(self, account: Account, width: int) -> list[Strip]:
        look = self.look
        title: list[Span] = [
            (account_label(account, look) + " ", look.strong),
            (look.t("gauge.no_debt"), look.muted),
        ]
        money: list[Span] = [
            (look.t("gauge.assets") + " ", look.muted),
            (text.money(account.assets) + "  ", look.text),
            (look.t("gauge.cash") + " ", look.muted),
            (text.money(account.cash), look.text),
        ]
        call = self._call(account)
        rows = [title, money, call]
        if account.credit:
            rows = [title, money, call or self._line(account), self._lines(account)]
        return [line(spans, width, look.text) for spans in rows]

    # The gauge

    def _place(self, ppm: int, ends: tuple[int, int], width: int) -> int:
        low, high = ends
        return min(width - 1, max(0, (ppm - low) * (width - 1) // max(1, high - low)))

    def _gauge(self, account: Account, width: int) -> Strip:
        look, extra = self.look, self._extra
        ends = gauge_ends(account, extra.low_ppm, extra.high_ppm)
        here = self._place(account.ratio_ppm, ends, width)
        canvas = Canvas(width, 1, look.muted)
        ink = style(look.palette.grades[account.grade])
        for x in range(width):
            reached = x <= here
            canvas.put(x, 0, look.glyphs.full if reached else look.glyphs.track,
                       ink if reached else look.muted)  # fmt: skip
        for ppm, bracket in ((extra.low_ppm, "["), (extra.high_ppm, "]")):
            if ppm:
                canvas.put(
                    self._place(ppm, ends, width), 0, bracket, self._on_panel(look.palette.text)
                )
        for grade, ppm in lines_of(account).items():
            place = self._place(ppm, ends, width)
            canvas.put(place, 0, SIGNS[grade], self._on_panel(look.palette.grades[grade]))
        canvas.put(here, 0, look.glyphs.marker, self._on_panel(look.palette.text))
        return canvas.strips()[0]

    def _on_panel(self, color: str) -> Style:
        return style(color, self.look.palette.surface, True)

    def _labels(self, account: Account, width: int) -> Strip:
        """Each line's name below its place; where they would overlap they move to the right."""
        extra = self._extra
        ends = gauge_ends(account, extra.low_ppm, extra.high_ppm)
        labels: list[tuple[Grade, str, int]] = [
            (grade, f"{SIGNS[grade]}{self._grade_word(grade, width)}{line_percent(ppm)}", ppm)
            for grade, ppm in reversed(lines_of(account).items())
        ]
        canvas = Canvas(width, 1, self.look.text)
        free, left = 0, sum(text.cells(label) + 1 for _, label, _ in labels)
        for grade, label, ppm in labels:
            size = text.cells(label)
            wanted = self._place(ppm, ends, width)
            x = min(max(free, wanted), max(free, width - left))
            canvas.write(x, 0, label, self._ink(grade))
            free, left = x + size + 1, left - size - 1
        return canvas.strips()[0]

    def _grade_word(self, grade: Grade, width: int) -> str:
        word = self.look.word("grade", grade)
        return word + " " if width >= 48 else ""

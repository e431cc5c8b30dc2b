"""One line an account: what it is worth, what it owes, how near its next line is."""

from collections.abc import Iterable

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.look import Look, style
from honghe_tui.widgets.spans import Span, fitted, line
from server.protocol.accounts import Account

_NAME, _MONEY, _RATIO, _GRADE = 19, 13, 9, 9
LARGEST = 5


class AccountsStrip(Drawing):
    """At most `LARGEST` accounts; the ones nearest to trouble first when there are more."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._accounts: list[Account] = []

    def show(self, accounts: Iterable[Account]) -> None:
        found = list(accounts)
        if len(found) > LARGEST:
            found.sort(key=lambda account: account.ratio_ppm or 10**12)
        self._accounts = sorted(found[:LARGEST], key=lambda account: account.account)
        height = 1 + max(1, len(self._accounts))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        ground = style("", self.look.palette.panel)
        t = self.look.catalogue.t
        titles: list[Span] = [
            fitted(f" {t('screen.accounts.account')}", _NAME, self.look.muted),
            *self._money_titles(width),
            fitted(t("screen.accounts.ratio"), _RATIO, self.look.muted, "right"),
            fitted(f"  {t('screen.accounts.grade')}", _GRADE + 2, self.look.muted),
        ]
        rows = [line(titles, width, self.look.muted)]
        if not self._accounts:
            sentence = " " + t("screen.accounts.empty")
            rows.append(line([(sentence, self.look.muted)], width, ground))
        return rows + [line(self._row(account, width), width, ground) for account in self._accounts]

    def _columns(self, width: int) -> list[str]:
        """The money columns that fit beside name, ratio and grade."""
        room = (width - _NAME - _RATIO - _GRADE - 2) // _MONEY
        return ["assets", "profit_today", "cash", "debt", "market_value", "profit"][:room]

    def _money_titles(self, width: int) -> list[Span]:
        t, muted = self.look.catalogue.t, self.look.muted
        return [
            fitted(t(f"screen.accounts.{name}"), _MONEY, muted, "right")
            for name in self._columns(width)
        ]

    def _row(self, account: Account, width: int) -> list[Span]:
        look, palette = self.look, self.look.palette
        grade = style(palette.grades[account.grade], "", account.grade != "normal")
        spans: list[Span] = [fitted(f" {text.clean(account.name)}", _NAME, look.text)]
        for name in self._columns(width):
            value: int = getattr(account, name)
            signed = name.startswith("profit")
            shown = text.short_money(value, look.language, signed=signed)
            spans.append(
                fitted(shown, _MONEY, look.change(value) if signed else look.text, "right")
            )
        ratio = text.percent(account.ratio_ppm) if account.debt else look.glyphs.missing
        word = look.word("grade", account.grade) if account.debt else ""
        return [
            *spans,
            fitted(ratio, _RATIO, grade, "right"),
            fitted(f"  {word}", _GRADE + 2, grade),
        ]

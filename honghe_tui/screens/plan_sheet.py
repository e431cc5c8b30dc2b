"""What forced sales would send for one account now: when, the cures, the orders and why."""

from textual.strip import Strip

from honghe_tui import text
from honghe_tui.terminal import Terminal
from honghe_tui.widgets.drawing import Drawing
from honghe_tui.widgets.spans import Span, folded, line
from server.protocol.risk import (
    LiquidationPlan,
    PlanOrder,
    PlanSteps,
    Tomorrow,
    TomorrowChange,
)


class PlanSheet(Drawing):
    def __init__(self, terminal: Terminal, *, id: str | None = None) -> None:
        super().__init__(terminal.look, id=id)
        self._terminal = terminal
        self._plan: LiquidationPlan | None = None
        self._ahead: Tomorrow | None = None

    def show(self, plan: LiquidationPlan | None, ahead: Tomorrow | None = None) -> None:
        self._plan, self._ahead = plan, ahead
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._plan is None:
            return []
        rows = plan_rows(self._terminal, self._plan)
        if self._ahead is not None and self._ahead.debt:
            rows += ahead_rows(self._terminal, self._ahead)
        plain = self.look.text
        return [line(part, width, plain) for spans in rows for part in folded(spans, width)]


def plan_rows(terminal: Terminal, plan: LiquidationPlan) -> list[list[Span]]:
    """The whole plan, the most urgent first."""
    look, words = terminal.look, terminal.text
    if plan.steps is None:
        sentence = words("screen.plan.none", account=plan.account)
        return [[(f" {sentence}", look.muted)]]
    kind, when = look.word("plan_kind", plan.kind), look.word("plan_time", plan.when)
    head = words("screen.plan.head", account=plan.account, kind=kind, when=when)
    rows: list[list[Span]] = [[(f" {head}", look.strong)]]
    if plan.deposit:
        cures = words(
            "screen.plan.cures", deposit=text.money(plan.deposit), repay=text.money(plan.repay)
        )
        rows.append([(f" {cures}", look.text)])
    if plan.deadline:
        until = text.clock(plan.deadline, seconds=False)
        day = text.date(text.date_of(plan.deadline))
        rows.append([(f" {words('screen.plan.deadline', time=f'{day} {until}')}", look.text)])
    return rows + steps_rows(terminal, plan.steps)


def ahead_rows(terminal: Terminal, ahead: Tomorrow) -> list[list[Span]]:
    """Where the next opening leaves the account if no price moves, and each cause of it."""
    look = terminal.look
    rows = [_ahead_head(terminal, ahead)]
    if ahead.margin_now or ahead.margin:
        was, then = text.money(ahead.margin_now), text.money(ahead.margin)
        words = terminal.text("screen.plan.ahead_margin", was=was, then=then)
        rows.append([(f"   {words}", look.strong if ahead.margin < 0 else look.muted)])
    if ahead.falls_overdue:
        rows.append([(f"   {terminal.text('screen.plan.ahead_overdue')}", look.strong)])
    return rows + [_ahead_change(terminal, each) for each in ahead.changes]


def _ahead_change(terminal: Terminal, change: TomorrowChange) -> list[Span]:
    """A cause, its share, and what it adds to each figure that it changes."""
    look, words = terminal.look, terminal.text
    name = terminal.name_of(change.symbol) if change.symbol else ""
    figures = {"assets": change.assets, "debt": change.debt, "margin": change.margin}
    added = [
        words(f"screen.plan.added_{figure}", money=text.money(money, signed=True))
        for figure, money in figures.items()
        if money
    ]
    cause = look.word("change_cause", change.cause)
    return [(f"   {' '.join(each for each in (cause, name, *added) if each)}", look.muted)]


def _ahead_head(terminal: Terminal, ahead: Tomorrow) -> list[Span]:
    look = terminal.look
    words = terminal.text(
        "screen.plan.ahead",
        day=text.date(ahead.session),
        days=ahead.days,
        interest=text.money(ahead.interest),
        ratio=text.percent(ahead.ratio_ppm),
        grade=look.word("grade", ahead.grade_then),
    )
    return [(f" {words}", look.muted if ahead.grade_then == ahead.grade else look.strong)]


def steps_rows(terminal: Terminal, steps: PlanSteps) -> list[list[Span]]:
    look, words = terminal.look, terminal.text
    rows: list[list[Span]] = []
    if steps.repay:
        sentence = words("screen.plan.repay", money=text.money(steps.repay))
        rows.append([(f" {sentence}", look.text)])
    rows += [_order(terminal, order) for order in steps.orders]
    for each in steps.queued:
        why = look.word("obstacle", each.obstacle)
        shown = f" {terminal.name_of(each.symbol)} {text.quantity(each.quantity)}  {why}"
        rows.append([(shown, look.muted)])
    if steps.spared:
        names = " ".join(terminal.name_of(symbol) for symbol in steps.spared)
        rows.append([(f" {words('screen.plan.spared', names=names)}", look.muted)])
    if not steps.orders and not steps.repay and not steps.queued:
        rows.append([(f" {words('screen.plan.nothing')}", look.muted)])
    if steps.debt_after and (steps.orders or steps.repay):
        ratio = text.percent(text.part_ppm(steps.assets_after, steps.debt_after))
        rows.append([(f" {words('screen.plan.after', ratio=ratio)}", look.text)])
    return rows


def _order(terminal: Terminal, order: PlanOrder) -> list[Span]:
    """Rank, what is sold at what price at the least, and the reason of its rank."""
    look, words = terminal.look, terminal.text
    floor = text.price(order.floor, terminal.tick_of(order.symbol))
    spans: list[Span] = [
        (f" {order.rank}. ", look.muted),
        (f"{terminal.name_of(order.symbol)} {text.quantity(order.quantity)} ", look.text),
        (f">={floor}  ", look.muted),
    ]
    limit, weight = text.percent(order.limit_ppm, 0), text.percent(order.weight_ppm, 1)
    spans.append((words("screen.plan.reason", limit=limit, weight=weight), look.muted))
    if order.wish not in {"none", "honoured"}:
        spans.append((f"  {look.word('wish', order.wish)}", look.strong))
    return spans

"""An account's sheet: money, debt and lines, positions at their marks, open orders."""

from collections.abc import Iterator

import numpy as np

from server.cli.audit_events import GRADES, SIDES
from server.cli.audit_text import Text, market_text, percent
from server.engine import queries
from server.engine.codes import AccountClass, AccountStatus
from server.engine.engine import Engine
from server.engine.margin import N_LINES
from server.protocol.reasons import yuan

_PPM = 1_000_000

WORDS = {
    "zh": {
        "account": "账户",
        "class_1": "现金账户",
        "class_2": "合约 1:{leverage}（产品 {product} 版本 {version}）",
        "class_3": "做市账户",
        "person": "人员 {person}",
        "status": "状态",
        "status_0": "正常",
        "status_1": "已结清",
        "status_2": "有欠款 {shortfall}",
        "cash": "现金",
        "cash_text": "{cash}（冻结 {frozen}，未交收 {unsettled}，可取 {withdrawable}）",
        "value": "持仓市值",
        "assets": "总资产",
        "debt": "负债",
        "debt_text": "{debt}（借款 {loan}，利息 {interest}；保证金 {deposit}）",
        "ratio": "维持担保比例",
        "no_ratio": "无负债",
        "grade": "等级",
        "line": "{grade}线",
        "line_text": "{line}：资产 {assets}，距此 {distance}",
        "positions": "持仓",
        "position_text": (
            "数量 {quantity:,} 可卖 {sellable:,} 冻结 {frozen:,} 今买 {bought:,} "
            "成本 {cost} 标记价 {mark} 市值 {value}"
        ),
        "orders": "未成交委托",
        "order_text": "{symbol} {side} {price} × {quantity:,}（剩余 {remaining:,}）{time}",
        "none": "无",
    },
    "en": {
        "account": "account",
        "class_1": "cash account",
        "class_2": "contract 1:{leverage} (product {product} version {version})",
        "class_3": "market account",
        "person": "person {person}",
        "status": "status",
        "status_0": "open",
        "status_1": "settled",
        "status_2": "shortfall {shortfall}",
        "cash": "cash",
        "cash_text": (
            "{cash} (frozen {frozen}, unsettled {unsettled}, withdrawable {withdrawable})"
        ),
        "value": "market value",
        "assets": "assets",
        "debt": "debt",
        "debt_text": "{debt} (loan {loan}, interest {interest}; deposit {deposit})",
        "ratio": "ratio",
        "no_ratio": "no debt",
        "grade": "grade",
        "line": "line: {grade}",
        "line_text": "{line}: at assets of {assets}, {distance} away",
        "positions": "positions",
        "position_text": (
            "quantity {quantity:,} sellable {sellable:,} frozen {frozen:,} bought today "
            "{bought:,} cost {cost} mark {mark} value {value}"
        ),
        "orders": "open orders",
        "order_text": "{symbol} {side} {price} x {quantity:,} ({remaining:,} left) {time}",
        "none": "none",
    },
}


class Sheet:
    """The account `account` of an engine; `lines()` writes it."""

    def __init__(self, engine: Engine, account: int, language: str) -> None:
        self._engine = engine
        self._account = account
        self._text = Text(WORDS[language])
        self._column = 0 if language == "zh" else 1
        self._row: np.void = engine.state.accounts[account]
        self._contract: np.void = engine.state.contracts[account]

    def lines(self) -> Iterator[str]:
        text = self._text
        yield text.fact("account", f"{self._account}  {self._kind()}")
        status = AccountStatus(int(self._row["status"]))
        shortfall = yuan(int(self._contract["shortfall"]))
        yield text.fact("status", text(f"status_{status:d}", shortfall=shortfall))
        yield from self._money()
        if self._row["klass"] == AccountClass.CONTRACT:
            yield from self._debt()
        yield from self._listed("positions", list(self._positions()))
        yield from self._listed("orders", list(self._orders()))

    def _kind(self) -> str:
        row, text = self._row, self._text
        klass = AccountClass(int(row["klass"]))
        terms = self._engine.state.terms[row["product"]]
        product, version = int(row["product"]), int(terms["version"])
        kind = text(
            f"class_{klass:d}", leverage=int(terms["leverage"]), product=product, version=version
        )
        return f"{kind}  {text('person', person=int(row['person']))}"

    def _money(self) -> Iterator[str]:
        row, text = self._row, self._text
        figures = text(
            "cash_text",
            cash=yuan(int(row["cash"])),
            frozen=yuan(int(row["frozen"])),
            unsettled=yuan(int(self._contract["unsettled"])),
            withdrawable=yuan(queries.withdrawable(self._engine, self._account)),
        )
        yield text.fact("cash", figures)
        yield text.fact("value", yuan(int(row["value"])))
        yield text.fact("assets", yuan(queries.assets(self._engine, self._account)))

    def _debt(self) -> Iterator[str]:
        row, contract, text = self._row, self._contract, self._text
        debt, assets = int(row["debt"]), queries.assets(self._engine, self._account)
        figures = {name: yuan(int(contract[name])) for name in ("loan", "interest", "deposit")}
        yield text.fact("debt", text("debt_text", debt=yuan(debt), **figures))
        ratio = percent(queries.ratio_ppm(assets, debt)) if debt > 0 else text("no_ratio")
        yield text.fact("ratio", ratio)
        yield text.fact("grade", GRADES[int(row["grade"])][self._column])
        lines = self._engine.state.terms[row["product"]]["line_ppm"]
        for grade in range(1, N_LINES + 1):
            line_ppm = int(lines[grade - 1])
            reached = debt * line_ppm // _PPM
            label = text("line", grade=GRADES[grade][self._column])
            distance = yuan(assets - reached)
            where = text(
                "line_text", line=percent(line_ppm), assets=yuan(reached), distance=distance
            )
            yield text.labelled(label, where)

    def _positions(self) -> Iterator[str]:
        state = self._engine.state
        for index in queries.positions_of(self._engine, self._account):
            row = state.positions[index]
            if row["quantity"] == 0:
                continue
            instrument = int(row["instrument"])
            mark = int(state.instruments[instrument]["mark"])
            figures = self._text(
                "position_text",
                quantity=int(row["quantity"]),
                sellable=queries.position_sellable(self._engine, index),
                frozen=int(row["frozen"]),
                bought=int(row["bought_today"]),
                cost=yuan(int(row["cost"])),
                mark=yuan(mark),
                value=yuan(mark * int(row["quantity"])),
            )
            yield self._text.labelled(f"  {self._engine.symbol(instrument)}", figures)

    def _orders(self) -> Iterator[str]:
        state = self._engine.state
        for slot in queries.orders_of(self._engine, self._account):
            row = state.orders[slot]
            figures = self._text(
                "order_text",
                symbol=self._engine.symbol(int(row["instrument"])),
                side=SIDES[int(row["side"])][self._column],
                price=yuan(int(row["price"])),
                quantity=int(row["quantity"]),
                remaining=int(row["remaining"]),
                time=market_text(int(row["time"])),
            )
            yield self._text.labelled(f"  #{int(row['id'])}", figures)

    def _listed(self, name: str, lines: list[str]) -> Iterator[str]:
        yield self._text.fact(name, "" if lines else self._text("none")).rstrip()
        yield from lines

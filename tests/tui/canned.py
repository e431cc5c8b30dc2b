"""Canned market and person for the client's tests: round figures, one fixed day."""

from server.protocol.accounts import Account, Notice, Product, Statement, StatementLine
from server.protocol.desk import (
    DeskAccount,
    DeskAccountPage,
    DeskAccounts,
    DeskCall,
    DeskCallList,
    DeskPlan,
    DeskPlanList,
    DeskPlanRow,
    GradeCount,
    Overview,
    PersonExposure,
    RatioBar,
    StockExposure,
    StockList,
    Stress,
    StressStep,
)
from server.protocol.market import Bar, Depth, Instrument, Level, Quote
from server.protocol.messages import Reply
from server.protocol.risk import (
    AccountForecast,
    AccountStanding,
    GetPlan,
    GetTomorrow,
    LiquidationPlan,
    OrderForecast,
    PlanOrder,
    PlanQueued,
    PlanSteps,
    Tomorrow,
    TomorrowChange,
    WhatIfAccount,
)
from server.protocol.session import Clock, Welcome
from server.protocol.systemic import SystemicFigures
from server.protocol.trading import Fill, LineDistance, Order, Position, WhatIf, WhatIfResult
from server.protocol.words import Board, Exchange, Grade, Interval, OrderType, Role

YUAN = 10_000
DATE = 20150820
MINUTE = 60_000_000
OPEN = 1_440_034_200_000_000  # 2015-08-20 09:30 in Shanghai
NOW = OPEN + 61 * MINUTE
WALL = 1_700_000_000_000_000

_UNIVERSE: list[tuple[str, Exchange, str, str, Board, str, int]] = [
    ("600519", "SSE", "贵州茅台", "GZMT", "main", "白酒", 1_680_00),
    ("601318", "SSE", "中国平安", "ZGPA", "main", "保险", 52_31),
    ("600036", "SSE", "招商银行", "ZSYH", "main", "银行", 35_20),
    ("600028", "SSE", "中国石化", "ZGSH", "main", "石油", 6_11),
    ("601988", "SSE", "中国银行", "ZGYH", "main", "银行", 4_38),
    ("000001", "SZSE", "平安银行", "PAYH", "main", "银行", 11_05),
    ("000858", "SZSE", "五粮液", "WLY", "main", "白酒", 152_40),
    ("300750", "SZSE", "宁德时代", "NDSD", "chinext", "电池", 205_66),
    ("688981", "SSE", "中芯国际", "ZXGJ", "star", "半导体", 48_90),
    ("920128", "BSE", "胜业电气", "SYDQ", "bse", "电气", 21_30),
    ("510300", "SSE", "沪深300ETF", "HS300ETF", "fund", "ETF", 3_950),
    ("600000", "SSE", "浦发银行", "PFYH", "main", "银行", 9_87),
]
SYMBOLS = [f"{code}.{exchange}" for code, exchange, *_ in _UNIVERSE]


def _tick(board: Board) -> int:
    return 10 if board == "fund" else 100


def _types(exchange: str, board: str) -> list[OrderType]:
    """Section 2.5."""
    if exchange == "SZSE":
        return ["limit", "best_five_ioc", "opposite_best", "own_best", "ioc", "fill_or_kill"]
    best: list[OrderType] = ["limit", "best_five_ioc", "best_five_limit"]
    return best if board in ("main", "fund") else [*best, "opposite_best", "own_best"]


def instruments(date: int = DATE) -> list[Instrument]:
    """The universe, with limits of 10 % (20 % for ChiNext and STAR, 30 % for Beijing)."""
    items: list[Instrument] = []
    for code, exchange, name, pinyin, board, sector, figure in _UNIVERSE:
        tick = _tick(board)
        close = figure * tick
        band = {"chinext": 20, "star": 20, "bse": 30}.get(board, 10)
        up = (close * (100 + band) // 100 + tick // 2) // tick * tick
        down = (close * (100 - band) // 100 + tick // 2) // tick * tick
        items.append(
            Instrument(
                f"{code}.{exchange}", code, exchange, name, pinyin, board, sector,
                1_000_000_000, tick, 100, up, down, close, True, code == "600028", False,
                _types(exchange, board), protection=board in ("star", "bse"),
            )
        )  # fmt: skip
    return items


def quote(number: int, step: int = 0) -> Quote:
    """A quote of instrument `number`: `number - 5` half per cents from the close, plus steps."""
    item = instruments()[number]
    last = item.previous_close * (1000 + (number - 5) * 5) // 1000 // item.tick * item.tick
    last += step * item.tick
    return Quote(
        item.symbol, NOW + step * 1_000_000, last, item.previous_close,
        open=item.previous_close, high=last + 3 * item.tick, low=item.previous_close - item.tick,
        volume=(number + 1) * 1_234_500 + step * 300,
        turnover=((number + 1) * 1_234_500 + step * 300) * last,
        bid=last - item.tick, bid_quantity=12_300, ask=last, ask_quantity=4_500,
        suspended=item.suspended, interpolated=True,
    )  # fmt: skip


def depth(symbol: str) -> Depth:
    number = SYMBOLS.index(symbol)
    now, tick = quote(number), instruments()[number].tick
    bids = [Level(now.last - (1 + n) * tick, 12_300 - 2_000 * n) for n in range(5)]
    asks = [Level(now.last + n * tick, 4_500 + 1_000 * n) for n in range(5)]
    return Depth(symbol, NOW, bids, asks)


def bars(symbol: str, interval: Interval, limit: int = 61) -> list[Bar]:
    """A zigzag that ends at the present quote."""
    number = SYMBOLS.index(symbol)
    last, tick = quote(number).last, instruments()[number].tick
    step = 1440 * MINUTE if interval == "1d" else int(interval[:-1]) * MINUTE
    count = min(limit, 61)
    closes = [last + ((n * 7) % 11 - 5 + (count - n) // 4) * tick for n in range(count)]
    closes[-1] = last
    made: list[Bar] = []
    for n, close in enumerate(closes):
        start = closes[n - 1] if n else close - tick
        top, bottom = max(start, close) + 2 * tick, min(start, close) - tick
        moment = (OPEN if interval == "1d" else NOW) - (count - 1 - n) * step
        volume = 10_000 + (n * 37) % 90 * 100
        made.append(
            Bar(symbol, interval, moment, start, top, bottom, close, volume, volume * close,
                n < count - 1, interval != "1d")
        )  # fmt: skip
    return made


PRODUCTS = [
    Product(n - 2, 1, f"{n}倍合约", f"1:{n} contract", n, 108_000, 360, *lines,
            [1_000_000, cap, 0, 0], single, 10_000 * YUAN, 1_000_000 * YUAN)
    for n, lines, cap, single in (
        (2, (1_400_000, 1_300_000, 1_250_000, 1_200_000), 500_000, 1_000_000),
        (3, (1_270_000, 1_220_000, 1_180_000, 1_140_000), 150_000, 500_000),
        (4, (1_210_000, 1_180_000, 1_155_000, 1_130_000), 0, 333_333),
    )
]  # fmt: skip


def accounts() -> list[Account]:
    """A cash account, and contracts of 1:2 (normal), 1:3 (reminded), 1:4 (to be reduced)."""
    cash = Account(0, "普通账户", "cash", "open", 500_000 * YUAN, 0, 500_000 * YUAN, 0, 0,
                   500_000 * YUAN, profit=0)  # fmt: skip
    return [
        cash,
        _contract(1, 0, 1_480_000, "normal"),
        _contract(2, 1, 1_262_000, "remind"),
        _contract(3, 2, 1_152_000, "reduce"),
    ]


def _contract(number: int, product: int, ratio: int, grade: Grade) -> Account:
    deposit = 100_000
    terms = PRODUCTS[product]
    debt = deposit * terms.leverage * YUAN + 90 * YUAN
    assets = debt * ratio // 1_000_000
    cash = 1_896 * YUAN + 5_200
    called = grade == "reduce"
    return Account(
        number, f"1:{terms.leverage} 合约", "contract", "open", cash, 0, 0, 0,
        assets - cash, assets, deposit * YUAN, deposit * terms.leverage * YUAN, 90 * YUAN, debt,
        ratio, grade, product,
        terms.leverage, terms.remind_ppm, terms.restrict_ppm, terms.reduce_ppm,
        terms.liquidate_ppm, 90 * YUAN, assets - debt - deposit * YUAN, -1_200 * YUAN, 0,
        OPEN + 300 * MINUTE if called else 0, 11_204 * YUAN if called else 0, False,
    )  # fmt: skip


def positions() -> list[Position]:
    item = instruments()[1]
    price = quote(1).last
    return [
        Position(1, item.symbol, 5_000, 5_000, 0, 0, 5_000 * item.previous_close, price,
                 5_000 * price, 5_000 * (price - item.previous_close), -3_000 * YUAN),
        Position(2, "600036.SSE", 10_000, 4_000, 1_000, 5_000, 351_000 * YUAN, 350_000,
                 350_000 * YUAN, -1_000 * YUAN, 250 * YUAN),
        Position(3, "600028.SSE", 60_000, 60_000, 0, 0, 390_000 * YUAN, 61_100,
                 366_600 * YUAN, -23_400 * YUAN, 0, 0, False, True),
    ]  # fmt: skip


def orders() -> list[Order]:
    return [
        Order(10, 101, 1, "601318.SSE", "buy", "limit", 520_000, 5_000, 5_000, 5_000 * 520_000,
              "filled", OPEN + 5 * MINUTE, DATE, "a1"),
        Order(20, 102, 2, "600036.SSE", "sell", "limit", 360_000, 1_000, 0, 0, "working",
              OPEN + 9 * MINUTE, DATE, "a2"),
        Order(30, 103, 2, "600519.SSE", "buy", "limit", 16_800_050, 100, 0, 0, "rejected",
              OPEN + 12 * MINUTE, DATE, "a3", "client", "price_off_tick", 16_800_000),
        Order(40, 104, 3, "600028.SSE", "sell", "limit", 61_100, 3_000, 1_000, 61_100_000,
              "working", OPEN + 20 * MINUTE, DATE, "", "forced_reduce"),
    ]  # fmt: skip


def old_orders() -> list[Order]:
    return [
        Order(5, 90, 1, "600000.SSE", "buy", "limit", 98_000, 1_000, 1_000, 98_000_000, "filled",
              OPEN - 1440 * MINUTE, 20150819, "z1")
    ]  # fmt: skip


def fills() -> list[Fill]:
    return [
        Fill(11, 7001, 101, 1, "601318.SSE", "buy", 520_000, 5_000, OPEN + 5 * MINUTE, DATE,
             650_000, 0, 52_000, 88_660, 52_000),
        Fill(41, 7002, 104, 3, "600028.SSE", "sell", 61_100, 1_000, OPEN + 21 * MINUTE, DATE,
             50_000, 61_100, 1_222, 2_083, 1_222, -42_000_0000, "forced_reduce"),
    ]  # fmt: skip


def notices() -> list[Notice]:
    return [
        Notice(3, 1, 2, "remind", OPEN + 15 * MINUTE, WALL, "维持担保比例低于提醒线",
               "Margin ratio below the remind line",
               "1:3 合约的维持担保比例为 126.20%，低于提醒线 127.00%。",
               "The 1:3 contract's maintenance ratio is 126.20 %, below its remind line of 127 %.",
               1),
        Notice(4, 2, 3, "reduce", OPEN + 19 * MINUTE, WALL, "触及减仓线",
               "Reduce line reached",
               "1:4 合约的维持担保比例为 115.20%，低于减仓线 115.50%。请在 14:30 前补足。",
               "The 1:4 contract's ratio is 115.20 %, below its reduce line. Cure it by 14:30.",
               3, True),
    ]  # fmt: skip


STATEMENT = Statement(
    1, 3, "reduction", DATE, OPEN + 30 * MINUTE, 40, 41, "减仓结算单", "Reduction statement",
    [
        StatementLine("proceeds", "成交金额", "Proceeds", 6_110 * YUAN),
        StatementLine("fees", "费用", "Fees", -11 * YUAN),
        StatementLine("repaid", "归还负债", "Repaid", -6_099 * YUAN),
    ],
    [7002],
    "9f86d081884c7d65",
)  # fmt: skip


def welcome(request_id: int, token: str, resumed: bool, seq: int, role: Role = "trader") -> Welcome:
    return Welcome(
        request_id, token, "demo", "演示用户", "0.1.0", "replay",
        "历史回放 2015-08-20", "Replay 2015-08-20", resumed, seq, role,
    )  # fmt: skip


def clock(date: int = DATE, seconds: int = 0) -> Clock:
    return Clock(NOW + seconds * 1_000_000, WALL, date, "continuous", 1.0, 120)


BARS = (0, *range(1_000_000, 1_600_000, 25_000), 1_600_000, 1_800_000, 2_000_000)


def overview(request_id: int) -> Overview:
    bars = [RatioBar(ppm, n * n * 90 % 4_000, n * 1_000_000 * YUAN) for n, ppm in enumerate(BARS)]
    grades: list[GradeCount] = [GradeCount("normal", 90_000, 9 * 10**13)]
    return Overview(
        request_id, NOW, 100_000, bars, grades, 340, 41, 12, 1, 9_876_543_210 * YUAN,
        1_234 * YUAN, 56_789 * YUAN, 123_456 * YUAN, [PersonExposure(1_007, 3, 5_000_000 * YUAN)],
    )  # fmt: skip


def desk_accounts(asked: DeskAccounts) -> DeskAccountPage:
    worst: tuple[Grade, ...] = ("liquidate", "reduce", "restrict", "remind")
    items = [
        DeskAccount(
            100 + n, 1_000 + n, 2 + n % 3, (1_050 + 9 * n) * 1_000 * YUAN, 1_000_000 * YUAN,
            1_050_000 + 9_000 * n, worst[min(3, n // 4)],
            900_000 * YUAN, OPEN + 300 * MINUTE if n % 2 else 0, False,
            "liquidation" if n < 3 else "none", OPEN + 120 * MINUTE if n == 1 else 0,
        )
        for n in range(40)
    ]  # fmt: skip
    return DeskAccountPage(asked.id, 100_000, asked.offset, items)


def desk_calls(request_id: int) -> DeskCallList:
    items = [
        DeskCall(110 + n, 1_010 + n, OPEN + 300 * MINUTE, 11_204 * YUAN, 37_346 * YUAN,
                 1_152_000 + n, n, n == 0)
        for n in range(3)
    ]  # fmt: skip
    return DeskCallList(request_id, 3, items)


def desk_plans(request_id: int) -> DeskPlanList:
    row = DeskPlanRow(
        101, 1_001, "liquidation", "held", NOW, 1_059_000, 4, NOW + 60 * MINUTE, 1_900
    )
    return DeskPlanList(request_id, 1, [row])


def tomorrow(request_id: int, account: int) -> Tomorrow:
    return Tomorrow(
        *(request_id, account, 20150824, 3, 600 * YUAN),
        *(1_399_000 * YUAN, 1_000_600 * YUAN, 1_398_161, "normal", "remind"),
        *(1_400_000 * YUAN, 1_000_000 * YUAN, 1_400_000, 52_000 * YUAN, -8_600 * YUAN),
        falls_overdue=True,
        changes=[
            TomorrowChange("interest", "", 0, 600 * YUAN, -600 * YUAN),
            TomorrowChange("valuation", "600519.SSE", -1_000 * YUAN, 0, -60_000 * YUAN),
            TomorrowChange("not_admissible", "600519.SSE", 0, 0, 0),
        ],
    )


def foresight(asked: DeskPlan | GetPlan | GetTomorrow | WhatIfAccount) -> Reply:
    match asked:
        case WhatIfAccount():
            return forecast(asked)
        case GetTomorrow():
            return tomorrow(asked.id, asked.account)
        case _:
            return plan(asked.id, asked.account)


def forecast(asked: WhatIfAccount) -> AccountForecast:
    lines = [LineDistance("restrict", 1_220_000, 366_000 * YUAN, 12_000 * YUAN, 32_000, 320_000)]
    was = AccountStanding(
        9_000 * YUAN, 9_000 * YUAN, 420_000 * YUAN, 300_000 * YUAN, 1_400_000, "normal", 0, lines
    )
    then = AccountStanding(
        9_000 * YUAN, 9_000 * YUAN, 378_000 * YUAN, 300_000 * YUAN, 1_260_000, "remind", 0, lines
    )
    came = [OrderForecast(amount=168_000 * YUAN, fees=42 * YUAN) for _ in asked.orders]
    steps = plan(0, asked.account).steps
    crossed: list[Grade] = ["remind"]
    return AccountForecast(
        *(asked.id, asked.account, was, then, crossed, came, "", "reduction", steps)
    )


def desk_stocks(request_id: int) -> StockList:
    items = [
        StockExposure("300750.SZSE", 900, 2_000_000, 3_600 * 10**10, 1_800_000, 50 * 10**12,
                      0, 0, False, "none", 0, 1_420_000),
        StockExposure("601318.SSE", 41, 500_000, 2_600 * 10**9, 520_000, 50 * 10**12,
                      10_832_000_000, 46, False, "no_buys"),
        StockExposure("600028.SSE", 7, 60_000, 366 * 10**7, 61_000, 50 * 10**12,
                      239_000, 251_046, True),
    ]  # fmt: skip
    return StockList(request_id, len(items), items)


def desk_stress(request_id: int) -> Stress:
    steps = [
        StressStep(falls, [GradeCount("normal", 90_000 - 25_000 * falls, 9 * 10**13),
                           GradeCount("liquidate", 10 + 20_000 * falls, 10**12)],
                   falls * falls * 10**11)
        for falls in range(4)
    ]  # fmt: skip
    return Stress(request_id, steps)


def systemic() -> SystemicFigures:
    return SystemicFigures(
        NOW, "normal", "normal", "normal", -31_200, "float_cap", 5_000, 600, 410, 12,
        9 * 10**14, 12 * 10**14, 36 * 10**12, 56_789 * YUAN, [],
    )  # fmt: skip


def plan(request_id: int, account: int) -> LiquidationPlan:
    orders = [
        PlanOrder(1, "300750.SZSE", 2_000, "best_five_ioc", 0, 2_050_000, 410_000, 200_000, "none"),
        PlanOrder(2, "600036.SSE", 10_000, "best_five_ioc", 0, 350_000, 350_000, 100_000,
                  "others_do_not_suffice"),
    ]  # fmt: skip
    steps = PlanSteps(
        12_000 * YUAN, orders, [PlanQueued("600028.SSE", 60_000, "suspended")], ["601318.SSE"],
        760_000 * YUAN, 500_000 * YUAN, 380_000 * YUAN,
    )  # fmt: skip
    return LiquidationPlan(
        request_id, account, "reduction", "at_deadline", OPEN + 300 * MINUTE, 0, 11_204 * YUAN,
        37_346 * YUAN, False, NOW + 30 * MINUTE, steps, ["600036.SSE"],
    )  # fmt: skip


def what_if_result(question: WhatIf) -> WhatIfResult:
    """Accepted up to 1,000 shares; above that it says how many would pass."""
    refused = question.quantity > 1_000
    amount = question.quantity * question.price
    lines = [
        LineDistance("remind", 1_270_000, 381_114 * YUAN, 12_000 * YUAN, 30_500, 310_000),
        LineDistance("restrict", 1_220_000, 366_110 * YUAN, 27_000 * YUAN, 69_000, 690_000),
        LineDistance("reduce", 1_180_000, 354_106 * YUAN, 39_000 * YUAN, 99_500, 995_000),
        LineDistance("liquidate", 1_140_000, 342_103 * YUAN, 51_000 * YUAN, 130_200, 1_320_000),
    ]
    return WhatIfResult(
        question.id, "insufficient_cash" if refused else "",
        "可用资金不足，最多可委托 1000 股" if refused else "",
        "Not enough cash: at most 1000 shares" if refused else "",
        1_000 if refused else None, "quantity" if refused else "", question.quantity,
        question.price, amount, 650_000, amount, 300_090 * YUAN, 398_000 * YUAN, 393_000 * YUAN,
        1_326_000, 1_309_600, "normal", 90 * YUAN, 1_000, lines,
        debt_before=300_090 * YUAN - (amount if question.financed else 0),
        credit_left_after=9_800_000 * YUAN, margin_after=94_000 * YUAN,
    )  # fmt: skip

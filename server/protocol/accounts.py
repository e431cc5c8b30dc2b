"""Accounts, contracts, cash, margin, notices and statements."""

import msgspec

from server.protocol.words import (
    AccountClass,
    AccountStatus,
    BillingName,
    FamilyName,
    Grade,
    RefundName,
    RepayOrderName,
    UnpaidName,
)


class GetProducts(msgspec.Struct, tag="get_products"):
    """Asks for the contracts that can be opened."""

    id: int


class Product(msgspec.Struct):
    """The terms of one version of a product; a line is a ratio of assets to debt.

    Families: `fixed` 1:N, the whole loan at the opening; `combination`, margin for each yuan held
    by coefficient; `flexible`, a line drawn as it is used; `licensed`, margin financing with
    haircuts; `cash`, no loan.
    """

    product: int
    version: int
    name_zh: str
    name_en: str
    leverage: int  # N: what is lent for each yuan of deposit
    annual_rate_ppm: int
    day_count: int  # days of a year of interest
    remind_ppm: int  # at or below it the client is reminded
    restrict_ppm: int  # buying is refused
    reduce_ppm: int  # holdings are reduced unless the call is met
    liquidate_ppm: int  # everything is sold
    class_cap_ppm: list[int]  # main, 20 % boards, BSE, risk warning
    single_cap_ppm: int  # of one share in the assets
    deposit_minimum: int
    deposit_maximum: int
    key: str = ""
    family: FamilyName = "fixed"
    daily_rate_ppb: int = 0  # annual rate over the days of a year, rounded down
    credit_maximum: int = 0  # of the line of a product that lends as it is used
    withdraw_ppm: int = 0  # above it money may leave; 0: above (N + 1) / N
    financing_margin_ppm: int = 0  # margin for each yuan financed; the exchanges' where higher
    class_coefficient_ppm: list[int] = []  # margin for each yuan held, by the four classes
    class_haircut_ppm: list[int] = []  # of the value that counts as margin, by the four classes
    term_days: int = 0  # calendar days; 0: no end
    extension_days: int = 0
    extensions: int = 0  # how often
    minimum_days: int = 0  # of interest that an early repayment owes
    early_fee_ppm: int = 0  # of the loan at the opening, when ended before the due day
    release_sessions: int = 0  # after which the rest of a settled contract goes back; 0: at once
    overdue_ppm: int = 0  # of the rate from the due day on; 1_500_000: one and a half times
    exit_cost_ppm: int = 0  # of selling, in the arithmetic of the lines
    call_restore_ppm: int = 0  # the ratio that ends a margin call
    call_days: int = 0  # sessions to end it in; 0: the same day
    call_at: str = ""  # the time of that day, "14:30" or "close"
    billing: BillingName = "at_repayment"  # when interest, which accrues daily, is collected
    billing_days: int = 0  # calendar days between two bills
    unpaid: UnpaidName = "overdue"  # what becomes of a bill that free cash does not pay
    refund: RefundName = "by_day"  # of interest billed in advance, for days after a repayment
    repay_order: RepayOrderName = "oldest"  # of the loans of a licensed account, if none is named
    offered: bool = True  # to new contracts; old ones keep their version


class Products(msgspec.Struct, tag="products"):
    """Answers `get_products`."""

    id: int
    items: list[Product]


class OpenContract(msgspec.Struct, tag="open_contract"):
    """Moves `deposit` from the cash account `source` into a new contract.

    A fixed product lends N times the deposit at once; the others agree on a credit line, which
    `credit` may make smaller. A product of the family `cash` opens a further cash account, without
    a deposit: transfer money to it afterwards.
    """

    id: int
    source: int
    product: int
    deposit: int
    request_id: str
    credit: int = 0  # 0: the largest line there is


class CloseContract(msgspec.Struct, tag="close_contract"):
    """Repays an emptied contract and returns the rest to the cash account `destination`."""

    id: int
    account: int
    destination: int
    request_id: str


class Deposit(msgspec.Struct, tag="deposit"):
    """Simulated money into a cash account."""

    id: int
    account: int
    amount: int
    request_id: str


class Withdraw(msgspec.Struct, tag="withdraw"):
    """Money out of an account; at most what is `withdrawable`."""

    id: int
    account: int
    amount: int
    request_id: str


class Repay(msgspec.Struct, tag="repay"):
    """Repays a contract's loan from its free cash: interest first, then principal.

    Selling alone does not change a contract's ratio, for the proceeds are assets too; repaying
    with them does. A licensed account repays the loan that is named; where none is, its loans in
    the `repay_order` of its product, which puts what is overdue first.
    """

    id: int
    account: int
    amount: int
    request_id: str
    symbol: str = ""  # of a licensed account: only the loans for this share
    loan: int = 0  # of a licensed account: only this one, by its number


class Draw(msgspec.Struct, tag="draw"):
    """Takes money of the credit line before a buy needs it; interest runs from today.

    For `flexible` and `combination` contracts; at most what is `drawable`.
    """

    id: int
    account: int
    amount: int
    request_id: str


class Extend(msgspec.Struct, tag="extend"):
    """Puts off the due day of a contract, or of one loan of a licensed account."""

    id: int
    account: int
    request_id: str
    loan: int = 0  # the loan's number; 0: the contract


class PayRights(msgspec.Struct, tag="pay_rights"):
    """Takes up rights to new shares out of an account's free cash, within their window.

    `action` is the number of the corporate action, 0 for the only one with rights left.
    """

    id: int
    account: int
    symbol: str
    quantity: int
    request_id: str
    action: int = 0


class Transfer(msgspec.Struct, tag="transfer"):
    """Between two accounts of the same person."""

    id: int
    account: int
    destination: int
    amount: int
    request_id: str


class Done(msgspec.Struct, tag="done"):
    """Answers the requests above, durable. `account` is the new contract for `open_contract`."""

    id: int
    account: int
    duplicate: bool = False


class Loan(msgspec.Struct, omit_defaults=True):
    """One loan of a licensed account, for one share; it keeps the margin ratio of its day."""

    number: int
    symbol: str
    quantity: int  # bought with it and still owed for
    principal: int
    interest: int  # accrued and not paid yet
    ratio_ppm: int  # margin for each yuan of it
    opened: int  # date
    due: int = 0  # date; 0: no end
    days_left: int = 0
    extensions: int = 0  # had
    overdue: bool = False


class Account(msgspec.Struct, tag="account", omit_defaults=True):
    """The newest state of one account: cash, debt, and where its ratio stands.

    A contract's terms are those of `product`, the version it was opened on. From `family` on are
    the figures of contracts alone.
    """

    account: int
    name: str
    account_class: AccountClass
    status: AccountStatus
    cash: int  # what is frozen included
    frozen: int  # for open buys
    withdrawable: int  # what may leave the account now
    unsettled: int  # today's sale proceeds: they buy today and leave tomorrow
    market_value: int  # of the holdings as collateral
    assets: int  # cash, market value and what is receivable
    deposit: int = 0  # paid in less taken out
    loan: int = 0
    interest: int = 0  # accrued and not paid yet
    debt: int = 0  # loan and interest
    ratio_ppm: int = 0  # 0: no debt
    grade: Grade = "normal"
    product: int = -1
    leverage: int = 0
    remind_ppm: int = 0
    restrict_ppm: int = 0
    reduce_ppm: int = 0
    liquidate_ppm: int = 0
    interest_a_day: int = 0
    profit: int = 0  # assets less debt less deposit
    profit_today: int = 0
    shortfall: int = 0  # what was still owed after settlement
    cure_deadline: int = 0  # market time by which a call must be met; 0: none
    cure_deposit: int = 0  # what would cure it
    liquidating: bool = False
    cure_repay: int = 0  # sold and repaid instead of deposited, the same
    receivable: int = 0  # dividends to come, and what rights not paid for yet are worth
    family: FamilyName = "cash"  # of the product
    credit: int = 0  # the line agreed; 0: the loan is given whole at the opening
    credit_left: int = 0  # of it, what still lends: at most N times the equity
    drawable: int = 0  # what `draw` may take now
    buying_power: int = 0  # of a buy that is not financed: free cash, and what it would draw
    margin: int = 0  # licensed: available margin (section 4.2); combination: free margin
    margin_need: int = 0  # combination: the sum of value times coefficient
    financing_power: int = 0  # licensed: the largest buy on margin of a share lent on in full
    financing_ratio_ppm: int = 0  # licensed: margin for a yuan financed today; -1: none is
    withdraw_ppm: int = 0  # the ratio above which money may leave
    opened: int = 0  # date
    days: int = 0  # calendar days since then
    due: int = 0  # date; 0: no end, or each loan has its own
    days_left: int = 0  # until then
    extensions: int = 0  # had
    extensions_left: int = 0
    overdue: bool = False  # a debt is past its due day
    interest_paid: int = 0  # in all
    refund: int = 0  # of interest charged ahead, if the contract were closed now
    release_to: int = -1  # settled: where the rest goes
    release_left: int = 0  # sessions until then
    loans: list[Loan] = []  # of a licensed account, oldest first


class Notice(msgspec.Struct, tag="notice", omit_defaults=True):
    """Something the person must know; the client shows it until it is acknowledged."""

    seq: int
    notice_id: int
    account: int
    code: str  # what it is about
    time: int
    wall_time: int
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    severity: int  # 0 information, 1 remind, 2 restrict, 3 reduce, 4 liquidate
    acknowledged: bool = False
    statement_id: int = 0  # the statement it announces; 0: none


class AckNotice(msgspec.Struct, tag="ack_notice"):
    """Says that the person has seen a notice."""

    id: int
    notice_id: int


class GetNotices(msgspec.Struct, tag="get_notices"):
    """Asks for the newest notices, acknowledged or not; at most 1,000."""

    id: int
    limit: int = 200


class Notices(msgspec.Struct, tag="notices"):
    """Answers `get_notices`, newest first."""

    id: int
    items: list[Notice]


class GetStatements(msgspec.Struct, tag="get_statements"):
    """Asks for settlement statements."""

    id: int
    account: int = -1  # -1: all own accounts


class StatementLine(msgspec.Struct):
    """One figure of a statement, signed as the account's cash sees it."""

    key: str
    label_zh: str
    label_en: str
    amount: int


class Statement(msgspec.Struct):
    """A settlement statement: figures that add up, and the journal range that proves them."""

    statement_id: int
    account: int
    kind: str  # liquidation, reduction, settlement
    date: int
    time: int
    first_seq: int
    last_seq: int
    title_zh: str
    title_en: str
    lines: list[StatementLine]
    fills: list[int]  # trade numbers
    digest: str  # of the journal at last_seq


class Statements(msgspec.Struct, tag="statements"):
    """Answers `get_statements`, newest first."""

    id: int
    items: list[Statement]

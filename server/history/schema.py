"""The tables of history: projections of events, filled in batches, dropped and rebuilt at will."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, text

METADATA = MetaData()

ORDERS = Table(  # columns in the order of protocol.trading.Order
    "orders",
    METADATA,
    Column("seq", BigInteger, nullable=False),  # of the last event
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Integer, nullable=False),
    Column("symbol", String(12), nullable=False),
    Column("side", String(4), nullable=False),
    Column("order_type", String(16), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("filled", BigInteger, nullable=False),
    Column("filled_amount", BigInteger, nullable=False),
    Column("status", String(16), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("date", Integer, nullable=False),
    Column("client_order_id", String(36), nullable=False),
    Column("origin", String(20), nullable=False),
    Column("code", String(40), nullable=False),
    Column("figure", BigInteger, nullable=False),
    Column("financed", Boolean, nullable=False),
    Index("orders_of_account", "account", "seq"),
    Index(
        "open_orders",
        "order_id",
        sqlite_where=text("status IN ('working', 'queued', 'held')"),
        postgresql_where=text("status IN ('working', 'queued', 'held')"),
    ),
)

FILLS = Table(  # columns in the order of protocol.trading.Fill
    "fills",
    METADATA,
    Column("seq", BigInteger, nullable=False),
    Column("trade_no", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Integer, nullable=False),
    Column("symbol", String(12), nullable=False),
    Column("side", String(4), nullable=False),
    Column("price", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("date", Integer, nullable=False),
    Column("commission", BigInteger, nullable=False),
    Column("stamp_duty", BigInteger, nullable=False),
    Column("transfer_fee", BigInteger, nullable=False),
    Column("handling_fee", BigInteger, nullable=False),
    Column("regulatory_fee", BigInteger, nullable=False),
    Column("realised", BigInteger, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("dividend_tax", BigInteger, nullable=False),
    Index("fills_of_account", "account", "seq"),
)

CASH_MOVES = Table(  # columns in the order of changes.CashMove
    "cash_moves",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("account", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("counter", Integer, nullable=False),
    Column("move", Integer, nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("date", Integer, nullable=False),
    Index("cash_moves_of_account", "account", "seq"),
)

PROJECTION = Table(  # one row: how far the tables above go
    "projection",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("projected_seq", BigInteger, nullable=False),
    Column("date", Integer, nullable=False),  # the market's date then
)

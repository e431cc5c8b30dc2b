"""The tables of risk: projections of the journal, and beside them what the risk desk decided."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

NOTICES = Table(
    "notices",
    METADATA,
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("person", Integer, nullable=False),
    Column("account", Integer, nullable=False),
    Column("code", Integer, nullable=False),  # codes.NoticeCode
    Column("time", BigInteger, nullable=False),
    Column("wall_time", BigInteger, nullable=False),
    Column("title_zh", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("body_zh", Text, nullable=False),
    Column("body_en", Text, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("statement_id", BigInteger, nullable=False),
    Column("sent", Boolean, nullable=False),  # a NOTICE of that stage is in the journal
    Column("delivered", Boolean, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Index("notices_of_person", "person", "acknowledged", "notice_id"),
)

OUTBOX = Table(  # what further channels take and mark; one row a notice
    "outbox",
    METADATA,
    Column("notice_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Integer, nullable=False),
    Column("severity", Integer, nullable=False),
    Column("wall_time", BigInteger, nullable=False),
    Column("taken", Boolean, nullable=False),
    Index("outbox_waiting", "taken", "notice_id"),
)

STATEMENTS = Table(
    "statements",
    METADATA,
    Column("statement_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Integer, nullable=False),
    Column("account", Integer, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # protocol.accounts.Statement as JSON
    Index("statements_of_person", "person", "account"),
)

PROJECTION = Table(  # one row: how far the tables above go
    "risk_projection",
    METADATA,
    Column("name", String(16), primary_key=True),
    Column("projected_seq", BigInteger, nullable=False),
)

DESK_METADATA = MetaData()

HOLDS = Table(  # the risk desk's own decisions: no projection, never dropped
    "risk_holds",
    DESK_METADATA,
    Column("account", Integer, primary_key=True, autoincrement=False),
    Column("until", BigInteger, nullable=False),  # market time
)

DESK_ACTIONS = Table(  # what officers did: who, when, why
    "risk_desk_actions",
    DESK_METADATA,
    Column("action_id", Integer, primary_key=True, autoincrement=False),
    Column("action", Integer, nullable=False),  # codes.DeskAction
    Column("officer", Integer, nullable=False),
    Column("request_id", String(36), nullable=False),
    Column("why", Text, nullable=False),
    Column("account", Integer, nullable=False),
    Column("person", Integer, nullable=False),
    Column("instrument", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),  # market time
    Column("figure", BigInteger, nullable=False),
    Column("proposal", Integer, nullable=False),
    Column("market_time", BigInteger, nullable=False),
    Column("wall_time", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),  # its commands are in the journal
    UniqueConstraint("officer", "request_id"),
)

DESK_REFUSALS = Table(  # acts that the engine did not carry out
    "risk_desk_refusals",
    DESK_METADATA,
    Column("action_id", Integer, primary_key=True, autoincrement=False),
    Column("reason", Integer, nullable=False),  # reasons.Reason
    Column("figure", BigInteger, nullable=False),
)

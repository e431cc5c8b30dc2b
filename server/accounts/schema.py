"""The tables of people: who they are, their sessions, what they call their accounts."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, String, Table

METADATA = MetaData()

PEOPLE = Table(
    "people",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # the engine's `person`
    Column("username", String(64), nullable=False, unique=True),
    Column("display_name", String(64), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("language", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),  # wall time, microseconds
)

ROLES = Table(  # who is more than a trader
    "roles",
    METADATA,
    Column("person", Integer, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    Column("role", String(32), nullable=False),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("person", Integer, ForeignKey("people.id"), nullable=False, index=True),
    Column("expires", BigInteger, nullable=False, index=True),  # wall time, microseconds
)

ACCOUNT_NAMES = Table(
    "account_names",
    METADATA,
    Column("account", Integer, primary_key=True, autoincrement=False),  # the engine's index
    Column("person", Integer, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", String(64), nullable=False),
)

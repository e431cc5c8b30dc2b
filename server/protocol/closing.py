"""The codes a server closes a connection with; the close reason is the sentence of the name."""

from enum import IntEnum


class CloseCode(IntEnum):
    """4000 and above are Honghe's own; the others are the WebSocket standard's (RFC 6455)."""

    SERVER_STOPPING = 1001
    INTERNAL_ERROR = 1011
    TOO_MANY_BAD_MESSAGES = 4001
    LOGIN_TIMEOUT = 4002
    SLOW_READER = 4008

"""The wire between a client and the server: typed messages, one file a subject.

Amounts, prices and money are integers in 1/10 000 yuan; quantities are integer shares; ratios are
integers in parts per million; times are integer microseconds since the epoch (UTC) of the
market's clock unless a field says wall. `docs/protocol.md` is generated from these structs.
Those that come by the thousand and hold plain values alone are `gc=False`: they cannot be part of a
cycle, and the collector need not walk them.
"""

PROTOCOL_VERSION = 1
SUBPROTOCOL_MSGPACK = "honghe.v1.msgpack"
SUBPROTOCOL_JSON = "honghe.v1.json"

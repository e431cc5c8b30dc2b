"""Commands of `honghe` that need the server: each module has `run(argv: list[str]) -> int`.

`honghe NAME …` imports `server.cli.NAME` only when it is asked for, so that a client that trades
never loads the server.
"""

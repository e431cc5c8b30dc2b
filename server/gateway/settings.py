"""What the gateway allows and how often it speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Defaults suit one machine; a benchmark raises the rates."""

    host: str = "127.0.0.1"
    port: int = 8765  # 0: any free one
    origins: tuple[str, ...] = ()  # of browsers; a client without an Origin header always passes
    server_version: str = ""

    flush_ms: int = 50  # of quotes, depth, bars and ticking holdings
    # Replies, orders, fills and notices a client may be behind. One CANCEL_ALL brings as many as
    # there are working orders; a client that takes nothing is cut off after `stall_s` anyway.
    outbox: int = 32_768
    frame_items: int = 1_000  # in one frame
    stall_s: int = 20  # a client that takes nothing for so long is cut off
    close_s: int = 5  # what a closing handshake may take

    message_bytes: int = 65_536
    connections: int = 2_000
    connections_per_address: int = 500
    handshake_s: int = 10
    login_s: int = 15  # from the handshake to a login
    bad_messages: int = 10
    requests_per_second: int = 200
    request_burst: int = 400
    in_flight: int = 512

    logins_per_minute: int = 10  # of one user name from one address
    hashing_threads: int = 2
    hashing_queue: int = 64
    resume_items: int = 2_000  # orders, and as many fills, that a resumed session is sent again

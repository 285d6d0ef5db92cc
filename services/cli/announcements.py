"""What `showrunner` says to the person who started it, on standard output; logs go to standard error."""

from __future__ import annotations

from services.gateway.service import Listening


def gateway_ready(listening: Listening) -> None:
    """Where the gateway listens, and the first password if one was made."""
    print(f"Showrunner listens on {address_of(listening)}", flush=True)
    if listening.password:
        print(f"Log in as admin with the password: {listening.password}", flush=True)
        print("It is shown this once; SHOWRUNNER_ADMIN_PASSWORD at the first start would have set it.", flush=True)


def address_of(listening: Listening) -> str:
    """Where the gateway listens, as a browser takes it."""
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return f"http://{host}:{listening.port}"

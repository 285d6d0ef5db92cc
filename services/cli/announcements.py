"""What `showrunner` says to the person who started it, on standard output; logs go to standard error."""

from __future__ import annotations

from services.gateway.service import Ready


def gateway_ready(ready: Ready) -> None:
    """Where the gateway listens, and the first password if one was made."""
    print(f"Showrunner listens on {ready.url}", flush=True)
    if ready.first_password:
        print(f"Log in as admin with the password: {ready.first_password.reveal()}", flush=True)
        print("It is not shown again. Change it under Accounts, or set SHOWRUNNER_ADMIN_PASSWORD at the first start.")

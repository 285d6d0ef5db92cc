"""What `showrunner` says to the person who started it, on standard output; logs go to standard error.

Where logs are for machines (`form` is `json`), so is this: a container's two outputs end up in one place.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from services.gateway.settings import Listening

SHOWN_ONCE = "It is shown this once; SHOWRUNNER_ADMIN_PASSWORD at the first start would have set it."


def data_kept_in(folder: Path, form: str) -> None:
    """Where the data is."""
    _say(form, "data_folder", f"Showrunner keeps its data in {folder}", folder=str(folder))


def gateway_ready(listening: Listening, form: str) -> None:
    """Where the gateway listens, and the first password if one was made."""
    address = address_of(listening)
    _say(form, "listening", f"Showrunner listens on {address}", address=address)
    if listening.password:
        sentences = f"Log in as admin with the password: {listening.password}\n{SHOWN_ONCE}"
        _say(form, "first_password", sentences, account="admin", password=listening.password, note=SHOWN_ONCE)


def address_of(listening: Listening) -> str:
    """Where the gateway listens, as a browser takes it."""
    host = f"[{listening.host}]" if ":" in listening.host else listening.host
    return f"http://{host}:{listening.port}"


def _say(form: str, event: str, sentences: str, **facts: str) -> None:
    print(msgspec.json.encode({"event": event, **facts}).decode() if form == "json" else sentences, flush=True)

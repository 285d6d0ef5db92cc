"""All generated documents: where each stands, and its text."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from shared.messaging.permissions import users
from shared.messaging.user_list import user_list

from . import asyncapi
from .life import diagram
from .messages import MESSAGES, tag
from .schemas import schema_of

CONTRACTS = Path("docs", "contracts")
SCHEMAS = CONTRACTS / "schemas"
ARCHITECTURE = Path("docs", "architecture.md")
NATS_USERS = Path("deploy", "nats", "users.conf")

FROM_PERMISSIONS = "# Made from shared/messaging/permissions.py by `make contracts`. See docs/security.md.\n"
DRAWN_FROM, DRAWN_END = (
    "<!-- drawn from services/gateway/runs.py by `make contracts` -->\n",
    "<!-- end of drawing -->\n",
)


def documents(checkout: Path) -> dict[Path, str]:
    """The text that each document should have, by its path in the checkout."""
    from services.gateway.api import openapi
    from services.gateway.api.routes import ROUTES

    return {
        **{SCHEMAS / f"{tag(message)}.json": _json(schema_of(message)) for message in MESSAGES},
        CONTRACTS / "asyncapi.json": _json(asyncapi.document(_version(checkout))),
        CONTRACTS / "openapi.json": _json(openapi.document(ROUTES)),
        ARCHITECTURE: _redrawn((checkout / ARCHITECTURE).read_text()),
        NATS_USERS: f"{FROM_PERMISSIONS}{user_list(users())}",
    }


def strays(checkout: Path) -> list[Path]:
    """Schemas of messages that are no more."""
    wanted = {f"{tag(message)}.json" for message in MESSAGES}
    found = (checkout / SCHEMAS).glob("*.json")
    return sorted(path.relative_to(checkout) for path in found if path.name not in wanted)


def _redrawn(text: str) -> str:
    before, begin, rest = text.partition(DRAWN_FROM)
    _, end, after = rest.partition(DRAWN_END)
    if not (begin and end):
        raise ValueError(
            f"{ARCHITECTURE} has lost its marks for the drawing: put {DRAWN_FROM!r} and {DRAWN_END!r} back"
        )
    return f"{before}{begin}```mermaid\n{diagram()}\n```\n{end}{after}"


def _version(checkout: Path) -> str:
    return str(tomllib.loads((checkout / "pyproject.toml").read_text())["project"]["version"])


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

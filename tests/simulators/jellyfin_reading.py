"""What Jellyfin's pages read from a request: ids, numbers, moments, bodies; a 400 for what they cannot read."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.simulators.base import Call, Refusal
from tests.simulators.jellyfin_format import failed, invalid, problem
from tests.simulators.jellyfin_item import MediaItem
from tests.simulators.jellyfin_state import User

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer


def guid(text: str) -> str | None:
    """An id as 32 hexadecimal digits, or None if it is none."""
    try:
        return uuid.UUID(text).hex
    except ValueError:
        return None


def number(call: Call, name: str) -> int | None:
    """A whole number in the query, or None if it is not there. Refusal: 400, it is no number."""
    value = call.query(name)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise not_valid(name, value) from None


def moment(text: object, name: str) -> datetime:
    """A moment, in UTC unless it says otherwise. Refusal: 400, it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise not_valid(name, text) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def ids(call: Call, name: str = "ids") -> list[str]:
    """The ids in the query, in the order of the ids themselves; what is none is passed over, as Jellyfin does."""
    return sorted(found for word in call.words(name) if (found := guid(word)))


async def posted(call: Call) -> dict[str, object]:
    """The body's names (in lower case) and values. Refusal: 415, it is not JSON; 400, there is none."""
    if call.request.content_type != "application/json":
        raise problem(415, "Unsupported Media Type")
    content = await call.json_object()
    if content is None:
        raise invalid(body="A non-empty request body is required.")
    return {name.lower(): value for name, value in content.items()}


def reader(server: JellyfinServer, call: Call) -> User:
    """The user in whose name an item is asked for. Refusal: 400, an API key is nobody's and names nobody."""
    user = server.subject(call)
    if user is None:
        # Jellyfin looks for the user of no id at all, which is an ArgumentException.
        raise failed(400)
    return user


def item(server: JellyfinServer, call: Call, user: User | None, name: str = "item") -> MediaItem:
    """The item that the path names. Refusal: 400, it is no id; 404, there is none that the user may see."""
    text = call.params[name]
    item_id = guid(text)
    if item_id is None:
        raise not_valid(f"{name}Id", text)
    found = server.state.media.get(item_id)
    if found is None or not server.state.media.visible(found, server.sight(user)):
        raise problem(404, "Not Found")
    return found


def not_valid(name: str, value: object) -> Refusal:
    """The "no" to a value that cannot be read."""
    return invalid(**{name: f"The value '{value}' is not valid."})

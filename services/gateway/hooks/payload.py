"""Which event another program tells of. Pure.

Plex sends a form, of which the part `payload` is JSON (support.plex.tv, "Webhooks"); Jellyfin's webhook plugin, the
*arr family and most others send JSON, not always under its own content type.
"""

from __future__ import annotations

from email import message_from_bytes

import msgspec

FIELDS = ("event", "NotificationType", "eventType", "notification_type")
"""Where an event stands: Plex, Jellyfin, Sonarr and Radarr, Overseerr."""
LONGEST_EVENT = 200
_FORM = "multipart/form-data"
_PART = "payload"


def event_in(content_type: str, body: bytes) -> str:
    """The event that a body tells of; empty if none can be found in it."""
    try:
        told = msgspec.json.decode(_form_part(content_type, body) if _is_form(content_type) else body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    if not isinstance(told, dict):
        return ""
    named = (told.get(field) for field in FIELDS)
    return next((event[:LONGEST_EVENT] for event in named if isinstance(event, str)), "").replace("\0", "")


def _is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == _FORM


def _form_part(content_type: str, body: bytes) -> bytes:
    """The part `payload` of a form (RFC 7578)."""
    # A form is read as the mail that its format comes from.
    form = message_from_bytes(b"Content-Type: " + content_type.encode("ascii", "replace") + b"\r\n\r\n" + body)
    for part in form.walk():
        if part.get_param("name", header="Content-Disposition") == _PART:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    return b""

"""Leads python-plexapi to the plex.tv simulator.

plexapi has plex.tv's address in class attributes (MyPlexAccount.key, MyPlexUser.key, MyPlexInvite.REQUESTS and so on)
and no setting for it; but every call goes through the `session` that MyPlexAccount and PlexServer take. An adapter that
is mounted on that session for https://plex.tv is requests' own way to send such calls elsewhere: nothing is patched,
and each session has its own plex.tv.
"""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

PLEX_TV = "https://plex.tv"


class PlexTvAdapter(HTTPAdapter):
    """Sends what is meant for plex.tv to another base URL."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request on; what it asks for stays as it is."""
        request.url = self._base_url + (request.url or "").removeprefix(PLEX_TV)
        return super().send(request, *args, **kwargs)


def plex_session(base_url: str) -> requests.Session:
    """A session whose plex.tv is at `base_url`. To give to MyPlexAccount(session=) and PlexServer(session=)."""
    session = requests.Session()
    session.mount(PLEX_TV, PlexTvAdapter(base_url))
    return session

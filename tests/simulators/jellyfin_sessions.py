"""Who is playing what on a Jellyfin server."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web

from tests.simulators.base import Call, Route
from tests.simulators.jellyfin_format import moment, reply
from tests.simulators.jellyfin_reading import number
from tests.simulators.jellyfin_state import Playing

if TYPE_CHECKING:
    from tests.simulators.jellyfin import JellyfinServer


class Sessions:
    """The page /Sessions: an administrator sees everybody's, others their own."""

    def __init__(self, server: JellyfinServer) -> None:
        self._server = server
        self._state = server.state

    def routes(self) -> Iterable[Route]:
        """One."""
        return [("GET", "/Sessions", self._list)]

    async def _list(self, call: Call) -> web.StreamResponse:
        visitor = self._server.visitor(call)
        sessions = self._state.sessions_playing
        if not visitor.is_administrator:
            sessions = [session for session in sessions if session.user is visitor.user]
        within = number(call, "activeWithinSeconds") or 0
        if within > 0:
            earliest = self._state.now() - timedelta(seconds=within)
            sessions = [session for session in sessions if session.at >= earliest]
        listed, _ = call.listed(sessions)
        return reply([self._info(session) for session in listed])

    def _info(self, session: Playing) -> dict[str, object]:
        session_id = hashlib.md5(f"{session.user.id}/{session.device}".encode(), usedforsecurity=False).hexdigest()
        content: dict[str, object] = {
            "PlayState": {
                "CanSeek": session.item is not None,
                "IsPaused": session.paused,
                "IsMuted": False,
                "RepeatMode": "RepeatNone",
                "PlaybackOrder": "Default",
            },
            "AdditionalUsers": [],
            "PlayableMediaTypes": ["Video"],
            "Id": session_id,
            "UserId": session.user.id,
            "UserName": session.user.name,
            "Client": "Jellyfin Web",
            "LastActivityDate": moment(session.at),
            "LastPlaybackCheckIn": moment(session.at),
            "DeviceName": session.device,
            "DeviceId": session_id[::-1],
            "ApplicationVersion": self._server.version,
            "IsActive": True,
            "SupportsMediaControl": False,
            "SupportsRemoteControl": False,
            "NowPlayingQueue": [],
            "HasCustomDeviceName": False,
            "ServerId": self._state.server.identifier,
            "SupportedCommands": [],
        }
        if session.item is not None:
            content |= self._playing(session, session.item)
        return content

    def _playing(self, session: Playing, item_id: str) -> dict[str, object]:
        content: dict[str, object] = {"Id": item_id, "ServerId": self._state.server.identifier, "IsFolder": False}
        if (item := self._state.media.get(item_id)) is not None:
            content |= {"Name": item.name, "Type": item.type}
        state = {
            "PositionTicks": session.position,
            "CanSeek": True,
            "IsPaused": session.paused,
            "IsMuted": False,
            "PlayMethod": "DirectPlay",
            "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default",
            "MediaSourceId": item_id,
        }
        return {"NowPlayingItem": content, "PlayState": state}

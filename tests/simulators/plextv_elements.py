"""What plex.tv shows of accounts, friends, shares and servers."""

from __future__ import annotations

from tests.simulators.household import Person
from tests.simulators.plex_format import Element, Value, seconds
from tests.simulators.plex_state import Friendship, Machine, PlexState, Share

USUAL_SETTINGS = dict.fromkeys(
    ("allowTuners", "allowSync", "allowCameraUpload", "allowChannels", "allowSubtitleAdmin"), "0"
) | dict.fromkeys(("filterAll", "filterMovies", "filterMusic", "filterPhotos", "filterTelevision"), "")
"""What an owner may allow a friend, and what that is where nothing was set."""


def account_element(state: PlexState, person: Person) -> Element:
    """An account, as its own holder sees it."""
    owned = [f for f in state.friendships.values() if f.owner == person.id and f.standing != "friend"]
    attributes: dict[str, Value] = {
        "id": person.id,
        "uuid": f"{person.id:016x}",
        "username": person.username,
        "title": person.title,
        "email": person.email,
        "friendlyName": person.title,
        "authToken": state.account_token(person.id),
        "joinedAt": seconds(person.joined_at),
        "confirmed": True,
        "guest": False,
        "hasPassword": True,
        "home": bool(owned),
        "homeAdmin": bool(owned),
        "homeSize": len(owned) + 1,
        "maxHomeSize": 15,
        "mailingListActive": False,
        "mailingListStatus": "unsubscribed",
        "protected": False,
        "restricted": False,
        "scrobbleTypes": "",
        "thumb": f"https://plex.tv/users/{person.id:016x}/avatar",
        "twoFactorEnabled": False,
    }
    return Element("user", attributes, [_subscription(), _profile(), Element("roles", plain_list=True)])


def user_element(state: PlexState, friend: Friendship, shares: list[Share]) -> Element:
    """A friend or a member of the home, as the owner sees them, with what is shared with them."""
    person = state.people[friend.person]
    attributes: dict[str, Value] = {
        "id": person.id,
        "title": person.title if friend.standing == "managed" else person.username,
        "username": person.username,
        "email": person.email,
        "thumb": f"https://plex.tv/users/{person.id:016x}/avatar",
        "home": friend.standing != "friend",
        "protected": False,
        "restricted": friend.standing == "managed",
        "recommendationsPlaylistId": "",
    }
    return Element(
        "User",
        attributes | settings_attributes(friend.settings),
        [server_element(share, state.machines[share.server]) for share in shares],
    )


def resource_element(state: PlexState, machine: Machine, token: str, *, owned: bool) -> Element:
    """A server that an account may use, where it listens, and the token that opens it."""
    owner = state.people[machine.server.owner]
    host, _, port = machine.url.removeprefix("http://").rpartition(":")
    attributes: dict[str, Value] = {
        "name": machine.server.name,
        "product": "Plex Media Server",
        "productVersion": machine.server.version,
        "platform": "Linux",
        "platformVersion": "6.12",
        "device": "PC",
        "clientIdentifier": machine.identifier,
        "createdAt": owner.joined_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lastSeenAt": state.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "provides": "server",
        "ownerId": None if owned else owner.id,
        "sourceTitle": None if owned else owner.username,
        "publicAddress": "203.0.113.7",
        "accessToken": token,
        "owned": owned,
        "home": False,
        "synced": False,
        "relay": False,
        "presence": bool(machine.url),
        "httpsRequired": False,
        "publicAddressMatches": True,
        "dnsRebindingProtection": False,
        "natLoopbackSupported": True,
    }
    connection: dict[str, Value] = {
        "protocol": "http",
        "address": host,
        "port": int(port or 0),
        "uri": machine.url,
        "local": owned,
        "relay": False,
        "IPv6": False,
    }
    connections = [Element("connection", connection)] if machine.url else []
    return Element("resource", attributes, [Element("connections", children=connections, plain_list=True)])


def settings_attributes(settings: dict[str, str]) -> dict[str, Value]:
    """What an owner allows, with what plex.tv takes for granted where nothing was set."""
    return {name: settings.get(name, usual) for name, usual in USUAL_SETTINGS.items()}


def server_element(share: Share, machine: Machine) -> Element:
    """A share as it stands inside a friend or an invitation."""
    libraries = len(machine.libraries) if share.libraries is None else len(share.libraries)
    attributes: dict[str, Value] = {
        "id": share.id,
        "serverId": int(machine.identifier[:6], 16),
        "machineIdentifier": machine.identifier,
        "name": machine.server.name,
        "lastSeenAt": seconds(share.last_seen or share.invited_at),
        "numLibraries": libraries,
        "allLibraries": share.libraries is None,
        "owned": True,
        "pending": share.accepted_at is None,
    }
    return Element("Server", attributes)


def _subscription() -> Element:
    attributes: dict[str, Value] = {
        "active": True,
        "subscribedAt": "2020-01-01 00:00:00 UTC",
        "status": "Active",
        "paymentService": None,
        "plan": "lifetime",
    }
    return Element("subscription", attributes, [Element("features", plain_list=True)])


def _profile() -> Element:
    attributes: dict[str, Value] = {
        "autoSelectAudio": True,
        "defaultAudioLanguage": "en",
        "defaultSubtitleLanguage": "en",
        "autoSelectSubtitle": 0,
        "defaultSubtitleAccessibility": 0,
        "defaultSubtitleForced": 0,
        "watchedIndicator": 0,
        "mediaReviewsVisibility": 0,
    }
    return Element("profile", attributes)

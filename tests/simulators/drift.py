"""Life going on in a household: now and then somebody watches, joins, or something is added."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.simulators import names
from tests.simulators.household import Library
from tests.simulators.jellyfin import JellyfinServer
from tests.simulators.neighbourhood import Neighbourhood
from tests.simulators.plex import PlexServer


def drift(neighbourhood: Neighbourhood, chance: random.Random) -> str:
    """Let one thing happen, and say what. It is nobody's request, so no journal tells of it."""
    happening: Callable[[Neighbourhood, random.Random], str] = chance.choice([_watch, _watch, _add_item, _join])
    return happening(neighbourhood, chance)


def _watch(neighbourhood: Neighbourhood, chance: random.Random) -> str:
    server = _any_server(neighbourhood, chance)
    if isinstance(server, JellyfinServer):
        user = chance.choice(list(server.state.users.values()))
        user.last_activity = server.state.now()
        return f"{user.name} watches something on {server.state.server.name}"
    shares = [share for share in server.state.shares_of([server.machine]) if share.accepted_at]
    if not shares:
        return f"nobody is there to watch anything on {server.machine.server.name}"
    share = chance.choice(shares)
    share.last_seen = server.state.now()
    return f"{server.state.people[share.person].title} watches something on {server.machine.server.name}"


def _add_item(neighbourhood: Neighbourhood, chance: random.Random) -> str:
    server = _any_server(neighbourhood, chance)
    if isinstance(server, JellyfinServer):
        library, kind = _any_kind(list(server.state.libraries.values()), chance)
        server.state.set_items(library.item_id, kind, library.items[kind] + 1)
        return f"a new {kind} in {library.title} on {server.state.server.name}"
    library, kind = _any_kind(list(server.machine.libraries.values()), chance)
    server.state.set_items(server.machine, library.key, kind, library.items[kind] + 1)
    return f"a new {kind} in {library.title} on {server.machine.server.name}"


def _join(neighbourhood: Neighbourhood, chance: random.Random) -> str:
    server = _any_server(neighbourhood, chance)
    if isinstance(server, JellyfinServer):
        given, family = chance.choice(names.GIVEN), chance.choice(names.FAMILY)
        name = f"{given}.{family}.{len(server.state.users)}".lower()
        server.state.add_user(name, "")
        return f"{name} joins {server.state.server.name}"
    owner = server.machine.server.owner
    pending = [share for share in server.state.shares_of([server.machine]) if share.accepted_at is None]
    if pending:
        person = server.state.people[pending[0].person]
        server.state.accept(owner, person.id)
        return f"{person.title} accepts the invitation to {server.machine.server.name}"
    username = f"{chance.choice(names.GIVEN)}.{chance.choice(names.FAMILY)}.{len(server.state.people)}".lower()
    person = server.state.add_person(username=username, email=f"{username}@example.org")
    server.state.offer(server.machine, person.id, {chance.choice(list(server.machine.libraries))})
    return f"{username} is invited to {server.machine.server.name}"


def _any_server(neighbourhood: Neighbourhood, chance: random.Random) -> PlexServer | JellyfinServer:
    servers: list[PlexServer | JellyfinServer] = [*neighbourhood.plex, *neighbourhood.jellyfin]
    return chance.choice(servers)


def _any_kind(libraries: Sequence[Library], chance: random.Random) -> tuple[Library, str]:
    library = chance.choice(libraries)
    return library, chance.choice(sorted(library.items))

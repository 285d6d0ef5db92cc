"""10,000 people on three servers in the schema `media`: most have what they should, a few do not."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.access.intent import intended
from shared.access.terms import Effect, Libraries, Servings, Subscriber, Subscription

PEOPLE = 10_000
KINDS: Sequence[Any] = ("plex", "plex", "jellyfin")
LIBRARIES = 50  # on each server
PLAN_SIZES = (10, 20, 30, 50)  # libraries of a plan on each server
STARTED, RUNS_UNTIL, ENDED_ON = date(2026, 1, 1), date(2026, 12, 31), date(2026, 2, 28)
UNMANAGED, ENDED, WITH_RULES, FOR_LIFE, DIFFERING = 0.05, 0.1, 0.2, 0.1, 0.01  # shares
EFFECTS: Sequence[Effect] = ("allow", "deny", "always")


async def gather(connection: asyncpg.Connection[asyncpg.Record]) -> int:
    """Fill the empty schema of `connection`; how many accounts differ from what is intended."""
    chance = random.Random(1)
    servers = [await _server(connection, kind, number, chance) for number, kind in enumerate(KINDS, 1)]
    plans = [_uuid(chance) for _ in PLAN_SIZES]
    await _plans(connection, dict(zip(plans, PLAN_SIZES, strict=True)), servers)
    people = [_person(number, plans, servers, chance) for number in range(PEOPLE)]
    await _people(connection, people, servers)
    differing = 0
    for server in servers:
        given = {plan: frozenset(server.numbers[:size]) for plan, size in zip(plans, PLAN_SIZES, strict=True)}
        differing += await _accounts(connection, server, given, people, chance)
    await connection.execute("VACUUM ANALYZE")  # as Postgres does by itself, a little later
    return differing


class _Server:
    """`ids`: of its libraries, by number."""

    def __init__(self, server_id: UUID, kind: Any, ids: dict[int, UUID]) -> None:
        self.id = server_id
        self.kind = kind
        self.ids = ids
        self.numbers = sorted(ids)


async def _server(
    connection: asyncpg.Connection[asyncpg.Record], kind: Any, number: int, chance: random.Random
) -> _Server:
    server_id = _uuid(chance)
    await _copy(
        connection, "server", ("id", "kind", "name", "url", "token"), [(server_id, kind, f"Server {number}", "", b"")]
    )
    libraries = [(_uuid(chance), server_id, str(key), f"Library {key}", "movies", 100) for key in range(LIBRARIES)]
    columns = ("id", "server_id", "outside_id", "title", "kind", "item_count")
    await _copy(connection, "library", columns, libraries)
    rows = await connection.fetch("SELECT number, id FROM library WHERE server_id = $1", server_id)
    return _Server(server_id, kind, {row["number"]: row["id"] for row in rows})


async def _plans(
    connection: asyncpg.Connection[asyncpg.Record], sizes: Mapping[UUID, int], servers: Iterable[_Server]
) -> None:
    await _copy(
        connection, "subscription_plan", ("id", "name"), [(plan, f"Plan {size}") for plan, size in sizes.items()]
    )
    pairs = [
        (plan, server.ids[number])
        for server in servers
        for plan, size in sizes.items()
        for number in server.numbers[:size]
    ]
    await _copy(connection, "plan_library", ("plan_id", "library_id"), pairs)


def _person(number: int, plans: Sequence[UUID], servers: Sequence[_Server], chance: random.Random) -> Subscriber:
    kind = chance.random()
    ended, for_life = kind < ENDED, kind > 1 - FOR_LIFE
    numbers = [number for server in servers for number in server.numbers]
    chosen = chance.sample(numbers, 3) if chance.random() < WITH_RULES else []
    return Subscriber(
        id=_uuid(chance),
        name=f"Person {number}",
        managed=chance.random() >= UNMANAGED,
        state="expired" if ended else "active",
        subscription=Subscription(
            plan_id=chance.choice(plans),
            started_on=STARTED,
            expires_on=ENDED_ON if ended else None if for_life else RUNS_UNTIL,
            ended_for=ENDED_ON if ended else None,
        ),
        rules={number: chance.choice(EFFECTS) for number in chosen},
    )


async def _people(
    connection: asyncpg.Connection[asyncpg.Record], people: Sequence[Subscriber], servers: Sequence[_Server]
) -> None:
    now = datetime.now(UTC)
    rows = [(found.id, found.name, found.state, now if found.managed else None) for found in people]
    await _copy(connection, "person", ("id", "name", "state", "managed_since"), rows)
    subscriptions = [
        (found.id, held.plan_id, held.started_on, held.expires_on, held.ended_for)
        for found in people
        if (held := found.subscription)
    ]
    columns = ("person_id", "plan_id", "started_on", "expires_on", "ended_for")
    await _copy(connection, "subscription", columns, subscriptions)
    ids = {number: library_id for server in servers for number, library_id in server.ids.items()}
    rules = [(found.id, ids[number], effect, "person") for found in people for number, effect in found.rules.items()]
    await _copy(connection, "access_rule", ("person_id", "library_id", "effect", "origin"), rules)


async def _accounts(
    connection: asyncpg.Connection[asyncpg.Record],
    server: _Server,
    plans: Mapping[UUID, Libraries],
    people: Sequence[Subscriber],
    chance: random.Random,
) -> int:
    wants = _intentions(server, plans, people)
    accounts = {found.id: _uuid(chance) for found in people}
    differing = [found.id for found in people if found.managed and chance.random() < DIFFERING]
    has = wants | {person_id: wants[person_id] ^ {chance.choice(server.numbers)} for person_id in differing}
    rows = [
        (accounts[found.id], server.id, str(number), found.id, found.name, found.name, "friend", "active", False)
        for number, found in enumerate(people)
    ]
    columns = ("id", "server_id", "outside_id", "person_id", "username", "title", "role", "state", "all_libraries")
    await _copy(connection, "account", columns, rows)
    seen = [(accounts[person_id], server.ids[number]) for person_id, found in has.items() for number in found]
    await _copy(connection, "observed_access", ("account_id", "library_id"), seen)
    settled = [(accounts[found.id], sorted(wants[found.id])) for found in people if found.managed]
    await _copy(connection, "settled_access", ("account_id", "libraries"), settled)
    return len(differing)


def _intentions(
    server: _Server, plans: Mapping[UUID, Libraries], people: Sequence[Subscriber]
) -> dict[UUID, Libraries]:
    servings = Servings(
        server_id=server.id,
        kind=server.kind,
        name="",
        titles=dict.fromkeys(server.numbers, ""),
        outside_ids={},
        plans=plans,
        people={},
        holdings=(),
    )
    return {found.id: intended(found, servings) for found in people}


async def _copy(
    connection: asyncpg.Connection[asyncpg.Record], table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)

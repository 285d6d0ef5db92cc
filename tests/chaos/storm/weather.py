"""Which faults strike when, and whom: drawn from a seed, so that a storm can be had again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Literal

from msgspec import Struct

Kind = Literal[
    "kill", "pause", "cut", "silence", "slow", "kill server", "pause nats", "restart postgres", "crash postgres",
    "full disk", "clock", "upgrade", "lost answers",
]  # fmt: skip

# How often each is in the deck from which gusts are dealt: every kind strikes before any strikes too often.
DECK: dict[Kind, int] = {
    "kill": 4,
    "pause": 2,
    "cut": 2,
    "silence": 2,
    "slow": 2,
    "kill server": 2,
    "pause nats": 1,
    "restart postgres": 1,
    "crash postgres": 1,
    "full disk": 1,
    "clock": 2,
    "upgrade": 1,
    "lost answers": 1,
}
LASTS_S: dict[Kind, tuple[float, float]] = {
    "kill": (0.2, 4),
    "pause": (1, 20),
    "cut": (1, 12),
    "silence": (2, 20),
    "slow": (4, 20),
    "kill server": (0.2, 5),
    "pause nats": (1, 8),
    "restart postgres": (0, 0),
    "crash postgres": (0, 3),
    "full disk": (2, 8),
    "clock": (4, 25),
    "upgrade": (0, 0),
    "lost answers": (1, 6),
}
SERVERS = ("nats", "postgres")
CALM_BEFORE_S = 3.0
BETWEEN_S = (0.5, 6.0)
STEP_S = (2.0, 25.0)


class Gust(Struct, frozen=True, kw_only=True):
    """A fault of this `kind` strikes `target` at `at_s` and lasts for `lasts_s`; both in seconds.

    A target is a service, a server, or both of the two that a link joins (`worker-1 nats`). `amount` is by how many
    seconds a clock is wrong.
    """

    at_s: float
    kind: Kind
    target: str
    lasts_s: float
    amount: float = 0.0

    def __str__(self) -> str:
        by = f" by {self.amount:+.1f} s" if self.amount else ""
        return f"{self.kind} {self.target}{by}, {self.lasts_s:.1f} s"


def forecast(
    seed: int, seconds: float, services: Mapping[str, Sequence[str]], without: Collection[Kind] = ()
) -> tuple[Gust, ...]:
    """All gusts that begin within `seconds`, over services and the servers that each talks to; none `without`."""
    chance = Random(seed)
    kinds = _dealt(chance)
    gusts: list[Gust] = []
    at = CALM_BEFORE_S
    while at < seconds:
        gust = _gust(chance, at, next(kinds), services)
        if gust.kind not in without:
            gusts.append(gust)
        at += chance.uniform(*BETWEEN_S)
    return tuple(gusts)


def _dealt(chance: Random) -> Iterator[Kind]:
    while True:
        deck = [kind for kind, copies in DECK.items() for _ in range(copies)]
        chance.shuffle(deck)
        yield from deck


def _gust(chance: Random, at: float, kind: Kind, services: Mapping[str, Sequence[str]]) -> Gust:
    service = chance.choice(sorted(services))
    link = f"{service} {chance.choice(services[service])}"
    shortest, longest = LASTS_S[kind]
    lasts = chance.uniform(shortest, longest)
    amount = chance.choice((-1, 1)) * chance.uniform(*STEP_S)
    target = {
        "cut": link,
        "silence": link,
        "slow": link,
        "kill server": chance.choice(SERVERS),
        "pause nats": "nats",
        "restart postgres": "postgres",
        "crash postgres": "postgres",
        "full disk": "nats",
        "upgrade": "all services",
        "lost answers": "sink",
    }.get(kind, service)
    return Gust(at_s=at, kind=kind, target=target, lasts_s=lasts, amount=amount if kind == "clock" else 0.0)

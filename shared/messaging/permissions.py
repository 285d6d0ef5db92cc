"""Who may say and hear what on NATS: one user a service, with exactly the subjects that it needs.

A user's answers come to an inbox of its own (`_INBOX.<user>.>`), so that nobody reads another's.

Workers make no consumers: whoever may make one can have NATS repeat what a stream holds to others' subscriptions, past
these rules. The scheduler makes theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from shared.contracts import subjects

SCHEDULER, GATEWAY, SUBSCRIBER = "scheduler", "gateway", "subscriber"
OUR_CATEGORIES = ("sync", "access", "mail", "maintenance")
WATCHING = "maintenance"
"""Whose workers look at what goes on outside, and tell it to the others."""

INBOXES = "_INBOX"
_USER = re.compile(r"[a-z][a-z0-9-]*")
_API = "$JS.API"
_KEPT_BY_SCHEDULER = (subjects.CATALOGUE, subjects.CONTROLS, subjects.LEASES, subjects.NOTICES)
_STREAMS = (subjects.TICKS, subjects.REPORTS, *(subjects.bucket_stream(bucket) for bucket in subjects.BUCKETS))


class User(Struct, frozen=True, kw_only=True):
    """What one user may publish and subscribe to. What is in `never` is refused even where `publish` has it."""

    name: str
    about: str
    publish: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


def users(own_categories: Sequence[str] = ()) -> tuple[User, ...]:
    """Everybody: our services, workers of these further categories, and those who only listen."""
    categories = (*OUR_CATEGORIES, *(category for category in own_categories if category not in OUR_CATEGORIES))
    return (_scheduler(), _gateway(categories), *(_worker(category) for category in categories), subscriber())


def worker_user(category: str) -> str:
    """The user as whom the workers of a category come."""
    return f"worker-{category}"


def inbox_of(user: str) -> str:
    """Under which subject a user's answers come; one that can be no user of ours has the inbox that all share."""
    return f"{INBOXES}.{user}" if _USER.fullmatch(user) else INBOXES


def _scheduler() -> User:
    return User(
        name=SCHEDULER,
        about="Declares streams, fires slots, keeps catalogue, controls and lease, answers commands.",
        publish=(
            subjects.job_ticks("*", "*"),
            subjects.reports("*", SCHEDULER),
            *(subjects.bucket_key(bucket, "*") for bucket in _KEPT_BY_SCHEDULER),
            subjects.cancels("*"),
            f"{INBOXES}.>",
            *(f"{_API}.STREAM.{verb}.{stream}" for stream in _STREAMS for verb in ("CREATE", "UPDATE")),
            *(f"{_API}.STREAM.MSG.{verb}.{subjects.TICKS}" for verb in ("DELETE", "GET")),
            *_gets(*_KEPT_BY_SCHEDULER),
            *_reads(_STREAMS),
        ),
        subscribe=(subjects.ALL_COMMANDS, subjects.ANNOUNCE, subjects.ALL_ANNOUNCEMENTS, f"{inbox_of(SCHEDULER)}.>"),
    )


def _gateway(categories: Sequence[str]) -> User:
    consumers = [f"{subjects.TICKS}.{subjects.workers_of(category)}" for category in categories]
    return User(
        name=GATEWAY,
        about="Reads every stream, asks the scheduler, and tells the feed; writes to no stream and to no bucket.",
        publish=(
            subjects.ALL_COMMANDS,
            subjects.FEED,
            *_gets(subjects.LEASES),
            *_reads(_STREAMS),
        ),
        never=tuple(f"{_API}.CONSUMER.{verb}.{consumer}" for consumer in consumers for verb in ("CREATE", "MSG.NEXT")),
        subscribe=(subjects.FEED, f"{inbox_of(GATEWAY)}.>"),
    )


def _worker(category: str) -> User:
    name, consumer = worker_user(category), f"{subjects.TICKS}.{subjects.workers_of(category)}"
    return User(
        name=name,
        about=f"Takes the ticks of {category}, reports on them, and asks for its jobs to be taken in.",
        publish=(
            subjects.announcing(category),
            subjects.reports(category, "*"),
            # What one run at a time holds is for workers of all categories to agree on.
            subjects.bucket_key(subjects.RESOURCES, ">"),
            *_gets(subjects.RESOURCES),
            f"{_API}.STREAM.INFO.{subjects.bucket_stream(subjects.RESOURCES)}",
            f"{_API}.CONSUMER.INFO.{consumer}",
            f"{_API}.CONSUMER.MSG.NEXT.{consumer}",
            f"$JS.ACK.{consumer}.>",
            # Whether it has the run that is to be cancelled, and nothing else, is asked of it by request.
            f"{inbox_of(SCHEDULER)}.>",
        ),
        never=() if category == WATCHING else (subjects.bucket_key(subjects.RESOURCES, subjects.outside_key(">")),),
        subscribe=(subjects.cancels(category), f"{inbox_of(name)}.>"),
    )


def subscriber() -> User:
    """Who may listen, and do nothing else."""
    return User(
        name=SUBSCRIBER,
        about="Listens to the feed, and can do nothing else.",
        never=(">",),
        subscribe=("feed.>",),
    )


def _gets(*buckets: str) -> tuple[str, ...]:
    return tuple(f"{_API}.STREAM.MSG.GET.{subjects.bucket_stream(bucket)}" for bucket in buckets)


def _reads(streams: Sequence[str]) -> tuple[str, ...]:
    """A reader makes a consumer of its own, whose name is by chance."""
    return tuple(
        subject
        for stream in streams
        for subject in (
            f"{_API}.STREAM.INFO.{stream}",
            *(f"{_API}.CONSUMER.{verb}.{stream}.*" for verb in ("CREATE", "INFO", "MSG.NEXT")),
        )
    )

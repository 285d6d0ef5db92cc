"""What the command line reads of the API's answers. A field that is not named here is passed over, so that a command
understands gateways that are newer than itself; docs/contracts/openapi.json has them all."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec import Struct, field


class Answer(Struct, frozen=True, kw_only=True):
    """The root of all."""


class WhoAmI(Answer, frozen=True, kw_only=True):
    account: str
    role: str
    expires_at: datetime | None = None


class Schedule(Answer, frozen=True, kw_only=True):
    value: str
    words: str
    timezone: str | None = None
    overridden: bool = False


class LastRun(Answer, frozen=True, kw_only=True):
    id: str
    outcome: str
    summary: str = ""
    finished_at: datetime | None = None


class LastError(Answer, frozen=True, kw_only=True):
    message: str
    at: datetime | None = None


class Running(Answer, frozen=True, kw_only=True):
    run_id: str
    state: str
    progress: float | None = None
    note: str = ""


class Need(Answer, frozen=True, kw_only=True):
    what: str
    met: bool | None = None
    hint: str = ""


class Parameter(Answer, frozen=True, kw_only=True):
    name: str
    title: str
    kind: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()


class Job(Answer, frozen=True, kw_only=True):
    name: str
    title: str
    category: str
    schedule: Schedule
    status: str
    description: str = ""
    dry_run: bool = False
    undo: bool = False
    parameters: tuple[Parameter, ...] = ()
    paused: bool = False
    paused_until: datetime | None = None
    reason: str = ""
    run_count: int = 0
    last_run: LastRun | None = None
    next_run_at: datetime | None = None
    last_error: LastError | None = None
    running: Running | None = None
    needs: tuple[Need, ...] = ()


class Scheduler(Answer, frozen=True, kw_only=True):
    state: str
    leader: str | None = None
    detail: str = ""


class Jobs(Answer, frozen=True, kw_only=True):
    scheduler: Scheduler
    jobs: tuple[Job, ...]


class Started(Answer, frozen=True, kw_only=True):
    run_id: str


class Failure(Answer, frozen=True, kw_only=True):
    code: str
    message: str


class Run(Answer, frozen=True, kw_only=True):
    id: str
    job: str
    state: str
    trigger: str | None = None
    due_at: datetime | None = None
    fired_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: int | None = None
    attempt: int = 1
    outcome: str | None = None
    summary: str = ""
    error: Failure | None = None
    progress: float | None = None
    note: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    dry_run: bool = False
    asked_by: str = ""
    approved_by: str | None = None
    undone_by: str | None = None


class Runs(Answer, frozen=True, kw_only=True):
    runs: tuple[Run, ...]
    next: str | None = None


class LogLine(Answer, frozen=True, kw_only=True):
    attempt: int
    at: datetime
    level: str
    text: str


class Log(Answer, frozen=True, kw_only=True):
    lines: tuple[LogLine, ...]
    next: str | None = None


class Change(Answer, frozen=True, kw_only=True):
    number: int
    action: str
    target: str
    why: str = ""
    state: str = ""
    detail: str = ""


class Changes(Answer, frozen=True, kw_only=True):
    changes: tuple[Change, ...]
    next: str | None = None


class Server(Answer, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str
    url: str
    state: str
    enabled: bool = True
    version: str = ""
    latency_ms: float | None = None
    last_seen_at: datetime | None = None
    last_error: str = ""
    shoko_id: str | None = None


class Servers(Answer, frozen=True, kw_only=True):
    servers: tuple[Server, ...]


class Subscription(Answer, frozen=True, kw_only=True):
    plan: str = ""
    expires_on: date | None = None
    ended: bool = False


class Account(Answer, frozen=True, kw_only=True):
    server: str
    title: str
    role: str
    state: str
    libraries: int = 0


class Person(Answer, frozen=True, kw_only=True):
    id: str
    name: str
    state: str
    email: str = ""
    notes: str = ""
    managed: bool = False
    suspended_why: str = ""
    subscription: Subscription | None = None
    accounts: tuple[Account, ...] = ()


class People(Answer, frozen=True, kw_only=True):
    people: tuple[Person, ...]
    total: int = 0
    next: str | None = None


class Library(Answer, frozen=True, kw_only=True):
    title: str
    observed: bool
    intended: bool | None = None


class AccountAccess(Answer, frozen=True, kw_only=True):
    server: str
    title: str
    libraries: tuple[Library, ...] = ()


class PersonAccess(Answer, frozen=True, kw_only=True):
    accounts: tuple[AccountAccess, ...]


class Plan(Answer, frozen=True, kw_only=True):
    id: str
    name: str
    days: int | None = None
    stream_limit: int | None = None
    people: int = 0


class Plans(Answer, frozen=True, kw_only=True):
    plans: tuple[Plan, ...]

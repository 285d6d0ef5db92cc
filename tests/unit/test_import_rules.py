"""Who may import what, as a table and a checker that reads the source; and proof that the checker sees each breach.

Paths and names are matched as the shell does, but `*` also goes down into folders.
A module's name stands for all that is in it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]

SERVICES = ("scheduler", "workers", "gateway")
EVERYWHERE = ("services/*", "shared/*")
SQL_ROOMS = (
    "services/gateway/store*",
    "services/gateway/projector*",
    "shared/backups/database.py",
    "shared/backups/resealing.py",
    "shared/directory/*",
    "shared/history/*",
    "shared/runtime/database*",
    "services/cli/embedded/postgres.py",  # asks the server whether it is ready
)
PURE = (
    "services/scheduler/agenda.py",
    "services/scheduler/decisions.py",
    "services/scheduler/jobs.py",
    "services/scheduler/planner.py",
    "services/gateway/alerts/ailments.py",
    "services/gateway/alerts/rules.py",
    "services/gateway/projector/fold.py",
    "services/gateway/runs.py",
    "services/gateway/details.py",
    "services/gateway/hooks/payload.py",
    "services/gateway/hooks/rules.py",
    "services/gateway/hooks/signing.py",
    "services/gateway/hooks/terms.py",
    "services/gateway/table/*.py",
    "shared/directory/alertrecords.py",
    "shared/directory/availability.py",
    "shared/directory/comparison.py",
    "shared/directory/effects.py",
    "shared/directory/invitations.py",
    "shared/directory/observation.py",
    "shared/directory/oddityrecords.py",
    "shared/history/policy.py",
    "services/workers/*/rules*.py",
    *(
        f"services/workers/access/{room}.py"
        for room in ("endings", "looks", "planning", "presence", "reasons", "reversing", "standings", "wording")
    ),
    "services/workers/clients/postman_rules.py",
    "services/workers/clients/jellyfin_items.py",
    "services/workers/clients/*_reading.py",
    "services/workers/ledgered/counting.py",
    "services/workers/ledgered/reversing.py",
    *(f"services/workers/shokofin/{room}.py" for room in ("collections", "versions", "wording")),
    "services/workers/shokofin/userdata/terms.py",
    "shared/messaging/permissions.py",
    "shared/messaging/user_list.py",
    "shared/outside/mail/answers.py",
)
PURE_NAMES = tuple(path.removesuffix(".py").replace("/", ".") for path in PURE)
STANDARD_IO = (
    "asyncio", "concurrent", "ftplib", "http", "imaplib", "io", "multiprocessing", "os", "poplib", "selectors",
    "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "tempfile", "threading",
    "time", "urllib.request",
)  # fmt: skip
STANDARD_LIBRARY = tuple(sys.stdlib_module_names)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What the files `where` (but not `except_in`) must keep to; `why` is told to whoever does not."""

    name: str
    why: str
    where: tuple[str, ...]
    except_in: tuple[str, ...] = ()
    only: tuple[str, ...] = ("*",)
    never: tuple[str, ...] = ()
    may_wait: bool = True

    def covers(self, path: str) -> bool:
        return matches(path, self.where) and not matches(path, self.except_in)


RULES = (
    *(
        Rule(
            name=f"{service}-stands-alone",
            why="services never import each other: they speak through messages, and share only shared/",
            where=(f"services/{service}/*",),
            never=tuple(f"services.{other}" for other in (*SERVICES, "cli") if other != service),
        )
        for service in SERVICES
    ),
    Rule(
        name="shared-knows-no-service",
        why="shared/ holds what services have in common, so it can't know one of them",
        where=("shared/*",),
        never=("services",),
    ),
    Rule(
        name="contracts-are-plain",
        why="shared/contracts imports msgspec and the standard library, nothing else",
        where=("shared/contracts/*",),
        only=("msgspec", "shared.contracts", *STANDARD_LIBRARY),
    ),
    Rule(
        name="timing-is-pure",
        why="shared/timing takes values and `now`, and returns values",
        where=("shared/timing/*",),
        only=("cronsim", "msgspec", "shared.contracts", "shared.timing", *STANDARD_LIBRARY),
        never=STANDARD_IO,
        may_wait=False,
    ),
    Rule(
        name="catalogue-is-pure",
        why="shared/catalogue takes values, and returns values",
        where=("shared/catalogue/*",),
        only=("msgspec", "shared.catalogue", "shared.contracts", "shared.timing", *STANDARD_LIBRARY),
        never=STANDARD_IO,
        may_wait=False,
    ),
    Rule(
        name="access-is-pure",
        why="shared/access takes values and `today`, and returns values",
        where=("shared/access/*",),
        only=("msgspec", "shared.access", *STANDARD_LIBRARY),
        never=STANDARD_IO,
        may_wait=False,
    ),
    Rule(
        name="mail-is-pure",
        why="shared/mail takes values and `today`, and returns values",
        where=("shared/mail/*",),
        only=(
            "jinja2",
            "msgspec",
            "shared.access",
            "shared.mail",
            "shared.outside.mail.addresses",
            "shared.outside.mail.providers",
            "shared.outside.mail.setup",
            *STANDARD_LIBRARY,
        ),
        never=STANDARD_IO,
        may_wait=False,
    ),
    Rule(
        name="rules-are-pure",
        why="a pure module takes values and `now`, returns values, and imports only its like",
        where=PURE,
        only=(
            "cronsim",
            "msgspec",
            "shared.access",
            "shared.catalogue",
            "shared.contracts",
            "shared.outside.errors",
            "shared.outside.identities",
            "shared.timing",
            *PURE_NAMES,
            *STANDARD_LIBRARY,
        ),
        never=STANDARD_IO,
        may_wait=False,
    ),
    Rule(
        name="nats-has-one-door",
        why="only shared/messaging knows nats-py",
        where=EVERYWHERE,
        except_in=("shared/messaging/*",),
        never=("nats",),
    ),
    Rule(
        name="sql-has-its-rooms",
        why=f"only the rooms with SQL know asyncpg: {', '.join(SQL_ROOMS)}",
        where=EVERYWHERE,
        except_in=SQL_ROOMS,
        never=("asyncpg",),
    ),
    Rule(
        name="telemetry-has-its-doors",
        why="only shared/runtime/metrics.py knows prometheus_client, and only otlp.py beside it OpenTelemetry",
        where=EVERYWHERE,
        except_in=("shared/runtime/metrics.py", "shared/runtime/otlp.py"),
        never=("prometheus_client", "opentelemetry"),
    ),
    Rule(
        name="product-knows-no-tests",
        why="the product runs without its tests and tools",
        where=EVERYWHERE,
        never=("tests", "tools"),
    ),
)


def matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def is_within(names: tuple[str, ...], modules: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, module) or fnmatchcase(name, f"{module}.*") for name in names for module in modules)


def imports(path: str, tree: ast.AST) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each import's line and the names it may go by: `from a import b` is a, and a.b if that is a module."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                yield from ((node.lineno, (alias.name,)) for alias in aliases)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                package = Path(path).parts[: -level or None] if level else ()
                origin = ".".join((*package, *([module] if module else [])))
                yield from ((node.lineno, (origin, f"{origin}.{alias.name}")) for alias in aliases)
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__")):
                match node.args:
                    case [ast.Constant(value=str(name)), *_]:
                        yield node.lineno, (name,)


def waits(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await):
            yield node.lineno
        elif isinstance(node, ast.comprehension) and node.is_async:
            yield node.target.lineno


def breaches(rule: Rule, path: str, source: str) -> list[str]:
    """One line for each breach of the rule in the file; none when the rule does not cover it."""
    if not rule.covers(path):
        return []
    tree = ast.parse(source, path)
    found = [
        f"{path}:{line} imports {names[-1]}: {rule.why}"
        for line, names in imports(path, tree)
        if not is_within(names, rule.only) or is_within(names, rule.never)
    ]
    if not rule.may_wait:
        found += [f"{path}:{line} is async: {rule.why}" for line in waits(tree)]
    return found


@cache
def product_files() -> dict[str, str]:
    """Path from the checkout -> source, for all that is shipped."""
    paths = sorted(path for top in ("services", "shared") for path in (CHECKOUT / top).rglob("*.py"))
    return {
        path.relative_to(CHECKOUT).as_posix(): path.read_text() for path in paths if "node_modules" not in path.parts
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_product_keeps_the_rule(rule: Rule) -> None:
    found = [breach for path, source in product_files().items() for breach in breaches(rule, path, source)]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("pattern", sorted({p for rule in RULES for p in (*rule.where, *rule.except_in)}))
def test_every_place_in_the_table_exists(pattern: str) -> None:
    assert any(fnmatchcase(path, pattern) for path in product_files()), (
        f"{pattern} names no file, so its rule checks nothing: mend the table"
    )


PLANTED = [
    ("scheduler-stands-alone", "services/scheduler/ticker.py", "from services.gateway import store"),
    ("workers-stands-alone", "services/workers/sync/jobs.py", "from services import scheduler"),
    ("gateway-stands-alone", "services/gateway/api/jobs.py", "from ...workers.sync import rules"),
    ("gateway-stands-alone", "services/gateway/app.py", "import services.cli.main as cli"),
    ("shared-knows-no-service", "shared/runtime/errors.py", "if True:\n    import services.workers"),
    ("contracts-are-plain", "shared/contracts/ticks.py", "import aiohttp"),
    ("contracts-are-plain", "shared/contracts/ticks.py", "from shared.timing import words"),
    ("contracts-are-plain", "shared/contracts/ticks.py", "from .. import timing"),
    ("timing-is-pure", "shared/timing/slots.py", "import croniter"),
    ("timing-is-pure", "shared/timing/slots.py", "from asyncio import sleep"),
    ("timing-is-pure", "shared/timing/slots.py", "async def next_slot(): ..."),
    ("catalogue-is-pure", "shared/catalogue/faults.py", "from shared.messaging import Bus"),
    ("catalogue-is-pure", "shared/catalogue/admission.py", "async def admitted(): ..."),
    ("access-is-pure", "shared/access/intent.py", "from shared.directory import accessbook"),
    ("access-is-pure", "shared/access/reconcile.py", "import time"),
    ("access-is-pure", "shared/access/states.py", "async def state_of(): ..."),
    ("mail-is-pure", "shared/mail/due.py", "from shared.directory import mailroom"),
    ("mail-is-pure", "shared/mail/rendering.py", "from shared.outside.mail import check"),
    ("mail-is-pure", "shared/mail/defaults/en.py", "from os import environ"),
    ("mail-is-pure", "shared/mail/composing.py", "async def composed(): ..."),
    ("rules-are-pure", "services/scheduler/planner.py", "async def plan():\n    pass"),
    ("rules-are-pure", "services/scheduler/planner.py", "import time"),
    ("rules-are-pure", "services/gateway/runs.py", "from services.gateway import store"),
    ("rules-are-pure", "services/workers/sync/rules_people.py", "from urllib.request import urlopen"),
    ("nats-has-one-door", "services/gateway/projector.py", "from nats.js import api"),
    ("nats-has-one-door", "services/cli/up.py", "import importlib\nimportlib.import_module('nats')"),
    ("sql-has-its-rooms", "services/workers/sync/jobs.py", "def connect():\n    import asyncpg"),
    ("telemetry-has-its-doors", "services/workers/sync/jobs.py", "from prometheus_client import Counter"),
    ("telemetry-has-its-doors", "shared/runtime/telemetry.py", "from opentelemetry import trace"),
    ("product-knows-no-tests", "services/cli/main.py", "import tests.simulators"),
    ("product-knows-no-tests", "shared/runtime/clock.py", "from tools import generate"),
]  # fmt: skip

ALLOWED = [
    ("gateway-stands-alone", "services/gateway/api/jobs.py", "from ..store import jobs"),
    ("gateway-stands-alone", "services/gateway/app.py", "import services.gateway_words"),
    ("contracts-are-plain", "shared/contracts/ticks.py", "import datetime\nimport msgspec\nfrom . import specs"),
    ("timing-is-pure", "shared/timing/slots.py", "from cronsim import CronSim\nfrom zoneinfo import ZoneInfo"),
    ("access-is-pure", "shared/access/limits.py", "from msgspec import Struct\nfrom .states import has_ended"),
    ("mail-is-pure", "shared/mail/terms.py", "from shared.outside.mail.setup import MailServer\nimport jinja2.sandbox"),
    ("rules-are-pure", "services/workers/sync/rules.py", "from urllib.parse import quote"),
    ("rules-are-pure", "services/workers/sync/rules.py", "from shared.access.terms import Decision"),
    ("rules-are-pure", "services/workers/sync/rules.py", "from services.workers.sync import rules_people"),
    ("nats-has-one-door", "shared/messaging/connect.py", "import nats"),
    ("nats-has-one-door", "services/cli/embedded/nats.py", "from . import nats\nimport services.cli.embedded.nats"),
    ("sql-has-its-rooms", "services/gateway/store/jobs.py", "import asyncpg"),
]  # fmt: skip


def rule_called(name: str) -> Rule:
    return next(rule for rule in RULES if rule.name == name)


@pytest.mark.parametrize(("name", "path", "source"), PLANTED)
def test_a_planted_breach_is_found(name: str, path: str, source: str) -> None:
    (breach,) = breaches(rule_called(name), path, source)
    assert breach.startswith(f"{path}:") and rule_called(name).why in breach


@pytest.mark.parametrize(("name", "path", "source"), ALLOWED)
def test_what_is_allowed_is_let_through(name: str, path: str, source: str) -> None:
    assert breaches(rule_called(name), path, source) == []


def test_every_rule_has_a_planted_breach() -> None:
    assert {name for name, _, _ in PLANTED} == {rule.name for rule in RULES}

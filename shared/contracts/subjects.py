"""Every subject, stream, bucket and durable name; nothing else spells one.

Tokens: a category matches `CATEGORY_NAME`, a job `JOB_NAME`, so neither can hold a dot, a star or a blank.
"""

from __future__ import annotations

TICKS = "TICKS"
REPORTS = "REPORTS"

CATALOGUE = "catalogue"
CONTROLS = "controls"
LEASES = "leases"
NOTICES = "notices"
RESOURCES = "resources"
BUCKETS = (CATALOGUE, CONTROLS, LEASES, NOTICES, RESOURCES)

LEADER_KEY = "scheduler"
FEED = "feed.jobs"
ANNOUNCE = "catalogue.announce"
ALL_ANNOUNCEMENTS = "catalogue.announce.*"

ALL_TICKS = "ticks.>"
ALL_REPORTS = "reports.>"
ALL_COMMANDS = "commands.*"


def slot_tick(category: str, job: str) -> str:
    """Where the slots of a job are fired."""
    return f"ticks.{category}.{job}.slot"


def manual_tick(category: str, job: str) -> str:
    """Where runs that a person asked for are fired."""
    return f"ticks.{category}.{job}.manual"


def slot_skip(category: str, job: str) -> str:
    """Where slots that were not fired are accounted for."""
    return f"ticks.{category}.{job}.skip"


def job_ticks(category: str, job: str) -> str:
    """All that the tick log holds of a job: compared before each write, so that its entries have one order."""
    return f"ticks.{category}.{job}.*"


def runnable_ticks(category: str) -> tuple[str, str]:
    """What the workers of a category take from the tick log."""
    return f"ticks.{category}.*.slot", f"ticks.{category}.*.manual"


def reports(category: str, worker: str) -> str:
    """Where one worker sends its bundles."""
    return f"reports.{category}.{worker}"


def command(verb: str) -> str:
    """A request to the scheduler that leads."""
    return f"commands.{verb}"


def announcing(category: str) -> str:
    """Where a job of this category, and of no other, is announced."""
    return f"{ANNOUNCE}.{category}"


def cancels(category: str) -> str:
    """Heard by every worker of a category."""
    return f"cancels.{category}"


def workers_of(category: str) -> str:
    """The durable consumer that the workers of a category share."""
    return f"workers-{category}"


def outside_key(resource: str) -> str:
    """The key of the bucket `resources` that says what keeps a resource busy outside."""
    return f"outside.{resource}"


def bucket_stream(bucket: str) -> str:
    """The stream behind a key-value bucket (NATS ADR-8)."""
    return f"KV_{bucket}"


def bucket_key(bucket: str, key: str) -> str:
    """The subject behind a key of a bucket (NATS ADR-8)."""
    return f"$KV.{bucket}.{key}"

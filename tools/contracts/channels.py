"""Where each message is said and heard: the channels, and which service does what on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shared.contracts import subjects
from shared.contracts.announcements import Announce, SpecRefused
from shared.contracts.commands import CancelRun
from shared.contracts.controls import Control
from shared.contracts.feed import Feed, Leader
from shared.contracts.reports import Reports
from shared.contracts.resources import RESOURCE, Holding, Occupied
from shared.contracts.specs import CATEGORY_NAME, JOB_NAME, Spec
from shared.contracts.ticks import SlotsSkipped, Tick

from .messages import COMMANDS, Message, verb

Service = Literal["scheduler", "worker", "gateway"]


class Channel(Struct, frozen=True, kw_only=True):
    """A subject with its parameters in braces. `stream` keeps what is said on it; without one it is heard or lost."""

    name: str
    address: str
    messages: Sequence[Message]
    about: str
    stream: str = ""


class Operation(Struct, frozen=True, kw_only=True):
    """What one service does on a channel. `answered_on` is the channel of the reply, `consumer` a durable one."""

    service: Service
    action: Literal["send", "receive"]
    channel: str
    about: str
    answered_on: str = ""
    consumer: str = ""


PARAMETERS: dict[str, str] = {
    "category": f"Which worker runs the job; matches {CATEGORY_NAME.pattern}.",
    "job": f"The name of the job; matches {JOB_NAME.pattern}.",
    "worker": "The name of one worker process, or `scheduler` for a run that was withdrawn before it began.",
    "verb": "The tag of the command without its version.",
    "resource": f"The name of a resource, one token or several; matches {RESOURCE.pattern}.",
}
VERBS = [verb(command) for command in COMMANDS]

CATEGORY, JOB, WORKER, VERB, RESOURCE_NAME = (f"{{{name}}}" for name in PARAMETERS)

CHANNELS: tuple[Channel, ...] = (
    Channel(
        name="slotTicks",
        address=subjects.slot_tick(CATEGORY, JOB),
        messages=(Tick,),
        about="The slots of a job that are fired. One tick is one run, however often it is published.",
        stream=subjects.TICKS,
    ),
    Channel(
        name="manualTicks",
        address=subjects.manual_tick(CATEGORY, JOB),
        messages=(Tick,),
        about="The runs of a job that a person asked for.",
        stream=subjects.TICKS,
    ),
    Channel(
        name="skippedSlots",
        address=subjects.slot_skip(CATEGORY, JOB),
        messages=(SlotsSkipped,),
        about="The slots of a job that were not fired, and why. With the ticks they account for every slot.",
        stream=subjects.TICKS,
    ),
    Channel(
        name="reports",
        address=subjects.reports(CATEGORY, WORKER),
        messages=(Reports,),
        about="What a worker says about its runs, in bundles, in order. A bundle may stand here twice.",
        stream=subjects.REPORTS,
    ),
    Channel(
        name="catalogue",
        address=subjects.bucket_key(subjects.CATALOGUE, JOB),
        messages=(Spec,),
        about="The specs that workers have announced. An empty message withdraws one.",
        stream=subjects.bucket_stream(subjects.CATALOGUE),
    ),
    Channel(
        name="announcements",
        address=subjects.ANNOUNCE,
        messages=(Announce,),
        about="A job's spec, for the scheduler that leads to put into the catalogue, or to refuse with the reason. The "
        "`spec` is a `spec.v1`.",
    ),
    Channel(
        name="announcementsOfCategory",
        address=subjects.announcing(CATEGORY),
        messages=(Announce,),
        about="The same, for a job of this category and of no other: the one way in for a worker whose user may do no "
        "more than it needs.",
    ),
    Channel(
        name="notices",
        address=subjects.bucket_key(subjects.NOTICES, JOB),
        messages=(SpecRefused,),
        about="Specs that were refused and not mended since, for 7 days; a name that can be no job's has a key that is "
        "made from it. An empty message: it no longer matters.",
        stream=subjects.bucket_stream(subjects.NOTICES),
    ),
    Channel(
        name="controls",
        address=subjects.bucket_key(subjects.CONTROLS, JOB),
        messages=(Control,),
        about="What people decided about jobs.",
        stream=subjects.bucket_stream(subjects.CONTROLS),
    ),
    Channel(
        name="lease",
        address=subjects.bucket_key(subjects.LEASES, subjects.LEADER_KEY),
        messages=(Leader,),
        about="Which scheduler leads. Gone, or empty, when none does.",
        stream=subjects.bucket_stream(subjects.LEASES),
    ),
    Channel(
        name="resources",
        address=subjects.bucket_key(subjects.RESOURCES, RESOURCE_NAME),
        messages=(Holding,),
        about="Which run holds a resource alone. Gone when it is not renewed in time; gone, or empty: it is free.",
        stream=subjects.bucket_stream(subjects.RESOURCES),
    ),
    Channel(
        name="outside",
        address=subjects.bucket_key(subjects.RESOURCES, subjects.outside_key(RESOURCE_NAME)),
        messages=(Occupied,),
        about="What keeps a resource busy outside, as the watch over the media servers sees it.",
        stream=subjects.bucket_stream(subjects.RESOURCES),
    ),
    Channel(
        name="commands",
        address=subjects.command(VERB),
        messages=tuple(COMMANDS),
        about="Requests to the scheduler that leads. Without an answer it is not known whether they were carried out.",
    ),
    Channel(
        name="cancels",
        address=subjects.cancels(CATEGORY),
        messages=(CancelRun,),
        about="Heard by every worker of a category: whoever has the run stops it, and answers.",
    ),
    Channel(
        name="feed",
        address=subjects.FEED,
        messages=(Feed,),
        about="The newest states of runs, after they were committed. A gap in `number` means that one was lost.",
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(service="scheduler", action="send", channel="slotTicks", about="Fire what is due."),
    Operation(
        service="scheduler", action="send", channel="manualTicks", about="Run now, because a person asks for it."
    ),
    Operation(
        service="scheduler", action="send", channel="skippedSlots", about="Account for slots that are not fired."
    ),
    Operation(service="scheduler", action="receive", channel="catalogue", about="Learn which jobs there are."),
    Operation(service="scheduler", action="send", channel="catalogue", about="Give back what stood there before."),
    Operation(
        service="scheduler", action="receive", channel="announcements", about="Take a job in.", answered_on="announced"
    ),
    Operation(
        service="scheduler",
        action="receive",
        channel="announcementsOfCategory",
        about="Take a job of the category in.",
        answered_on="announced",
    ),
    Operation(service="scheduler", action="send", channel="notices", about="Tell why a spec was refused."),
    Operation(service="scheduler", action="send", channel="controls", about="Keep what people decided."),
    Operation(service="scheduler", action="receive", channel="controls", about="Learn what another leader kept."),
    Operation(service="scheduler", action="receive", channel="reports", about="Learn which runs have ended."),
    Operation(
        service="scheduler", action="send", channel="reports", about="End a run that was cancelled in the queue."
    ),
    Operation(service="scheduler", action="send", channel="lease", about="Lead, or go on leading."),
    Operation(service="scheduler", action="receive", channel="commands", about="Carry out.", answered_on="answers"),
    Operation(service="scheduler", action="send", channel="cancels", about="Have a run stopped.", answered_on="heard"),
    Operation(service="worker", action="send", channel="catalogue", about="Announce the jobs that it can run."),
    Operation(
        service="worker", action="send", channel="announcements", about="Announce one job.", answered_on="announced"
    ),
    Operation(
        service="worker",
        action="send",
        channel="announcementsOfCategory",
        about="Announce one job of its own category.",
        answered_on="announced",
    ),
    Operation(
        service="worker",
        action="receive",
        channel="slotTicks",
        about="Take a run.",
        consumer=subjects.workers_of(CATEGORY),
    ),
    Operation(
        service="worker",
        action="receive",
        channel="manualTicks",
        about="Take a run.",
        consumer=subjects.workers_of(CATEGORY),
    ),
    Operation(service="worker", action="send", channel="reports", about="Say how its runs fare."),
    Operation(service="worker", action="receive", channel="cancels", about="Stop a run.", answered_on="heard"),
    Operation(service="worker", action="send", channel="resources", about="Hold a resource, or go on holding it."),
    Operation(service="worker", action="receive", channel="resources", about="Learn whether a resource is free."),
    Operation(service="worker", action="send", channel="outside", about="Tell what is seen of the media servers."),
    Operation(service="worker", action="receive", channel="outside", about="Learn whether it is busy outside."),
    Operation(service="gateway", action="receive", channel="slotTicks", about="Project runs."),
    Operation(service="gateway", action="receive", channel="manualTicks", about="Project runs."),
    Operation(service="gateway", action="receive", channel="skippedSlots", about="Project the account of slots."),
    Operation(service="gateway", action="receive", channel="reports", about="Project what became of runs."),
    Operation(service="gateway", action="receive", channel="catalogue", about="Learn which jobs there are."),
    Operation(service="gateway", action="receive", channel="notices", about="Learn which specs were refused."),
    Operation(service="gateway", action="receive", channel="controls", about="Learn what people decided."),
    Operation(service="gateway", action="receive", channel="lease", about="Learn which scheduler leads."),
    Operation(service="gateway", action="send", channel="commands", about="Ask the scheduler.", answered_on="answers"),
    Operation(service="gateway", action="send", channel="feed", about="Tell what was committed."),
    Operation(service="gateway", action="receive", channel="feed", about="Hear what another gateway committed."),
)

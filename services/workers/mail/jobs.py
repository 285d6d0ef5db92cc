"""The jobs of the worker `mail`."""

from __future__ import annotations

from shared.contracts.specs import Calendar, Interval, Need, Spec
from shared.mail.terms import EXPIRY, NEWS, Event

from ..door import Job
from ..tools import Tools
from .alerting.send import SendAlerts
from .campaigns import SendCampaigns
from .notices import SendNotices
from .postoffice import PostOffice
from .rounds import Wanted

CATEGORY = "mail"
MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
TEN_SECONDS_MS = 10 * 1000

SET_UP = Need(what="mail is set up", hint="Enter the mail server, and what opens it, in the mail settings.")
A_CHANNEL = Need(what="a channel for alerts is set up", hint="Add one on the page Alerts: Discord, Telegram, ntfy...")
INVITATIONS: frozenset[Event] = frozenset({"pending_invitation"})


def jobs(tools: Tools) -> tuple[Job, ...]:
    """All of them, bound to what they work with."""
    office = PostOffice(tools.mailroom, tools.meter, tools.now)
    # Whatever notice was put off by the mail server goes out with the next of these runs.
    every_notice, invitations = Wanted(kinds=("notice",)), Wanted(kinds=("notice",), events=INVITATIONS)
    return (
        Job(spec=_NOTICES, handler=SendNotices(tools, office, EXPIRY | NEWS, every_notice)),
        Job(spec=_CAMPAIGNS, handler=SendCampaigns(tools, office)),
        Job(spec=_INVITATIONS, handler=SendNotices(tools, office, INVITATIONS, invitations)),
        Job(spec=_ALERTS, handler=SendAlerts(tools)),
    )


_NOTICES = Spec(
    name="send_expiration_emails",
    title="Send expiration emails",
    description="Reminds people before their last day, tells them when it is over, and writes to them when they get a "
    "subscription, when it changes, and when access is back. Nobody gets the same notice twice.",
    category=CATEGORY,
    schedule=Interval(every_ms=HOUR_MS),
    timeout_s=3600.0,
    attempts=3,
    backoff_s=60.0,
    min_interval_ms=MINUTE_MS,
    needs=(SET_UP,),
    dry_run=True,
)

_CAMPAIGNS = Spec(
    name="send_campaign_emails",
    title="Send campaign emails",
    description="Sends the campaigns that were launched or whose time has come, to each of their people once. "
    "Whoever has unsubscribed gets none.",
    category=CATEGORY,
    schedule=Interval(every_ms=10 * MINUTE_MS),
    timeout_s=3600.0,
    attempts=3,
    backoff_s=60.0,
    min_interval_ms=TEN_SECONDS_MS,
    needs=(SET_UP,),
    dry_run=True,
)

_INVITATIONS = Spec(
    name="send_invitation_reminders",
    title="Send invitation reminders",
    description="Reminds people of an invitation that they have not accepted yet.",
    category=CATEGORY,
    schedule=Calendar(expression="30 0 * * *"),
    timeout_s=3600.0,
    attempts=3,
    backoff_s=60.0,
    min_interval_ms=MINUTE_MS,
    needs=(SET_UP,),
    dry_run=True,
)

_ALERTS = Spec(
    name="send_alerts",
    title="Send alerts",
    description="Tells administrators that a job failed, is stuck, waits for approval or has recovered, on every "
    "channel that takes such alerts.",
    category=CATEGORY,
    schedule=Interval(every_ms=MINUTE_MS),
    timeout_s=600.0,
    attempts=3,
    backoff_s=10.0,
    min_interval_ms=TEN_SECONDS_MS,
    needs=(A_CHANNEL,),
)

"""A run's way through the messages that wait: a page is claimed, sent one after another and closed, then the next."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from shared.directory.mailrecords import Claimant, Closed, Closing, Outgoing, Waiting
from shared.directory.mailroom import Mailroom
from shared.mail.terms import Event, Kind, MailPolicy
from shared.outside.errors import OutsideError
from shared.outside.mail.setup import MailServer
from shared.runtime.secrets import VaultError

from ..clients.postman import DayFull, Postman
from ..clients.postman_rules import Tally, merged
from ..door import JobFailed, Result, RunContext, succeeded
from ..tools import Tools
from . import wording
from .postoffice import PostOffice
from .sending import NotOurs, Sender
from .telling import Telling
from .writing import Unsendable, written

PAGE = 100
"""Messages in hand at most: of these the memory is, and these wait for `STALE` when a run's last attempt dies."""
STALE = timedelta(hours=1)
LONGEST = timedelta(minutes=45)
"""A run ends by itself after that long, sooner than by its time-out."""
ENOUGH = "the next run goes on"


class Wanted(Struct, frozen=True, kw_only=True):
    """Which messages a job sends; `events`: of notices, those alone."""

    kinds: tuple[Kind, ...]
    events: frozenset[Event] | None = None


class Round:
    """Sends all that waits, for one attempt of a run."""

    def __init__(
        self,
        tools: Tools,
        office: PostOffice,
        run: RunContext,
        *,
        policy: MailPolicy,
        server: MailServer,
        wanted: Wanted,
    ) -> None:
        self._tools = tools
        self._mailroom = tools.mailroom
        self._office = office
        self._run = run
        self._policy = policy
        self._server = server
        self._wanted = wanted
        self._claimant = Claimant(run.id, run.attempt)
        self._unsubscribe_key = tools.mailroom.unsubscribe_key

    async def go(self) -> Result:
        """JobFailed: the mail server does not do its work. Whatever stops it, what was not sent is due again."""
        await self._recover()
        telling = await self._telling()
        failure: OutsideError | VaultError | None = None
        why = ""
        try:
            async with (
                self._office.postman(self._policy, self._server) as postman,
                self._mailroom.at_hand() as mailroom,
            ):
                why = await self._send_all(mailroom, postman, telling)
        except DayFull as full:
            why = full.message
        except (OutsideError, VaultError) as error:
            why, failure = str(error), error
        finally:
            telling.tell()
            await self._mailroom.release(self._claimant)
        left = (await self._waiting(0)).count
        told = wording.summary(telling.counts, left=left, why_left=why)
        if failure is not None:
            raise JobFailed(_code(failure), told, retry=isinstance(failure, OutsideError) and failure.transient)
        return succeeded(told)

    async def _recover(self) -> None:
        recovered = await self._mailroom.recover(self._claimant, self._tools.now(), STALE)
        if recovered.uncertain:
            self._run.log(
                f"{recovered.uncertain} sent by a worker that died: nobody knows if they arrived, "
                "so they are not sent again unless somebody asks for it",
                "warning",
            )

    async def _telling(self) -> Telling:
        waiting = await self._waiting(wording.MOST_CHANGES)
        if self._run.attempt == 1:
            return Telling(self._run, Closed(), waiting)
        earlier = await self._mailroom.closed_by(self._run.id, self._tools.now(), wording.MOST_CHANGES)
        return Telling(self._run, earlier, waiting)

    async def _waiting(self, names: int) -> Waiting:
        wanted = self._wanted
        return await self._mailroom.waiting(self._tools.now(), names, kinds=wanted.kinds, events=wanted.events)

    async def _send_all(self, mailroom: Mailroom, postman: Postman, telling: Telling) -> str:
        """Why something is left, or ""."""
        sender = Sender(mailroom, postman, self._claimant, self._tools.now)
        until = self._tools.now() + LONGEST
        while page := await self._page(mailroom, postman):
            for outgoing in page:
                if self._tools.now() >= until:
                    return ENOUGH
                try:
                    await self._send(sender, outgoing, telling)
                except NotOurs:
                    # Its campaign was paused, perhaps, with more of this page.
                    await mailroom.release(self._claimant)
                    break
        return ""

    async def _page(self, mailroom: Mailroom, postman: Postman) -> list[Outgoing]:
        now, policy, wanted = self._tools.now(), self._policy, self._wanted
        if policy.per_day is not None:
            # Other workers send too.
            postman.tally = merged(postman.tally, Tally(hours=await mailroom.sent_by_hour(now)))
        # No more than a minute's, so that others need not wait long for what a slow one has in hand.
        size = min(PAGE, policy.per_minute or PAGE)
        return await mailroom.claim(self._claimant, size, now, kinds=wanted.kinds, events=wanted.events)

    async def _send(self, sender: Sender, outgoing: Outgoing, telling: Telling) -> None:
        try:
            letter = written(outgoing, self._policy, self._server, self._tools.today, self._unsubscribe_key)
        except Unsendable as why:
            closing = Closing(id=outgoing.id, state="dropped", answer=str(why))
            state = await sender.close(closing)
        else:
            closing, state = await sender.send(outgoing, letter)
        telling.closed(outgoing, closing, state)


def _code(error: OutsideError | VaultError) -> str:
    return error.code if isinstance(error, OutsideError) else "mail_secret"

"""The job that sends alerts: each channel gets what waits for it, one after another; no channel waits for another."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.directory.alertrecords import AlertClosing, OutgoingAlert
from shared.directory.errors import NoSuchChannel
from shared.directory.mailrecords import Claimant
from shared.outside import channels
from shared.outside.channels import ChannelError
from shared.runtime.secrets import Secret, WrongKey

from ...clients.calls import Calls
from ...door import JobFailed, Result, RunContext, skipped, succeeded
from ...tools import Tools
from . import rules

PAGE = 50
CHANNELS_AT_ONCE = 4
STALE = timedelta(minutes=15)
"""What was claimed that long ago is a dead worker's: more than the time-out of a run."""

NO_CHANNEL = "No channel for alerts is set up: add one on the page Alerts"


class SendAlerts:
    """The handler. A worker that dies while an alert goes out lets it be sent again: better twice than not at all."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        # Of its own, so that channels which do not answer keep nobody else waiting.
        self._threads = ThreadPoolExecutor(CHANNELS_AT_ONCE, thread_name_prefix="channels")

    async def __call__(self, run: RunContext) -> Result:
        """Send what waits. JobFailed: some channel did not take an alert; that one will be tried again later."""
        alerts = self._tools.alerts
        if not await alerts.any_channel():
            return skipped(NO_CHANNEL)
        claimant = Claimant(run.id, run.attempt)
        sent, troubles = 0, dict[str, str]()
        try:
            while page := await alerts.claim(
                claimant, PAGE, except_for=troubles, at=self._tools.now(), stale_after=STALE
            ):
                sent += await self._send(page, claimant, troubles)
        finally:
            await alerts.release(claimant)
        if troubles:
            raise JobFailed("channel_failed", rules.summary(sent, troubles), retry=False)
        return succeeded(rules.summary(sent, troubles)) if sent else succeeded()

    async def _send(self, page: Sequence[OutgoingAlert], claimant: Claimant, troubles: dict[str, str]) -> int:
        """How many were taken. A channel that does not take one gets no more in this run; why goes to `troubles`."""
        by_channel: dict[str, list[OutgoingAlert]] = defaultdict(list)
        for outgoing in page:
            by_channel[outgoing.channel].append(outgoing)
        public_url = (await self._tools.mailroom.policy()).public_url
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._send_to(channel, waiting, claimant, public_url, troubles))
                for channel, waiting in by_channel.items()
            ]
        return sum(task.result() for task in tasks)

    async def _send_to(
        self,
        channel: str,
        waiting: Sequence[OutgoingAlert],
        claimant: Claimant,
        public_url: str,
        troubles: dict[str, str],
    ) -> int:
        for sent, outgoing in enumerate(waiting):
            try:
                await self._hand_over(outgoing, public_url)
            except NoSuchChannel:
                return sent  # it was removed meanwhile, and with it all that waited for it
            except (ChannelError, WrongKey) as error:
                troubles[channel] = str(error)
                closing = rules.not_taken(outgoing, str(error), self._tools.now())
                await self._tools.alerts.close(claimant, closing, self._tools.now())
                return sent
            closing = AlertClosing(id=outgoing.id, channel=channel, state="sent")
            await self._tools.alerts.close(claimant, closing, self._tools.now())
        return len(waiting)

    async def _hand_over(self, outgoing: OutgoingAlert, public_url: str) -> None:
        address: Secret = await self._tools.alerts.address(outgoing.channel)
        words = rules.words(outgoing.alert, self._tools.zone, public_url)
        tone = rules.TONES[outgoing.alert.kind]
        loop = asyncio.get_running_loop()
        with Calls(self._tools.meter, "channel", outgoing.channel).one() as call:
            call.status = "not_taken"
            await loop.run_in_executor(self._threads, channels.send, address, words.title, words.text, tone)
            call.status = "ok"

"""Prints every run's new state. `python feed.py`, with SHOWRUNNER_NATS_URL in the environment; needs nats-py alone."""

import asyncio
import json
import os

import nats


async def main() -> None:
    client = await nats.connect(os.environ["SHOWRUNNER_NATS_URL"])
    feed = await client.subscribe("feed.jobs")
    async for message in feed.messages:
        for run in json.loads(message.data)["runs"]:
            print(run["job"], run["state"], run.get("outcome", ""), flush=True)


asyncio.run(main())

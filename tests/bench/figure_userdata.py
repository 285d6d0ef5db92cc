"""How long it takes to compare what 10 people have watched of 50,000 videos on both sides, and how much memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from services.workers.shokofin.userdata.terms import History
from shared.directory.directory import migrate_media
from tests.simulators.jellyfin_item import MediaItem
from tests.support.viewing import Viewing, viewing

from .house import House, open_house
from .readings import Reading, shown
from .viewers import Compared

PEOPLE = tuple(f"viewer{number}" for number in range(10))
VIDEOS, FEW_VIDEOS, SERIES = 50_000, 2_000, 500
ONE_IN = 100
"""So many records a person are alike but one."""
LIMIT_S, MEMORY_LIMIT_MB = 60.0, 400.0
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=30), NOW - timedelta(days=1)


async def measure(quick: bool) -> list[Reading]:
    """Everybody has watched everything, by simulated servers in this process; the plan is made in another."""
    videos = FEW_VIDEOS if quick else VIDEOS
    async with open_house() as house:
        await migrate_media(house.postgres.url)
        async with viewing(house.postgres.url, house.folder, lambda: NOW) as here:
            await here.join(*PEOPLE)
            _watched(here, here.anime.fill("show", series=SERIES, episodes=videos))
            asked = here.anime.jellyfin.requests, here.anime.shoko.requests
            for requests in asked:
                requests.clear()
            compared = await _compared(house)
            jellyfin, shoko = (requests.count() for requests in asked)
    wanted = f"{len(PEOPLE) * videos // ONE_IN} changes planned"
    if compared.summary != wanted:
        raise AssertionError(f"{wanted} was to be the plan, but it is: {compared.summary}")
    return [
        Reading(
            figure=f"sync of user data, {videos:,} videos x {len(PEOPLE)} people: the plan",
            value=compared.seconds,
            unit="s",
            limit=LIMIT_S,
            note=f"1 % differs; {jellyfin:,} requests to Jellyfin, {shoko:,} to Shoko, at the pace of production; "
            f"{shown(compared.processor_s)} s of the processor; both servers are simulated on the same machine",
        ),
        Reading(figure="  its memory at most", value=compared.peak_mb, unit="MB", limit=MEMORY_LIMIT_MB),
    ]


async def _compared(house: House) -> Compared:
    env = {"SHOWRUNNER_DATABASE_URL": house.postgres.url, "SHOWRUNNER_KEY_FILE": str(house.folder / "key")}
    process = house.processes.python("-m", "tests.bench.viewers", env=env)
    line = await process.line(r"^compared (.*)$", 300)
    return msgspec.json.decode(line[1], type=Compared)


def _watched(here: Viewing, items: list[MediaItem]) -> None:
    """Both sides tell the same of each video, but for one in a hundred, where now the one, now the other is newer."""
    shoko = here.anime.shoko.state
    shoko.watch_all(PEOPLE, at=OLD)
    for number, item in enumerate(items):
        for place, name in enumerate(PEOPLE):
            differs = (number + place) % ONE_IN == 0
            newer = differs and number % 2 == 0
            here.watched(name, item, History(count=1, played=True, last_played_at=NEW if newer else OLD))
            if differs and not newer:
                shoko.watch(name, int(item.provider_ids["Shoko File"]), at=NEW)

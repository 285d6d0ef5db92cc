"""Specs that can't stand: their authors are told why, and nobody else comes to harm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from services.workers.door import Job
from shared.contracts import codec, subjects
from shared.contracts.announcements import Announce, Announced, SpecRefused
from shared.contracts.specs import Interval, Spec
from shared.messaging import After, Bus, append_plain, read_all
from shared.messaging.buckets import force, get
from tests.support.gateway_jobs import at_work
from tests.support.gateways import House, Person, house
from tests.support.handlers import HOUR_MS, every, idle, spec
from tests.support.pipeline import Pipeline
from tests.support.servers import BreakableNats
from tests.support.strangers import has_ended, run_by_hand
from tests.support.waiting import wait_until

TIDY = idle("tidy", every(HOUR_MS))
THEFT = replace(TIDY.spec, category="other")
WHILE_BUSY_S = 30


@pytest.fixture
async def home(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[House]:
    async with house(nats_server.url, postgres, folder) as made:
        yield made


async def announced(bus: Bus, given: Any, by: str = "a stranger") -> Any:
    answer = await bus.request(subjects.ANNOUNCE, codec.encode(Announce(spec=given, by=by)), 5)
    return codec.decode_announcement(answer)


async def write(bus: Bus, key: str, data: bytes) -> None:
    """As whoever writes the bucket without asking."""
    await force(bus, subjects.CATALOGUE, key, data)


async def standing(bus: Bus, job: str) -> Spec | None:
    value = await get(bus, subjects.CATALOGUE, job)
    return codec.decode_spec(value.data) if value.data else None


async def noticed(bus: Bus, key: str) -> SpecRefused:
    async def told() -> SpecRefused | None:
        value = await get(bus, subjects.NOTICES, key)
        return codec.decode_spec_refused(value.data) if value.data else None

    return await wait_until(told, what=f"a notice about {key}")


async def forgotten(bus: Bus, key: str) -> None:
    async def gone() -> bool:
        return not (await get(bus, subjects.NOTICES, key)).data

    await wait_until(gone, what=f"no notice about {key}")


async def given_back(bus: Bus, wanted: Spec | None, job: str = "tidy") -> None:
    async def stands() -> bool:
        value = await get(bus, subjects.CATALOGUE, job)
        return value.data == (codec.encode(wanted) if wanted else b"")

    await wait_until(stands, WHILE_BUSY_S, what=f"what stood before for {job}")


async def test_an_announcement_is_answered_when_it_is_done(line: Pipeline) -> None:
    await line.all(idle("other"))
    good = spec("fresh", every(HOUR_MS))
    answer = await announced(line.bus, good)
    assert isinstance(answer, Announced) and (answer.job, answer.version) == ("fresh", 1)
    assert await standing(line.bus, "fresh") == good
    await line.known("fresh")
    assert await announced(line.bus, good) == answer, "asking twice is asking once"
    newer = await announced(line.bus, replace(good, version=3))
    assert newer.version == 3 and newer.revision > answer.revision
    assert (await announced(line.bus, replace(good, version=2))).version == 3, "a higher version stands"
    assert (await standing(line.bus, "fresh")) == replace(good, version=3)


@pytest.mark.parametrize(
    ("given", "code", "reason"),
    [
        (None, "unreadable", "no spec.v1"),
        ({"type": "spec.v1", "name": "hasty"}, "unreadable", "missing required field"),
        (spec("hasty", Interval(every_ms=1), min_interval_ms=1), "unusable", "every 1ms is too often, every 10ms"),
        (spec("Hasty!"), "unusable", "name 'Hasty!'"),
        (spec("hasty", category="a.b"), "unusable", "category 'a.b'"),
        (THEFT, "name_taken", "the name tidy belongs to category test"),
    ],
)
async def test_a_refused_announcement_is_answered_with_the_reason(
    line: Pipeline, given: Any, code: str, reason: str
) -> None:
    await line.all(TIDY)
    refused = await announced(line.bus, given)
    assert isinstance(refused, SpecRefused)
    assert (refused.code, refused.by) == (code, "a stranger") and reason in refused.why
    notices = await read_all(line.bus, subjects.bucket_stream(subjects.NOTICES), ("$KV.notices.>",), After(0))
    assert [codec.decode_spec_refused(message.data) for message in notices] == [refused]
    assert await standing(line.bus, "tidy") == TIDY.spec


async def test_what_is_no_announcement_is_answered_too(line: Pipeline) -> None:
    await line.all(TIDY)
    for request in (b"", b"\xff", b"{", b'{"type":"announce.v1","spec":' + b"[" * 100_000):
        answer = codec.decode_announcement(await line.bus.request(subjects.ANNOUNCE, request, 5))
        assert isinstance(answer, SpecRefused) and answer.code == "unreadable"


async def test_a_name_that_is_taken_in_the_bucket_is_given_back(line: Pipeline) -> None:
    await line.all(TIDY)
    await write(line.bus, "tidy", codec.encode(THEFT))
    notice = await noticed(line.bus, "tidy")
    assert (notice.code, notice.category, notice.by) == ("name_taken", "other", "")
    await given_back(line.bus, TIDY.spec)
    assert (await line.ended(await line.run("tidy")))["category"] == "test"
    await write(line.bus, "tidy", codec.encode(replace(TIDY.spec, version=2)))
    await line.ended(await line.run("tidy"))
    assert (await noticed(line.bus, "tidy")) == notice, "the owner's next version does not answer for the other"


async def test_a_spec_that_was_mended_has_no_notice(line: Pipeline) -> None:
    await line.all(TIDY)
    await write(line.bus, "tidy", codec.encode(replace(TIDY.spec, attempts=0, version=2)))
    assert "attempts: 1 to" in (await noticed(line.bus, "tidy")).why
    await given_back(line.bus, TIDY.spec)
    await write(line.bus, "tidy", codec.encode(replace(TIDY.spec, attempts=7, version=2)))
    await forgotten(line.bus, "tidy")
    assert await standing(line.bus, "tidy") == replace(TIDY.spec, attempts=7, version=2)


async def test_what_never_was_good_is_withdrawn(line: Pipeline) -> None:
    await line.all(TIDY)
    await write(line.bus, "bad", b"{")
    assert (await noticed(line.bus, "bad")).code == "unreadable"
    await given_back(line.bus, None, "bad")


async def test_a_name_that_was_taken_while_nobody_led_is_given_back_too(line: Pipeline) -> None:
    scheduler = await line.scheduler()
    await line.worker(TIDY)
    await line.projector()
    await line.known("tidy")
    await line.stop(scheduler)
    for data in (codec.encode(THEFT), b"{", codec.encode(THEFT)):
        await write(line.bus, "tidy", data)
    await line.scheduler()
    await line.known("tidy")
    await given_back(line.bus, TIDY.spec)
    assert (await noticed(line.bus, "tidy")).code == "name_taken"
    assert (await line.ended(await line.run("tidy")))["category"] == "test"


async def test_a_worker_with_a_name_of_another_category_does_its_other_jobs(line: Pipeline) -> None:
    await line.all(TIDY)
    thief = Job(THEFT, TIDY.handler)
    await line.worker(thief, idle("mop", category="other"))
    notice = await noticed(line.bus, "tidy")
    assert (notice.code, notice.category) == ("name_taken", "other") and notice.by
    await line.known("mop")
    assert (await line.ended(await line.run("mop")))["outcome"] == "succeeded"
    assert await standing(line.bus, "tidy") == TIDY.spec


GARBAGE = [
    b"{",
    b"\xff\xfe",
    b"[" * 200_000,
    codec.encode(THEFT),
    codec.encode(replace(TIDY.spec, title="nothing\0")),
    codec.encode(replace(TIDY.spec, catch_up="all", catch_up_limit=-1)),
    codec.encode(TIDY.spec).replace(b"3600000", b"0"),
    codec.encode(TIDY.spec).replace(b"A job.", b"\xc3\x28"),
    codec.encode(TIDY.spec).replace(b'"tidy"', b'"other"', 1),
]
KEYS = ["tidy", "strange", "a.b.c", "Tidy", "*", "ünï", "x" * 300]


async def test_no_bytes_in_the_catalogue_stop_anybody(home: House) -> None:
    """Garbage under every key, good ones included; beside it a job goes on, and a second gateway starts."""
    person = await at_work(home, TIDY, idle("other"))
    bus = await home.bus("stranger")
    for key in KEYS:
        for data in GARBAGE:
            await write(bus, key, data)
    for request in (b"{", codec.encode(Announce(spec=THEFT))):
        await bus.say(subjects.ANNOUNCE, request)  # and wants no answer
    # NATS takes a subject that is not UTF-8, and the client has to live with it.
    bus.send(b"PUB $KV.catalogue.\xff\xfe 1\r\n{\r\n")
    await append_plain(bus, subjects.bucket_key(subjects.CATALOGUE, "last"), codec.encode(spec("last")))

    async def heard() -> bool:
        return (await person.get("/api/jobs/last"))[0] == 200

    await wait_until(heard, WHILE_BUSY_S, what="what was written after the garbage")
    await given_back(bus, TIDY.spec)
    # All of it is being answered still: a command that gets no answer in time is refused, and may be given again.
    run = await run_by_hand(person, "tidy")
    assert (await has_ended(person, run))["outcome"] == "succeeded"
    await shows_all(person)
    second, _ = await home.gateway()
    await second.log_in()
    await shows_all(second)


async def shows_all(person: Person) -> None:
    """Wait until a gateway knows the jobs that stand, and no other."""

    async def shown() -> bool:
        found = {job["name"]: job["category"] for job in (await person.read("/api/jobs"))["jobs"]}
        assert found == {"tidy": "test", "other": "test", "last": "test"}
        return True

    await wait_until(shown, WHILE_BUSY_S, what="the jobs that stand")


async def test_the_api_tells_of_refused_specs(home: House) -> None:
    person = await at_work(home, TIDY)
    assert (await person.read("/api/notices"))["notices"] == []
    bus = await home.bus("stranger")
    refused = await announced(bus, spec("hasty", Interval(every_ms=100), min_interval_ms=100), by="my worker")

    async def told() -> Any:
        return (await person.read("/api/notices"))["notices"]

    (notice,) = await wait_until(told, what="a notice")
    assert notice["why"] == refused.why
    assert (notice["key"], notice["code"], notice["category"], notice["by"]) == (
        "hasty",
        "unusable",
        "test",
        "my worker",
    )
    await announced(bus, spec("hasty", every(HOUR_MS)))

    async def mended() -> bool:
        return not (await person.read("/api/notices"))["notices"]

    await wait_until(mended, what="no notice any more")
    stranger = Person(person.url)
    async with stranger:
        assert (await stranger.get("/api/notices"))[0] == 401


async def test_a_log_line_with_nul_reaches_the_database(line: Pipeline) -> None:
    """PostgreSQL has no such character: it must not stop the projector."""

    async def talk(run: Any) -> Any:
        run.log("before\0after")
        return await TIDY.handler(run)

    await line.all(Job(TIDY.spec, talk))
    run = await line.run("tidy")
    await line.ended(run)
    assert await line.pool.fetchval("SELECT text FROM log WHERE run = $1", run) == "before\ufffdafter"

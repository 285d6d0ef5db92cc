"""The page behind the link in every campaign: seen without log-in, and clicked by people and by mail providers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest

from shared.mail.unsubscribing import PURPOSE, link_for, token_for
from shared.runtime.secrets import Vault
from tests.support.gateway_people import Neighbours, neighbours
from tests.support.servers import BreakableNats

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
# A mail provider's page may send it from anywhere, and a browser then says so.
ELSEWHERE = {"Origin": "https://mail.example.net", "Sec-Fetch-Site": "cross-site"}


class Seen(NamedTuple):
    status: int
    text: str
    headers: Any


@pytest.fixture
async def town(nats_server: BreakableNats, postgres: str, folder: Path) -> AsyncIterator[Neighbours]:
    async with neighbours(nats_server.url, postgres, folder) as made:
        yield made


@pytest.fixture
def key(town: Neighbours, folder: Path) -> bytes:
    return Vault.from_file(folder / "key").derived(PURPOSE)


async def person(town: Neighbours, name: str, **more: str) -> UUID:
    _, card = await town.admin.post("/api/people", name=name, email=f"{name.lower()}@example.org", **more)
    return UUID(card["id"])


async def ask(town: Neighbours, method: str, path: str, **more: Any) -> Seen:
    """Somebody who is not logged in."""
    stranger = await town.home.person(town.home.listening[-1].port)
    async with stranger.http.request(method, path, **more) as response:
        assert "Set-Cookie" not in response.headers
        return Seen(response.status, await response.text(), response.headers)


async def gets_campaigns(town: Neighbours, person_id: UUID) -> bool:
    return bool((await town.admin.read(f"/api/people/{person_id}/mail"))["campaigns"])


async def test_somebody_follows_the_link_and_presses_the_button(town: Neighbours, key: bytes) -> None:
    mara = await person(town, "Mara", language="fr")
    await town.admin.put("/api/mail/setup", policy={"brand_name": "Films <& Co>"})
    link = link_for(mara, key, town.admin.url)
    seen = await ask(town, "GET", link)
    assert seen.status == 200 and '<html lang="fr">' in seen.text and "Films &lt;&amp; Co&gt;" in seen.text
    assert '<form method="post"><button>' in seen.text and "Mara" not in seen.text
    # Mail programs look at links too: that changes nothing.
    assert await gets_campaigns(town, mara)
    done = await ask(town, "POST", link, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert done.status == 200 and "<form" not in done.text and "Vous êtes désabonné" in done.text
    found = await town.admin.read(f"/api/people/{mara}/mail")
    assert (found["campaigns"], found["unsubscribed_how"]) == (False, "link")
    assert (await ask(town, "POST", link)).status == 200
    rows = [row for row in (await town.admin.read("/api/audit"))["audit"] if row["action"] == "person.mail"]
    assert [(row["who"], row["target"], row["after"]["campaigns"]) for row in rows] == [("", str(mara), False)]
    status, again = await town.admin.put(f"/api/people/{mara}/mail", campaigns=True)
    assert (status, again["campaigns"]) == (200, True)


@pytest.mark.parametrize("multipart", [False, True])
async def test_a_mail_provider_clicks_once(town: Neighbours, key: bytes, multipart: bool) -> None:
    mara = await person(town, "Mara")
    link = link_for(mara, key, town.admin.url)
    boundary = 'Content-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click'
    sent: dict[str, Any] = {"data": ONE_CLICK, "headers": ELSEWHERE}
    if multipart:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        sent = {"data": f"--x\r\n{boundary}\r\n--x--\r\n", "headers": ELSEWHERE | kind}
    assert (await ask(town, "POST", link, allow_redirects=False, **sent)).status == 200
    found = await town.admin.read(f"/api/people/{mara}/mail")
    assert (found["campaigns"], found["unsubscribed_how"]) == (False, "one click")


async def test_the_page_lets_nothing_in(town: Neighbours, key: bytes) -> None:
    seen = await ask(town, "GET", link_for(await person(town, "Mara"), key, town.admin.url))
    policy = seen.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy and "unsafe" not in policy and "<script" not in seen.text
    assert seen.headers["Referrer-Policy"] == "no-referrer" and seen.headers["Cache-Control"] == "no-store"
    assert not re.search(r'(src|href)="', seen.text)


async def test_a_link_that_is_not_ours_opens_nothing(town: Neighbours, key: bytes) -> None:
    mara = await person(town, "Mara")
    token = token_for(mara, key)
    anothers = token_for(uuid4(), key)[:22] + token[22:]
    for wrong in (token[:-1], anothers, token_for(mara, b"another key"), str(mara), "%00"):
        for method in ("GET", "POST"):
            seen = await ask(town, method, f"/unsubscribe/{wrong}", headers={"Accept-Language": "it-IT,it;q=0.9"})
            assert seen.status == 404 and "Questo link non funziona" in seen.text, wrong
    assert await gets_campaigns(town, mara)
    # Of who is gone, the page says the same as of anybody.
    gone, known = [await ask(town, "POST", link_for(who, key, town.admin.url)) for who in (uuid4(), mara)]
    assert (gone.status, gone.text) == (known.status, known.text)


async def test_whoever_comes_too_often_waits(town: Neighbours, key: bytes) -> None:
    mara, noor = await person(town, "Mara"), await person(town, "Noor")
    statuses = {(seen := await ask(town, "GET", link_for(mara, key, town.admin.url))).status for _ in range(40)}
    assert statuses == {200, 429} and seen.status == 429 and int(seen.headers["Retry-After"]) > 0
    # Nobody else is kept waiting, though they come from the same address.
    assert (await ask(town, "POST", link_for(noor, key, town.admin.url))).status == 200
    guesses = {(await ask(town, "GET", f"/unsubscribe/{number}")).status for number in range(40)}
    assert guesses == {404, 429}

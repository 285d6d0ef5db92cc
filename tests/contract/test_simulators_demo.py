"""The demo as a program of its own: what it prints is true, life goes on in it, and it ends when it is told to."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

pytestmark = pytest.mark.contract
CHECKOUT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20.0


@asynccontextmanager
async def demo(*options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", *options),
        cwd=CHECKOUT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.readline()).decode()


async def test_what_it_prints_opens_every_server() -> None:
    async with demo() as process, aiohttp.ClientSession() as http:
        servers = [json.loads(await line(process.stdout)) for _ in range(4)]
        assert [server["kind"] for server in servers] == ["plextv", "plex", "plex", "jellyfin"]
        for server in servers[1:3]:
            headers = {"X-Plex-Token": server["token"]}
            for url in (f"{server['url']}/library/sections", f"{servers[0]['url']}/api/users"):
                async with http.get(url, headers=headers) as answer:
                    assert answer.status == 200
        headers = {"Authorization": f'MediaBrowser Token="{servers[3]["token"]}"'}
        async with http.get(f"{servers[3]['url']}/Library/VirtualFolders", headers=headers) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_shoko_server_stands_behind_an_anime_library_if_asked_for() -> None:
    async with (
        demo("--anime", "--plex", "0", "--people", "6", "--libraries", "3") as process,
        aiohttp.ClientSession() as http,
    ):
        _, jellyfin, shoko = [json.loads(await line(process.stdout)) for _ in range(3)]
        assert shoko["kind"] == "shoko" and shoko["users"]
        async with http.get(f"{shoko['url']}/api/v3/User", headers={"apikey": shoko["token"]}) as answer:
            known = {user["Username"] for user in await answer.json()}
        assert set(shoko["users"].split(",")) < known
        headers = {"Authorization": f'MediaBrowser Token="{jellyfin["token"]}"'}
        async with http.get(f"{jellyfin['url']}/Library/VirtualFolders", headers=headers) as answer:
            assert "Anime by Shoko" in {library["Name"] for library in await answer.json()}


async def test_life_goes_on() -> None:
    async with demo("--drift", "0.01", "--people", "9", "--libraries", "6") as process:
        happenings = [await line(process.stderr) for _ in range(40)]
        assert any(" watches something on " in happening for happening in happenings)
        assert any("a new " in happening for happening in happenings)
        assert any(" joins " in happening or " invit" in happening for happening in happenings)


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with demo("--port-base", str(taken.getsockname()[1])) as process:
            _, errors = await process.communicate()
            assert process.returncode == 1
            assert "A port is taken" in errors.decode()
            assert "--port-base" in errors.decode()

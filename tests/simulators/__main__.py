"""A household's servers for a demo: `python -m tests.simulators` prints one JSON line a server and lets life go on."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
from collections.abc import Iterator

from tests.simulators.drift import drift
from tests.simulators.household import make_household
from tests.simulators.neighbourhood import Neighbourhood, running


def main() -> int:
    """Run until SIGINT or SIGTERM; 0 then, 1 when a port is taken."""
    options = _options()
    household = make_household(
        seed=options.seed,
        people=options.people,
        plex_servers=options.plex,
        jellyfin_servers=options.jellyfin,
        libraries=options.libraries,
    )

    async def demo() -> None:
        async with running(
            household, host=options.host, port_base=options.port_base, anime=options.anime
        ) as neighbourhood:
            for line in introductions(neighbourhood):
                print(json.dumps(line), flush=True)
            await _live(neighbourhood, options.drift, random.Random(options.seed))

    try:
        asyncio.run(demo())
    except OSError as error:
        print(f"A port is taken: {error}. Choose others with --port-base, or leave it out.", file=sys.stderr)
        return 1
    return 0


def introductions(neighbourhood: Neighbourhood) -> Iterator[dict[str, str]]:
    """What somebody needs to know of each server: where it is, and the token that opens it."""
    yield {"kind": "plextv", "name": "plex.tv", "url": neighbourhood.plextv.url}
    for plex in neighbourhood.plex:
        server = plex.machine.server
        yield {
            "kind": "plex",
            "name": server.name,
            "identifier": server.identifier,
            "url": plex.url,
            "token": plex.owner_token,
        }
    for jellyfin in neighbourhood.jellyfin:
        server, admin = jellyfin.state.server, jellyfin.state.administrator
        yield {
            "kind": "jellyfin",
            "name": server.name,
            "identifier": server.identifier,
            "url": jellyfin.url,
            "token": jellyfin.state.api_key,
            "username": admin.name,
            "password": admin.password,
        }
    if neighbourhood.shoko:
        state = neighbourhood.shoko.state
        yield {
            "kind": "shoko",
            "name": "Shoko",
            "url": neighbourhood.shoko.url,
            "token": state.admin_key,
            "users": ",".join(user.name for user in state.users.values() if not user.is_admin),
        }


async def _live(neighbourhood: Neighbourhood, interval: float, chance: random.Random) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    while not stopped.is_set():
        try:
            await asyncio.wait_for(stopped.wait(), interval or None)
        except TimeoutError:
            print(drift(neighbourhood, chance), file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="where they listen, by the name that others know")
    parser.add_argument("--port-base", type=int, default=0, help="port of plex.tv; the others follow (0: free ports)")
    parser.add_argument("--seed", type=int, default=1, help="another seed makes another household")
    parser.add_argument("--people", type=int, default=80)
    parser.add_argument("--plex", type=int, default=2, help="Plex media servers")
    parser.add_argument("--jellyfin", type=int, default=1, help="Jellyfin servers")
    parser.add_argument("--anime", action="store_true", help="a Shoko Server, and its library on a Jellyfin server")
    parser.add_argument("--libraries", type=int, default=25)
    parser.add_argument("--drift", type=float, default=0.0, help="seconds between two happenings (0: nothing happens)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""`make demo`: Showrunner beside simulated Plex, Jellyfin and Shoko servers, with a household on them, so that there is
life.

Everything is made anew in a folder that goes away at the end. With `--beside ADDRESS`, a Showrunner that runs already
gets the household; its administrator's password is SHOWRUNNER_ADMIN_PASSWORD, or in the file that
SHOWRUNNER_ADMIN_PASSWORD_FILE names.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import itertools
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from shared.directory.records import PRODUCTS
from tools.subscribers import subscribe_all

DRIFT_S = "20"
PLEX_SERVERS, JELLYFIN_SERVERS = 2, 1
READY_WITHIN_S = 60.0
BUSY_FOR_S = 20.0


class Demo:
    """The administrator who sets the demonstration up, over the API."""

    def __init__(self, url: str) -> None:
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer. What can't be done right now (503) is tried again. Raises urllib.error.URLError."""
        deadline = time.monotonic() + BUSY_FOR_S
        while True:
            try:
                return self._call(method, path, body)
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                    raise
            time.sleep(0.5)

    def _call(self, method: str, path: str, body: object) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Origin": self.url}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with self._opener.open(request, timeout=15) as answer:
            return json.loads(answer.read() or b"null")

    def until_ready(self, runs: Callable[[], bool] = lambda: True) -> None:
        """Wait for the gateway, as long as what it is a part of `runs`."""
        deadline = time.monotonic() + READY_WITHIN_S
        while runs() and time.monotonic() < deadline:
            try:
                self._call("GET", "/readyz", None)
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise SystemExit("Showrunner did not start; its log is above.")

    def set_up(self, password: str, household: list[dict[str, str]]) -> None:
        """Log in, add the servers, sync them often enough to be watched, and say who may see what, and until when.

        A Showrunner that has servers already is left as it is.
        """
        self.call("POST", "/api/session", {"account": "admin", "password": password})
        if self.call("GET", "/api/servers")["servers"]:
            return
        for server in household:
            self.call("POST", "/api/servers", {name: server[name] for name in ("kind", "name", "url", "token")})
            print(f"  added {server['name']} ({server['kind']})", flush=True)
        for job in ("sync_plex", "sync_jellyfin"):
            self.call("PUT", f"/api/jobs/{job}/schedule", {"interval": "1m"})
            self.call("POST", f"/api/jobs/{job}/run", {})
        self.call("PUT", "/api/jobs/check_servers/schedule", {"interval": "10s"})
        subscribe_all(self.call)
        print("  gave the household plans and subscriptions", flush=True)
        for server in household:
            if server["kind"] == "shoko":
                self._map_people(server["users"].split(","))
                print("  told who is who at Shoko", flush=True)

    def _map_people(self, usernames: Collection[str]) -> None:
        """Those of Shoko's users who are on a Jellyfin server, too: their passwords are of the simulator's making."""
        servers = {server["kind"]: server["id"] for server in self.call("GET", "/api/servers")["servers"]}
        for account in self.call("GET", f"/api/accounts?limit=500&server={servers['jellyfin']}")["accounts"]:
            if account["username"] in usernames:
                body = {"username": account["username"], "password": f"pw-{account['username']}"}
                self.call("PUT", f"/api/servers/{servers['shoko']}/people/{account['person_id']}", body)


@contextmanager
def household(host: str = "127.0.0.1", port_base: int = 0) -> Iterator[list[dict[str, str]]]:
    """The simulated servers, running: their kinds, names, addresses and tokens. They end with what is done in here."""
    size = ["--plex", str(PLEX_SERVERS), "--jellyfin", str(JELLYFIN_SERVERS)]
    place = ["--host", host, "--port-base", str(port_base)]
    command = [sys.executable, "-m", "tests.simulators", "--drift", DRIFT_S, "--anime", *size, *place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as simulators:
        assert simulators.stdout is not None
        try:
            # One line a server, one for plex.tv, and one for Shoko.
            introductions = itertools.islice(simulators.stdout, 2 + PLEX_SERVERS + JELLYFIN_SERVERS)
            yield [json.loads(line) for line in introductions]
        finally:
            simulators.terminate()


@contextmanager
def product(folder: Path, settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Showrunner itself, with everything that it needs."""
    command = [sys.executable, "-m", "services.cli", "up", "--data", str(folder)]
    with subprocess.Popen(command, env={**os.environ, **settings}, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def alone() -> None:
    """A Showrunner of our own, until ^C."""
    port = int(os.environ.get("SHOWRUNNER_PORT", "8080"))
    password = os.environ.get("SHOWRUNNER_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
    with tempfile.TemporaryDirectory(prefix="showrunner-demo-") as folder, household() as servers:
        plex_tv = next(server["url"] for server in servers if server["kind"] == "plextv")
        settings = {"SHOWRUNNER_ADMIN_PASSWORD": password, "SHOWRUNNER_PLEX_TV_URL": plex_tv}
        with product(Path(folder), settings) as process:
            demo = Demo(f"http://127.0.0.1:{port}")
            demo.until_ready(lambda: process.poll() is None)
            demo.set_up(password, [server for server in servers if server["kind"] in PRODUCTS])
            print(f"\nOpen {demo.url} and log in as admin with the password {password}\nStop with ^C.", flush=True)
            process.wait()


def beside(url: str, host: str, port_base: int) -> None:
    """The household alone, for a Showrunner at `url`, until it is stopped."""
    file = os.environ.get("SHOWRUNNER_ADMIN_PASSWORD_FILE")
    password = Path(file).read_text().strip() if file else os.environ["SHOWRUNNER_ADMIN_PASSWORD"]
    with household(host, port_base) as servers:
        demo = Demo(url)
        demo.until_ready()
        demo.set_up(password, [server for server in servers if server["kind"] in PRODUCTS])
        print("The household is there.", flush=True)
        threading.Event().wait()


def main() -> None:
    """Run until ^C."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--beside", metavar="ADDRESS", help="a Showrunner that runs already")
    parser.add_argument("--host", default="127.0.0.1", help="the household's name for that Showrunner")
    parser.add_argument("--port-base", type=int, default=0, help="its first port (0: free ones)")
    options = parser.parse_args()
    if options.beside:
        beside(options.beside, options.host, options.port_base)
    else:
        alone()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)

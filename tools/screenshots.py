"""`make screenshots`: pictures of the page for the README, of the demonstration's household.

They are written to docs/screenshots, over those that are there.
"""

from __future__ import annotations

import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from shared.directory.records import PRODUCTS
from tests.e2e.support.chromium import ARGUMENTS, CHROMIUM, NAMES
from tests.e2e.support.phones import PHONE
from tools.demo import Demo, household, product

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 780}}
SHORT: dict[str, Any] = {"viewport": {"width": 1280, "height": 560}}
JOBS = ("sync_plex", "sync_jellyfin", "check_servers")
RUNS = 16  # of each job, so that there are bars to see
LIVED_WITHIN_S = 120.0


def main() -> None:
    """Start the demonstration, let it live a little, and take the pictures."""
    if CHROMIUM is None:
        raise SystemExit(f"No Chromium here: install one of the packages {', '.join(NAMES)}, then try again.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    with demonstration(password) as demo, sync_playwright() as playwright:
        live(demo)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        take(browser, demo, password)
        browser.close()


@contextmanager
def demonstration(password: str) -> Iterator[Demo]:
    """Showrunner beside simulated servers, all of them added."""
    with tempfile.TemporaryDirectory(prefix="showrunner-") as folder, household() as servers:
        port = free_port()
        settings = {
            "SHOWRUNNER_ADMIN_PASSWORD": password,
            "SHOWRUNNER_PORT": str(port),
            "SHOWRUNNER_PLEX_TV_URL": next(server["url"] for server in servers if server["kind"] == "plextv"),
        }
        with product(Path(folder), settings) as process:
            demo = Demo(f"http://127.0.0.1:{port}")
            demo.until_ready(lambda: process.poll() is None)
            demo.set_up(password, [server for server in servers if server["kind"] in PRODUCTS])
            yield demo


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def live(demo: Demo) -> None:
    """Let every job have a past, and one of them be paused with a reason."""
    deadline = time.monotonic() + LIVED_WITHIN_S
    for _ in range(RUNS):
        for job in JOBS:
            until_at_rest(demo, job, deadline)
            demo.call("POST", f"/api/jobs/{job}/run", {})
    for job in JOBS:
        until_at_rest(demo, job, deadline)
        demo.call("DELETE", f"/api/jobs/{job}/schedule")
    demo.call("POST", "/api/jobs/sync_jellyfin/pause", {"reason": "The server is being moved"})


def until_at_rest(demo: Demo, job: str, deadline: float) -> None:
    while demo.call("GET", f"/api/jobs/{job}")["running"]:
        if time.monotonic() > deadline:
            raise SystemExit(f"{job} still runs after {LIVED_WITHIN_S:g} seconds.")
        time.sleep(0.05)


def take(browser: Browser, demo: Demo, password: str) -> None:
    """All pictures."""

    def picture(name: str, path: str, prepare: Callable[[Page], object] = lambda page: None, **options: Any) -> None:
        context = browser.new_context(base_url=demo.url, locale="en-GB", reduced_motion="reduce", **(DESK | options))
        page = context.new_page()
        log_in(page, password)
        page.goto(path)
        page.locator("h1").wait_for()
        page.get_by_text("Loading…").wait_for(state="detached")
        prepare(page)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=FOLDER / f"{name}.png")
        context.close()
        print(f"docs/screenshots/{name}.png", file=sys.stderr)

    first_run = demo.call("GET", "/api/runs?job=sync_plex&limit=100")["runs"][-1]["id"]
    picture("jobs-light", "/admin/jobs", jobs)
    picture("jobs-dark", "/admin/jobs", jobs, color_scheme="dark")
    picture("jobs-table", "/admin/jobs", table, **SHORT)
    picture("jobs-phone", "/admin/jobs", jobs, **PHONE)
    picture("why", "/admin/jobs", why)
    picture("run", f"/admin/runs/{first_run}", log, **SHORT)
    picture("servers", "/admin/servers", lambda page: page.get_by_role("article").first.wait_for(), **SHORT)


def log_in(page: Page, password: str) -> None:
    page.goto("/")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.locator("[data-job]").first.wait_for()


def jobs(page: Page) -> None:
    page.locator("[data-job]").first.wait_for()


def table(page: Page) -> None:
    page.get_by_role("button", name="Table").click()
    page.locator("tr[data-job]").first.wait_for()


def why(page: Page) -> None:
    page.locator("[data-job=sync_jellyfin]").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Why didn't it run?").click()
    page.get_by_role("dialog").locator("section li").first.wait_for()


def log(page: Page) -> None:
    page.get_by_role("log").locator("time").first.wait_for()


if __name__ == "__main__":
    main()

"""People at their browsers, and what they may expect of any page."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.support.gateways import PASSWORD

PATIENCE_MS = 10_000
# Motion is drawn without a graphics card here, sixty times a second.
USUAL: dict[str, Any] = {"locale": "en-GB", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}


class Visitors:
    """Opens tabs, each with cookies and storage of its own.

    `complaints` has what pages did that no page of ours may do: throw an error, break the content security policy, or
    ask another origin for anything.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def tab(self, url: str, **options: Any) -> Page:
        """An empty tab whose addresses start at `url`; in English, in Berlin's time and without motion, unless told."""
        context = await self._browser.new_context(base_url=url, **(USUAL | options))
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: self.complaints.append(f"an error: {error.error}"))
        context.on("console", self._hear)
        context.on("request", lambda request: self._watch(request, url))
        return await context.new_page()

    async def leave(self) -> None:
        """Close all tabs."""
        for context in self._contexts:
            await context.close()

    def _hear(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.complaints.append(said.text)

    def _watch(self, request: Request, url: str) -> None:
        if not request.url.startswith((f"{url}/", "blob:", "data:")):
            self.complaints.append(f"asked {request.url}")


async def log_in(page: Page, account: str = "admin", password: str = PASSWORD) -> None:
    """Through the form, as a person does, until the jobs are there."""
    await page.goto("/")
    await page.locator("input[name=account]").fill(account)
    await page.locator("input[name=password]").fill(password)
    await page.locator("form button.primary").click()
    await page.locator("[data-job]").first.wait_for()


async def second_tab(page: Page, path: str = "/admin/jobs") -> Page:
    """Another tab of the same person."""
    other = await page.context.new_page()
    await other.goto(path)
    return other


async def visit(page: Page, place: str, loading: str = "Loading…") -> None:
    """To another page, as the back button goes: without fetching and starting everything anew."""
    await page.evaluate(
        "(path) => { history.pushState(null, '', path); dispatchEvent(new Event('popstate')); }", f"/admin/{place}"
    )
    await page.locator("h1").wait_for()
    await page.get_by_text(loading).first.wait_for(state="detached")


async def choose(page: Page, job: str, item: str) -> None:
    """Choose an action from a job's menu."""
    await page.locator(f"[data-job={job}]").get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name=item).click()

"""The course of an apply: difference after difference, each reported, and remembered at the end what stands then."""

from __future__ import annotations

from services.cli.remote.asking import Asking
from services.cli.remote.errors import Missing, Refused
from services.cli.terminal.letters import counted
from services.cli.terminal.screen import complain

from .applying import Applying, NotApplied, why_not
from .comparison import Difference
from .document import Document
from .remembering import remembered
from .sighting import run_sync, syncs_needed


async def carry_out(asking: Asking, document: Document, applying: Applying, found: list[Difference]) -> bool:
    """Whether all was done. What is refused keeps nothing else from being done, but for what names it.

    RemoteError: Showrunner went away half-way; what was said to be done is done.
    """
    screen = asking.screen
    failed, section = 0, ""
    for difference in found:
        if difference.item.section != section:
            section = difference.item.section
            await _prepare(asking, document, applying, found, section)
        try:
            await applying.carry_out(difference)
        except (NotApplied, Refused, Missing) as error:
            failed += 1
            complain(document.about(difference.item, why_not(error)))
        else:
            screen.say(f"{difference.item}: done", "good")
    after = await applying.look()
    await asking.api.put("/api/applied", items=remembered(after))
    if failed:
        complain(f"{failed} of {counted(len(found), 'difference')} could not be applied: mend them and apply again")
    if after.mail_lacks and any(difference.item == ("settings", "mail") for difference in found):
        screen.say(f"{after.mail_lacks}.", "warn")
    return not failed


async def _prepare(
    asking: Asking, document: Document, applying: Applying, found: list[Difference], section: str
) -> None:
    """Look anew at what the sections before have left, and have a sync look for libraries that plans name."""
    present = await applying.look()
    if section != "plans":
        return
    plans = [found.item.name for found in found if found.item.section == "plans" and found.action != "remove"]
    for job in sorted(syncs_needed(document, present, plans)):
        await run_sync(asking.api, asking.screen, job)
        await applying.look()

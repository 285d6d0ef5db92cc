"""What is told of each oddity, and what is done about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from shared.contracts.reports import Change
from shared.directory.oddityrecords import Oddity, OddityKind

LOOK = "look at it"

MEANING: Mapping[OddityKind, tuple[str, str]] = {
    "access_of_removed_account": (
        "forget what it was seen to have",
        "the account is not on the server any more, so it has nothing there",
    ),
    "access_to_removed_library": (
        "forget who was seen to have it",
        "the library is not on the server any more, so nobody has it",
    ),
    "access_across_servers": (
        "forget what it was seen to have elsewhere",
        "an account of one server can't have the libraries of another",
    ),
    "settled_of_removed_account": (
        "forget what it had when it was as it should be",
        "the account is gone: if it comes back, it comes back with nothing of ours",
    ),
    "trouble_of_removed_account": ("forget its trouble", "the account is gone, so nothing is tried on it any more"),
    "change_not_begun": ("close the change", "its run has ended, and had not begun it"),
    "change_without_server": (
        "close the change",
        "its run ended in the midst of it, and the server or account is not kept any more",
    ),
    "change_left_open": (
        LOOK,
        "its run ended in the midst of it, and no run of its job has looked since what became of it: run the job",
    ),
    "message_in_hand": ("take the message from a dead run", "the run that had it has ended without saying so"),
    "campaign_over": ("end the campaign", "nothing of it is left to be sent"),
    "campaign_overdue": (LOOK, "its time has come, and it has not begun: look at the job that sends campaigns"),
    "server_never_seen": (LOOK, "it is enabled, and was never seen: correct its address or token, or disable it"),
    "person_without_name": (LOOK, "the person has no name: give them one, or merge them"),
    "person_without_anything": (LOOK, "no account, no subscription and no exception: is the person still needed?"),
    "plex_user_of_several": (LOOK, "one user of plex.tv belongs to several people: merge them, or move an account"),
    "subscription_of_removed": (
        LOOK,
        "the person was put aside, and has a subscription that has not ended: end it, or bring them back",
    ),
    "subscription_of_unmanaged": (
        LOOK,
        "there is a subscription, and nobody has decided about the person: give them the subscription anew",
    ),
    "plan_with_removed_library": (LOOK, "the plan gives a library that has been gone for a month: take it out"),
    "rule_for_removed_library": (LOOK, "the exception is for a library that has been gone for a month: take it back"),
}


def changes(found: Sequence[Oddity]) -> list[Change]:
    """The plan: one change for each, in order."""
    return [_change(number, oddity) for number, oddity in enumerate(found, 1)]


def summary(
    found: Sequence[Oddity], mended: int, mendable: Collection[OddityKind], *, rehearsed: bool, all: bool
) -> str:
    """The run in a sentence: "2 oddities mended, 1 oddity to be looked at"."""
    can = sum(oddity.kind in mendable for oddity in found)
    parts = [f"{_count(can)} would be mended" if rehearsed else f"{_count(mended)} mended"] if can or mended else []
    if len(found) > can:
        parts.append(f"{_count(len(found) - can)} to be looked at")
    if not all:
        parts.append("there are more: the next run goes on")
    return ", ".join(parts) or "nothing to do"


def _change(number: int, oddity: Oddity) -> Change:
    action, why = MEANING[oddity.kind]
    target = f"{oddity.target}: {oddity.detail}" if oddity.detail else oddity.target
    return Change(number=number, action=action, target=target, why=why)


def _count(count: int) -> str:
    return f"{count} oddities" if count != 1 else "1 oddity"

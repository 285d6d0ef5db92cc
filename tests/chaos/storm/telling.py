"""What came of a storm, for a person."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct, field

from .audit import Account
from .slots import DOUBLED, LOST
from .weather import Kind

FAULTS_TOLD = 40


class Story(Struct, frozen=True, kw_only=True):
    """`struck` and `without`: the gusts by kind, and why there were none of some. Without `faults` all is well.

    `asked` counts the answers to people by status, `effects_again` and `mail_uncertain` what was asked for twice, and
    what nobody knows. `converged_s`: seconds from the last mending until all accounts agreed.
    """

    struck: dict[Kind, int]
    account: Account
    asked: Counter[int]
    promised: int
    effects: int
    effects_again: int
    mail: int
    mail_uncertain: int
    rules: int
    written: int
    viewers: int
    connections: int
    converged_s: float
    faults: list[str]
    without: dict[Kind, str] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """How many faults say that something is missing."""
        return len([fault for fault in self.faults if LOST in fault])

    @property
    def doubled(self) -> int:
        """How many say that something is there twice."""
        return len([fault for fault in self.faults if DOUBLED in fault])


def table(story: Story) -> str:
    """The account, line by line."""
    account = story.account
    skipped: Counter[str] = Counter()
    fired = 0
    for entries in account.entries.values():
        for entry in entries:
            skipped[entry.why] += entry.count if entry.why else 0
            fired += not entry.why
    del skipped[""]
    rows = [
        ("faults injected", sum(story.struck.values()), _by(story.struck)),
        ("slots", fired + skipped.total(), f"fired {fired}, " + _by(skipped)),
        ("runs", len(account.ticks), f"ended {len(account.ended)}, asked for by hand {story.promised}"),
        ("attempts", account.attempts.total(), f"most of one run {max(account.attempts.values(), default=0)}"),
        ("effects", story.effects, f"asked for again {story.effects_again}"),
        ("access", story.written, f"changes on the server, for {story.rules} decisions"),
        ("mail", story.mail, f"uncertain {story.mail_uncertain}"),
        (
            "requests",
            story.asked.total(),
            _by({str(status or "no answer"): n for status, n in sorted(story.asked.items())}),
        ),
        ("viewers", story.viewers, f"connected {story.connections} times"),
        ("lost", story.lost, ""),
        ("doubled", story.doubled, ""),
    ]
    lines = [f"{name:16} {count:7}   {more}".rstrip() for name, count, more in rows]
    silence_s, began = account.longest_silence
    lines.append(f"longest outage without ticks {silence_s:.1f} s, from {began:%H:%M:%S} UTC")
    lines.append(f"ticks bear a time that is wrong by up to {account.clock_error_ms / 1000:.1f} s")
    verdict = "still differed" if story.faults else "agreed"
    lines.append(f"all accounts {verdict} {story.converged_s:.1f} s after the last fault was over")
    lines += [f"no {kind}: {why}" for kind, why in story.without.items()]
    lines += story.faults[:FAULTS_TOLD]
    if len(story.faults) > FAULTS_TOLD:
        lines.append(f"... and {len(story.faults) - FAULTS_TOLD} faults more")
    return "\n".join(lines)


def _by(counts: dict[Kind, int] | dict[str, int]) -> str:
    return ", ".join(f"{what} {count}" for what, count in counts.items())

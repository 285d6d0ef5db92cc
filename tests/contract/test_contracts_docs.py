"""What the documents say of the code is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.workers.door import Job
from services.workers.runtime.announce import supersedes
from shared.runtime.settings import Settings
from tests.support.recorded import RecordedRun

CHECKOUT = Path(__file__).parents[2]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def named(page: Path) -> str:
    return str(page.relative_to(CHECKOUT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []


def test_every_decision_is_listed_with_its_title() -> None:
    index = (CHECKOUT / "docs/adr/README.md").read_text()
    decisions = sorted((CHECKOUT / "docs/adr").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for number, path in enumerate(decisions, 1):
        title = path.read_text().partition("\n")[0].removeprefix(f"# {number}. ")
        assert f"| [{number}]({path.name}) | {title} |" in index


def table_rows(page: str, heading: str) -> Iterator[list[str]]:
    """The cells of a section's table."""
    section = (CHECKOUT / page).read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| `"):
            yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def test_the_table_of_settings_is_theirs() -> None:
    told = {name: default for name, default, _ in table_rows("docs/operations.md", "Settings")}
    assert told == {name: str(default) for name, default in msgspec.structs.asdict(Settings()).items()}


async def test_the_job_in_the_readme_runs() -> None:
    source = re.findall(r"```python\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)
    found: dict[str, Any] = {}
    exec(compile(source[0], "README.md", "exec"), found)
    job = found["GREET"]
    assert isinstance(job, Job) and supersedes(job.spec, b"")
    run = RecordedRun(job.spec.name, name="Ada")
    result = await job.handler(run)
    assert (result.outcome, result.summary, run.lines) == ("succeeded", "greeted Ada", [("info", "Hello, Ada.")])

"""Calls that give out all people as a table, and take one in: first as a report, then for good."""

from __future__ import annotations

import asyncio

from aiohttp import web
from msgspec import Struct

from shared.directory.membership import Membership
from shared.directory.subscribers import PeopleQuery, PersonBody, PersonCard, PersonEdit

from ..store.database import outages_named
from ..table.cells import BadTable, read, written
from ..table.comparison import Comparison, Difference, Step, compare
from ..table.terms import Plan, Term, term_cells
from .deciding import Basis, basis
from .problems import Problem
from .route import Call, Nothing

PAGE = 1000


class ImportBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`csv` is the table's text; a larger one than this call takes (1 MB in all) comes in parts, each with its header.

    `apply` needs the `digest` of the report that is to be carried out.
    """

    csv: str
    apply: bool = False
    digest: str = ""


class ImportReport(Struct, frozen=True, kw_only=True):
    """What each line would do, or (`applied`) did. While a line has an error, nothing can be applied."""

    digest: str
    applied: bool
    added: int
    changed: int
    unchanged: int
    errors: int
    lines: tuple[Difference, ...]


async def export_people(call: Call, _: Nothing) -> web.Response:
    """All people and their subscriptions as a table."""
    with outages_named():
        cards = await _everybody(call.gateway.membership)
    return web.Response(
        text=written(map(_cells, cards)),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="people.csv"'},
    )


async def import_people(call: Call, body: ImportBody) -> ImportReport:
    """What a table of people would change; with `apply` it is changed: all of it, or nothing."""
    with outages_named():
        on = await basis(call)
        async with call.gateway.membership.together() as membership:
            comparison = await _compared(membership, body.csv, on)
            if body.apply:
                _insist(comparison, body.digest)
                for step in comparison.steps:
                    await _carry_out(membership, step, on)
    report = _report(comparison, applied=body.apply)
    if body.apply:
        await call.record("people.import", f"{len(comparison.steps)} people", None, _kept(report))
    return report


async def _compared(membership: Membership, text: str, on: Basis) -> Comparison:
    plans = [Plan(id=plan.id, name=plan.name, days=plan.days) for plan in await membership.plans()]
    cards = await _everybody(membership)
    try:
        return await asyncio.to_thread(
            lambda: compare(read(text), [_cells(card) for card in cards], plans, on["today"])
        )
    except BadTable as error:
        raise Problem("bad_table", str(error)) from None


def _insist(comparison: Comparison, digest: str) -> None:
    if comparison.digest != digest:
        raise Problem("import_changed", "Something has changed since the report was made: look at a new one first.")
    if errors := comparison.count("error"):
        raise Problem("import_faulty", f"{errors} lines can't be used: mend them, or take them out.")


async def _carry_out(membership: Membership, step: Step, on: Basis) -> None:
    person_id = step.person_id
    if person_id is None:
        person_id = (await membership.add_person(PersonBody(**step.details), on["by"])).id
    elif step.details:
        await membership.edit_person(person_id, PersonEdit(**step.details), on["by"])
    if (term := step.term) is not None:
        plan_id = term.plan.id if term.plan else None
        await membership.subscribe(person_id, plan_id, term.expires_on, for_life=term.expires_on is None, **on)


async def _everybody(membership: Membership) -> list[PersonCard]:
    cards: list[PersonCard] = []
    while True:
        page = await membership.cards(PeopleQuery(after=cards[-1].id if cards else None, limit=PAGE))
        cards += page
        if len(page) < PAGE:
            return cards


def _cells(card: PersonCard) -> dict[str, str]:
    cells = {name: getattr(card, name) for name in PersonBody.__struct_fields__}
    cells |= {"id": str(card.id), "plan": "", "expires_on": "", "lifetime": ""}
    if (held := card.subscription) is not None:
        plan = Plan(id=held.plan_id, name=held.plan, days=None) if held.plan_id else None
        cells |= term_cells(Term(plan=plan, expires_on=held.expires_on))
    return cells


def _report(comparison: Comparison, *, applied: bool) -> ImportReport:
    return ImportReport(
        digest=comparison.digest,
        applied=applied,
        added=comparison.count("added"),
        changed=comparison.count("changed"),
        unchanged=comparison.count("unchanged"),
        errors=comparison.count("error"),
        lines=comparison.differences,
    )


def _kept(report: ImportReport) -> dict[str, int | str]:
    return {"added": report.added, "changed": report.changed, "digest": report.digest}

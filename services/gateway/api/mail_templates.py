"""Calls about what notices say."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from shared.directory.deliveries import Trial
from shared.directory.mailrecords import Delivery
from shared.mail.terms import MailTemplate, TemplateBody
from shared.mail.variables import VARIABLES, Variable

from ..store.database import outages_named
from .mail_trial import TrialBody, planned
from .route import Call, Nothing


class TemplateList(Struct, frozen=True, kw_only=True):
    templates: tuple[MailTemplate, ...]


class VariableList(Struct, frozen=True, kw_only=True):
    variables: tuple[Variable, ...]


async def list_templates(call: Call, _: Nothing) -> TemplateList:
    """All templates, event by event."""
    with outages_named():
        return TemplateList(templates=tuple(await call.gateway.mailroom.templates()))


async def list_variables(call: Call, _: Nothing) -> VariableList:
    """What templates and campaigns can say of a person."""
    return VariableList(variables=VARIABLES)


async def show_template(call: Call, _: Nothing) -> MailTemplate:
    """One template."""
    return await _template(call)


async def add_template(call: Call, body: TemplateBody) -> MailTemplate:
    """Add a template."""
    with outages_named():
        added = await call.gateway.mailroom.add_template(body, call.by)
    await call.record("template.add", str(added.id), None, _kept(added))
    return added


async def change_template(call: Call, body: TemplateBody) -> MailTemplate:
    """Change a template."""
    before = await _template(call)
    with outages_named():
        after = await call.gateway.mailroom.change_template(before.id, body, call.by)
    changed = {"words_changed": _words(before) != _words(after)}
    await call.record("template.change", str(before.id), _kept(before), _kept(after) | changed)
    return after


async def remove_template(call: Call, _: Nothing) -> None:
    """Remove a template."""
    before = await _template(call)
    with outages_named():
        await call.gateway.mailroom.remove_template(before.id)
    await call.record("template.remove", str(before.id), _kept(before))


async def try_template(call: Call, body: TrialBody) -> Delivery:
    """Have a template sent to one address."""
    template = await _template(call)
    return await planned(call, Trial(address=body.address, person_id=body.person_id, template_id=template.id))


async def _template(call: Call) -> MailTemplate:
    with outages_named():
        return await call.gateway.mailroom.template(call.id("template_unknown"))


def _words(template: MailTemplate) -> tuple[str, str, str]:
    return template.subject, template.text, template.html


def _kept(template: MailTemplate) -> dict[str, Any]:
    """What the audit trail keeps of a template: all but what it says."""
    traits = ("event", "days", "language", "provider", "plan_id", "enabled")
    return {name: getattr(template, name) for name in traits}

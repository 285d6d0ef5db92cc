"""The one door to all that is kept about mail: how it is set up, what is said, and each message to each person."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.mail.rendering import checked
from shared.mail.terms import MailPerson, MailTemplate, TemplateBody, Words

from . import mailpeople, people, templates
from .campaigning import Campaigning
from .posting import Posting


class Mailroom(Campaigning, Posting):
    """Templates, and the people whom they are for; set-up, messages and campaigns beside. `by` is who decides."""

    async def templates(self) -> list[MailTemplate]:
        """All templates, event by event; the first time, the default ones are put there."""
        async with self._deciding() as connection:
            await templates.install(connection)
            return await templates.listed(connection)

    async def template(self, template_id: UUID) -> MailTemplate:
        """One template. NoSuchTemplate."""
        async with self._pool.acquire() as connection:
            return await templates.get(connection, template_id)

    async def add_template(self, body: TemplateBody, by: str) -> MailTemplate:
        """Add a template. BadTemplate; TemplateTaken; NoSuchPlan."""
        checked(Words(subject=body.subject, text=body.text, html=body.html), body.event)
        async with self._deciding() as connection:
            await templates.install(connection)
            return await templates.add(connection, body, by)

    async def change_template(self, template_id: UUID, body: TemplateBody, by: str) -> MailTemplate:
        """Make a template what `body` says. BadTemplate; NoSuchTemplate; TemplateTaken; NoSuchPlan."""
        checked(Words(subject=body.subject, text=body.text, html=body.html), body.event)
        async with self._pool.acquire() as connection:
            return await templates.change(connection, template_id, body, by)

    async def remove_template(self, template_id: UUID) -> None:
        """Delete a template. NoSuchTemplate."""
        async with self._pool.acquire() as connection:
            await templates.remove(connection, template_id)

    async def people_for_mail(self, at: datetime) -> list[MailPerson]:
        """Everybody, by name, with all that decides about mail."""
        async with self._reading() as connection:
            return await mailpeople.read(connection, None, at, self._zone.key)

    async def person_for_mail(self, person_id: UUID, at: datetime) -> MailPerson:
        """One person. NoSuchPerson."""
        async with self._reading() as connection:
            found = await mailpeople.read(connection, [person_id], at, self._zone.key)
        if not found:
            raise people.missing(person_id)
        return found[0]

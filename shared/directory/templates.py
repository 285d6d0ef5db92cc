"""Queries of the table `mail_template`."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
from msgspec import structs

from shared.mail.defaults import default_templates
from shared.mail.terms import MailTemplate, TemplateBody

from .errors import NoSuchPlan, NoSuchTemplate, TemplateTaken
from .servers import Connection

BODY = TemplateBody.__struct_fields__
COLUMNS = ", ".join(MailTemplate.__struct_fields__)
PLACES = ", ".join(f"${number}" for number in range(3, 3 + len(BODY)))

LIST = f"SELECT {COLUMNS} FROM mail_template ORDER BY event, days DESC, language, provider, plan_id"
GET = f"SELECT {COLUMNS} FROM mail_template WHERE id = $1"
ADD = f"INSERT INTO mail_template (id, changed_by, {', '.join(BODY)}) VALUES ($1, $2, {PLACES}) RETURNING {COLUMNS}"
CHANGE = f"""
    UPDATE mail_template SET changed_at = now(), changed_by = $2, ({", ".join(BODY)}) = ({PLACES})
    WHERE id = $1 RETURNING {COLUMNS}
"""
REMOVE = f"DELETE FROM mail_template WHERE id = $1 RETURNING {COLUMNS}"
# Once for ever: a default that somebody deleted stays deleted.
FIRST_TIME = """
    INSERT INTO setting (name, value, changed_by) VALUES ('mail_templates', '"installed"', '')
    ON CONFLICT DO NOTHING RETURNING true
"""


async def install(connection: Connection) -> None:
    """Put the default templates there, in a transaction, if nobody has done so yet."""
    if await connection.fetchval(FIRST_TIME):
        await connection.executemany(ADD, [(uuid4(), "", *structs.astuple(body)) for body in default_templates()])


async def listed(connection: Connection) -> list[MailTemplate]:
    """All templates, event by event."""
    return [MailTemplate(**row) for row in await connection.fetch(LIST)]


async def get(connection: Connection, template_id: UUID) -> MailTemplate:
    """One template. NoSuchTemplate."""
    return _found(await connection.fetchrow(GET, template_id), template_id)


async def add(connection: Connection, body: TemplateBody, by: str) -> MailTemplate:
    """Insert a template. TemplateTaken; NoSuchPlan."""
    template_id = uuid4()
    return _found(await _written(connection, ADD, template_id, body, by), template_id)


async def change(connection: Connection, template_id: UUID, body: TemplateBody, by: str) -> MailTemplate:
    """Make a template what `body` says. NoSuchTemplate; TemplateTaken; NoSuchPlan."""
    return _found(await _written(connection, CHANGE, template_id, body, by), template_id)


async def remove(connection: Connection, template_id: UUID) -> None:
    """Delete a template. NoSuchTemplate."""
    _found(await connection.fetchrow(REMOVE, template_id), template_id)


async def _written(
    connection: Connection, sql: str, template_id: UUID, body: TemplateBody, by: str
) -> asyncpg.Record | None:
    try:
        return await connection.fetchrow(sql, template_id, by, *(getattr(body, name) for name in BODY))
    except asyncpg.UniqueViolationError:
        raise TemplateTaken(
            "There is a template for the same event, days, language, provider and plan already: change that one"
        ) from None
    except asyncpg.ForeignKeyViolationError:
        raise NoSuchPlan(f"There is no subscription plan {body.plan_id}: it may have been removed meanwhile") from None


def _found(row: asyncpg.Record | None, template_id: UUID) -> MailTemplate:
    if row is None:
        raise NoSuchTemplate(f"There is no mail template {template_id}: it may have been removed meanwhile")
    return MailTemplate(**row)

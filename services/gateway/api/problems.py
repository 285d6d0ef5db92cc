"""Every error that the API answers with (RFC 9457): its stable code, its status, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

Code = Literal[
    "bad_request", "unknown_parameter", "bad_parameter", "bad_body", "body_too_large", "unauthenticated",
    "wrong_password", "too_many_tries", "forbidden", "cross_origin", "not_found", "method_not_allowed", "job_unknown",
    "run_unknown", "server_unknown", "user_unknown", "user_exists", "last_admin", "weak_password", "token_unknown",
    "token_exists", "job_disabled", "job_running", "run_not_active", "run_not_finished", "run_not_held",
    "already_approved", "run_not_undoable", "already_undone", "schedule_locked", "bad_interval", "bad_quiet",
    "bad_params", "dry_run_unsupported", "duplicate_server", "server_refused", "bad_shoko", "shoko_user_unknown",
    "shoko_user_taken", "shoko_user_refused", "person_unknown", "plan_unknown", "account_unknown", "library_unknown",
    "plan_in_use", "name_taken", "not_subscribed", "for_life", "days_missing", "people_clash", "not_invitable",
    "bad_table", "import_changed", "import_faulty", "mail_not_set_up", "template_unknown", "template_taken",
    "bad_template", "campaign_unknown", "delivery_unknown", "not_in_this_state", "nobody_to_mail", "channel_unknown",
    "bad_channel", "hook_unknown", "bad_target", "hook_unproven", "hook_replayed", "hook_disabled", "too_many_calls",
    "backup_unknown", "backup_refused", "backup_failed", "secret_unreadable", "scheduler_unreachable",
    "database_unreachable", "audit_unavailable", "internal_error",
]  # fmt: skip


class Kind(NamedTuple):
    status: HTTPStatus
    meaning: str


KINDS: Mapping[Code, Kind] = {
    "bad_request": Kind(HTTPStatus.BAD_REQUEST, "The request can't be understood."),
    "unknown_parameter": Kind(HTTPStatus.BAD_REQUEST, "A query parameter is not one of this call's."),
    "bad_parameter": Kind(HTTPStatus.BAD_REQUEST, "A query parameter has a value that can't be used."),
    "bad_body": Kind(HTTPStatus.BAD_REQUEST, "The body is not JSON, or has a field that is unknown, missing or wrong."),
    "body_too_large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is larger than 1 MB."),
    "unauthenticated": Kind(HTTPStatus.UNAUTHORIZED, "Nobody is logged in, or the API token opens nothing (any more)."),
    "wrong_password": Kind(HTTPStatus.UNAUTHORIZED, "The account or the password is wrong."),
    "too_many_tries": Kind(HTTPStatus.TOO_MANY_REQUESTS, "Too many failed log-ins; Retry-After says how long to wait."),
    "forbidden": Kind(HTTPStatus.FORBIDDEN, "The role of the account or the API token does not allow this."),
    "cross_origin": Kind(HTTPStatus.FORBIDDEN, "The request comes from another site's page."),
    "not_found": Kind(HTTPStatus.NOT_FOUND, "There is nothing at this path."),
    "method_not_allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "This path is not called with this method."),
    "job_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no job of this name."),
    "run_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no run with this id."),
    "server_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no server with this id."),
    "user_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no user of this name."),
    "user_exists": Kind(HTTPStatus.CONFLICT, "There is a user of this name."),
    "last_admin": Kind(HTTPStatus.CONFLICT, "Somebody has to remain an administrator."),
    "weak_password": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The password is too short or too long."),
    "token_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no API token of this name."),
    "token_exists": Kind(HTTPStatus.CONFLICT, "There is an API token of this name."),
    "job_disabled": Kind(HTTPStatus.CONFLICT, "The job is disabled, so it can't be run."),
    "job_running": Kind(HTTPStatus.CONFLICT, "The job is running, and its runs don't overlap."),
    "run_not_active": Kind(HTTPStatus.CONFLICT, "The run has ended."),
    "run_not_finished": Kind(HTTPStatus.CONFLICT, "The run has not ended yet."),
    "run_not_held": Kind(HTTPStatus.CONFLICT, "The run did not hold anything back, so there is nothing to approve."),
    "already_approved": Kind(HTTPStatus.CONFLICT, "Another run was made already that carries this one's plan out."),
    "run_not_undoable": Kind(HTTPStatus.CONFLICT, "The run's changes can't be taken back, or it made none."),
    "already_undone": Kind(HTTPStatus.CONFLICT, "Another run was made already that takes this one's changes back."),
    "schedule_locked": Kind(HTTPStatus.CONFLICT, "The job's schedule can't be changed here."),
    "bad_interval": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The interval can't be used."),
    "bad_quiet": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The job can't wait for this; the detail says why."),
    "bad_params": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The job does not take these parameters."),
    "dry_run_unsupported": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The job has no dry run."),
    "duplicate_server": Kind(HTTPStatus.CONFLICT, "The same server has been added before."),
    "server_refused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The server can't be reached, or is not what it should be."
    ),
    "bad_shoko": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The server can't have that Shoko Server behind it."),
    "shoko_user_unknown": Kind(HTTPStatus.NOT_FOUND, "The person is mapped to no user of this Shoko Server."),
    "shoko_user_taken": Kind(HTTPStatus.CONFLICT, "Another person is mapped to this user of the Shoko Server."),
    "shoko_user_refused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The Shoko Server does not accept this user and password, or this key."
    ),
    "person_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no person with this id."),
    "plan_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no plan with this id."),
    "account_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no account with this id."),
    "library_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no library with this id."),
    "plan_in_use": Kind(HTTPStatus.CONFLICT, "People are subscribed to the plan."),
    "name_taken": Kind(HTTPStatus.CONFLICT, "There is another one of this name."),
    "not_subscribed": Kind(HTTPStatus.CONFLICT, "The person has no subscription."),
    "for_life": Kind(HTTPStatus.CONFLICT, "The subscription is for life, so it can't be extended."),
    "days_missing": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The subscription has no plan that says for how many days."),
    "people_clash": Kind(HTTPStatus.CONFLICT, "The two people can't be made one."),
    "not_invitable": Kind(HTTPStatus.CONFLICT, "The person can't be invited to this server, or is not."),
    "bad_table": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The text is not a table of people."),
    "import_changed": Kind(HTTPStatus.CONFLICT, "The table would change something else than the report said."),
    "import_faulty": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "Lines of the table can't be used, so none was."),
    "mail_not_set_up": Kind(HTTPStatus.CONFLICT, "Something has to be set up before this; the detail says what."),
    "template_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no mail template with this id."),
    "template_taken": Kind(HTTPStatus.CONFLICT, "There is a template for the same event, days, language, and people."),
    "bad_template": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The words can't be used; the detail says where and why."),
    "campaign_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no campaign with this id."),
    "delivery_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no message with this id."),
    "not_in_this_state": Kind(HTTPStatus.CONFLICT, "The campaign or message is in a state that does not allow this."),
    "nobody_to_mail": Kind(HTTPStatus.CONFLICT, "Nobody would get the campaign."),
    "channel_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no channel of this name."),
    "bad_channel": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The address leads to no service that takes messages."),
    "hook_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no hook of this name."),
    "bad_target": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "The address can't be told of runs; the detail says why."),
    "hook_unproven": Kind(HTTPStatus.UNAUTHORIZED, "There is no such hook, or the caller did not prove that it may."),
    "hook_replayed": Kind(HTTPStatus.CONFLICT, "This very call was taken before: sign each call anew."),
    "hook_disabled": Kind(HTTPStatus.CONFLICT, "The hook is disabled."),
    "too_many_calls": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "The hook is called too often; Retry-After says how long to wait."
    ),
    "backup_unknown": Kind(HTTPStatus.NOT_FOUND, "There is no backup of this name."),
    "backup_refused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The backup is damaged, not ours, newer, or of another key; nothing was done."
    ),
    "backup_failed": Kind(
        HTTPStatus.CONFLICT, "The backup could not be made or restored; the detail says why. All is as it was."
    ),
    "secret_unreadable": Kind(HTTPStatus.CONFLICT, "A secret was sealed with another key than there is now."),
    "scheduler_unreachable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "No scheduler answers."),
    "database_unreachable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer."),
    "audit_unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "Changes can't be recorded, so none are taken."),
    "internal_error": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here; the log has the details."),
}

CONTENT_TYPE = "application/problem+json"

# What a refused stranger is told of the ways in (RFC 6750, 3).
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Showrunner"'}
BAD_TOKEN_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Showrunner", error="invalid_token"'}


class ProblemBody(Struct, frozen=True, kw_only=True):
    """An error as RFC 9457 wants it, with a `code` that programs can rely on and a `detail` for people."""

    type: str = "about:blank"
    title: str
    status: int
    code: Code
    detail: str


class Problem(Exception):
    """The request ends with this error."""

    def __init__(self, code: Code, detail: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail or KINDS[code].meaning)
        self.code = code
        self.status = KINDS[code].status
        self.detail = detail or KINDS[code].meaning
        self.headers = dict(headers or {})

    def body(self) -> bytes:
        """The error in JSON."""
        return msgspec.json.encode(
            ProblemBody(title=self.status.phrase, status=self.status.value, code=self.code, detail=self.detail)
        )

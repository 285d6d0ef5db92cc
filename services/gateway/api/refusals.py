"""What the directory and the scheduler say no with, as problems."""

from __future__ import annotations

from collections.abc import Mapping

from shared.backups import errors as backups
from shared.directory import errors
from shared.mail.rendering import BadTemplate
from shared.outside.channels import BadAddress
from shared.runtime.secrets import WrongKey

from ..asking import SchedulerUnreachable
from .problems import Code, Problem

_CODES: Mapping[type[Exception], Code] = {
    SchedulerUnreachable: "scheduler_unreachable",
    errors.NoSuchServer: "server_unknown",
    errors.NoSuchPerson: "person_unknown",
    errors.NoSuchPlan: "plan_unknown",
    errors.NoSuchAccount: "account_unknown",
    errors.NoSuchLibrary: "library_unknown",
    errors.DuplicateServer: "duplicate_server",
    errors.NotItsShoko: "bad_shoko",
    errors.NoSuchShokoUser: "shoko_user_unknown",
    errors.ShokoUserTaken: "shoko_user_taken",
    errors.PlanInUse: "plan_in_use",
    errors.NameTaken: "name_taken",
    errors.NotSubscribed: "not_subscribed",
    errors.ForLife: "for_life",
    errors.NoLength: "days_missing",
    errors.NotInvitable: "not_invitable",
    errors.Clash: "people_clash",
    errors.MailNotSetUp: "mail_not_set_up",
    errors.NoSuchTemplate: "template_unknown",
    errors.TemplateTaken: "template_taken",
    errors.NoSuchCampaign: "campaign_unknown",
    errors.NoSuchDelivery: "delivery_unknown",
    errors.NotInThisState: "not_in_this_state",
    errors.NobodyToMail: "nobody_to_mail",
    errors.NoSuchChannel: "channel_unknown",
    BadAddress: "bad_channel",
    backups.NoSuchBackup: "backup_unknown",
    backups.BadBackup: "backup_refused",
    backups.KeyDoesNotFit: "backup_refused",
    backups.BackupFailed: "backup_failed",
    BadTemplate: "bad_template",
    WrongKey: "secret_unreadable",
}


def refusal(error: Exception) -> Problem | None:
    """The problem that a caller is told of; None for an error that says nothing to callers."""
    code = _CODES.get(type(error))
    return None if code is None else Problem(code, f"{str(error).rstrip('.')}.")

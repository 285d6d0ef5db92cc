"""Calls about mail: how it is set up, what it says, and what became of it."""

from __future__ import annotations

from typing import Any

from shared.directory.mailrecords import AudienceView, Campaign, CampaignBody, Delivery
from shared.mail.terms import MailTemplate, TemplateBody

from .. import mail_campaigns, mail_check, mail_consent, mail_deliveries, mail_setup, mail_templates, mail_trial
from ..problems import Code
from ..route import Nothing, Route
from .common import READING, WRITING

TEMPLATE: tuple[Code, ...] = ("bad_template", "template_taken", "plan_unknown", *WRITING)
CAMPAIGN: tuple[Code, ...] = ("campaign_unknown", "not_in_this_state", *WRITING)

SETUP: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/mail/setup", handler=mail_setup.show_mail_setup, takes=Nothing,
          gives=mail_setup.MailSetup, role="admin", does="How mail is set up; of secrets, whether there are any.",
          problems=READING),
    Route(method="PUT", path="/api/mail/setup", handler=mail_setup.change_mail_setup, takes=mail_setup.MailSetupBody,
          gives=mail_setup.MailSetup, role="admin", does="Set up mail.", problems=WRITING),
    Route(method="POST", path="/api/mail/check", handler=mail_check.check_mail_setup, takes=mail_check.MailCheckBody,
          gives=mail_check.MailCheckReport, role="admin", does="Go through every step of sending but the message, and "
          "tell at which one it fails.", problems=("mail_not_set_up", "secret_unreadable", *WRITING)),
    Route(method="POST", path="/api/mail/oauth/start", handler=mail_consent.begin_consent, takes=Nothing,
          gives=mail_consent.ConsentBegun, role="admin", does="Begin to ask the mail account's owner for consent. The "
          "provider sends them back to /api/mail/oauth/callback, and from there they come to the page.",
          problems=("mail_not_set_up", *WRITING)),
    Route(method="DELETE", path="/api/mail/oauth", handler=mail_setup.forget_consent, takes=Nothing,
          gives=mail_setup.MailSetup, role="admin", does="Forget the consent of the mail account's owner.",
          problems=WRITING),
)  # fmt: skip

TEMPLATES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/mail/variables", handler=mail_templates.list_variables, takes=Nothing,
          gives=mail_templates.VariableList, role="viewer", does="What templates and campaigns can say of a person."),
    Route(method="GET", path="/api/mail/templates", handler=mail_templates.list_templates, takes=Nothing,
          gives=mail_templates.TemplateList, role="viewer", does="All templates, event by event.", problems=READING),
    Route(method="POST", path="/api/mail/templates", handler=mail_templates.add_template, takes=TemplateBody,
          gives=MailTemplate, status=201, role="admin", does="Add a template.", problems=TEMPLATE),
    Route(method="POST", path="/api/mail/templates/preview", handler=mail_trial.preview_message,
          takes=mail_trial.PreviewBody, gives=mail_trial.Preview, role="operator", does="A message as a real person, "
          "or somebody made up, would get it; or what is wrong with its words.",
          problems=("person_unknown", *READING)),
    Route(method="GET", path="/api/mail/templates/{id}", handler=mail_templates.show_template, takes=Nothing,
          gives=MailTemplate, role="viewer", does="One template.", problems=("template_unknown", *READING)),
    Route(method="PUT", path="/api/mail/templates/{id}", handler=mail_templates.change_template, takes=TemplateBody,
          gives=MailTemplate, role="admin", does="Change a template.", problems=("template_unknown", *TEMPLATE)),
    Route(method="DELETE", path="/api/mail/templates/{id}", handler=mail_templates.remove_template, takes=Nothing,
          gives=None, status=204, role="admin", does="Remove a template; its event is then told by another that fits, "
          "or not at all.", problems=("template_unknown", *WRITING)),
    Route(method="POST", path="/api/mail/templates/{id}/test", handler=mail_templates.try_template,
          takes=mail_trial.TrialBody, gives=Delivery, status=201, role="admin", does="Have a template sent to one "
          "address, with the next run.", problems=("template_unknown", "person_unknown", *WRITING)),
)  # fmt: skip

CAMPAIGNS: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/mail/campaigns", handler=mail_campaigns.list_campaigns, takes=Nothing,
          gives=mail_campaigns.CampaignList, role="viewer", does="All campaigns, the newest first.", problems=READING),
    Route(method="POST", path="/api/mail/campaigns", handler=mail_campaigns.add_campaign, takes=CampaignBody,
          gives=Campaign, status=201, role="admin", does="Add a campaign: a draft, of which nothing is sent before it "
          "is launched.", problems=("bad_template", *WRITING)),
    Route(method="POST", path="/api/mail/audience", handler=mail_campaigns.find_audience,
          takes=mail_campaigns.AudienceBody, gives=AudienceView, role="operator", does="Who would get a campaign with "
          "such an audience now.", problems=READING),
    Route(method="GET", path="/api/mail/campaigns/{id}", handler=mail_campaigns.show_campaign, takes=Nothing,
          gives=Campaign, role="viewer", does="One campaign.", problems=("campaign_unknown", *READING)),
    Route(method="PUT", path="/api/mail/campaigns/{id}", handler=mail_campaigns.change_campaign, takes=CampaignBody,
          gives=Campaign, role="admin", does="Change a campaign that has not begun.",
          problems=("bad_template", *CAMPAIGN)),
    Route(method="DELETE", path="/api/mail/campaigns/{id}", handler=mail_campaigns.remove_campaign, takes=Nothing,
          gives=None, status=204, role="admin", does="Remove a campaign that is not under way; what was sent of it "
          "stays among the deliveries.", problems=CAMPAIGN),
    Route(method="GET", path="/api/mail/campaigns/{id}/audience", handler=mail_campaigns.show_audience, takes=Nothing,
          gives=AudienceView, role="viewer", does="Who would get a campaign if it began now.",
          problems=("campaign_unknown", *READING)),
    Route(method="POST", path="/api/mail/campaigns/{id}/test", handler=mail_campaigns.try_campaign,
          takes=mail_trial.TrialBody, gives=Delivery, status=201, role="admin", does="Have a campaign's message sent "
          "to one address, with the next run.", problems=("campaign_unknown", "person_unknown", *WRITING)),
    Route(method="POST", path="/api/mail/campaigns/{id}/launch", handler=mail_campaigns.launch_campaign,
          takes=mail_campaigns.LaunchBody, gives=Campaign, role="admin", does="Have a campaign sent, now or later.",
          problems=("mail_not_set_up", "nobody_to_mail", *CAMPAIGN)),
    Route(method="POST", path="/api/mail/campaigns/{id}/pause", handler=mail_campaigns.pause_campaign, takes=Nothing,
          gives=Campaign, role="operator", does="Let what is not sent yet of a campaign wait.", problems=CAMPAIGN),
    Route(method="POST", path="/api/mail/campaigns/{id}/resume", handler=mail_campaigns.resume_campaign, takes=Nothing,
          gives=Campaign, role="operator", does="Go on with a paused campaign.", problems=CAMPAIGN),
    Route(method="POST", path="/api/mail/campaigns/{id}/stop", handler=mail_campaigns.stop_campaign, takes=Nothing,
          gives=Campaign, role="operator", does="Send no more of a campaign, for good; one that has not begun is a "
          "draft again.", problems=CAMPAIGN),
)  # fmt: skip

DELIVERIES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/mail/deliveries", handler=mail_deliveries.list_deliveries,
          takes=mail_deliveries.DeliveryFilter, gives=mail_deliveries.DeliveryList, role="viewer",
          does="Messages to people, the newest first, and how many there are in all.", problems=READING),
    Route(method="GET", path="/api/mail/deliveries/{id}", handler=mail_deliveries.show_delivery, takes=Nothing,
          gives=Delivery, role="viewer", does="One message, and what became of it.",
          problems=("delivery_unknown", *READING)),
    Route(method="POST", path="/api/mail/deliveries/{id}/resend", handler=mail_deliveries.resend_delivery,
          takes=Nothing, gives=Delivery, role="operator", does="Have a message sent again, to where the person has "
          "their mail now.", problems=("delivery_unknown", "not_in_this_state", *WRITING)),
    Route(method="GET", path="/api/people/{id}/mail", handler=mail_deliveries.show_person_mail, takes=Nothing,
          gives=mail_deliveries.PersonMail, role="viewer", does="Whether a person gets campaigns.",
          problems=("person_unknown", *READING)),
    Route(method="PUT", path="/api/people/{id}/mail", handler=mail_deliveries.change_person_mail,
          takes=mail_deliveries.PersonMailBody, gives=mail_deliveries.PersonMail, role="admin",
          does="Send a person campaigns again, or no more.", problems=("person_unknown", *WRITING)),
)  # fmt: skip

ROUTES: tuple[Route[Any], ...] = (*SETUP, *TEMPLATES, *CAMPAIGNS, *DELIVERIES)

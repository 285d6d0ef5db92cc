"""Calls about people and their accounts."""

from __future__ import annotations

from typing import Any

from shared.directory.subscribers import PersonCard

from .. import importing, media, people, personaccess
from ..paging import Page
from ..problems import Code
from ..route import Nothing, Route
from .common import READING, WRITING

OF_PERSON: tuple[Code, ...] = ("person_unknown", *READING)
CHANGE: tuple[Code, ...] = ("person_unknown", *WRITING)

ROUTES: tuple[Route[Any], ...] = (
    Route(method="GET", path="/api/people", handler=people.list_people, takes=people.PeopleFilter,
          gives=people.PersonList, role="viewer", does="People by name, and how many there are in all.",
          problems=READING),
    Route(method="POST", path="/api/people", handler=people.add_person, takes=people.PersonDetails, gives=PersonCard,
          status=201, role="admin", does="Add a person.", problems=WRITING),
    Route(method="GET", path="/api/people/export", handler=importing.export_people, takes=Nothing, gives="text/csv",
          role="viewer", does="All people and their subscriptions as a table, such as the import takes.",
          problems=READING),
    Route(method="POST", path="/api/people/import", handler=importing.import_people, takes=importing.ImportBody,
          gives=importing.ImportReport, role="admin", does="What a table of people would change; with `apply` and the "
          "report's digest it is changed: all of it, or nothing.",
          problems=("bad_table", "import_changed", "import_faulty", *WRITING)),
    Route(method="GET", path="/api/people/{id}", handler=people.show_person, takes=Nothing, gives=PersonCard,
          role="viewer", does="One person.", problems=OF_PERSON),
    Route(method="PUT", path="/api/people/{id}", handler=people.change_person, takes=people.PersonChange,
          gives=PersonCard, role="admin", does="Change what is known of a person; what is left out stays as it is.",
          problems=CHANGE),
    Route(method="GET", path="/api/people/{id}/events", handler=people.show_events, takes=Page,
          gives=people.PersonEvents, role="viewer", does="What happened to a person, newest first.",
          problems=OF_PERSON),
    Route(method="GET", path="/api/people/{id}/access", handler=personaccess.show_access, takes=Nothing,
          gives=personaccess.PersonAccess, role="viewer", does="For each account of a person the libraries that they "
          "should have and those that they have, and why.", problems=OF_PERSON),
    Route(method="PUT", path="/api/people/{id}/rules/{library}", handler=personaccess.set_rule,
          takes=personaccess.RuleBody, gives=personaccess.PersonAccess, role="admin",
          does="Make an exception of one person and one library.", problems=("library_unknown", *CHANGE)),
    Route(method="DELETE", path="/api/people/{id}/rules/{library}", handler=personaccess.clear_rule, takes=Nothing,
          gives=personaccess.PersonAccess, role="admin", does="End an exception.",
          problems=("library_unknown", *CHANGE)),
    Route(method="POST", path="/api/people/{id}/suspend", handler=people.suspend, takes=people.SuspendBody,
          gives=PersonCard, role="operator", does="Take a person's access away until the suspension ends.",
          problems=CHANGE),
    Route(method="POST", path="/api/people/{id}/unsuspend", handler=people.unsuspend, takes=Nothing, gives=PersonCard,
          role="operator", does="End a suspension.", problems=CHANGE),
    Route(method="POST", path="/api/people/{id}/merge", handler=people.merge, takes=people.MergeBody, gives=PersonCard,
          role="admin", does="Make another person one with this one: their accounts, exceptions and history move here.",
          problems=("people_clash", *CHANGE)),
    Route(method="POST", path="/api/people/{id}/invite", handler=people.invite, takes=people.InviteBody,
          gives=PersonCard, role="operator", does="Have a person invited to a Plex server, by e-mail.",
          problems=("server_unknown", "not_invitable", *CHANGE)),
    Route(method="POST", path="/api/people/{id}/uninvite", handler=people.uninvite, takes=people.InviteBody,
          gives=PersonCard, role="operator", does="Withdraw an invitation that was not sent yet.",
          problems=("server_unknown", "not_invitable", *CHANGE)),
    Route(method="GET", path="/api/accounts", handler=media.list_accounts, takes=media.OfServerPaged,
          gives=media.AccountList, role="viewer", does="People's accounts on the servers, by title.", problems=READING),
    Route(method="PUT", path="/api/accounts/{id}", handler=people.assign_account, takes=people.Assignment,
          gives=PersonCard, role="admin", does="Give an account to another person.",
          problems=("account_unknown", *CHANGE)),
)  # fmt: skip

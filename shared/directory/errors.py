"""What can be wrong with a request to the directory.

DirectoryError
├── NoSuchServer       there is no server of this id
├── NoSuchPerson       there is no person of this id
├── NoSuchPlan         there is no subscription plan of this id
├── NoSuchAccount      there is no account of this id
├── NoSuchLibrary      there is no library of this id
├── DuplicateServer    the same machine is there already, under another name or address
├── NoShoko            nothing says which Shoko Server is behind the server
├── NotItsShoko        the server can't have that Shoko Server behind it
├── NoSuchShokoUser    the person is nobody on this Shoko Server, as far as we know
├── ShokoUserTaken     that user of the Shoko Server is another person
├── Doubtful           what was seen can hardly be true; what is known is kept
├── PlanInUse          people have this plan, so it can't be removed
├── NameTaken          another plan bears this name
├── NotSubscribed      the person has no subscription
├── ForLife            the subscription has no last day that could be moved
├── NoLength           nobody said how many days, and the plan does not say it either
├── NotInvitable       the person can't be invited to this server
├── Clash              two people can't become one as they are
├── MailNotSetUp       something has to be set up before mail can be sent
├── NoSuchTemplate     there is no mail template of this id
├── TemplateTaken      there is a template for the same already
├── NoSuchCampaign     there is no campaign of this id
├── NotInThisState     what the campaign or delivery is in the midst of does not allow it
├── NobodyToMail       nobody would get the campaign
├── NoSuchDelivery     there is no delivery of this id
└── NoSuchChannel      there is no channel of this name
"""

from __future__ import annotations


class DirectoryError(Exception):
    """The directory can't do what it is asked; the message says why."""


class NoSuchServer(DirectoryError):
    """There is no server of this id (any more)."""


class NoSuchPerson(DirectoryError):
    """There is no person of this id (any more)."""


class NoSuchPlan(DirectoryError):
    """There is no subscription plan of this id (any more)."""


class NoSuchAccount(DirectoryError):
    """There is no account of this id (any more), or not in the state that is asked for."""


class NoSuchLibrary(DirectoryError):
    """There is no library of this id (any more)."""


class DuplicateServer(DirectoryError):
    """A server of the same kind and identifier is there already."""


class NoShoko(DirectoryError):
    """There is no Shoko Server behind it, or several and nobody has said which."""


class NotItsShoko(DirectoryError):
    """What is named is no Shoko Server, or the server is none that has one behind it."""


class NoSuchShokoUser(DirectoryError):
    """The person is mapped to no user of this Shoko Server (any more)."""


class ShokoUserTaken(DirectoryError):
    """Another person is mapped to this user: two histories would become one."""


class Doubtful(DirectoryError):
    """What was seen of a server can hardly be true, so nothing was written."""


class PlanInUse(DirectoryError):
    """People have this plan: give them another one first."""


class NameTaken(DirectoryError):
    """Another plan bears this name."""


class NotSubscribed(DirectoryError):
    """The person has no subscription."""


class ForLife(DirectoryError):
    """The subscription has no last day that could be moved."""


class NoLength(DirectoryError):
    """Nobody said how many days, and the plan does not say it either."""


class NotInvitable(DirectoryError):
    """The person can't be invited to this server."""


class Clash(DirectoryError):
    """Two people can't become one as they are."""


class MailNotSetUp(DirectoryError):
    """Something has to be set up before mail can be sent; the message says what."""


class NoSuchTemplate(DirectoryError):
    """There is no mail template of this id (any more)."""


class TemplateTaken(DirectoryError):
    """There is a template for the same event, days, language, provider and plan already."""


class NoSuchCampaign(DirectoryError):
    """There is no campaign of this id (any more)."""


class NotInThisState(DirectoryError):
    """What the campaign or delivery is in the midst of does not allow it."""


class NobodyToMail(DirectoryError):
    """Nobody would get the campaign."""


class NoSuchDelivery(DirectoryError):
    """There is no delivery of this id (any more)."""


class NoSuchChannel(DirectoryError):
    """There is no channel of this name (any more)."""

"""What is to be done so that observed access becomes the intended one.

A three-way comparison, as a merge has it, with what was settled as the base. Per library: where observed access is
still the base, we change the server; where the intended access is, somebody changed the server by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from .intent import entitled, intended
from .terms import AccessPolicy, Decision, Effect, Holding, Libraries, Servings, Subscriber

UNTOUCHABLE = frozenset({"owner", "admin"})
_OUT_OF_REACH = frozenset({"pending", "removed"})


def reconcile(servings: Servings, policy: AccessPolicy) -> Iterator[Decision]:
    """What is to be done on a server, account by account; nothing about accounts that are as they should be."""
    for holding in servings.holdings:
        decision = decide(holding, servings.people[holding.person_id], servings, policy)
        if decision is not None:
            yield decision


def decide(holding: Holding, subscriber: Subscriber, servings: Servings, policy: AccessPolicy) -> Decision | None:
    """What is to be done about one account; None if nothing is.

    An adoption holds for a fresh look only: a sync may have seen the server before our last change of it.
    """
    if not in_our_hands(holding, subscriber):
        return None
    wants = intended(subscriber, servings)
    if holding.state == "wanted":
        return _invitation(holding, wants, servings)
    has = holding.observed.intersection(servings.titles)
    if has == wants and _lock(holding, subscriber, has, servings, policy) is None:
        return None
    base = has if holding.settled is None else holding.settled
    # What somebody gave or took by hand since. To revert it is to take it for a change of ours that is yet to be made.
    by_hand = has ^ base if policy.hand_edits == "adopt" else frozenset()
    lacking, surplus = wants - has, has - wants
    give, take = lacking - by_hand, surplus - by_hand
    after = (has | give) - take
    return Decision(
        account_id=holding.account_id,
        person_id=holding.person_id,
        before=has,
        after=after,
        give=give,
        take=take,
        adopt_given=surplus & by_hand,
        adopt_taken=lacking & by_hand,
        lock=_lock(holding, subscriber, after, servings, policy),
    )


def adoptions(decision: Decision, subscriber: Subscriber) -> Mapping[int, Effect]:
    """The rules, by library, that make of what was done by hand what is intended."""
    given: Effect = "allow" if entitled(subscriber) else "always"
    taken: Effect = "deny"
    return dict.fromkeys(decision.adopt_given, given) | dict.fromkeys(decision.adopt_taken, taken)


def unsettled(servings: Servings) -> dict[UUID, Libraries]:
    """What those accounts have that are as they should be, and of which that is not written down yet."""
    found = {}
    for holding in servings.holdings:
        subscriber = servings.people[holding.person_id]
        if holding.state == "wanted" or not in_our_hands(holding, subscriber):
            continue
        wants = intended(subscriber, servings)
        unlocked = holding.locked_by_us and not holding.locked and not _shut_out(subscriber, wants)
        if holding.observed.intersection(servings.titles) == wants and (unlocked or holding.settled != wants):
            found[holding.account_id] = wants
    return found


def in_our_hands(holding: Holding, subscriber: Subscriber) -> bool:
    """Whether it is ours to change the account: its person is managed, and it is no owner's or administrator's."""
    return subscriber.managed and holding.role not in UNTOUCHABLE and holding.state not in _OUT_OF_REACH


def _invitation(holding: Holding, wants: Libraries, servings: Servings) -> Decision | None:
    # Jellyfin knows no invitations, and one to nothing is of no use to anybody.
    if servings.kind != "plex" or not wants:
        return None
    return Decision(
        account_id=holding.account_id,
        person_id=holding.person_id,
        before=frozenset(),
        after=wants,
        give=wants,
        invite=True,
    )


def _lock(
    holding: Holding, subscriber: Subscriber, libraries: Libraries, servings: Servings, policy: AccessPolicy
) -> bool | None:
    if servings.kind != "jellyfin":
        return None
    shut_out = _shut_out(subscriber, libraries)
    if holding.locked:
        return False if holding.locked_by_us and not shut_out else None
    unlocked_by_hand = holding.locked_by_us and policy.hand_edits == "adopt"
    return True if shut_out and policy.lock_on_jellyfin and not unlocked_by_hand else None


def _shut_out(subscriber: Subscriber, libraries: Libraries) -> bool:
    # Who has something always must be able to log in for it.
    return not entitled(subscriber) and not libraries

"""What people set, on a real database."""

from __future__ import annotations

import asyncio
from pathlib import Path

from shared.access.terms import AccessPolicy
from shared.directory.preferences import Preferences
from tests.support.household import open_household


async def test_what_nobody_has_set_has_its_default(postgres: str, folder: Path) -> None:
    async with open_household(postgres, folder) as home:
        assert await Preferences(home.pool).access() == AccessPolicy()


async def test_setting_tells_what_was_set_before(postgres: str, folder: Path) -> None:
    one, other = AccessPolicy(most_people=3, hand_edits="revert"), AccessPolicy(most_share=0.5, lock_on_jellyfin=True)
    async with open_household(postgres, folder) as home:
        preferences = Preferences(home.pool)
        assert await preferences.set_access(one, "ada") == AccessPolicy()
        assert await preferences.set_access(other, "ben") == one
        assert await preferences.access() == other
        assert await home.pool.fetchval("SELECT changed_by FROM setting") == "ben"


async def test_of_many_who_set_at_once_each_hears_of_another(postgres: str, folder: Path) -> None:
    policies = [AccessPolicy(most_people=number) for number in range(1, 6)]
    async with open_household(postgres, folder) as home:
        preferences = Preferences(home.pool)
        former = await asyncio.gather(*(preferences.set_access(policy, "ada") for policy in policies))
        last = await preferences.access()
    assert sorted(policy.most_people for policy in (*former, last)) == [1, 2, 3, 4, 5, AccessPolicy().most_people]

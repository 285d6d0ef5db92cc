"""The first account."""

from __future__ import annotations

from ..store import accounts
from ..store.database import Database
from .passwords import Passwords, make_password

FIRST_ACCOUNT = "admin"


async def ensure_administrator(database: Database, passwords: Passwords, wished: str) -> str:
    """Make the account `admin` if there is no account at all, with the `wished` password or a random one.

    The random password, to be shown once; empty when nobody needs to be told one.
    """
    if await accounts.any_account(database):
        return ""
    password = wished or make_password()
    made = await accounts.add(database, FIRST_ACCOUNT, "admin", await passwords.hash(password))
    return password if made and not wished else ""

"""A new password for somebody who has lost theirs, set by whoever may use the database itself."""

from __future__ import annotations

from shared.runtime.clock import utc_now
from shared.runtime.database import open_pool
from shared.runtime.secrets import Secret

from ..store import accounts, audit
from ..store.audit import Deed
from ..store.database import Database
from .passwords import LONGEST, SHORTEST, Passwords

ACTION = "user.password_reset"
NOBODY_YET = "nobody can log in yet; start Showrunner, which makes the account admin"


class CantReset(Exception):
    """The password is as it was; the message says why."""


class WeakPassword(CantReset):
    """Too short or too long (NIST SP 800-63B, 3.1.1: length, no recipes)."""


class NoSuchAccount(CantReset):
    """Nobody of this name may log in."""


async def reset_password(url: str, schema: str, name: str, password: Secret, *, by: str, at: str) -> None:
    """Give an account this password, and end its sessions; gateways that run hear of it within `KEPT_S`.

    The audit trail names who did it, and at which machine. Raises `CantReset`; `DatabaseUnreachable`: it may be done.
    """
    if not SHORTEST <= len(password.reveal()) <= LONGEST:
        raise WeakPassword(f"a password has at least {SHORTEST} and at most {LONGEST} characters")
    kept = await Passwords().hash(password.reveal())
    async with open_pool(url, schema=schema, max_size=1) as pool:
        database = Database(pool)
        if not await accounts.set_password(database, name, kept, keep=b""):
            others = ", ".join(user.name for user in await accounts.users(database))
            raise NoSuchAccount(f"there is no account {name!r}: {f'{others} may log in' if others else NOBODY_YET}")
        await audit.write(database, Deed(at=utc_now(), who=by, address=at, action=ACTION, target=name))

"""The users of NATS and their permissions, in the words of its configuration (its documentation: Authorization)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .permissions import User

PASSWORDS = "../../run/secrets/nats_passwords"
"""Where the passwords stand, as seen from this list in the container: a file that sets a variable for each user."""


def user_list(users: Sequence[User]) -> str:
    """The inside of a block `authorization`."""
    return "\n".join((f'include "{PASSWORDS}"', "", *_map("users: [", "]", *map(_user, users)), ""))


def password_variable(user: str) -> str:
    """What a user's password is called in the file of passwords."""
    return f"{user.replace('-', '_')}_password"


def _user(user: User) -> list[str]:
    publish = [_map("allow: [", "]", map(_quoted, user.publish))] if user.publish else []
    never = [_map("deny: [", "]", map(_quoted, user.never))] if user.never else []
    return [
        f"# {user.about}",
        *_map(
            "{",
            "}",
            [f"user: {user.name}", f"password: ${password_variable(user.name)}"],
            _map(
                "permissions: {",
                "}",
                _map("publish: {", "}", *publish, *never),
                _map("subscribe: [", "]", map(_quoted, user.subscribe)),
            ),
        ),
    ]


def _map(opening: str, closing: str, *parts: Iterable[str]) -> list[str]:
    return [opening, *(f"  {line}" for part in parts for line in part), closing]


def _quoted(subject: str) -> str:
    return f'"{subject}"'

"""What Plex's XML says, checked: lists against the size that they claim, and against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from shared.directory.observation import INVITED, LibraryKind, Role, SeenAccount, SeenLibrary
from shared.outside.errors import Malformed

KINDS: Mapping[str, LibraryKind] = {"movie": "movies", "show": "shows", "artist": "music", "photo": "photos"}


def listed(who: str, container: Element, tag: str) -> list[Element]:
    """The entries of a listing. Malformed: it holds fewer or more of them than it says."""
    entries = container.findall(tag)
    claimed = number(who, container, "totalSize" if "totalSize" in container.attrib else "size")
    if claimed != len(entries):
        raise Malformed(f"{who} listed {len(entries)} entries ({tag}) where it claims {claimed}")
    return entries


def number(who: str, element: Element, name: str) -> int:
    """A number that has to be there. Malformed: it is not."""
    text = text_of(who, element, name)
    if not text.isdecimal():
        raise Malformed(f"{who} gave a {name} that is no number")
    return int(text)


def text_of(who: str, element: Element, name: str) -> str:
    """A text that has to be there. Malformed: it is not."""
    text = element.get(name)
    if not text:
        raise Malformed(f"{who} left out the {name} of a {element.tag}")
    return text


def library(who: str, directory: Element, item_count: int) -> SeenLibrary:
    """A library, with the number of its items."""
    return SeenLibrary(
        outside_id=text_of(who, directory, "key"),
        title=text_of(who, directory, "title"),
        kind=KINDS.get(directory.get("type", ""), "other"),
        item_count=item_count,
    )


def owner(identifier: str, username: str, title: str, email: str) -> SeenAccount:
    """The server's owner, who sees everything."""
    return SeenAccount(
        outside_id=identifier,
        username=username,
        title=title or username,
        email=email,
        role="owner",
        all_libraries=True,
    )


def guests(who: str, users: Iterable[Element], shares: Sequence[Element]) -> Iterator[SeenAccount]:
    """The owner's friends and home, and whoever has been invited to the server but has not answered yet."""
    shares_by_user = {share_holder(who, share): share for share in shares}
    for user in users:
        user_id = text_of(who, user, "id")
        share = shares_by_user.pop(user_id, None)
        yield _account(user_id, user, _role(user), share)
    for user_id, share in shares_by_user.items():
        yield _account(user_id, share, "friend", share)


def shared_libraries(share: Element, libraries: Iterable[str]) -> frozenset[str]:
    """Which of the `libraries` (keys) an accepted share lets its holder see; a pending one none."""
    return frozenset() if is_pending(share) else offered_libraries(share, libraries)


def offered_libraries(share: Element, libraries: Iterable[str]) -> frozenset[str]:
    """Which of the `libraries` (keys) a share is about, accepted or not."""
    if is_of_all(share):
        return frozenset(libraries)
    # plex.tv may still list a library that the server has no more.
    return frozenset(libraries) & frozenset(named_libraries(share))


def named_libraries(share: Element) -> list[str]:
    """The keys of all libraries that a share names, in order."""
    return [section.get("key", "") for section in share.findall("Section") if section.get("shared") == "1"]


def is_of_all(share: Element) -> bool:
    """Whether a share is about all libraries, those that are yet to come included."""
    return share.get("allLibraries") == "1"


def share_holder(who: str, share: Element) -> str:
    """The plex.tv number of a share's holder; somebody without an account yet goes by the share."""
    return share.get("userID") or f"{INVITED}{text_of(who, share, 'id')}"


def is_pending(share: Element) -> bool:
    """Whether the invitation has not been accepted."""
    return share.get("acceptedAt", "") in ("", "0")


def agree(who: str, identifier: str, users: Sequence[Element], shares: Sequence[Element]) -> None:
    """Malformed: one of plex.tv's two lists shows somebody with an accepted share whom the other leaves out."""
    by_users = {text_of(who, user, "id") for user in users if _is_let_in(user, identifier)}
    by_shares = {share_holder(who, share) for share in shares if not is_pending(share)}
    everybody = {text_of(who, user, "id") for user in users}
    lost, unknown = len(by_users - by_shares), len(by_shares - everybody)
    if lost or unknown:
        raise Malformed(
            f"{who} contradicts itself about who shares the server: its list of shares lacks {lost} of those whom its "
            f"list of users shows, which lacks {unknown} of those whom the other shows"
        )


def sections(who: str, identifier: str, container: Element) -> dict[str, int]:
    """plex.tv's numbers of a server's libraries, by the server's keys. Malformed: it tells of another server."""
    servers = [server for server in container.findall("Server") if server.get("machineIdentifier") == identifier]
    if len(servers) != 1:
        raise Malformed(f"{who} does not tell of the server that was asked for")
    return {text_of(who, section, "key"): number(who, section, "id") for section in servers[0].findall("Section")}


def _is_let_in(user: Element, identifier: str) -> bool:
    return any(
        server.get("machineIdentifier") == identifier and server.get("pending") != "1"
        for server in user.findall("Server")
    )


def _role(user: Element) -> Role:
    if user.get("home") != "1":
        return "friend"
    return "managed" if user.get("restricted") == "1" else "home"


def _account(outside_id: str, element: Element, role: Role, share: Element | None) -> SeenAccount:
    username, email = element.get("username", ""), element.get("email", "")
    pending = share is not None and is_pending(share)
    return SeenAccount(
        outside_id=outside_id,
        username=username,
        title=element.get("title") or username or email or f"Account {outside_id}",
        email=email,
        role=role,
        state="pending" if pending else "active",
        all_libraries=share is not None and not pending and is_of_all(share),
        share_id="" if share is None else share.get("id", ""),
    )

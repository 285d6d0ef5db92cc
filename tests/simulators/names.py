"""Names to make households from."""

from __future__ import annotations

from typing import Literal


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "Ada Alma Amir Anouk Arjun Astrid Bao Bela Carlos Chiara Dalia Diego Elif Emil Esther Farah Femke Gita Hana Hugo "
    "Ines Ivo Jack Jana Jonas Kai Kofi Lena Leo Lucia Mabel Marek Mei Milo Nadia Nils Noor Olga Omar Paula Priya Quinn "
    "Rafael Rosa Samir Sofia Tariq Tess Tomas Ulla Vera Viktor Wanda Wei Xenia Yara Yusuf Zoe"
)
FAMILY = _words(
    "Abbott Almeida Bauer Becker Bianchi Castillo Chen Costa Dubois Eriksen Fischer Fontaine Garcia Haddad Hansen "
    "Horvat Ito Jansen Kaya Kim Kowalski Kumar Laurent Lindgren Lopez Maes Marino Mensah Moreau Murphy Nakamura Novak "
    "Okafor Olsen Park Pereira Petrov Quist Rahman Rossi Ruiz Santos Schmidt Silva Singh Sorensen Suzuki Tanaka Torres "
    "Vargas Vasquez Visser Weber Wilson Yilmaz Zhang Zimmermann"
)
SERVERS = _words("Attic Cellar Lighthouse Observatory Boathouse")
# The first titles come back on every server, so that nothing can be told apart by its title alone.
LIBRARIES: tuple[tuple[str, Literal["movie", "show", "artist", "photo"]], ...] = (
    ("Movies", "movie"),
    ("TV Shows", "show"),
    ("Music", "artist"),
    ("Anime", "show"),
    ("Kids Movies", "movie"),
    ("Documentaries", "movie"),
    ("Family Photos", "photo"),
    ("Concerts", "movie"),
    ("Cartoons", "show"),
    ("Classics", "movie"),
)
ADJECTIVES = _words(
    "Amber Broken Crimson Distant Electric Faded Golden Hidden Iron Last Lonely Midnight Northern Paper Quiet Silver "
    "Stolen Velvet Wandering Winter"
)
NOUNS = _words(
    "Archive Bridge Carnival Compass Garden Harbor Island Journey Kingdom Lantern Letter Meridian Mirror Orchard "
    "Promise River Shadow Signal Station Tide Voyage Window"
)


def item_title(key: int, index: int) -> str:
    """The title of the `index`-th item (from 0) of library `key`: always the same, and unlike the library's others."""
    number = index + key * 7
    adjective, noun = ADJECTIVES[number % len(ADJECTIVES)], NOUNS[number // len(ADJECTIVES) % len(NOUNS)]
    part = index // (len(ADJECTIVES) * len(NOUNS))
    return f"{adjective} {noun} {part + 1}" if part else f"{adjective} {noun}"

"""Secrets at rest and in sight."""

from __future__ import annotations

import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.runtime.secrets import BadKey, Secret, Vault, WrongKey

PLACE = "server/1/token"


def test_what_is_sealed_is_read_again_by_whoever_has_the_key(folder: Path) -> None:
    sealed = Vault.from_file(folder / "key").seal(Secret("hidden"), PLACE)
    assert b"hidden" not in sealed
    assert Vault.from_file(folder / "key").unseal(sealed, PLACE).reveal() == "hidden"


def test_the_key_is_for_its_owner_alone(folder: Path) -> None:
    Vault.from_file(folder / "deeper" / "key")
    assert stat.S_IMODE((folder / "deeper" / "key").stat().st_mode) == 0o600
    assert [path.name for path in (folder / "deeper").iterdir()] == ["key"]


def test_all_who_start_at_once_have_one_key(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        vaults = list(threads.map(lambda _: Vault.from_file(folder / "key"), range(8)))
    sealed = vaults[0].seal(Secret("hidden"), PLACE)
    assert {vault.unseal(sealed, PLACE).reveal() for vault in vaults} == {"hidden"}


def test_a_sealed_secret_can_not_be_moved_altered_or_read_with_another_key(folder: Path) -> None:
    vault, other = Vault.from_file(folder / "key"), Vault.from_file(folder / "other")
    sealed = vault.seal(Secret("hidden"), PLACE)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for reader, what, place in [(vault, sealed, "server/2/token"), (vault, altered, PLACE), (other, sealed, PLACE)]:
        with pytest.raises(WrongKey, match="put the key file that belongs to this database back"):
            reader.unseal(what, place)


@pytest.mark.parametrize("content", ["", "too short", "ü" * 40, "A" * 80])
def test_a_file_that_holds_no_key_is_refused(folder: Path, content: str) -> None:
    (folder / "key").write_text(content)
    with pytest.raises(BadKey):
        Vault.from_file(folder / "key")


def test_a_secret_is_not_shown_by_accident() -> None:
    secret = Secret("hidden")
    assert "hidden" not in f"{secret} {secret!r} {[secret]}"
    assert secret == Secret("hidden") and secret != Secret("other") and secret != "hidden"
    assert secret and not Secret("")
    with pytest.raises(TypeError):
        pickle.dumps(secret)

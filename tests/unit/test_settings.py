"""Settings: where they come from, which wins, and what is said when they can't be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.runtime.settings import SettingsError, read_settings


def test_defaults() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.timezone) == ("127.0.0.1", 8080, "UTC")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "showrunner.toml"
    file.write_text('port = 9000\ntimezone = "Europe/Paris"\n')
    settings = read_settings({"SHOWRUNNER_PORT": "9001"}, file)
    assert (settings.port, settings.timezone) == (9001, "Europe/Paris")


def test_all_errors_are_told_together(tmp_path: Path) -> None:
    file = tmp_path / "showrunner.toml"
    file.write_text('colour = "green"\n')
    environment = {"SHOWRUNNER_PORT": "many", "SHOWRUNNER_TIMEZONE": "Mars/Olympus", "SHOWRUNNER_LOG": "xml"}
    with pytest.raises(SettingsError) as caught:
        read_settings(environment, file)
    told = str(caught.value)
    for part in ("colour", "SHOWRUNNER_PORT", "Mars/Olympus", "json or console"):
        assert part in told


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "showrunner.toml"
    file.write_text("port: 9000")
    with pytest.raises(SettingsError, match="can't be read"):
        read_settings({}, file)


def test_secrets_are_not_shown() -> None:
    settings = read_settings(
        {"SHOWRUNNER_DATABASE_URL": "postgresql://me:hush@db/x", "SHOWRUNNER_ADMIN_PASSWORD": "hush"}
    )
    assert "hush" not in repr(settings)
    assert "hush" not in str(settings.shown())
    assert settings.secret("admin_password").reveal() == "hush"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgresql://me:hush@db/x\n")
    settings = read_settings({"SHOWRUNNER_DATABASE_URL_FILE": str(file)})
    assert settings.secret("database_url").reveal() == "postgresql://me:hush@db/x"


def test_a_secret_is_not_given_twice(tmp_path: Path) -> None:
    file = tmp_path / "nats_url"
    file.write_text("nats://hush@nats")
    with pytest.raises(SettingsError, match="give one of them") as caught:
        read_settings({"SHOWRUNNER_NATS_URL_FILE": str(file), "SHOWRUNNER_NATS_URL": "nats://hush@elsewhere"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"], ids=["missing", "empty", "blank", "not text"])
def test_a_secret_file_that_holds_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "admin_password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"SHOWRUNNER_ADMIN_PASSWORD_FILE.*(can't be read|is empty)"):
        read_settings({"SHOWRUNNER_ADMIN_PASSWORD_FILE": str(file)})

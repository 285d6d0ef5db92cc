"""What people type, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli.command import UsageError
from services.cli.commands import COMMANDS
from services.cli.parser import make_parser
from services.cli.remote.address import checked_address, is_private, local_address
from services.cli.remote.answers import Parameter, Person, Run
from services.cli.remote.api import failure
from services.cli.remote.errors import Missing, NotAllowed, NotReachable, Refused
from services.cli.remote.logins import Login, forget_login, keep_login, kept_login, login_file
from services.cli.remote.moments import ago, ahead
from services.cli.remote.naming import called, only, short, shown_as
from services.cli.remote.running import params_of
from shared.contracts.ids import new_run, slot_run

NOW = datetime(2030, 1, 31, 18, tzinfo=UTC)
PARAMETERS = (
    Parameter(name="count", title="", kind="integer"),
    Parameter(name="sure", title="", kind="boolean"),
    Parameter(name="who", title="", kind="text"),
)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("https://tv.example.org/", "https://tv.example.org"),
        ("http://[::1]:80/showrunner/", "http://[::1]:80/showrunner"),
    ],
)
def test_addresses(typed: str, address: str) -> None:
    assert checked_address(typed) == address


@pytest.mark.parametrize("typed", ["", "ftp://x", "http://kim:secret@x", "http://x?y", "http://x:99999", "http://"])
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        checked_address(typed)


def test_which_addresses_nobody_reads_along() -> None:
    assert is_private("https://tv.example.org") and is_private("http://127.0.0.1:8080") and is_private("http://[::1]")
    assert not is_private("http://tv.example.org") and not is_private("http://192.168.1.2")


def test_this_machine_is_where_up_said_that_it_listens(folder: Path) -> None:
    environ = {"SHOWRUNNER_DATA": str(folder), "SHOWRUNNER_PORT": "9090"}
    assert local_address(environ, None) == "http://127.0.0.1:9090"
    (folder / "address").write_text("http://127.0.0.1:7070")
    assert local_address(environ, None) == "http://127.0.0.1:7070"


def test_a_log_in_is_kept_for_nobody_else(folder: Path) -> None:
    file = login_file({"XDG_CONFIG_HOME": str(folder)}, home=folder, platform="linux")
    login = Login(url="http://x", account="kim", session="very secret")
    assert kept_login(file) is None
    keep_login(file, login)
    assert kept_login(file) == login and file.stat().st_mode & 0o777 == 0o600
    assert "secret" not in repr(login)
    forget_login(file)
    assert kept_login(file) is None


def test_moments_and_intervals() -> None:
    assert ago("--since", "2h", NOW) == "2030-01-31T16:00:00+00:00"
    assert ahead("--until", "1d", NOW) == "2030-02-01T18:00:00+00:00"
    assert ago("--since", "2030-01-31T18:00+02:00", NOW) is not None and ago("--since", None, NOW) is None
    with pytest.raises(UsageError, match="--since 'yesterday'"):
        ago("--since", "yesterday", NOW)


def test_parameters_get_the_kinds_that_the_job_says() -> None:
    assert params_of(PARAMETERS, ["count=3", "sure=yes", "who=a=b", "new=1"]) == {
        "count": 3,
        "sure": True,
        "who": "a=b",
        "new": "1",
    }


@pytest.mark.parametrize("word", ["count=three", "sure=maybe", "who", "=x"])
def test_parameters_that_do_not_fit(word: str) -> None:
    with pytest.raises(UsageError, match="--param"):
        params_of(PARAMETERS, [word])


def test_short_ids_differ_between_slots_jobs_and_runs_by_hand() -> None:
    slots = {short(str(slot_run(job, slot * 60_000))) for job in ("sync_plex", "sync_jellyfin") for slot in range(500)}
    assert len(slots) == 1000 and len(short(str(new_run()))) == 11


def test_which_run_is_meant() -> None:
    runs = [Run(id=str(slot_run("greet", slot * 1000)), job="greet", state="finished") for slot in range(3)]
    assert shown_as(short(runs[1].id), runs) is runs[1]
    with pytest.raises(Missing):
        shown_as("000000-0000", runs)
    with pytest.raises(UsageError, match="2 runs"):
        shown_as(short(runs[0].id), [runs[0], runs[0]])


def test_which_person_is_meant() -> None:
    kim, tim = (Person(id=name, name=name, state="active") for name in ("Kim", "Tim"))
    assert called("kim", [kim, tim], "person") is kim
    with pytest.raises(Missing, match="no person named jim"):
        called("jim", [kim, tim], "person")
    with pytest.raises(UsageError, match=r"Kim .*, Tim"):
        only("im", [kim, tim], "person")


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_status"),
    [
        (401, "unauthenticated", NotAllowed, 4),
        (401, "wrong_password", NotAllowed, 4),
        (403, "forbidden", NotAllowed, 4),
        (404, "job_unknown", Missing, 5),
        (409, "job_running", Refused, 1),
        (422, "bad_params", Refused, 1),
        (503, "scheduler_unreachable", NotReachable, 3),
    ],
)
def test_what_the_errors_of_the_api_mean(status: int, code: str, kind: type, exit_status: int) -> None:
    error = failure(status, code, "Because.")
    assert type(error) is kind and error.status == exit_status


def test_every_command_has_help_and_a_sentence_in_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words, does in [([], ""), *(([name], command.does) for name, command in COMMANDS.items())]:
        with pytest.raises(SystemExit) as ended:
            make_parser().parse_args([*words, "--help"])
        said = capsys.readouterr().out
        assert ended.value.code == 0 and does.lower()[:20] in " ".join(said.lower().split())
        assert all(len(line) <= 80 for line in said.splitlines()), said


def test_words_that_nobody_understands() -> None:
    with pytest.raises(SystemExit) as ended:
        make_parser().parse_args(["runs", "--limit", "0"])
    assert ended.value.code == 2

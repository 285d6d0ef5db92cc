"""Commands that start a run or end one: `run`, `cancel`, `retry`, `approve` and `undo`."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

import msgspec

from services.cli.command import Command, UsageError
from services.cli.exits import DONE

from .answers import Job, Parameter, Started
from .api import Api, part
from .asking import Asking, remote
from .following import appeared, status_of, tell_end, until_finished
from .jobs import name_argument
from .naming import RUN_HELP, run_id, short

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def _run_arguments(parser: ArgumentParser) -> None:
    name_argument(parser)
    parser.add_argument("-p", "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter's value")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only show what would be done")
    _wait_argument(parser)


def run_argument(parser: ArgumentParser) -> None:
    """The run that is meant."""
    parser.add_argument("run", metavar="RUN", help=RUN_HELP)


def _rerun_arguments(parser: ArgumentParser) -> None:
    run_argument(parser)
    _wait_argument(parser)


def _wait_argument(parser: ArgumentParser) -> None:
    parser.add_argument("-w", "--wait", action="store_true", help="until it ends; exit status 0 if it succeeded")


async def _run(asking: Asking) -> int:
    words = asking.words
    params = await _params(asking.api, words.name, words.param) if words.param else {}
    answer = await asking.api.post(f"/api/jobs/{part(words.name)}/run", params=params, dry_run=words.dry_run)
    return await _started(asking, answer, f"{words.name} was started")


async def _retry(asking: Asking) -> int:
    return await _again(asking, "retry", "It is run again")


async def _approve(asking: Asking) -> int:
    return await _again(asking, "approve", "Approved: what was held back is done now")


async def _undo(asking: Asking) -> int:
    return await _again(asking, "undo", "What it changed is taken back")


async def _cancel(asking: Asking) -> int:
    id = await run_id(asking.api, asking.words.run)
    answer = await asking.api.post(f"/api/runs/{id}/cancel")
    if asking.screen.json and not asking.words.wait:
        asking.screen.document(answer)
    asking.screen.say(f"Run {short(id)} is asked to stop.")
    if asking.words.wait:
        run = await until_finished(asking.api, asking.screen, id, log=False)
        if asking.screen.json:
            asking.screen.document(await asking.api.get(f"/api/runs/{id}"))
        tell_end(asking.screen, run)
    return DONE


async def _again(asking: Asking, verb: str, said: str) -> int:
    id = await run_id(asking.api, asking.words.run)
    return await _started(asking, await asking.api.post(f"/api/runs/{id}/{verb}"), said)


async def _started(asking: Asking, answer: bytes, said: str) -> int:
    """Tell of a run that was started, or wait for its end."""
    id = msgspec.json.decode(answer, type=Started).run_id
    screen = asking.screen
    if not asking.words.wait:
        if screen.json:
            screen.document(answer)
        screen.say(f"{said}, run {short(id)}. Follow it with `showrunner logs -f {short(id)}`.")
        return DONE
    await appeared(asking.api, id)
    run = await until_finished(asking.api, screen, id, log=False)
    if screen.json:
        screen.document(await asking.api.get(f"/api/runs/{id}"))
    tell_end(screen, run)
    return status_of(run)


async def _params(api: Api, name: str, given: Sequence[str]) -> dict[str, Any]:
    job = await api.read(Job, f"/api/jobs/{part(name)}")
    return params_of(job.parameters, given)


def params_of(parameters: Sequence[Parameter], given: Sequence[str]) -> dict[str, Any]:
    """`NAME=VALUE` words as values of the kinds that the parameters have. UsageError: one does not fit.

    A name that the job does not know goes on as text: the API says so better.
    """
    kinds = {parameter.name: parameter.kind for parameter in parameters}
    params: dict[str, Any] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"--param {word!r}: write it as NAME=VALUE")
        params[name] = _value(name, kinds.get(name, "text"), value)
    return params


def _value(name: str, kind: str, text: str) -> Any:
    if kind == "integer":
        try:
            return int(text)
        except ValueError:
            raise UsageError(f"--param {name}: {text!r} is not a whole number") from None
    if kind == "boolean":
        if text.lower() not in _TRUE | _FALSE:
            raise UsageError(f"--param {name}: {text!r} is neither yes nor no")
        return text.lower() in _TRUE
    return text


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (
        remote("run", "run a job now", _run, _run_arguments),
        remote("cancel", "stop a run", _cancel, _rerun_arguments),
        remote("retry", "run again what has ended", _retry, _rerun_arguments),
        remote("approve", "let what a held run held back be done", _approve, _rerun_arguments),
        remote("undo", "take back what a run changed", _undo, _rerun_arguments),
    )

"""What a command of `showrunner` is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


def no_arguments(parser: ArgumentParser) -> None:
    """For commands that take none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One word after `showrunner`. `run` gives the exit status (see `exits`)."""

    name: str
    does: str
    run: Callable[[Namespace], int]
    arguments: Callable[[ArgumentParser], None] = no_arguments


class UsageError(Exception):
    """Words that are understood, but can't be meant; the message says which."""

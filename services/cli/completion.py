"""`completion`: what has a shell complete the words of `showrunner`. Scripts are made from the table of commands."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.cli.command import Command
from services.cli.exits import DONE

SHELLS = ("bash", "zsh", "fish")


class Words(NamedTuple):
    """What may follow a command: its options with what they do, and the words it knows."""

    does: str
    options: Mapping[str, str]
    choices: Sequence[str]


def words_of(parser: ArgumentParser, does: str) -> Words:
    """What a command's parser takes."""
    options: dict[str, str] = {}
    choices: list[str] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            choices += action.choices
            for sub in action.choices.values():
                options |= words_of(sub, "").options
        elif action.option_strings:
            options[action.option_strings[-1]] = (action.help or "").split(";")[0]
        elif action.choices:
            choices += [str(choice) for choice in action.choices]
    return Words(does, options, choices)


def bash(commands: Mapping[str, Words]) -> str:
    """For bash (Programmable Completion Builtins)."""
    cases = "\n".join(
        f'        {name}) words="{" ".join([*words.choices, *words.options])}" ;;' for name, words in commands.items()
    )
    return f"""_showrunner() {{
    local words="{" ".join(commands)} --config --version --help" word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in
{cases}
        *) continue ;;
        esac
        break
    done
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _showrunner showrunner
"""


def zsh(commands: Mapping[str, Words]) -> str:
    """For zsh (zshcompsys)."""
    names = "\n".join(f"        {_quoted(f'{name}:{words.does}')}" for name, words in commands.items())
    cases = []
    for name, words in commands.items():
        options = " ".join(_quoted(f"{option}[{_bare(does)}]") for option, does in words.options.items())
        choices = f" {_quoted('1:word:(' + ' '.join(words.choices) + ')')}" if words.choices else ""
        cases.append(f"        {name}) _arguments {options}{choices} '*:word:_default' ;;")
    listed = "\n".join(cases)
    return f"""#compdef showrunner
_showrunner() {{
    local -a names=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe 'command' names
        return
    fi
    local name=$words[2]
    shift words
    (( CURRENT-- ))
    case $name in
{listed}
    esac
}}
compdef _showrunner showrunner
"""


def fish(commands: Mapping[str, Words]) -> str:
    """For fish (its `complete`)."""
    lines = ["complete -c showrunner -f"]
    for name, words in commands.items():
        lines.append(f"complete -c showrunner -n __fish_use_subcommand -a {name} -d {_fish(words.does)}")
        seen = f"-n '__fish_seen_subcommand_from {name}'"
        lines += [f"complete -c showrunner {seen} -a {choice}" for choice in words.choices]
        lines += [
            f"complete -c showrunner {seen} -l {option.removeprefix('--')} -d {_fish(does)}"
            for option, does in words.options.items()
        ]
    return "\n".join(lines) + "\n"


def _run(words: Namespace) -> int:
    # Here, because the table of commands lists this command too.
    from services.cli.commands import COMMANDS

    commands = {}
    for name, command in COMMANDS.items():
        parser = ArgumentParser()
        command.arguments(parser)
        commands[name] = words_of(parser, command.does)
    print({"bash": bash, "zsh": zsh, "fish": fish}[words.shell](commands), end="")
    return DONE


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _bare(text: str) -> str:
    return text.replace("[", "(").replace("]", ")").replace(":", " -")


def commands() -> tuple[Command, ...]:
    """In the order of the help."""
    return (Command(name="completion", does="print what has a shell complete these words", run=_run,
                    arguments=_arguments),)  # fmt: skip

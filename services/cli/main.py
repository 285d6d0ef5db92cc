"""`showrunner`: everything on this machine, one service of it, or a client of a Showrunner anywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from services.cli.command import UsageError
from services.cli.commands import COMMANDS
from services.cli.embedded.errors import EmbeddedError
from services.cli.exits import FAILED, INTERRUPTED, USAGE
from services.cli.parser import make_parser
from services.cli.terminal.screen import complain
from shared.runtime.secrets import VaultError
from shared.runtime.settings import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: see `exits`. What has to be mended first is said in one line on standard error."""
    words = make_parser().parse_args(arguments)
    try:
        return COMMANDS[words.command].run(words)
    except UsageError as error:
        return _told(error, USAGE)
    except (KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has seen enough, as `head` does; nothing may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (Exception, BaseExceptionGroup) as error:
        if not _is_told(error):
            raise
        return _told(_first(error), FAILED)


def _is_told(error: BaseException) -> bool:
    """Whether its message is for people. Services end with a group, whose parts their logs have told of."""
    # Asked for now: clients of the API never load the libraries of the servers.
    from shared.messaging import MessagingError
    from shared.runtime.database import DatabaseError

    told = BaseExceptionGroup | SettingsError | EmbeddedError | VaultError | DatabaseError | MessagingError
    return isinstance(error, told)


def _told(error: BaseException, status: int) -> int:
    complain(str(error))
    return status


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    sys.exit(main())

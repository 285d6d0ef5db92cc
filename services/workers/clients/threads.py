"""Calls of blocking libraries, in a bounded number of threads, with their errors told as ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

import requests
from plexapi.exceptions import PlexApiException
from requests.adapters import HTTPAdapter

from shared.outside.errors import Malformed, Refused, Unreachable
from shared.outside.http import unreached
from shared.outside.statuses import complaint

T = TypeVar("T")


class _Elsewhere(HTTPAdapter):
    """Sends what is meant for one base URL to another."""

    def __init__(self, meant: str, real: str) -> None:
        self._meant, self._real = meant, real
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = self._real + (request.url or "").removeprefix(self._meant)
        return super().send(request, *args, **kwargs)


def checking_session(who: str, *, moved: tuple[str, str] | None = None) -> requests.Session:
    """A session that raises our errors for what is no success, and of what is read, no XML, before plexapi makes
    something else of it.

    plexapi's errors lack the status and hold the whole answer. `moved`: a base URL, and where it really is.
    """
    session = requests.Session()
    session.max_redirects = 0
    if moved:
        session.mount(moved[0], _Elsewhere(*moved))

    def examine(response: requests.Response, *_: Any, **__: Any) -> None:
        if error := complaint(who, response.status_code, response.headers):
            raise error
        # Whoever changes something is told by the status; only what is read has to be there.
        if response.request.method != "GET":
            return
        if not response.content.strip():
            raise Malformed(f"{who} answered with nothing at all")
        # plexapi hands anything else on as a text or a dict.
        if "xml" not in response.headers.get("Content-Type", ""):
            raise Malformed(f"{who} answered with something that is not XML")

    session.hooks["response"].append(examine)
    return session


async def in_thread(threads: Executor, who: str, call: Callable[[], T]) -> T:
    """What `call` gives, made in a thread. OutsideError, said of `who`.

    When this is cancelled, the thread ends by the time-out of the request that it makes.
    """

    def told() -> T:
        with _errors_told(who):
            return call()

    return await asyncio.get_running_loop().run_in_executor(threads, told)


@contextmanager
def _errors_told(who: str) -> Iterator[None]:
    try:
        yield
    except requests.Timeout:
        raise Unreachable(f"{who} did not answer in time") from None
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
        raise Malformed(f"{who} broke off in the middle of its answer") from None
    except requests.TooManyRedirects:
        raise Refused(f"{who} sends us on to another address: enter that one instead", status=302) from None
    except requests.ConnectionError as error:
        raise unreached(who, _root(error)) from None
    except requests.RequestException as error:
        raise Unreachable(f"{who} can't be asked: {type(error).__name__}", transient=False) from None
    except (ParseError, ValueError, PlexApiException):
        raise Malformed(f"{who} answered with something that is not Plex's, or only part of it") from None


def _root(error: BaseException) -> BaseException:
    while error.__context__ is not None:
        error = error.__context__
    return error

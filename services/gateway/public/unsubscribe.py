"""The page behind the link in every campaign, and its one click (RFC 8058): no log-in, no script, no cookie.

Looking at it changes nothing, for mail programs and virus scanners look at every link. Whoever has the link may
unsubscribe its person, from any site's page: the rule of one origin guards cookies, and none is read here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from aiohttp import web

from shared.directory.errors import NoSuchPerson
from shared.mail.unsubscribing import person_of
from shared.runtime.clock import utc_now

from ..auth.pace import Pace
from ..context import Gateway
from ..store.audit import Deed
from ..store.database import DatabaseUnreachable, outages_named
from .page import button, page
from .words import Words, words_for

AT_ONCE, EVERY_S = 20, 3.0
# Whichever way the form is encoded, this is in it.
ONE_CLICK = b"One-Click"


class UnsubscribePage:
    """Serves it at /unsubscribe/ and the token of a person."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._pace = Pace(at_once=AT_ONCE, every_s=EVERY_S)

    def add_to(self, app: web.Application) -> None:
        """Serve it."""
        app.router.add_get("/unsubscribe/{token}", self._ask)
        app.router.add_post("/unsubscribe/{token}", self._unsubscribe)

    async def _ask(self, request: web.Request) -> web.Response:
        return await self._answer(request, self._question)

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        return await self._answer(request, self._carried_out)

    async def _answer(
        self, request: web.Request, answer: Callable[[web.Request, UUID], Awaitable[web.Response]]
    ) -> web.Response:
        token, keys = request.match_info["token"], self._gateway.mailroom.unsubscribe_keys
        person_id = next(filter(None, (person_of(token, key) for key in keys)), None)
        words = words_for(_browsers_language(request))
        # By person where there is one: a mail provider clicks for all its users from few addresses.
        wait = self._pace.wait(str(person_id or request.remote), time.monotonic())
        if wait:
            return _later(words, 429, wait)
        if person_id is None:
            return page(words.broken_title, [words.broken], language=words.language, status=404)
        try:
            with outages_named():
                return await answer(request, person_id)
        except DatabaseUnreachable:
            return _later(words, 503, EVERY_S)

    async def _question(self, request: web.Request, person_id: UUID) -> web.Response:
        words, brand = await self._words(person_id)
        sentences = [words.ask.replace("{brand}", brand), words.stays]
        return page(words.title, sentences, button(words.button), language=words.language)

    async def _carried_out(self, request: web.Request, person_id: UUID) -> web.Response:
        how = "one click" if ONE_CLICK in await request.read() else "link"
        try:
            is_news = await self._gateway.mailroom.unsubscribe(person_id, how, utc_now())
        except NoSuchPerson:
            is_news = False  # who is not there any more gets nothing: that is what was asked for
        if is_news:
            await self._record(request, person_id, how)
        words, brand = await self._words(person_id)
        sentences = [words.done.replace("{brand}", brand), words.stays]
        return page(words.done_title, sentences, language=words.language)

    async def _words(self, person_id: UUID) -> tuple[Words, str]:
        """The words in the person's language, and the name that mail is sent under."""
        room = self._gateway.mailroom
        policy = await room.policy()
        try:
            language = (await room.person_for_mail(person_id, utc_now())).language
        except NoSuchPerson:
            language = ""
        return words_for(language, policy.default_language), policy.brand_name

    async def _record(self, request: web.Request, person_id: UUID, how: str) -> None:
        deed = Deed(
            at=utc_now(),
            who="",
            address=request.remote or "",
            action="person.mail",
            target=str(person_id),
            before={"campaigns": True},
            after={"campaigns": False, "unsubscribed_how": how},
        )
        await self._gateway.trail.write(deed)


def _later(words: Words, status: int, wait_s: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(wait_s))}
    return page(words.later_title, [words.later], language=words.language, status=status, headers=headers)


def _browsers_language(request: web.Request) -> str:
    """The language that the browser names first (RFC 9110, 12.5.4); empty if it names none."""
    return request.headers.get("Accept-Language", "").partition(",")[0].partition(";")[0].strip()

"""Calls about hooks; for administrators. What comes in by a hook is taken at /hooks."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from msgspec import Meta, Struct, field, structs

from shared.runtime.clock import utc_now

from ..hooks.rules import fault_of
from ..hooks.terms import DeliveryState, HookDelivery, HookEvent, HookIn, HookOut, Proof, ToldEvent
from ..store import hook_deliveries
from ..store.hook_deliveries import DeliveryQuery
from ..store.hook_table import H, HookTable
from ..store.hooks_in import HOOKS_IN, HookInBody
from ..store.hooks_out import HOOKS_OUT, HookOutBody
from .paging import Limit, number_after
from .params import checked_params
from .problems import Problem
from .route import Call, Nothing

HookName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Word = Annotated[str, Meta(min_length=1, max_length=200)]
Words = Annotated[tuple[Word, ...], Meta(max_length=100)]
_NEWEST = 2**63 - 1


class HookInDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a hook in but its name and its secret; see `HookIn`."""

    job: str
    params: dict[str, Any] = field(default_factory=dict)
    events: Words = ()
    per_minute: Annotated[int, Meta(ge=1, le=600)] = 30
    enabled: bool = True


class NewHookIn(HookInDetails, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A hook in. `token` is for senders that can't sign."""

    name: HookName
    proof: Proof = "signature"


class HookOutDetails(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of a hook out but its name and its secret; see `HookOut`."""

    url: Annotated[str, Meta(max_length=2000)]
    events: Annotated[tuple[HookEvent, ...], Meta(min_length=1, max_length=4)] = ("failed", "recovered", "held")
    jobs: Words = ()
    categories: Words = ()
    enabled: bool = True


class NewHookOut(HookOutDetails, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: HookName


class HookLists(Struct, frozen=True, kw_only=True):
    incoming: tuple[HookIn, ...]
    outgoing: tuple[HookOut, ...]


class HookSecret(Struct, frozen=True, kw_only=True):
    """What a hook proves itself with. It is shown this once, and can't be had again.

    `path` is where a hook in is called: for one with a token, the token is the end of it.
    """

    name: str
    secret: str
    path: str

    def __repr__(self) -> str:
        return f"HookSecret(name={self.name!r})"


class HookDeliveryFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deliveries for which all that is given holds. `text` is looked for in jobs, runs and answers."""

    text: Annotated[str, Meta(max_length=200)] = ""
    hook: str | None = None
    state: DeliveryState | None = None
    event: ToldEvent | None = None
    limit: Limit = 100
    after: str | None = None


class HookDeliveryList(Struct, frozen=True, kw_only=True):
    deliveries: tuple[HookDelivery, ...]
    next: str | None


async def list_hooks(call: Call, _: Nothing) -> HookLists:
    """All hooks by name."""
    database = call.gateway.database
    return HookLists(incoming=tuple(await HOOKS_IN.all(database)), outgoing=tuple(await HOOKS_OUT.all(database)))


async def add_hook_in(call: Call, body: NewHookIn) -> HookSecret:
    """Let another program run a job."""
    made = await call.gateway.hooks.add_in(body.name, body.proof, _checked_in(call, body))
    if made is None:
        raise _taken(body.name)
    hook, secret = made
    await call.record("hook_in.add", hook.name, None, hook)
    return _secret_in(hook, secret.reveal())


async def change_hook_in(call: Call, body: HookInDetails) -> HookIn:
    """Change a hook in."""
    before = await _hook_in(call)
    after = await HOOKS_IN.change(call.gateway.database, before.name, _checked_in(call, body))
    if after is None:
        raise _unknown(before.name)
    await call.record("hook_in.change", before.name, before, after)
    return after


async def renew_hook_in(call: Call, _: Nothing) -> HookSecret:
    """Give a hook in another secret."""
    hook = await _hook_in(call)
    secret = await call.gateway.hooks.renew_in(hook)
    await call.record("hook_in.secret", hook.name)
    return _secret_in(hook, secret.reveal())


async def remove_hook_in(call: Call, _: Nothing) -> None:
    """Remove a hook in."""
    hook = await _hook_in(call)
    await HOOKS_IN.remove(call.gateway.database, hook.name)
    await call.record("hook_in.remove", hook.name, hook)


async def add_hook_out(call: Call, body: NewHookOut) -> HookSecret:
    """Tell another program how runs end."""
    made = await call.gateway.hooks.add_out(body.name, _checked_out(body))
    if made is None:
        raise _taken(body.name)
    hook, secret = made
    await call.record("hook_out.add", hook.name, None, hook)
    return HookSecret(name=hook.name, secret=secret.reveal(), path="")


async def change_hook_out(call: Call, body: HookOutDetails) -> HookOut:
    """Change a hook out."""
    before = await _hook_out(call)
    after = await HOOKS_OUT.change(call.gateway.database, before.name, _checked_out(body))
    if after is None:
        raise _unknown(before.name)
    await call.record("hook_out.change", before.name, before, after)
    return after


async def renew_hook_out(call: Call, _: Nothing) -> HookSecret:
    """Give a hook out another secret."""
    hook = await _hook_out(call)
    secret = await call.gateway.hooks.renew_out(hook)
    await call.record("hook_out.secret", hook.name)
    return HookSecret(name=hook.name, secret=secret.reveal(), path="")


async def remove_hook_out(call: Call, _: Nothing) -> None:
    """Remove a hook out."""
    hook = await _hook_out(call)
    await HOOKS_OUT.remove(call.gateway.database, hook.name)
    await call.record("hook_out.remove", hook.name, hook)


async def try_hook_out(call: Call, _: Nothing) -> HookDelivery:
    """Have a test sent to a hook out, whatever events it wants."""
    database, hook = call.gateway.database, await _hook_out(call)
    if not hook.enabled:
        raise Problem("hook_disabled", f"The hook {hook.name} is told nothing while it is disabled: enable it first.")
    id = uuid4()
    await hook_deliveries.add_test(database, id, hook.id, utc_now())
    await call.record("hook_out.test", hook.name, None, {"delivery": id})
    return await _delivery(call, id)


async def list_hook_deliveries(call: Call, query: HookDeliveryFilter) -> HookDeliveryList:
    """What became of each telling, newest first."""
    values = structs.asdict(query)
    limit = values.pop("limit")
    wanted = DeliveryQuery(before=number_after(values.pop("after"), _NEWEST), **values)
    found = await hook_deliveries.newest(call.gateway.database, wanted, limit + 1)
    shown, more = found[:limit], len(found) > limit
    return HookDeliveryList(deliveries=tuple(shown), next=str(shown[-1].number) if more else None)


async def resend_hook_delivery(call: Call, _: Nothing) -> HookDelivery:
    """Have a delivery sent again now, whatever became of it."""
    database, id = call.gateway.database, call.id("delivery_unknown")
    before = await _delivery(call, id)
    await hook_deliveries.send_again(database, id, utc_now())
    after = await _delivery(call, id)
    await call.record("hook_delivery.resend", str(id), {"state": before.state, "answer": before.answer})
    return after


def _checked_in(call: Call, body: HookInDetails) -> HookInBody:
    """Raises `job_unknown`, or `bad_params` for what the job does not take."""
    spec = call.entry(body.job).spec
    assert spec is not None
    checked_params(spec.parameters, body.params)
    return HookInBody(
        job=body.job, params=body.params, events=body.events, per_minute=body.per_minute, enabled=body.enabled
    )


def _checked_out(body: HookOutDetails) -> HookOutBody:
    """Raises `bad_target`."""
    if fault := fault_of(body.url):
        raise Problem("bad_target", f"The address can't be used: {fault}.")
    return HookOutBody(
        url=body.url, events=body.events, jobs=body.jobs, categories=body.categories, enabled=body.enabled
    )


async def _hook_in(call: Call) -> HookIn:
    return await _hook(call, HOOKS_IN)


async def _hook_out(call: Call) -> HookOut:
    return await _hook(call, HOOKS_OUT)


async def _hook(call: Call, hooks: HookTable[H]) -> H:
    found = await hooks.find(call.gateway.database, call.path["name"])
    if found is None:
        raise _unknown(call.path["name"])
    return found[0]


async def _delivery(call: Call, id: UUID) -> HookDelivery:
    found = await hook_deliveries.find(call.gateway.database, id)
    if found is None:
        raise Problem("delivery_unknown", f"There is no delivery {id}.")
    return found


def _secret_in(hook: HookIn, secret: str) -> HookSecret:
    below = f"/{secret}" if hook.proof == "token" else ""
    return HookSecret(name=hook.name, secret=secret, path=f"/hooks/{hook.name}{below}")


def _unknown(name: str) -> Problem:
    return Problem("hook_unknown", f"There is no hook named {name}.")


def _taken(name: str) -> Problem:
    return Problem("name_taken", f"There is a hook named {name}: take another name.")

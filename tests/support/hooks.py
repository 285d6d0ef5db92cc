"""A house whose jobs end as they are asked to, a program that is told of it, and an administrator who sees both."""

from __future__ import annotations

from typing import Any, NamedTuple

from services.gateway.hooks.signing import SIGNATURE, TIMESTAMP, check
from services.workers.door import Job, JobFailed, Result, RunContext, held, succeeded
from shared.contracts.specs import Parameter
from shared.runtime.clock import utc_now
from tests.support.gateway_jobs import ended, spec
from tests.support.gateways import House, Person
from tests.support.receivers import Got, HookReceiver
from tests.support.waiting import wait_until

HOW = Parameter(name="how", title="How it ends", kind="text", default="well")


async def end(run: RunContext) -> Result:
    match run.params["how"]:
        case "badly":
            raise JobFailed("broken", "it is broken", retry=False)
        case "held":
            return held("too much")
        case _:
            return succeeded("all is well")


JOB = Job(spec("end", parameters=(HOW,)), end)
OTHER = Job(spec("other", parameters=(HOW,)), end)


class Town(NamedTuple):
    home: House
    admin: Person
    receiver: HookReceiver
    secrets: dict[str, str]

    async def hook(self, name: str = "home", **details: Any) -> None:
        status, made = await self.admin.post("/api/hooks/out", **{"name": name, "url": self.receiver.url, **details})
        assert status == 201, made
        self.secrets[name] = made["secret"]

    async def run(self, how: str = "well", job: str = "end") -> str:
        status, answer = await self.admin.post(f"/api/jobs/{job}/run", params={"how": how})
        assert status == 202, answer
        await ended(self.admin, answer["run_id"])
        return str(answer["run_id"])

    async def deliveries(self, **query: str) -> list[Any]:
        status, answer = await self.admin.get("/api/hooks/deliveries", **query)
        assert status == 200, answer
        return list(answer["deliveries"])

    async def settled(self, **wanted: Any) -> Any:
        """The newest delivery, once it is as wanted."""

        async def found() -> Any:
            newest = (await self.deliveries())[:1]
            return newest and {**newest[0], **wanted} == newest[0] and newest[0]

        return await wait_until(found, what=f"a delivery with {wanted}")

    def check(self, got: Got, hook: str = "home") -> None:
        check(self.secrets[hook].encode(), got.headers[TIMESTAMP], got.headers[SIGNATURE], got.body, utc_now())

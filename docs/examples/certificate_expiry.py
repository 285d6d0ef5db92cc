"""Which certificates end soon? `python certificate_expiry.py`, with SHOWRUNNER_NATS_URL in the environment."""

import asyncio
import ssl
import time

from services.workers.door import Job, JobFailed, Result, RunContext, succeeded
from services.workers.own import run_worker
from shared.contracts.specs import Calendar, Parameter, Spec

DAY_S = 24 * 3600


async def look(run: RunContext) -> Result:
    host, port, least = run.params.get("host", "localhost"), run.params.get("port", 443), run.params.get("least", 14)
    try:
        async with asyncio.timeout(10):
            _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        raise JobFailed("not_trusted", f"{host}: {error.verify_message}.", retry=False) from error
    except OSError as error:  # a time-out is one, too
        raise JobFailed("no_answer", f"{host} does not answer at port {port}.") from error
    certificate = writer.get_extra_info("peercert")
    writer.close()
    days = int(ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // DAY_S
    if days < least:
        raise JobFailed("ends_soon", f"The certificate of {host} ends in {days} days.", retry=False)
    return succeeded(f"the certificate of {host} is good for {days} days")


JOBS = (
    Job(
        spec=Spec(
            name="certificate_expiry",
            title="Certificate expiry",
            description="Fails when a server's certificate is not trusted, or ends soon.",
            category="system",
            schedule=Calendar(expression="0 6 * * *"),
            backoff_s=60,
            parameters=(
                Parameter(name="host", title="Server", kind="text", default="localhost"),
                Parameter(name="port", title="Port", kind="integer", default=443),
                Parameter(name="least", title="Days that must be left", kind="integer", default=14),
            ),
        ),
        handler=look,
    ),
)

if __name__ == "__main__":
    run_worker("system", JOBS)

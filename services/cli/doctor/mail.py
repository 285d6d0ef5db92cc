"""Mail, if it is set up: is anything lacking, and does the mail server let us in? Nothing is sent."""

from __future__ import annotations

from shared.directory.mailsetup import MailSetUp
from shared.outside.mail.check import check_mail
from shared.outside.mail.errors import MailError
from shared.outside.mail.keys import Password
from shared.runtime.secrets import WrongKey

from .findings import Finding, fault, ok

_MEND = "correct it in the mail settings of the page"


async def mail(set_up: MailSetUp) -> list[Finding]:
    """Nothing is found of mail that nobody has set up."""
    server = (await set_up.policy()).server
    if server is None:
        return []
    if lack := await set_up.lacking():
        return [fault("mail", lack, _MEND)]
    if server.login == "oauth":
        # To try it may renew the token, and the doctor changes nothing.
        return [ok("mail", f"set up at {server.host}, by consent; the page can try it")]
    try:
        password = await set_up.secret("smtp_password") if server.login == "password" else None
        check = await check_mail(server, Password(password) if password else None)
    except WrongKey as error:
        return [fault("mail", str(error), "put the key file that belongs to this database back")]
    except MailError as error:
        return [fault("mail", error.message, _MEND)]
    return [ok("mail", f"{server.host} lets us in, {check.tls or 'not encrypted'}, {check.latency_ms:.0f} ms")]

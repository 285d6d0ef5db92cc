"""Debian's Postfix in a container: a mail server that nobody wrote for our tests."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import product
from pathlib import Path
from typing import Literal, get_args

from services.workers.clients.letters import Letter
from shared.outside.mail.check import check_mail
from shared.outside.mail.errors import MailError
from shared.outside.mail.keys import Password
from shared.outside.mail.setup import MailServer, Security
from shared.runtime.secrets import Secret
from tests.containers.docker import docker
from tests.containers.stand_ins import debian
from tests.simulators.smtp_certificates import Authority
from tests.support.folders import short_folder
from tests.support.waiting import wait_until

Method = Literal["", "PLAIN", "LOGIN", "CRAM-MD5"]
SECURITIES: tuple[Security, ...] = get_args(Security)
METHODS: tuple[Method, ...] = get_args(Method)

DOORS = {door: 2500 + number for number, door in enumerate(product(SECURITIES, METHODS))}
"""The port, in the container, of each kind of encryption with each way to log in; "" is without."""

USERNAME, PASSWORD = "house", "pässword"
KEY = Password(Secret(PASSWORD))
LARGEST = 100_000  # bytes of a message, as main.cf says
UP_WITHIN = 30.0  # seconds
QUEUE_ID = re.compile(r"\bid (\w+)")

ENCRYPTION: Mapping[Security, tuple[str, ...]] = {
    "plain": (),
    "starttls": ("smtpd_tls_security_level=encrypt",),
    "tls": ("smtpd_tls_security_level=encrypt", "smtpd_tls_wrappermode=yes"),
}
LOGIN_WANTED = ("smtpd_sasl_auth_enable=yes", "smtpd_client_restrictions=permit_sasl_authenticated,reject")


class PostfixServer:
    """One Postfix, with a port for every door. Its certificate is for `localhost`."""

    def __init__(self, name: str, authority: Authority) -> None:
        self.name = name
        self.trust = authority.trust()
        self._certificate = authority.certificate("localhost")
        self._ports = dict(zip(DOORS, _free_ports(len(DOORS)), strict=True))

    @staticmethod
    def build() -> str:
        """Build the image; its name. Raises `NoImages`."""
        image = "showrunner-mail-server"
        arguments = {"DEBIAN": debian(), "USERNAME": USERNAME, "PASSWORD": PASSWORD, "SERVICES": _services()}
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        docker("build", "--quiet", "--tag", image, *given, str(Path(__file__).parent / "mailserver"))
        return image

    async def create(self, image: str) -> None:
        """Make the container, and start it."""
        published = [f"--publish=127.0.0.1:{self._ports[door]}:{inside}" for door, inside in DOORS.items()]
        docker("create", "--name", self.name, "--hostname=mail.example.net", *published, image)
        docker("cp", str(self._certificate), f"{self.name}:/etc/postfix/certificate.pem")
        await self.start()

    async def start(self) -> None:
        """Start it, for the first time or after a kill, and wait until it answers."""
        docker("start", self.name)

        async def answers() -> bool:
            try:
                await check_mail(self.set_up())
            except MailError as error:
                raise AssertionError(str(error)) from None
            return True

        await wait_until(answers, UP_WITHIN, what="a Postfix that answers")

    def freeze(self) -> None:
        """Let it answer nobody until it is killed."""
        # `docker pause` would not do: before a kill, Docker lets go on whatever it has paused.
        docker("exec", self.name, "sh", "-c", "kill -s STOP -- -1")

    def kill(self) -> None:
        """End all that runs in it, in the middle of whatever it does."""
        docker("kill", self.name)

    def remove(self) -> None:
        docker("rm", "--force", "--volumes", self.name)

    def set_up(self, security: Security = "plain", method: Method = "") -> MailServer:
        """How the door with this encryption and log-in is set up."""
        return MailServer(
            host="localhost",
            port=self._ports[security, method],
            security=security,
            login="password" if method else "none",
            username=USERNAME if method else "",
            sender="house@example.org",
            sender_name="The House",
        )

    def mail(self) -> list[EmailMessage]:
        """All that has arrived in the mailbox, whether the server runs or not."""
        parser = BytesParser(EmailMessage, policy=policy.default)
        with short_folder() as folder:
            docker("cp", f"{self.name}:/var/mail/house/new", str(folder))
            return [parser.parsebytes(file.read_bytes()) for file in (folder / "new").iterdir()]

    async def arrived(self, letter: Letter) -> EmailMessage:
        """Wait for a letter; it has to be there only once."""

        def look() -> list[EmailMessage]:
            return [message for message in self.mail() if message["Message-ID"] == letter.message_id]

        [only] = await wait_until(look, what=f"{letter.message_id} in the mailbox")
        return only

    def taken(self) -> set[tuple[str, str]]:
        """The Message-ID of all mail in the mailbox, each with the number that the server gave it when it took it.

        After a crash, Postfix may put a message that it took once into the mailbox twice; its number tells.
        """
        return {(message["Message-ID"], QUEUE_ID.findall(message["Received"])[0]) for message in self.mail()}


def _services() -> str:
    """What master.cf has to say about our doors (master(5)), and about the policy that main.cf speaks of."""
    greylist = "greylist unix - n n - 0 spawn user=house argv=/usr/local/bin/greylist"
    return "\n".join([greylist, *(_service(port, *door) for door, port in DOORS.items())])


def _service(port: int, security: Security, method: Method) -> str:
    login = (*LOGIN_WANTED, f"smtpd_sasl_path={method.lower()}") if method else ()
    options = "".join(f" -o {option}" for option in (*ENCRYPTION[security], *login))
    return f"{port} inet n - n - - smtpd{options}"


def _free_ports(count: int) -> list[int]:
    """As many ports of this machine, no two the same, that nobody has now."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]

"""A real mail server for the tests of the outbox."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection


class MailServer:
    """``answer`` is what it says to a mail, ``answer_to_recipient`` to its recipient.

    ``hangs_up``: it takes the mail and closes the connection without a word.
    """

    def __init__(self) -> None:
        self.answer = self.answer_to_recipient = "250 OK"
        self.hangs_up = False
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server, session, envelope, address, options
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.senders.append(envelope.mail_from)
        if self.hangs_up:
            server.transport.abort()
        return self.answer


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = MailServer()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    assert get_connection().port == port
    yield server
    controller.stop()

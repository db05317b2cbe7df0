"""Messages are written with what they tell of, sent once, and tried again when mail is down."""

import smtplib
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection
from django.db import transaction

from cms import links
from cms.links import Link
from cms.messages import outbox
from cms.messages.models import Message, MessageState
from cms.messages.outbox import Attachment, LinkRequest

pytestmark = pytest.mark.django_db

TEMPLATE = """Welcome to {{ network }}
Dear {{ name }}

Open your page:
{{ links.manage }}

Kind regards & so on
"""
MANAGE = LinkRequest("manage", "manage", "networks.membership:1", "/my/{token}/", 30)


class MailServer:
    """A real mail server; ``answer`` is what it says to a mail."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
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


@pytest.fixture(autouse=True)
def template(tmp_path, settings) -> None:
    """A template of the test's own, beside the project's."""
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "test.txt").write_text(TEMPLATE)
    engines = [{**settings.TEMPLATES[0]}]
    engines[0]["DIRS"] = [tmp_path, *engines[0]["DIRS"]]
    settings.TEMPLATES = engines


def put(**changes) -> Message:
    values = {
        "key": "welcome:1",
        "template": "test",
        "to": ("Åse Østergård", "aase@example.org"),
        "context": {"network": "Kultur", "name": "Åse"},
        "link_requests": (MANAGE,),
    }
    return outbox.put(**{**values, **changes})


def test_a_message_reaches_the_mail_server(mail_server, run_jobs, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://netvaerk.example"
    message = put()
    assert run_jobs() == ["cms.send_message"]
    (mail,) = mail_server.mails
    assert mail["Subject"] == "Welcome to Kultur"
    assert mail["To"] == "Åse Østergård <aase@example.org>"
    text = mail.get_body(("plain",)).get_content()
    token = text.split("https://netvaerk.example/my/")[1].split("/")[0]
    link = links.resolve(token, "manage")
    assert (link.subject, link.address) == ("networks.membership:1", "aase@example.org")
    html = mail.get_body(("html",)).get_content()
    assert f"https://netvaerk.example/my/{token}/" in html
    assert "Kind regards &amp; so on" in html
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert message.sent_at is not None


def test_the_outbox_holds_no_token(mail_server, run_jobs):
    message = put()
    run_jobs()
    message.refresh_from_db()
    assert "[[manage]]" in message.body
    text = mail_server.mails[0].get_body(("plain",)).get_content()
    token = text.split("/my/")[1].split("/")[0]
    stored = f"{Message.objects.values().get()} {Link.objects.values().get()}"
    assert token not in stored


def test_what_is_rolled_back_was_never_written(run_jobs, mailoutbox):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert run_jobs() == []
    assert not Message.objects.exists()
    assert mailoutbox == []


def test_the_same_key_is_sent_once_however_often_it_is_put(run_jobs, mailoutbox):
    first, second = put(), put(context={"network": "Other", "name": "Bo"})
    assert first == second
    run_jobs()
    put()
    assert run_jobs() == []
    assert [mail.subject for mail in mailoutbox] == ["Welcome to Kultur"]


def test_a_job_that_runs_twice_sends_once(run_jobs, mailoutbox):
    message = put()
    run_jobs()
    outbox.send(message.pk)
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("answer", ["451 Try later", "550 No such user"])
def test_a_mail_that_is_refused_is_noted_and_tried_again(mail_server, run_jobs, answer):
    message = put()
    mail_server.answer = answer
    with pytest.raises(smtplib.SMTPException):
        run_jobs()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert answer[:3] in message.error

    mail_server.answer = "250 OK"
    outbox.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (MessageState.SENT, 2, "")
    assert len(mail_server.mails) == 1


def test_a_mail_server_that_is_down_is_noted(mail_server, settings, run_jobs):
    settings.EMAIL_PORT = 1
    message = put()
    with pytest.raises(OSError, match="refused"):
        run_jobs()
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_two_attempts_carry_the_same_message_id(mail_server, run_jobs):
    message = put()
    run_jobs()
    Message.objects.update(state=MessageState.SENDING)  # killed between the yes and the note
    outbox.send(message.pk)
    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_calendar_goes_along(mail_server, run_jobs):
    put(attachments=(Attachment("møde.ics", "text/calendar", "BEGIN:VCALENDAR\r\n"),))
    run_jobs()
    (part,) = mail_server.mails[0].iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("møde.ics", "text/calendar")


def test_what_people_wrote_is_text_in_a_mail_too(mail_server, run_jobs):
    put(context={"network": "<script>x</script>", "name": "<b>Bo</b>"})
    run_jobs()
    html = mail_server.mails[0].get_body(("html",)).get_content()
    assert "<script>x" not in html
    assert "<b>Bo" not in html


def test_a_line_break_in_a_name_adds_no_header(mail_server, run_jobs):
    put(to=("Bo\r\nBcc: x@example.org", "bo@example.org"))
    run_jobs()
    assert mail_server.mails[0]["Bcc"] is None
    assert "Bcc: x@example.org" in mail_server.mails[0]["To"]

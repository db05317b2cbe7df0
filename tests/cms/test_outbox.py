"""Messages are written with what they tell of, and sent once, with all that goes along."""

import base64
from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail as django_mail
from django.db import transaction
from django.utils import timezone, translation
from PIL import Image

from cms import links
from cms.links import Link
from cms.messages import outbox, sending
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
    sending.send(message.pk)
    assert len(mailoutbox) == 1


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


def test_bytes_go_along_as_they_were(mail_server, run_jobs):
    put(attachments=(Attachment("faktura.pdf", "application/pdf", b"%PDF-1.7 \xff\x00"),))
    run_jobs()
    (part,) = mail_server.mails[0].iter_attachments()
    assert part.get_content_type() == "application/pdf"
    assert part.get_content() == b"%PDF-1.7 \xff\x00"
    assert base64.b64decode(Message.objects.get().attachments[0]["content"]).startswith(b"%PDF")


def test_a_link_may_go_along_as_a_qr_code(mail_server, run_jobs):
    put(link_requests=(LinkRequest("manage", "manage", "x:1", "/my/{token}/", 30, qr=True),))
    run_jobs()
    (part,) = mail_server.mails[0].iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("manage.png", "image/png")
    picture = Image.open(BytesIO(part.get_content()))
    assert picture.width == picture.height >= 200


def test_what_comes_back_goes_to_the_address_for_it(mail_server, run_jobs, settings):
    settings.BOUNCE_ADDRESS = "retur@example.org"
    put()
    run_jobs()
    assert mail_server.senders == ["retur@example.org"]
    assert str(mail_server.mails[0]["From"]) == settings.DEFAULT_FROM_EMAIL


def test_no_holiday_answers_come_to_what_a_machine_wrote(mail_server, run_jobs):
    put()
    run_jobs()
    assert mail_server.mails[0]["Auto-Submitted"] == "auto-generated"


def test_a_mail_has_the_recipients_language_whoever_makes_the_request(run_jobs):
    with translation.override("en"):
        put()
    put(key="welcome:2", language="en")
    run_jobs()
    danish, english = (mail.alternatives[0][0] for mail in django_mail.outbox)
    assert 'lang="da"' in danish
    assert 'lang="en"' in english


def test_one_that_is_of_no_use_any_more_is_not_sent(run_jobs, mailoutbox):
    message = put(useful_until=timezone.now() - timedelta(seconds=1))
    run_jobs()
    message.refresh_from_db()
    assert (message.state, mailoutbox) == (MessageState.STOPPED, [])
    assert message.error


def test_one_that_was_deleted_meanwhile_holds_up_no_job(run_jobs):
    put().delete()
    assert run_jobs() == ["cms.send_message"]


def test_which_of_what_is_due_was_done_is_asked_in_one_query(django_assert_num_queries):
    put(key="a:1")
    with django_assert_num_queries(1):
        assert outbox.already_put(["a:1", "a:2"]) == {"a:1"}

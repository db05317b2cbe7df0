"""Development's mailbox shows the mail that was sent."""

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import RequestFactory

from cms import mailbox


@pytest.fixture
def directory(tmp_path, settings):
    settings.MAILBOX_DIRECTORY = tmp_path
    return tmp_path


def send(directory, subject: str, *, attachment: bool = False) -> None:
    backend = get_connection(
        "django.core.mail.backends.filebased.EmailBackend", file_path=str(directory)
    )
    mail = EmailMessage(
        subject, "Kære læser", "from@example.org", ["a@example.org"], connection=backend
    )
    if attachment:
        mail.attach("møde.ics", "BEGIN:VCALENDAR", "text/calendar")
    mail.send()


def test_a_mail_is_shown_with_its_text_and_attachments(directory):
    send(directory, "Møde i maj", attachment=True)
    (mail,) = mailbox.received(directory)
    assert mail.message["Subject"] == "Møde i maj"
    assert mail.text.strip() == "Kære læser"
    assert mail.attachments == ["møde.ics"]


def test_the_newest_comes_first(directory):
    send(directory, "First")
    send(directory, "Second")
    assert [mail.message["Subject"] for mail in mailbox.received(directory)] == ["Second", "First"]


@pytest.mark.urls("tests.cms.urls_with_mailbox")
def test_a_mail_is_found_by_its_key_and_another_is_not_there(directory, db, home_page):
    send(directory, "Subject")
    (received,) = mailbox.received(directory)
    request = RequestFactory().get("/")
    answer = mailbox.mail(request, received.key)
    assert "Kære læser" in answer.content.decode()
    with pytest.raises(mailbox.Http404):
        mailbox.mail(request, "nothing")


@pytest.mark.urls("tests.cms.urls_with_mailbox")
def test_an_empty_mailbox_says_so(directory, db, home_page):
    assert mailbox.inbox(RequestFactory().get("/")).status_code == 200


def test_it_is_not_there_where_mail_is_really_sent():
    with pytest.raises(mailbox.Http404):
        mailbox.inbox(RequestFactory().get("/"))

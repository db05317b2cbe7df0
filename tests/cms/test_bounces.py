"""Mails that came back: reports of mail servers as they are written, and what is not one."""

import mailbox
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from cms import audit
from cms.messages import outbox, reports
from cms.messages.composing import message_id
from cms.messages.models import Message, MessageState

pytestmark = pytest.mark.django_db

#: As Postfix writes it.
REPORT = """\
Return-Path: <>
Date: Mon, 23 Nov 2026 09:00:00 +0100 (CET)
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: netvaerk@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
Arrival-Date: Mon, 23 Nov 2026 08:59:58 +0100 (CET)

Final-Recipient: rfc822; a@example.org
Original-Recipient: rfc822;a@example.org
Action: {action}
Status: 5.1.1
Remote-MTA: dns; mail.kommune.example
Diagnostic-Code: smtp; 550 5.1.1 <a@example.org>: Recipient address
    rejected: User unknown

--B1
Content-Description: Undelivered Message
Content-Type: {kind}

{original}
--B1--
"""
ORIGINAL = """\
From: netvaerk@example.org
To: a@example.org
Subject: Emne
Message-ID: {mail_id}

Tekst
"""


@pytest.fixture
def message() -> Message:
    return Message.objects.create(
        key="test",
        template="test",
        to_email="a@example.org",
        subject="Emne",
        body="Tekst",
        state=MessageState.SENT,
    )


def report(message: Message, *, action: str = "failed", kind: str = "message/rfc822") -> bytes:
    original = ORIGINAL.format(mail_id=message_id(message))
    return REPORT.format(action=action, kind=kind, original=original).encode()


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_marks_the_message_with_the_servers_words(message, kind):
    assert reports.receive(report(message, kind=kind))
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert "5.1.1" in message.error
    assert "User unknown" in message.error
    assert [entry.action for entry in audit.history(message)] == ["message.bounced"]


def test_a_second_report_changes_nothing(message):
    reports.receive(report(message))
    reports.receive(report(message))
    assert audit.history(message).count() == 1


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_late_or_arrived_did_not_come_back(message, action):
    assert not reports.receive(report(message, action=action))
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_a_report_on_a_mail_that_is_not_ours_is_passed_over(message):
    stranger = Message(mail_id=uuid4())
    assert not reports.receive(report(stranger))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe nonsense",
        b"Subject: Frav\xc3\xa6r\n\nJeg er p\xc3\xa5 ferie.",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status"
        b"\n\nbroken",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: text/plain; "
        b"charset=no-such\n\n\xff\n--B--",
    ],
)
def test_what_is_no_report_is_passed_over(message, raw):
    assert not reports.receive(raw)
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_a_name_in_the_text_alone_marks_nothing(message):
    mail = f"From: x@example.org\nSubject: Undelivered\n\n{message_id(message)}\n"
    assert not reports.receive(mail.encode())


def test_a_late_report_does_not_stop_one_that_is_sent_again(message):
    Message.objects.update(state=MessageState.QUEUED)
    outbox.bounced(message.mail_id, "550")
    message.refresh_from_db()
    assert message.state == MessageState.QUEUED


def test_the_mail_server_pipes_a_report_in(message, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(report(message))))
    call_command("receive_bounces")
    assert "1 of 1" in capsys.readouterr().out
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED


def test_a_maildir_is_read_once(message, tmp_path: Path, capsys):
    box = mailbox.Maildir(tmp_path / "box")
    box.add(report(message))
    box.add(b"Subject: hello\n\nNo report.")
    call_command("receive_bounces", maildir=tmp_path / "box")
    assert "1 of 2" in capsys.readouterr().out
    assert not list((tmp_path / "box" / "new").iterdir())
    assert len(list((tmp_path / "box" / "cur").iterdir())) == 2
    call_command("receive_bounces", maildir=tmp_path / "box")
    assert "0 of 0" in capsys.readouterr().out


def test_a_folder_that_is_no_maildir_is_refused(tmp_path: Path):
    with pytest.raises(CommandError, match="no folder new"):
        call_command("receive_bounces", maildir=tmp_path)


def test_an_address_returns_mail_until_a_later_one_stays_away(message):
    reports.receive(report(message))
    addresses = ["a@example.org", "b@example.org"]
    assert outbox.returned_from(addresses) == {"a@example.org": 1}
    Message.objects.create(
        key="later", template="t", to_email="a@example.org", subject="S", state=MessageState.SENT
    )
    assert outbox.returned_from(addresses) == {}


def test_what_came_back_is_sent_again_and_what_arrived_is_not(message, run_jobs, mailoutbox):
    with pytest.raises(outbox.NotNow):
        outbox.send_again(message.pk, actor=audit.SYSTEM)
    reports.receive(report(message))
    outbox.send_again(message.pk, actor=audit.SYSTEM)
    run_jobs()
    message.refresh_from_db()
    assert (message.state, len(mailoutbox)) == (MessageState.SENT, 1)


def test_what_waits_can_be_stopped_and_what_left_can_not(message, run_jobs, mailoutbox):
    with pytest.raises(outbox.NotNow):
        outbox.stop(message.pk, actor=audit.SYSTEM)
    Message.objects.update(state=MessageState.QUEUED)
    outbox.SEND_MESSAGE.enqueue(message_id=message.pk)
    outbox.stop(message.pk, actor=audit.SYSTEM)
    run_jobs()
    assert mailoutbox == []

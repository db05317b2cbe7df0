"""Sending: refused for now is tried again with pauses, refused for good is not, and nothing is sent
twice or forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms.messages import outbox, sending
from cms.messages.models import Message, MessageState
from tests.cms.conftest import MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    return Message.objects.create(
        key="test", template="test", to_email="a@example.org", subject="Emne", body="Tekst"
    )


def sent_now(message: Message) -> Message:
    """Tried once, whatever pause it was in."""
    Message.objects.filter(pk=message.pk).update(retry_at=None)
    sending.send(message.pk)
    message.refresh_from_db()
    return message


def test_refused_for_now_it_is_tried_again_with_growing_pauses(
    mail_server: MailServer, message, time_machine
):
    mail_server.answer = "451 Try later"
    time_machine.move_to(timezone.now(), tick=False)
    pauses = []
    for attempt in range(1, len(sending.PAUSES) + 1):
        sent_now(message)
        assert (message.state, message.attempts) == (MessageState.RETRYING, attempt)
        pauses.append(message.retry_at - timezone.now())
    assert pauses == sorted(sending.PAUSES)
    assert "451 Try later" in message.error

    sent_now(message)
    assert (message.state, message.retry_at) == (MessageState.FAILED, None)


def test_the_next_attempt_comes_by_itself_and_not_before_its_time(
    mail_server: MailServer, message, run_jobs, time_machine
):
    mail_server.answer = "421 Busy"
    sending.send(message.pk)
    mail_server.answer = "250 OK"
    assert run_jobs() == []
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    assert run_jobs() == ["cms.send_message"]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (MessageState.SENT, 2, "")
    assert len(mail_server.mails) == 1


def test_before_its_time_another_job_does_not_send_it(mail_server: MailServer, message):
    mail_server.answer = "451 Try later"
    sending.send(message.pk)
    mail_server.answer = "250 OK"
    sending.send(message.pk)
    assert mail_server.mails == []


@pytest.mark.parametrize("field", ["answer", "answer_to_recipient"])
def test_refused_for_good_it_is_given_up_at_once(mail_server: MailServer, message, run_jobs, field):
    setattr(mail_server, field, "550 5.1.1 No such user")
    sending.send(message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert "550 5.1.1 No such user" in message.error
    assert run_jobs() == []


def test_a_recipient_refused_for_now_is_tried_again(mail_server: MailServer, message):
    mail_server.answer_to_recipient = "450 Greylisted"
    assert sent_now(message).state == MessageState.RETRYING
    mail_server.answer_to_recipient = "250 OK"
    assert sent_now(message).state == MessageState.SENT


def test_a_mail_server_that_is_down_loses_no_mail(mail_server: MailServer, message, settings):
    port = settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    assert sent_now(message).state == MessageState.RETRYING
    assert "refused" in message.error
    settings.EMAIL_PORT = port
    assert sent_now(message).state == MessageState.SENT


def test_a_refused_log_in_is_our_own_fault_and_fails_no_mail(
    mail_server: MailServer, message, settings
):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "x", "y"
    assert sent_now(message).state == MessageState.RETRYING


def test_a_connection_lost_after_the_mail_sends_it_again_as_the_same_mail(
    mail_server: MailServer, message
):
    mail_server.hangs_up = True
    assert sent_now(message).state == MessageState.RETRYING
    mail_server.hangs_up = False
    assert sent_now(message).state == MessageState.SENT
    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert str(message.mail_id) in first["Message-ID"]


def test_an_address_that_no_mail_can_carry_is_given_up_at_once(mail_server: MailServer, message):
    Message.objects.filter(pk=message.pk).update(to_email="no address\nat all")
    assert sent_now(message).state == MessageState.FAILED


def test_while_one_worker_sends_it_another_does_not(mailoutbox, message):
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENDING, attempts=1, claimed_at=timezone.now()
    )
    sending.send(message.pk)
    assert mailoutbox == []


def test_what_a_dead_worker_left_behind_is_found_and_sent(
    mailoutbox, message, run_jobs, time_machine
):
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENDING, attempts=1, claimed_at=timezone.now()
    )
    assert sending.resume() == 0
    time_machine.move_to(timezone.now() + sending.LEFT_BEHIND_AFTER + timedelta(seconds=1))
    assert sending.resume() == 1
    run_jobs()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 2)
    assert len(mailoutbox) == 1
    assert sending.resume() == 0


def test_a_waiting_message_whose_job_was_lost_is_found(mailoutbox, message, run_jobs, time_machine):
    assert run_jobs() == []
    time_machine.move_to(timezone.now() + sending.OVERDUE_AFTER + timedelta(seconds=1))
    assert sending.resume() == 1
    run_jobs()
    assert len(mailoutbox) == 1


def test_one_whose_every_attempt_is_cut_short_is_given_up(mailoutbox, message):
    long_ago = timezone.now() - timedelta(days=1)
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.SENDING, attempts=len(sending.PAUSES) + 1, claimed_at=long_ago
    )
    assert sent_now(message).state == MessageState.FAILED
    assert mailoutbox == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(mail_server: MailServer, message, at_once):
    at_once(lambda: sending.send(message.pk), lambda: sending.send(message.pk))
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 1)
    assert len(mail_server.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_put_at_once_under_one_key_it_is_written_and_sent_once(
    mail_server: MailServer, at_once, run_jobs
):
    def put() -> Message:
        return outbox.put(
            key="once",
            template="awaits_approval",
            to=("Bo", "bo@example.org"),
            context={"network": {"title": "Kultur"}, "contact": {"name": "Bo"}, "membership": {}},
        )

    results = at_once(put, put, put)
    assert {each.pk for each in results} == {Message.objects.get().pk}
    assert run_jobs() == ["cms.send_message"]
    assert len(mail_server.mails) == 1

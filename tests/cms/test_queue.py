"""Jobs commit with the data, and none is lost."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from cms import queue
from cms.messages.models import Message, MessageState
from cms.messages.outbox import SEND_MESSAGE

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    return Message.objects.create(
        key="test", template="test", to_email="a@example.org", subject="Subject", body="Text"
    )


def waiting() -> list[str]:
    return list(ProcrastinateJob.objects.filter(status="todo").values_list("task_name", flat=True))


def leave_running(job: str, *, attempts: int = 0, key: str | None = None) -> int:
    """A job as a killed worker leaves it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 minute') RETURNING id"
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs "
            "(queue_name, task_name, args, status, attempts, queueing_lock, worker_id) "
            "VALUES ('default', %s, '{}', 'doing', %s, %s, %s) RETURNING id",
            [job, attempts, key, worker],
        )
        return cursor.fetchone()[0]


def test_a_job_enqueued_in_a_transaction_that_is_rolled_back_is_gone():
    with transaction.atomic():
        SEND_MESSAGE.enqueue(message_id=1)
        transaction.set_rollback(True)
    assert waiting() == []


def test_while_a_job_of_that_key_waits_another_is_not_added():
    with transaction.atomic():
        SEND_MESSAGE.enqueue(key="once", message_id=1)
        SEND_MESSAGE.enqueue(key="once", message_id=2)
        assert waiting() == ["cms.send_message"]
    SEND_MESSAGE.enqueue(key="another", message_id=3)
    assert len(waiting()) == 2


def test_a_job_for_later_waits(run_jobs, message):
    SEND_MESSAGE.enqueue(at=timezone.now() + timedelta(hours=1), message_id=message.pk)
    assert run_jobs() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert run_jobs() == ["cms.send_message"]
    message.refresh_from_db()
    assert message.state == MessageState.SENT


def test_the_job_of_a_dead_worker_is_put_back():
    job = leave_running("cms.send_message")
    assert queue.retry_stalled() == 1
    row = ProcrastinateJob.objects.get(pk=job)
    assert (row.status, row.attempts) == ("todo", 1)
    assert queue.retry_stalled() == 0


def test_it_is_put_back_though_another_of_its_key_waits_by_now():
    job = leave_running("cms.send_message", key="once")
    SEND_MESSAGE.enqueue(key="once", message_id=1)
    assert queue.retry_stalled() == 1
    assert ProcrastinateJob.objects.get(pk=job).queueing_lock is None
    assert len(waiting()) == 2


def test_one_that_was_tried_too_often_has_failed():
    job = leave_running("cms.send_message", attempts=8)
    assert queue.retry_stalled() == 0
    assert ProcrastinateJob.objects.get(pk=job).status == "failed"


def test_the_job_of_a_living_worker_is_left_alone():
    job = leave_running("cms.send_message")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now()")
    assert queue.retry_stalled() == 0
    assert ProcrastinateJob.objects.get(pk=job).status == "doing"


def test_the_job_that_looks_for_dead_workers_can_be_retried_itself():
    assert app.tasks["cms.retry_stalled_jobs"].lock is None


def test_every_declared_job_is_handled_and_an_unknown_one_is_reported(monkeypatch):
    assert queue.check_declared_jobs() == []
    monkeypatch.setattr(queue, "_declared", {"nobody.does_this"})
    assert [error.id for error in queue.check_declared_jobs()] == ["cms.E001"]


def test_attempts_are_spread_over_a_day():
    waits = [
        queue.RETRY.exponential_wait ** (attempt + 1)
        for attempt in range(queue.RETRY.max_attempts or 0)
    ]
    assert timedelta(hours=20) < timedelta(seconds=sum(waits)) < timedelta(days=2)

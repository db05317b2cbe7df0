"""A worker as it runs in production: a process of its own, a real mail server, a real kill."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, connections, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cms import queue
from cms.embedded import BASE_DIR
from cms.env import environment_with
from cms.messages import sending
from cms.messages.models import Message, MessageState
from cms.messages.outbox import SEND_MESSAGE
from tests.cms.worker import work

pytestmark = pytest.mark.django_db(transaction=True)


class MailServer:
    """Takes mail; while ``holding`` it keeps the sender waiting for its yes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.mails: list[bytes] = []
        self.asked = threading.Event()
        self.holding = False

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.asked.set()
        if self.holding:
            await asyncio.sleep(60)
        self.mails.append(envelope.content)
        return "250 OK"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = MailServer(port)
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    yield server
    controller.stop(no_assert=True)


@pytest.fixture
def message() -> Message:
    return Message.objects.create(
        key="test", template="test", to_email="a@example.org", subject="Subject", body="Text"
    )


def work_in_thread(work: Callable[[], object] = work) -> None:
    """A worker has an event loop and connections of its own, as far as it matters here; this
    thread may have one of Playwright's."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


def put_back_stalled() -> None:
    try:
        queue.retry_stalled()
    finally:
        connections.close_all()


def start_worker(port: int) -> subprocess.Popen[bytes]:
    database = connection.settings_dict
    address = (
        f"postgres://{database['USER']}:{database['PASSWORD']}"
        f"@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    environment = environment_with(DATABASE_URL=address, DJANGO_SETTINGS_MODULE="cms.settings.test")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.cms.worker", str(port)], cwd=BASE_DIR, env=environment
    )


def statuses() -> dict[str, str]:
    return dict(ProcrastinateJob.objects.values_list("task_name", "status"))


@queue.handles("tests.enqueue_and_fail")
def enqueue_and_fail(message_id: int) -> None:
    with transaction.atomic():
        SEND_MESSAGE.enqueue(message_id=message_id)
        raise RuntimeError("after the job was enqueued")


@queue.handles("tests.enqueue")
def enqueue(message_id: int) -> None:
    with transaction.atomic():
        SEND_MESSAGE.enqueue(message_id=message_id)


@queue.handles("tests.fail")
def fail() -> None:
    queue.Job("tests.fail").enqueue(key="once")
    raise RuntimeError("while another of its key waits")


def test_what_a_job_enqueues_is_rolled_back_with_its_transaction(message):
    queue.Job("tests.enqueue_and_fail").enqueue(message_id=message.pk)
    work_in_thread()
    assert statuses() == {"tests.enqueue_and_fail": "todo"}, "it is to be tried again, alone"


def test_a_job_enqueues_another_and_what_succeeded_leaves_nothing(message, mailoutbox):
    queue.Job("tests.enqueue").enqueue(message_id=message.pk)
    work_in_thread()
    work_in_thread()
    message.refresh_from_db()
    assert message.state == MessageState.SENT
    assert statuses() == {}


def test_a_job_that_fails_while_another_of_its_key_waits_is_tried_again():
    queue.Job("tests.fail").enqueue(key="once")
    work_in_thread()
    rows = ProcrastinateJob.objects.order_by("pk").values_list("status", "queueing_lock")
    assert list(rows)[0] == ("todo", None)
    assert list(rows)[-1] == ("todo", "once")


def test_what_a_killed_worker_had_in_hand_is_done_by_the_next(mail_server, message, settings):
    SEND_MESSAGE.enqueue(message_id=message.pk, key="mail")
    mail_server.holding = True
    worker = start_worker(mail_server.port)
    assert mail_server.asked.wait(30)
    worker.kill()
    worker.wait()
    assert statuses() == {"cms.send_message": "doing"}

    mail_server.holding = False
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1h'")
    work_in_thread(put_back_stalled)
    assert statuses() == {"cms.send_message": "todo"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mail_server.port
    work_in_thread()
    assert mail_server.mails == [], "the worker might have been alive, and sending"

    Message.objects.update(claimed_at=timezone.now() - sending.LEFT_BEHIND_AFTER)
    assert sending.resume() == 1
    work_in_thread()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.SENT, 2)
    assert len(mail_server.mails) == 1
    assert statuses() == {}

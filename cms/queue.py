"""Jobs: the only module that names procrastinate.

A job enqueued inside ``atomic()`` commits with the data: rolled back, the job is gone; committed,
it survives a kill. Services enqueue through a ``Job`` they declare by name, so that they need not
import the code that will run; a system check fails when no ``jobs.py`` handles a declared name.

A job may run twice (a worker was killed after the work and before the note of it): what it does
must bear that.
"""

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from asgiref.sync import async_to_sync
from django.core.checks import CheckMessage, Error, register
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

Function = TypeVar("Function", bound=Callable[..., Any])

_declared: set[str] = set()

#: Django's own connection, always. Inside a worker ``app`` enqueues through a pool of its own:
#: what a job enqueued would be committed although the job's transaction was rolled back.
_manager = JobManager(DjangoConnector())

#: Seconds between attempts: 4, 16, 64, … 4**8. All in all a day, so that an outage is survived.
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)

#: Seconds without a sign of life after which a worker counts as dead; it gives one every ten.
DEAD_AFTER = 30


class Job:
    """A piece of work known by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        _declared.add(name)

    def enqueue(
        self, *, key: str | None = None, at: datetime | None = None, **arguments: Any
    ) -> None:
        """Put the job in the queue, in the caller's transaction.

        ``key``: while a job with this key waits, another is not added. ``at``: aware datetime
        before which it is not run. ``arguments`` must be JSON values.
        """
        deferrer = configure_task(
            name=self.name, job_manager=_manager, queueing_lock=key, schedule_at=at
        )
        try:
            # A savepoint of its own: the duplicate's database error would end the caller's.
            with transaction.atomic():
                deferrer.defer(**arguments)
        except AlreadyEnqueued:
            pass


def handles(name: str) -> Callable[[Function], Function]:
    """Register the function that runs the job of this name (in an app's ``jobs.py``)."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def run(context: JobContext, **arguments: Any) -> None:
            if context.job.queueing_lock is not None:
                _give_up_key(context.job.id)
            function(**arguments)

        register_task: Callable[..., Any] = app.task(name=name, retry=RETRY, pass_context=True)
        register_task(run)
        return function

    return decorate


def periodic(name: str, cron: str, *, alone: bool = True) -> Callable[[Function], Function]:
    """Register a job that runs by the clock (cron, UTC).

    At most one waits; ``alone``: at most one runs. It is not tried again when it fails: its next
    turn does what was due.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def run(timestamp: int) -> None:
            function()

        task = app.task(name=name, queueing_lock=name, lock=name if alone else None)(run)
        app.periodic(cron=cron)(task)
        return function

    return decorate


def retry_stalled() -> int:
    """Put back the jobs whose worker died; returns how many.

    One that was tried too often, perhaps since it is what kills the workers, has failed.
    """
    stalled = async_to_sync(_manager.get_stalled_jobs)(seconds_since_heartbeat=DEAD_AFTER)
    retried = 0
    for job in stalled:
        assert job.id is not None
        with transaction.atomic():
            if not _claim(job.id):
                continue
            if job.attempts >= (RETRY.max_attempts or 0):
                async_to_sync(_manager.finish_job_by_id_async)(
                    job_id=job.id, status=Status.FAILED, delete_job=False
                )
                continue
            _give_up_key(job.id)
            _manager.retry_job_by_id(job.id, retry_at=timezone.now())
            retried += 1
    return retried


def _claim(job_id: int) -> bool:
    """Lock the job; False when it is no longer running or another worker has it in hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'doing' "
            "FOR UPDATE SKIP LOCKED",
            [job_id],
        )
        return cursor.fetchone() is not None


def _give_up_key(job_id: int | None) -> None:
    """Let another job of the same key wait, now that this one runs.

    Otherwise this one, to be tried again, would find its key taken by the other and be lost.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE id = %s", [job_id])


#: States of a job that will not run any more.
_OVER = ["succeeded", "failed", "cancelled", "aborted"]


def finished_before(moment: datetime) -> QuerySet[ProcrastinateJob]:
    """Jobs that are over since before then: their arguments are of no use any more."""
    later = ProcrastinateEvent.objects.filter(job=OuterRef("pk"), at__gte=moment)
    return ProcrastinateJob.objects.filter(~Exists(later), status__in=_OVER)


def forget(jobs: Sequence[ProcrastinateJob]) -> None:
    """Delete them; procrastinate's models are for reading."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(%s)", [[job.pk for job in jobs]]
        )


def given(text: str) -> list[tuple[str, str]]:
    """(name, state) of the jobs that were given that text (an address), oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, status::text FROM procrastinate_jobs WHERE EXISTS "
            "(SELECT 1 FROM jsonb_each_text(args) WHERE lower(value) = lower(%s)) ORDER BY id",
            [text],
        )
        rows: list[tuple[str, str]] = cursor.fetchall()
        return rows


def forget_arguments(text: str) -> None:
    """Delete the jobs, none of them running, that were given that text (an erased address)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status <> 'doing' AND EXISTS "
            "(SELECT 1 FROM jsonb_each_text(args) WHERE lower(value) = lower(%s))",
            [text],
        )


@register()
def check_declared_jobs(**kwargs: object) -> list[CheckMessage]:
    """Every declared job has code that handles it."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    return [
        Error(f"No jobs.py handles the job {name!r}.", id="cms.E001")
        for name in sorted(_declared - set(app.tasks))
    ]

"""Jobs: the only module that names procrastinate.

A job enqueued inside ``atomic()`` commits with the data: rolled back, the job is gone; committed,
it survives a kill. Services enqueue through a ``Job`` they declare by name, so that they need not
import the code that will run; a system check fails when no ``jobs.py`` handles a declared name.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.core.checks import CheckMessage, Error, register
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

Function = TypeVar("Function", bound=Callable[..., Any])

_declared: set[str] = set()

#: Seconds between attempts grow 10, 100, 1,000, … so that an outage of a day is survived.
RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


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
        deferrer = app.configure_task(
            self.name, allow_unknown=True, queueing_lock=key, schedule_at=at
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
        app.task(name=name, retry=RETRY)(function)
        return function

    return decorate


def periodic(name: str, cron: str) -> Callable[[Function], Function]:
    """Register a job that runs by the clock (cron, UTC). Never two of it at once."""

    def decorate(function: Function) -> Function:
        def run(timestamp: int) -> None:
            function()

        task = app.task(name=name, queueing_lock=name, lock=name)(run)
        app.periodic(cron=cron)(task)
        return function

    return decorate


async def retry_stalled() -> int:
    """Put jobs back whose worker died (no heartbeat); returns how many."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.retry_job(job)
    return len(stalled)


@register()
def check_declared_jobs(**kwargs: object) -> list[CheckMessage]:
    """Every declared job has code that handles it."""
    app.perform_import_paths()
    return [
        Error(f"No jobs.py handles the job {name!r}.", id="cms.E001")
        for name in sorted(_declared - set(app.tasks))
    ]

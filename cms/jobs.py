"""The core's jobs."""

import asyncio

from cms import queue
from cms.messages import outbox


@queue.handles("cms.send_message")
def send_message(message_id: int) -> None:
    outbox.send(message_id)


@queue.periodic("cms.retry_stalled_jobs", cron="* * * * *")
def retry_stalled_jobs() -> None:
    """A worker that was killed leaves its job behind: another takes it within a minute."""
    asyncio.run(queue.retry_stalled())

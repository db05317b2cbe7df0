"""The core's jobs."""

from cms import queue
from cms.messages import sending


@queue.handles("cms.send_message")
def send_message(message_id: int) -> None:
    sending.send(message_id)


# Not alone: were it the one that a killed worker left behind, its lock would keep it away for ever.
@queue.periodic("cms.retry_stalled_jobs", cron="* * * * *", alone=False)
def retry_stalled_jobs() -> None:
    """A worker that was killed leaves its job behind: another takes it within two minutes."""
    queue.retry_stalled()


@queue.periodic("cms.resume_messages", cron="*/5 * * * *")
def resume_messages() -> None:
    """Messages left behind by a worker that died, or whose job was lost."""
    sending.resume()

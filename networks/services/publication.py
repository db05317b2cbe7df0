"""Publishing what editors have scheduled."""

import logging
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page, Revision

logger = logging.getLogger(__name__)


def publish_due(now: datetime) -> tuple[int, int]:
    """Publish every version whose time has come, and unpublish what has expired; returns
    (published, refused).

    A version that would drop rows in use is refused: it is taken off the schedule, and the page's
    history says why.
    """
    for page in Page.objects.filter(live=True, expire_at__lt=now).specific():
        page.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    published = refused = 0
    due = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    for revision in list(due):
        try:
            revision.publish(log_action="wagtail.publish.scheduled")
            published += 1
        except ValidationError as error:
            refused += 1
            _report(revision, " ".join(error.messages))
    return published, refused


def _report(revision: Revision, message: str) -> None:
    """Take the version off the schedule, and say so in the page's history and the log."""
    revision.approved_go_live_at = None
    revision.save(update_fields=["approved_go_live_at"])
    logger.error("Scheduled publication of %s was refused: %s", revision.object_str, message)
    page = revision.content_object
    log(
        instance=page,
        action="networks.publication_refused",
        revision=revision,
        data={"reason": message, "at": timezone.now().isoformat()},
    )

"""Publishing what an editor has seen the consequences of, and what editors have scheduled."""

import logging
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import log
from wagtail.models import Page, Revision

from networks.models import NetworkPage
from networks.models.page_rows import lock_meetings
from networks.services.consequences import consequences_of

logger = logging.getLogger(__name__)


class ShownIsOld(Exception):
    """Something else would follow from publishing than was shown."""


class NotLatest(Exception):
    """Another version of the page was saved meanwhile."""


@transaction.atomic
def publish_shown(page_id: int, revision_id: int, *, shown: str, user: AbstractBaseUser) -> None:
    """Publish (or schedule) exactly that version, if it is the latest and what follows is what was
    shown (``Consequences.digest``). Nobody saves or publishes the page meanwhile.

    Raises NotLatest, ShownIsOld, PublicationRefused, and PermissionDenied for who may not publish.
    """
    lock_meetings(page_id)
    page = NetworkPage.objects.select_for_update().get(pk=page_id)
    if page.latest_revision_id != revision_id:
        raise NotLatest
    revision = Revision.page_revisions.get(pk=revision_id)
    if consequences_of(revision).digest(revision) != shown:
        raise ShownIsOld
    PublishPageRevisionAction(revision, user=user).execute()


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

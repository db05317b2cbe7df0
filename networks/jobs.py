"""The membership module's jobs: due and not yet done, never "today is the day"."""

import logging

from django.utils import timezone

from cms import queue
from networks.services import lifecycle, publication, waitlist
from networks.services.paying import PaymentUnavailable

logger = logging.getLogger(__name__)


@queue.handles("networks.fill_places")
def fill_places(network_id: int) -> None:
    waitlist.fill_places(network_id)


@queue.periodic("networks.let_time_pass", cron="* * * * *")
def let_time_pass() -> None:
    """Deadlines that are over, memberships whose last day is, and places that became free without
    anybody's doing. A deadline that fails is tried again next minute and holds up no other."""
    lapsed, ended = lifecycle.due_memberships()
    for key in lapsed:
        try:
            lifecycle.expire_if_due(key)
        except PaymentUnavailable:
            logger.warning("Stripe can't be asked about membership %s; its place is kept.", key)
    for key in ended:
        lifecycle.end_if_due(key)
    for network_id in waitlist.networks_in_line():
        waitlist.fill_places(network_id)


@queue.periodic("networks.publish_scheduled", cron="* * * * *")
def publish_scheduled() -> None:
    """Publish what was scheduled. One version that can't be published is reported and taken off
    the schedule, instead of stopping every other."""
    publication.publish_due(timezone.now())

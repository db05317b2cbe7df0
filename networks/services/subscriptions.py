"""Calendars that people subscribe to: a membership's own, by an address that is a secret.

The address is a personal link for one purpose, sent to and made by one e-mail address: it shows the
meetings of the seasons that the membership has entered, with the online link, and nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cms import audit, links
from cms.audit import Actor
from networks.models import Meeting, Membership, NetworkPage
from networks.rules.states import Status
from networks.services import calendar
from networks.services.capacities import capacities_of
from networks.services.entries import seasons_of
from networks.services.errors import NotPossible
from networks.services.transitions import locked

PURPOSE = "calendar"
#: A calendar program fetches for years; the address is taken back by making a new one.
LIFETIME = timedelta(days=3650)


@dataclass(frozen=True)
class Feed:
    """A calendar as text. ``etag`` is the same as long as it says the same; ``changed_at``: when
    it last can have changed, None where nothing tells."""

    text: str
    etag: str
    changed_at: datetime | None


@transaction.atomic
def make_address(membership_id: UUID | str, *, address: str, actor: Actor) -> str:
    """The token of a new calendar address for one person; that person's earlier ones stop working.

    Raises NotPossible unless the membership is active.
    """
    membership = locked(membership_id)
    if membership.state != Status.ACTIVE:
        raise NotPossible(_("The calendar is for members."))
    subject = audit.reference(membership)
    links.revoke(subject=subject, purpose=PURPOSE, address=address)
    audit.record(actor=actor, action="membership.calendar_address_made", subject=membership)
    return links.issue(purpose=PURPOSE, subject=subject, lifetime=LIFETIME, address=address)


def has_address(membership: Membership, address: str) -> bool:
    """Whether a calendar address of that person works."""
    return links.Link.objects.filter(
        subject=audit.reference(membership),
        purpose=PURPOSE,
        address=address,
        revoked_at__isnull=True,
        expires_at__gt=timezone.now(),
    ).exists()


def feed_of_membership(token: str) -> Feed | None:
    """The calendar at that address; None when it was taken back, the membership is not active, or
    the person has no part in it any more."""
    link = links.resolve(token, PURPOSE)
    if link is None:
        return None
    membership = (
        Membership.objects.select_related("network", "contact", "invoice_contact")
        .filter(pk=link.subject.partition(":")[2], status=Status.ACTIVE)
        .first()
    )
    if membership is None or not capacities_of(membership, link.address):
        return None
    meetings = _meetings_of(membership)
    with translation.override(membership.language):
        text = calendar.calendar_of(membership.network, meetings, for_members=True)
    newest = audit.history(membership).values_list("at", flat=True).first()
    moments = [newest, membership.activated_at, *_changes(membership.network, meetings)]
    return _feed(text, moments)


def _meetings_of(membership: Membership) -> list[Meeting]:
    """The dated meetings of the seasons entered, until the membership's last day."""
    meetings = Meeting.objects.filter(
        season__in=seasons_of(membership).values("pk"), starts_at__isnull=False
    )
    if membership.ends_on:
        meetings = meetings.filter(
            Q(starts_at__date__lte=membership.ends_on) | Q(starts_at__lte=timezone.now())
        )
    return list(meetings.select_related("host", "record").order_by("starts_at"))


def feed_of_network(network: NetworkPage) -> Feed:
    """The public calendar of a network: its meetings that have not ended."""
    meetings = calendar.coming_meetings(network)
    return _feed(calendar.calendar_of(network, meetings), _changes(network, meetings))


def _changes(network: NetworkPage, meetings: list[Meeting]) -> list[datetime | None]:
    """When the page was published, and when each meeting was told of or cancelled."""
    records = [meeting.record for meeting in meetings if hasattr(meeting, "record")]
    told = [moment for row in records for moment in (row.told_at, row.cancelled_at)]
    return [network.last_published_at, *told]


def _feed(text: str, moments: list[datetime | None]) -> Feed:
    stamped = [line for line in text.splitlines() if not line.startswith("DTSTAMP")]
    digest = sha256("\n".join(stamped).encode()).hexdigest()[:32]
    known = [moment for moment in moments if moment]
    return Feed(text, f'W/"{digest}"', max(known) if known else None)

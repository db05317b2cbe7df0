"""Whom a meeting concerns, and who is told when it changes or is cancelled.

Of each active membership that has the meeting: the participants with a current seat, or its
contact where nobody is named, so that somebody knows. Nobody else. An address stands once, though
it comes on two memberships.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone

from networks.models import (
    Guest,
    GuestState,
    Meeting,
    Membership,
    Participant,
    Person,
    SeasonEntry,
    Seat,
)
from networks.rules.eligibility import normalise_email
from networks.rules.seats import is_within
from networks.rules.states import Status

#: States of guests who hear of what happens to their meeting.
EXPECTED = (GuestState.INVITED, GuestState.ACCEPTED)


@dataclass(frozen=True)
class Recipient:
    """Somebody to write to on a membership: a participant, or the contact."""

    membership: Membership
    person: Participant | Person

    @property
    def address(self) -> str:
        return normalise_email(self.person.email)

    @property
    def is_participant(self) -> bool:
        return isinstance(self.person, Participant)


def recipients_of(network_id: int, meetings: Sequence[Meeting]) -> dict[int, list[Recipient]]:
    """{meeting: who is told}, in few queries."""
    participants = _participants_by_seat(meetings)
    memberships = _members(network_id)
    told: dict[int, list[Recipient]] = {}
    for meeting in meetings:
        by_address: dict[str, Recipient] = {}
        for membership, seasons in memberships:
            named = participants[meeting.pk, membership.pk]
            has_it = meeting.season_id in seasons and _is_member_then(membership, meeting)
            for recipient in _of_membership(membership, named, has_it):
                by_address.setdefault(recipient.address, recipient)
        told[meeting.pk] = list(by_address.values())
    return told


def _is_member_then(membership: Membership, meeting: Meeting) -> bool:
    day = timezone.localdate(meeting.starts_at) if meeting.starts_at else None
    return is_within(day, meeting.season.starts_on, membership.ends_on)


def _of_membership(
    membership: Membership, named: list[Participant], has_it: bool
) -> list[Recipient]:
    """Colleagues hear nothing before the address that named them is proved."""
    if named and membership.address_confirmed_at:
        return [Recipient(membership, participant) for participant in named]
    return [Recipient(membership, membership.contact)] if named or has_it else []


def _participants_by_seat(meetings: Sequence[Meeting]) -> dict[tuple[int, UUID], list[Participant]]:
    """{(meeting, membership): participants with a current seat}."""
    seats = Seat.objects.current().filter(
        meeting__in=[meeting.pk for meeting in meetings], membership__status=Status.ACTIVE
    )
    grouped: dict[tuple[int, UUID], list[Participant]] = defaultdict(list)
    for seat in seats.select_related("participant").order_by("pk"):
        grouped[seat.meeting_id, seat.membership_id].append(seat.participant)
    return grouped


def _members(network_id: int) -> list[tuple[Membership, set[int | None]]]:
    """The active memberships, each with the keys of the seasons that it has (``seasons_of``)."""
    entered = SeasonEntry.objects.filter(entered_at__isnull=False)
    memberships = Membership.objects.filter(network_id=network_id, status=Status.ACTIVE)
    rows = memberships.select_related("network", "contact", "municipality").prefetch_related(
        Prefetch("entries", queryset=entered)
    )
    return [
        (row, {row.first_season_id, *(entry.season_id for entry in row.entries.all())})
        for row in rows.order_by("activated_at", "pk")
    ]


def guests_of(meetings: Sequence[Meeting]) -> list[Guest]:
    """Those who are invited or have accepted."""
    keys = [meeting.pk for meeting in meetings]
    guests = Guest.objects.filter(meeting__in=keys, state__in=EXPECTED)
    return list(guests.select_related("meeting__season__page", "meeting__host").order_by("pk"))

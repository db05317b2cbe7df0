"""Seats ordered with a sign-up (people × meetings), and the room that the venues have for them."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from cms.audit import SYSTEM
from networks.models import Meeting, Membership, Seat
from networks.services import seats
from networks.services.meeting_seats import coming_seats, lock_meetings


def have_room(attendance: Mapping[int, int]) -> bool:
    """Whether the venues hold that many more: {meeting: people}. Locks the meetings."""
    return all(
        meeting.capacity is None or _people(meeting) + attendance[meeting.pk] <= meeting.capacity
        for meeting in lock_meetings(attendance)
    )


def give_up_without_room(membership: Membership) -> None:
    """Give back the ordered seats of a locked membership that the venues have filled without it,
    while it held no place; whoever was named last first. What is left is what it pays for."""
    own: dict[int, list[Seat]] = {}
    for seat in coming_seats(membership):
        own.setdefault(seat.meeting_id, []).append(seat)
    lost: list[Seat] = []
    for meeting in lock_meetings(own):
        if meeting.capacity is not None:
            room = max(meeting.capacity - _people(meeting, but=membership), 0)
            lost += own[meeting.pk][room:]
    seats.release(lost, actor=SYSTEM, reason=_("The venue was full."))


def _people(meeting: Meeting, but: Membership | None = None) -> int:
    taken = Seat.objects.filter(meeting=meeting).counted(timezone.now())
    return (taken.exclude(membership=but) if but else taken).count()

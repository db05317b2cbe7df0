"""Checking in by personal link on the meeting's day: participants and guests alike.

Whoever holds the phone: the link says who came, so a host can scan somebody's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR, reference
from cms.messages.outbox import LinkRequest
from networks.models import Guest, GuestState, Meeting, Participant, Seat
from networks.rules.attendance import CHECK_IN_BEFORE
from networks.rules.states import HOLDS_PLACE

PURPOSE = "check_in"
PATH = "/indtjekning/{token}/"
#: Days that a link works after the meeting; of a meeting without a date, from when it is sent.
DAYS_AFTER, DAYS_UNDATED = 2, 365

Attendee = Seat | Guest
Row = TypeVar("Row", Seat, Guest)


def check_in_link(attendee: Attendee, *, name: str = PURPOSE) -> LinkRequest:
    """The link that a mail about the seat, or to the guest, is to carry, with its QR code.

    ``name``: by which the mail's text calls it, where it carries several.
    """
    last = last_day(attendee.meeting)
    left = (last - timezone.localdate()).days if last else DAYS_UNDATED
    return LinkRequest(name, PURPOSE, reference(attendee), PATH, max(left, 0) + DAYS_AFTER, qr=True)


def check_in_link_of(participant: Participant, meetings: Sequence[Meeting]) -> LinkRequest:
    """One link with its QR code for all the meetings of an invitation: on each one's day it checks
    the participant in at that one."""
    days = [day for day in map(last_day, meetings) if day]
    left = (max(days) - timezone.localdate()).days if days else DAYS_UNDATED
    days_valid = max(left, 0) + DAYS_AFTER
    return LinkRequest(PURPOSE, PURPOSE, reference(participant), PATH, days_valid, qr=True)


def last_day(meeting: Meeting) -> date | None:
    """The local date on which the meeting ends."""
    return timezone.localtime(meeting.ends_at).date() if meeting.ends_at else None


class CheckInState(StrEnum):
    """What a link to check in can do now."""

    OPEN = "open"
    DONE = "done"
    TOO_EARLY = "too_early"
    #: The meeting has no date yet.
    UNDATED = "undated"
    OVER = "over"
    #: The meeting is cancelled.
    CANCELLED = "cancelled"
    #: The seat was given back, the membership holds no place, or the guest does not come.
    NOT_COMING = "not_coming"


@dataclass(frozen=True)
class CheckIn:
    """``opens_at``: aware, where the meeting has a date."""

    attendee: Attendee
    state: CheckInState
    opens_at: datetime | None

    @property
    def name(self) -> str:
        if isinstance(self.attendee, Seat):
            return self.attendee.participant.name
        return self.attendee.name


def find(subject: str) -> CheckIn | None:
    """The check-in that a link's subject leads to; None when the row is gone."""
    attendee = _attendee(subject, lock=False)
    return _judge(attendee, timezone.now()) if attendee else None


@transaction.atomic
def check_in(subject: str) -> CheckIn | None:
    """Note that the attendee came, if check-in is open; again changes nothing. Returns how it
    stands afterwards."""
    attendee = _attendee(subject, lock=True)
    if attendee is None:
        return None
    now = timezone.now()
    found = _judge(attendee, now)
    if found.state != CheckInState.OPEN:
        return found
    attendee.came, attendee.came_noted_at = True, now
    attendee.save(update_fields=["came", "came_noted_at"])
    audit.record(actor=VISITOR, action="attendance.checked_in", subject=attendee, fields=["came"])
    return _judge(attendee, now)


def _attendee(subject: str, *, lock: bool) -> Attendee | None:
    label, _separator, key = subject.partition(":")
    if not key.isdigit():
        return None
    seats = Seat.objects.select_related("participant", "membership")
    if label == Seat._meta.label_lower:
        return _row(seats, key, lock)
    if label == Participant._meta.label_lower:
        seat = _next_seat(key)
        return _row(seats, str(seat), lock) if seat else None
    if label == Guest._meta.label_lower:
        return _row(Guest.objects.all(), key, lock)
    return None


def _next_seat(participant_key: str) -> int | None:
    """The participant's seat at the meeting of today, else at the next one, else at the last."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    dated = Seat.objects.current().filter(
        participant_id=int(participant_key), meeting__starts_at__isnull=False
    )
    held = dated.filter(meeting__record__cancelled_at__isnull=True)
    coming = held.filter(meeting__ends_at__gte=midnight).order_by("meeting__starts_at")
    found = coming.first() or dated.order_by("-meeting__starts_at").first()
    return found.pk if found else None


def _row(rows: QuerySet[Row], key: str, lock: bool) -> Row | None:
    rows = rows.select_related("meeting__season__page", "meeting__record", "meeting__host")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(pk=key).first()


def _judge(attendee: Attendee, now: datetime) -> CheckIn:
    meeting = attendee.meeting
    opens_at = meeting.starts_at - CHECK_IN_BEFORE if meeting.starts_at else None
    return CheckIn(attendee, _state(attendee, meeting, opens_at, now), opens_at)


def _state(
    attendee: Attendee, meeting: Meeting, opens_at: datetime | None, now: datetime
) -> CheckInState:
    last = last_day(meeting)
    if meeting.is_cancelled:
        return CheckInState.CANCELLED
    if not _comes(attendee):
        return CheckInState.NOT_COMING
    if attendee.came:
        return CheckInState.DONE
    if opens_at is None or last is None:
        return CheckInState.UNDATED
    if now < opens_at:
        return CheckInState.TOO_EARLY
    return CheckInState.OVER if timezone.localdate(now) > last else CheckInState.OPEN


def _comes(attendee: Attendee) -> bool:
    if isinstance(attendee, Guest):
        return attendee.state == GuestState.ACCEPTED
    return attendee.released_at is None and attendee.membership.state in HOLDS_PLACE

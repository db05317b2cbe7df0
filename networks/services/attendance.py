"""Who is expected at a meeting, and noting who came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cms import audit
from cms.audit import Actor
from networks.models import Guest, GuestState, Meeting, Membership, Seat
from networks.models.municipality import danish_sort_key
from networks.rules import attendance as rules
from networks.rules.states import HOLDS_PLACE, Status
from networks.services.check_in import last_day
from networks.services.errors import NotPossible

#: A seat taken counts, also when the membership has ended since.
COUNTED = sorted({*HOLDS_PLACE, Status.ENDED})
#: Guests who may turn up: those who accepted, and those who have not answered.
EXPECTED_GUESTS = (GuestState.INVITED, GuestState.ACCEPTED)


class Presence(StrEnum):
    """As what somebody comes."""

    SEAT = "seat"
    EXTRA = "extra"
    GUEST = "guest"


@dataclass(frozen=True)
class Expected:
    """Somebody on a meeting's list. ``key`` names the row: ``seat:12`` or ``guest:3``.

    ``came``: None, not noted. ``membership``: whose seat it is; None for a guest.
    """

    key: str
    name: str
    job_title: str
    organisation: str
    email: str
    presence: Presence
    came: bool | None
    membership: Membership | None = None
    has_answered: bool = True

    @property
    def is_guest(self) -> bool:
        return self.presence == Presence.GUEST

    @property
    def is_extra(self) -> bool:
        return self.presence == Presence.EXTRA


@dataclass(frozen=True)
class Mark:
    """One note of whether somebody came. ``came``: None, not noted after all."""

    key: str
    came: bool | None
    noted_at: datetime


def seats_at(meetings: Sequence[Meeting] | QuerySet[Meeting]) -> QuerySet[Seat]:
    """The seats taken at the meetings, coming or held."""
    return Seat.objects.current().filter(meeting__in=meetings, membership__status__in=COUNTED)


def expected_at(meeting: Meeting) -> list[Expected]:
    """Who is expected: everybody with a seat, and the guests; by name, in Danish order."""
    seats = seats_at([meeting]).select_related(
        "participant", "membership__municipality", "membership__contact", "membership__network"
    )
    guests = meeting.guests.filter(state__in=EXPECTED_GUESTS)
    people = [_of_seat(seat) for seat in seats] + [_of_guest(guest) for guest in guests]
    return sorted(people, key=by_name)


def by_name(person: Expected) -> tuple[str, str]:
    return (danish_sort_key(person.name), person.key)


def by_organisation(person: Expected) -> tuple[bool, str, str, str]:
    """Municipalities in Danish order, each with its people by name; guests last."""
    return (person.is_guest, danish_sort_key(person.organisation), *by_name(person))


def _of_seat(seat: Seat) -> Expected:
    participant, membership = seat.participant, seat.membership
    return Expected(
        key=f"seat:{seat.pk}",
        name=participant.name,
        job_title=participant.job_title,
        organisation=membership.organisation,
        email=participant.email,
        presence=Presence.EXTRA if seat.is_extra else Presence.SEAT,
        came=seat.came,
        membership=membership,
    )


def _of_guest(guest: Guest) -> Expected:
    return Expected(
        key=f"guest:{guest.pk}",
        name=guest.name,
        job_title=guest.purpose,
        organisation=guest.organisation,
        email=guest.email,
        presence=Presence.GUEST,
        came=guest.came,
        has_answered=guest.state != GuestState.INVITED,
    )


def may_note(meeting: Meeting, *, late: bool = False) -> bool:
    """Whether attendance may be noted today: from the day before until 30 days after; ``late``:
    also later."""
    last = last_day(meeting)
    if meeting.starts_at is None or last is None or meeting.is_cancelled:
        return False
    first = timezone.localtime(meeting.starts_at).date()
    return rules.may_note(first, last, timezone.localdate(), late=late)


@transaction.atomic
def note(meeting_id: int, marks: Sequence[Mark], *, actor: Actor, late: bool = False) -> None:
    """Note who came. The later mark of a row holds; the same mark, sent twice, changes nothing.

    A mark of a row that is not on this meeting's list (a seat given back meanwhile) is dropped.
    Raises NotPossible outside the days for it.
    """
    meeting = Meeting.objects.select_related("record").get(pk=meeting_id)
    if not may_note(meeting, late=late):
        raise NotPossible(
            _("Attendance can be noted from the day before the meeting until 30 days after it.")
        )
    rows = _locked_rows(meeting, marks)
    for mark in marks:
        row = rows.get(mark.key)
        if row is not None and rules.holds(mark.noted_at, row.came_noted_at):
            _write(row, mark, actor)


def _locked_rows(meeting: Meeting, marks: Sequence[Mark]) -> dict[str, Seat | Guest]:
    """The marked rows of this meeting's list, locked in the order of their keys."""
    seats = seats_at([meeting]).filter(pk__in=_keys(marks, "seat"))
    guests = Guest.objects.filter(
        meeting=meeting, state__in=EXPECTED_GUESTS, pk__in=_keys(marks, "guest")
    )
    rows: dict[str, Seat | Guest] = {}
    for seat in seats.select_for_update(of=("self",)).order_by("pk"):
        rows[f"seat:{seat.pk}"] = seat
    for guest in guests.select_for_update(of=("self",)).order_by("pk"):
        rows[f"guest:{guest.pk}"] = guest
    return rows


def _keys(marks: Sequence[Mark], kind: str) -> list[int]:
    """The keys of the marked rows of that kind; what is no key is left out."""
    parts = [mark.key.partition(":") for mark in marks]
    return [int(key) for name, _separator, key in parts if name == kind and _is_key(key)]


def _is_key(text: str) -> bool:
    """Digits, and no more of them than a key can have."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _write(row: Seat | Guest, mark: Mark, actor: Actor) -> None:
    changed = row.came != mark.came
    row.came, row.came_noted_at = mark.came, mark.noted_at
    row.save(update_fields=["came", "came_noted_at"])
    if changed:
        audit.record(actor=actor, action="attendance.noted", subject=row, fields=["came"])

"""A meeting's seats: who comes, and whether there is room; which meetings and seats are to come."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from networks.models import Meeting, Membership, Season, Seat
from networks.rules import seats as rules
from networks.rules.pricing import TariffKind
from networks.rules.seats import ExtraPer, SeatTerms
from networks.services.entries import seasons_of

#: What notices and rules read of a seat.
SEAT_RELATIONS = ("participant", "meeting__season__page", "meeting__record", "meeting__host")


def seat_terms(season: Season) -> SeatTerms:
    return SeatTerms(
        tariff=TariffKind(season.tariff),
        limit=season.seats_per_meeting,
        price_per_person=season.price_per_person,
        extra_price=season.extra_price,
        extra_per=ExtraPer(season.extra_scope),
    )


def who_comes(meeting: Meeting) -> QuerySet[Seat]:
    """The current seats of memberships that hold a place, with participant and municipality."""
    seats = Seat.objects.filter(meeting=meeting).counted(timezone.now())
    return seats.select_related(
        "participant", "membership__municipality", "membership__contact"
    ).order_by("membership_id", "is_extra", "number", "pk")


def coming(now: datetime) -> Q:
    """Meetings that have not started and are not cancelled; those without a date count."""
    not_started = Q(starts_at__isnull=True) | Q(starts_at__gt=now)
    not_cancelled = Q(record__isnull=True) | Q(record__cancelled_at__isnull=True)
    return not_started & not_cancelled


def coming_meetings(membership: Membership) -> list[Meeting]:
    """The coming meetings that the membership has, by date; those without one last."""
    meetings = Meeting.objects.filter(
        coming(timezone.now()), season__in=seasons_of(membership).values("pk")
    ).select_related("season", "record", "host")
    mine = [meeting for meeting in meetings if is_within(meeting, membership.ends_on)]
    return sorted(mine, key=_by_date)


def _by_date(meeting: Meeting) -> tuple[bool, datetime | date | None, int]:
    return (meeting.starts_at is None, meeting.starts_at or meeting.season.starts_on, meeting.pk)


def is_within(meeting: Meeting, last_day: date | None) -> bool:
    day = timezone.localtime(meeting.starts_at).date() if meeting.starts_at else None
    return rules.is_within(day, meeting.season.starts_on, last_day)


def venue_is_full(meeting: Meeting) -> bool:
    """Whether as many people have a seat as the venue holds."""
    if meeting.capacity is None:
        return False
    return Seat.objects.filter(meeting=meeting).counted(timezone.now()).count() >= meeting.capacity


def lock_meetings(keys: Iterable[int]) -> list[Meeting]:
    """The meetings, read again under a lock that serialises decisions about their seats.

    After the membership's lock, and in the order of their keys. It lets others point to them.
    """
    assert transaction.get_connection().in_atomic_block, "A lock needs a transaction."
    meetings = Meeting.objects.filter(pk__in=list(keys)).order_by("pk")
    return list(
        meetings.select_for_update(of=("self",), no_key=True).select_related(
            "season__page", "record", "host"
        )
    )


def included_numbers(membership: Membership, meeting: Meeting) -> list[int | None]:
    """The numbers of the membership's own seats that are taken at a meeting."""
    own = Seat.objects.filter(membership=membership, meeting=meeting, is_extra=False).current()
    return list(own.values_list("number", flat=True))


def coming_seats(membership: Membership) -> list[Seat]:
    """The membership's current seats at meetings that have not started."""
    now = timezone.now()
    seats = Seat.objects.current().filter(membership=membership)
    not_started = Q(meeting__starts_at__isnull=True) | Q(meeting__starts_at__gt=now)
    rows = seats.filter(not_started).select_related(*SEAT_RELATIONS)
    return list(rows.order_by("meeting_id", "pk"))

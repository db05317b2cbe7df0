"""How the meetings of a period were attended."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from networks.models import Guest, GuestState, Meeting, NetworkPage
from networks.services.attendance import seats_at
from networks.services.participation import MeetingTurnout


def held_meetings(networks: QuerySet[NetworkPage], start: date, end: date) -> QuerySet[Meeting]:
    """Those that have begun, from ``start`` to ``end`` (local dates, both included) and were not
    cancelled; the newest first."""
    first, last = (datetime.combine(day, time.min) for day in (start, end + timedelta(days=1)))
    until = min(timezone.make_aware(last), timezone.now())
    return (
        Meeting.objects.filter(
            season__page__in=networks.order_by().values("pk"),
            starts_at__gte=timezone.make_aware(first),
            starts_at__lt=until,
        )
        .exclude(record__cancelled_at__isnull=False)
        .select_related("season__page", "record")
        .order_by("-starts_at", "pk")
    )


def turnouts(meetings: QuerySet[Meeting]) -> Sequence[MeetingTurnout]:
    """One for each meeting, in their order; in three queries."""
    listed = list(meetings)
    came, away = Q(came=True), Q(came=False)
    seats = (
        seats_at(listed)
        .order_by()
        .values_list("meeting_id")
        .annotate(
            number=Count("pk"),
            attended=Count("pk", filter=came),
            missed=Count("pk", filter=away),
        )
    )
    guests = (
        Guest.objects.filter(Q(state=GuestState.ACCEPTED) | came, meeting__in=listed)
        .order_by()
        .values_list("meeting_id")
        .annotate(number=Count("pk"), attended=Count("pk", filter=came))
    )
    by_seat = {key: numbers for key, *numbers in seats}
    by_guest = {key: numbers for key, *numbers in guests}
    return [
        MeetingTurnout(
            meeting, *by_seat.get(meeting.pk, (0, 0, 0)), *by_guest.get(meeting.pk, (0, 0))
        )
        for meeting in listed
    ]

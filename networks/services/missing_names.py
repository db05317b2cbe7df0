"""Seats that nobody is named for yet, shortly before a meeting."""

from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate

from networks.models import Meeting, Membership, SeasonEntry, Seat, Unit
from networks.rules.pricing import TariffKind
from networks.rules.states import Status

#: How long before a meeting missing names become a task.
AHEAD = timedelta(days=21)


def next_meetings(now: datetime) -> QuerySet[Meeting]:
    """Meetings within that time at which each membership has a number of seats of its own, for
    ``OuterRef("network_id")``, the next first."""
    return (
        Meeting.objects.filter(
            season__page=OuterRef("network_id"),
            season__seats_per_meeting__isnull=False,
            included=True,
            starts_at__gt=now,
            starts_at__lte=now + AHEAD,
        )
        .exclude(season__tariff=TariffKind.PER_PERSON_PER_MEETING)
        .exclude(record__cancelled_at__isnull=False)
        .order_by("starts_at", "pk")
    )


def missing_names(now: datetime) -> QuerySet[Membership]:
    """Municipalities' active memberships that have not filled their seats at the next meeting."""
    following = next_meetings(now)
    taken = (
        Seat.objects.filter(membership=OuterRef("pk"), meeting=OuterRef("next_meeting"))
        .filter(released_at__isnull=True, is_extra=False)
        .order_by()
        .values("membership")
        .annotate(number=Count("pk"))
        .values("number")
    )
    entered = SeasonEntry.objects.filter(
        membership=OuterRef("pk"), season=OuterRef("next_season"), entered_at__isnull=False
    )
    return (
        Membership.objects.filter(status=Status.ACTIVE, unit=Unit.MUNICIPALITY)
        .annotate(
            next_meeting=Subquery(following.values("pk")[:1]),
            next_season=Subquery(following.values("season_id")[:1]),
            next_start=Subquery(following.values("starts_at")[:1]),
            next_seats=Subquery(following.values("season__seats_per_meeting")[:1]),
        )
        .filter(next_meeting__isnull=False)
        .filter(Q(first_season=F("next_season")) | Exists(entered))
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=TruncDate("next_start")))
        .annotate(named=Coalesce(Subquery(taken), 0))
        .filter(named__lt=F("next_seats"))
        .order_by()
    )

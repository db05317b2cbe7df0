"""Whom the year change should have reached by now, and does not: somebody has to see to it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from networks.models import Membership, Season, SeasonEntry
from networks.rules.renewal import YearChange
from networks.rules.states import Status
from networks.services import years


def held_back(today: date) -> QuerySet[Membership]:
    """Active memberships that a season holds back in which something is due, as
    ``rules.renewal.plan`` decides of each."""
    held = Q(pk__in=())
    for season in years.coming_seasons(today):
        change = years.year_change(season)
        if change.is_due(today):
            held |= _expected(season) & _held(change)
    return Membership.objects.filter(held, status=Status.ACTIVE)


def _expected(season: Season) -> Q:
    """Those who were members before the season, stay into it, and have not entered it."""
    entered = SeasonEntry.objects.filter(
        membership=OuterRef("pk"), season=season, entered_at__isnull=False
    )
    begins = season.starts_on
    return (
        Q(network=season.page_id)
        & (Q(ends_on__isnull=True) | Q(ends_on__gte=begins))
        & (Q(first_season__starts_on__isnull=True) | Q(first_season__starts_on__lt=begins))
        & Q(~Exists(entered))
    )


def _held(change: YearChange) -> Q:
    if change.hold:
        return Q()
    # Where there is a fee, it must be known how it is paid.
    return Q(method="", buyer_name="") if change.fee else Q(pk__in=())

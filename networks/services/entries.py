"""The seasons that a membership has entered: its first, and one more at each year change."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from networks.models import Membership, Season, SeasonEntry


def enter_first_season(membership: Membership, charge_key: str) -> None:
    """A membership that has just become active is in its first season, where it has one."""
    if membership.first_season_id is None:
        return
    SeasonEntry.objects.get_or_create(
        membership=membership,
        season_id=membership.first_season_id,
        defaults={
            "entered_at": timezone.now(),
            "price_net": membership.price_net or 0,
            "charge_key": charge_key,
        },
    )


def seasons_of(membership: Membership) -> QuerySet[Season]:
    """The seasons that the membership is in, or begins with, by date."""
    entered = Q(entries__membership=membership, entries__entered_at__isnull=False)
    seasons = Season.objects.filter(entered | Q(pk=membership.first_season_id))
    return seasons.distinct().order_by("starts_on")

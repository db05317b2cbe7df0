"""The seasons that a membership has entered: its first, and one more at each year change."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from networks.models import Membership, Season, SeasonEntry
from networks.rules.pricing import SeasonTerms, TariffKind
from networks.rules.renewal import Year


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


def entries_of(membership: Membership) -> list[SeasonEntry]:
    """What the membership has entered and was told of, by date, with seasons. Its first season is
    there from the beginning, also where no row says so."""
    return entries_of_many([membership])[membership.pk]


def entries_of_many(memberships: Sequence[Membership]) -> dict[UUID, list[SeasonEntry]]:
    """``entries_of`` each, in one query."""
    found: dict[UUID, list[SeasonEntry]] = {membership.pk: [] for membership in memberships}
    entries = SeasonEntry.objects.filter(membership__in=list(found)).select_related("season")
    for entry in entries.order_by("season__starts_on"):
        found[entry.membership_id].append(entry)
    for membership in memberships:
        first, entered = membership.first_season, found[membership.pk]
        if first is not None and first.pk not in {entry.season_id for entry in entered}:
            now = membership.activated_at or timezone.now()
            entered.append(SeasonEntry(membership=membership, season=first, entered_at=now))
    return found


def announced_on(entry: SeasonEntry) -> date | None:
    """The local date on which the member was told of the season."""
    return timezone.localtime(entry.announced_at).date() if entry.announced_at else None


def was_credited(entry: SeasonEntry) -> bool:
    """Entered, and left again before it began: the row remembers what it cost."""
    return entry.entered_at is None and (bool(entry.charge_key) or entry.announced_at is None)


def year_of(entry: SeasonEntry) -> Year:
    """The entry as the rules of leaving see it: its season's dates and tariff, without prices."""
    season = entry.season
    assert season.starts_on is not None
    assert season.ends_on is not None
    return Year(
        SeasonTerms(
            key=season.pk,
            starts_on=season.starts_on,
            ends_on=season.ends_on,
            tariff=TariffKind(season.tariff),
            last_cancellation_on=season.last_cancellation_on,
        ),
        announced_on(entry),
        entry.entered_at is not None,
    )

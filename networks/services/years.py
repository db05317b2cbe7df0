"""What the year change will mean: the seasons to come, and what happens to whom in each.

Decided by ``rules.renewal.plan`` alone; only the rows of the live page count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, FilteredRelation, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from networks.models import Meeting, Membership, NetworkPage, Season, SeasonEntry
from networks.rules import renewal as rules
from networks.rules.pricing import TariffKind
from networks.rules.renewal import Fate, Hold, Member, Plan, YearChange
from networks.rules.states import Status


def coming_seasons(today: date) -> QuerySet[Season]:
    """The published rows of seasons that are not over, by date, with all that prices need."""
    coming = Season.objects.filter(starts_on__isnull=False, ends_on__gte=today)
    return with_terms(coming).order_by("starts_on", "page__title", "pk")


def with_terms(seasons: QuerySet[Season]) -> QuerySet[Season]:
    """The seasons with what their prices need: network, ladder, meetings and their records."""
    meetings = Meeting.objects.select_related("record")
    return seasons.select_related("page").prefetch_related(
        "ladder", Prefetch("meetings", queryset=meetings)
    )


def listed_seasons(today: date) -> QuerySet[Season]:
    """Of ``coming_seasons`` those that have not begun, and those that somebody should have
    entered and has not."""
    entered = SeasonEntry.objects.filter(
        membership=OuterRef("pk"), season=OuterRef(OuterRef("pk")), entered_at__isnull=False
    )
    missing = (
        Membership.objects.filter(network=OuterRef("page_id"), status=Status.ACTIVE)
        .filter(
            Q(first_season__isnull=True) | Q(first_season__starts_on__lt=OuterRef("starts_on")),
            Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("starts_on")),
        )
        .exclude(Exists(entered))
    )
    return coming_seasons(today).filter(Q(starts_on__gt=today) | Exists(missing))


def year_change(season: Season) -> YearChange:
    return YearChange(
        season.terms(),
        season.page.charge_days_before_season,
        is_published=season.page.live,
        prices_confirmed=season.prices_confirmed or season.tariff == TariffKind.FREE,
    )


#: What is read of a membership (joined with its entry of the season) to plan for it.
_COLUMNS = (
    "pk",
    "ends_on",
    "first_season__starts_on",
    "method",
    "buyer_name",
    "entry__announced_at",
    "entry__entered_at",
    "entry__price_net",
)


def active_members(season: Season) -> QuerySet[Any]:
    """The network's active memberships, each with its ``entry`` of the season, if there is one."""
    entry = FilteredRelation("entries", condition=Q(entries__season=season))
    active = Membership.objects.filter(network_id=season.page_id, status=Status.ACTIVE)
    return active.annotate(entry=entry)


def members_of(rows: QuerySet[Any]) -> Iterator[tuple[UUID, Member]]:
    """(key, what the rules need to know) of each of ``active_members``."""
    for row in rows.values_list(*_COLUMNS).iterator():
        yield row[0], member(*row[1:])


def member(
    ends_on: date | None,
    starts_with: date | None,
    method: str,
    buyer_name: str,
    announced_at: datetime | None,
    entered_at: datetime | None,
    price_net: int | None,
) -> Member:
    return Member(
        ends_on=ends_on,
        starts_with=starts_with,
        announced_on=timezone.localtime(announced_at).date() if announced_at else None,
        announced_net=price_net,
        has_entered=entered_at is not None,
        can_be_invoiced=bool(method or buyer_name),
    )


def networks_without_next_season(today: date) -> list[tuple[NetworkPage, int]]:
    """(network, members that go on) where the last season is about to end, or has ended, and the
    next is not published: nobody there can be told what comes."""
    spans: dict[int, list[date]] = {}
    networks: dict[int, NetworkPage] = {}
    paid = Season.objects.filter(page__free_of_charge=False, ends_on__isnull=False)
    for season in paid.select_related("page"):
        networks[season.page_id] = season.page
        spans.setdefault(season.page_id, []).append(season.ends_on)
    late = [
        key
        for key, ends in spans.items()
        if rules.is_without_next_season(ends, networks[key].charge_days_before_season, today)
    ]
    staying = Membership.objects.filter(
        network_id__in=late, status=Status.ACTIVE, cancelled_at__isnull=True
    )
    members = Counter(staying.values_list("network_id", flat=True))
    return [(networks[key], members[key]) for key in late if members[key]]


@dataclass(frozen=True)
class MemberPlan:
    key: UUID
    ends_on: date | None
    plan: Plan


def plans(season: Season) -> list[MemberPlan]:
    """What happens to each active membership in a season of ``coming_seasons``."""
    change, today = year_change(season), timezone.localdate()
    return [
        MemberPlan(key, known.ends_on, rules.plan(change, known, today))
        for key, known in members_of(
            active_members(season).order_by("municipality__sort_key", "organisation_name", "pk")
        )
    ]


@dataclass(frozen=True)
class Summary:
    """Memberships by what happens to them; ``net`` øre excl. VAT of those that are charged."""

    fates: Counter[Fate]
    holds: Counter[Hold]
    net: int

    @property
    def total(self) -> int:
        return sum(self.fates.values())


def summary(of: Iterable[Plan]) -> Summary:
    listed = list(of)
    return Summary(
        Counter(plan.fate for plan in listed),
        Counter(plan.hold for plan in listed if plan.hold),
        sum(plan.net for plan in listed if plan.fate == Fate.CHARGED),
    )


def summaries(seasons: Sequence[Season]) -> dict[int, Summary]:
    """The summary of each season, in two queries for all of them."""
    today = timezone.localdate()
    networks = {season.page_id for season in seasons}
    active = Membership.objects.filter(network_id__in=networks, status=Status.ACTIVE)
    by_network: dict[int, list[Any]] = {}
    for network_id, *row in active.values_list(
        "network_id", "pk", "ends_on", "first_season__starts_on", "method", "buyer_name"
    ):
        by_network.setdefault(network_id, []).append(row)
    entries = {
        (membership_id, season_id): row
        for membership_id, season_id, *row in SeasonEntry.objects.filter(
            season__in=seasons
        ).values_list("membership_id", "season_id", "announced_at", "entered_at", "price_net")
    }
    nothing = [None, None, None]
    return {
        season.pk: summary(
            rules.plan(change, member(*facts, *entries.get((key, season.pk), nothing)), today)
            for key, *facts in by_network.get(season.page_id, [])
        )
        for season in seasons
        for change in [year_change(season)]
    }


HOLD_TEXTS = {
    Hold.NO_SEASON: _("The next season is not published yet."),
    Hold.NOT_PUBLISHED: _("The network's page is not published."),
    Hold.PRICES_NOT_CONFIRMED: _("The season's prices are not confirmed."),
    Hold.NO_PRICE: _("The season has no price for the number of its meetings."),
    Hold.NO_INVOICE_DETAILS: _("No payment method and no invoice details are known."),
}


def hold_text(hold: Hold) -> str:
    return str(HOLD_TEXTS[hold])

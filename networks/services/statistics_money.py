"""What each season has been charged, paid and is owed. Amounts are whole øre.

A charge belongs to the season of its network in which the period begins that it is for; one
without a period to the season in which it was made.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate

from networks.models import NetworkPage, Season
from networks.services.scopes import scope_of, scope_of_key, scope_prefix
from payments.models import Charge, ChargeState, Credit


@dataclass(frozen=True)
class SeasonMoney:
    """``net``, ``gross``: charged; ``credited_*``: taken off again. ``paid`` and ``outstanding``
    incl. VAT, after credits. ``season`` None: charges that no season of the network holds."""

    network: NetworkPage
    season: Season | None
    charges: int
    net: int
    gross: int
    paid: int
    outstanding: int
    credited_net: int
    credited_gross: int

    @property
    def revenue_net(self) -> int:
        return self.net - self.credited_net

    @property
    def revenue_gross(self) -> int:
        return self.gross - self.credited_gross


def total_of(rows: Iterable[SeasonMoney], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def money_by_season(
    charges: QuerySet[Charge], networks: QuerySet[NetworkPage], start: date, end: date
) -> list[SeasonMoney]:
    """Of the seasons of these networks that have a day in the period, and of charges in it that no
    season holds. ``charges``: those that may be seen. In four queries; by network, newest first."""
    listed = {scope_of(each): each for each in networks.only("pk", "title", "draft_title")}
    seasons = Season.objects.filter(
        page__in=[network.pk for network in listed.values()],
        starts_on__lte=end,
        ends_on__gte=start,
    )
    held = {season.pk: season for season in seasons}
    placed = _with_season(charges.filter(scope__in=list(listed)))
    placed = placed.filter(Q(season__in=list(held)) | Q(season=None, day__range=(start, end)))
    credited = _credited(placed)
    rows = [
        SeasonMoney(
            listed[scope], held.get(season), *[*sums, *credited.get((scope, season), (0, 0))]
        )
        for scope, season, *sums in _sums(placed)
    ]
    counted = {row.season.pk for row in rows if row.season}
    empty = [
        SeasonMoney(listed[scope_of_key(season.page_id)], season, *[0] * 7)
        for season in held.values()
        if season.pk not in counted
    ]
    return _in_order([*rows, *empty])


def _in_order(rows: Iterable[SeasonMoney]) -> list[SeasonMoney]:
    def begins(row: SeasonMoney) -> int:
        day = row.season.starts_on if row.season else None
        return -day.toordinal() if day else 0

    return sorted(rows, key=lambda row: (row.network.title, row.network.pk, begins(row)))


def _with_season(charges: QuerySet[Charge]) -> QuerySet[Any]:
    """With ``season``, the key of the one that holds it, and ``day``, by which it was found."""
    scope = Concat(Value(scope_prefix()), Cast("page_id", CharField()))
    season = (
        Season.objects.annotate(scope=scope)
        .filter(
            scope=OuterRef("scope"), starts_on__lte=OuterRef("day"), ends_on__gte=OuterRef("day")
        )
        .order_by("starts_on")
    )
    return (
        charges.order_by()
        .annotate(day=Coalesce("period_start", TruncDate("created_at")))
        .annotate(season=Subquery(season.values("pk")[:1]))
    )


def _sums(placed: QuerySet[Any]) -> QuerySet[Any]:
    """(scope, season, charges, net, gross, paid, outstanding)."""
    left = F("gross") - F("credited")
    return placed.values_list("scope", "season").annotate(
        number=Count("pk"),
        sum_net=Sum("net"),
        sum_gross=Sum("gross"),
        paid=Sum(Case(When(state=ChargeState.PAID, then=left), default=0)),
        outstanding=Sum(Case(When(state=ChargeState.OPEN, then=left), default=0)),
    )


def _credited(placed: QuerySet[Any]) -> dict[tuple[str, int | None], tuple[int, int]]:
    """What was credited, by scope and season: (net, gross)."""
    season = Subquery(placed.filter(pk=OuterRef("charge_id")).values("season")[:1])
    rows = (
        Credit.objects.filter(charge__in=placed.values("pk"))
        .order_by()
        .annotate(season=season)
        .values_list("charge__scope", "season")
        .annotate(sum_net=Sum("net"), sum_gross=Sum("gross"))
    )
    return {(scope, key): (net, gross) for scope, key, net, gross in rows}

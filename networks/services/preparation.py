"""Networks whose next year is not prepared: no next season, or one without its prices."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from networks.models import NetworkPage, Season
from networks.rules import renewal as rules
from networks.rules.renewal import Hold
from networks.services.years import HOLD_TEXTS, with_terms, year_change

NO_NEXT_SEASON = _("The next season is not published yet.")
#: What an editor can put right.
OF_EDITORS = (Hold.PRICES_NOT_CONFIRMED, Hold.NO_PRICE)


@dataclass(frozen=True)
class Unprepared:
    """``last_day``: of the network's last published season."""

    network: NetworkPage
    reason: str
    last_day: date


def unprepared(networks: QuerySet[NetworkPage], today: date) -> list[Unprepared]:
    """Those of the published networks with a price whose members should have been told of the
    next season, or that have one that can't be charged for; in three queries. By title."""
    seasons = Season.objects.filter(
        page__in=networks.order_by().values("pk"),
        page__live=True,
        page__free_of_charge=False,
        starts_on__isnull=False,
        ends_on__isnull=False,
    )
    by_network: dict[int, list[Season]] = defaultdict(list)
    for season in with_terms(seasons).order_by("page__title", "page_id", "starts_on"):
        by_network[season.page_id].append(season)
    found = (_look_at(rows, today) for rows in by_network.values())
    return [each for each in found if each]


def _look_at(seasons: Sequence[Season], today: date) -> Unprepared | None:
    network = seasons[0].page
    ends = [season.ends_on for season in seasons if season.ends_on]
    reason = _reason(seasons, today)
    if rules.is_without_next_season(ends, network.charge_days_before_season, today):
        reason = str(NO_NEXT_SEASON)
    return Unprepared(network, reason, max(ends)) if reason else None


def _reason(seasons: Iterable[Season], today: date) -> str:
    """What keeps members out of a season to come; empty when nothing does."""
    for season in seasons:
        if season.starts_on and season.starts_on > today:
            hold = year_change(season).hold
            if hold in OF_EDITORS:
                return f"{season.name}: {HOLD_TEXTS[hold]}"
    return ""

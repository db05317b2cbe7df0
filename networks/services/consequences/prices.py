"""What follows for the prices that visitors meet. Whole øre excl. VAT."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from networks.models import NetworkPage, Season
from networks.rules import pricing
from networks.rules.pricing import SeasonTerms, TariffKind


@dataclass(frozen=True)
class PriceFacts:
    """What a season costs now. ``today`` None: it can't be had at a price; ``steps``: (from when,
    price) as the coming meetings start; ``whole``: of all its meetings, the price of a year change.
    """

    is_open: bool
    tariff: TariffKind
    today: int | None
    steps: tuple[tuple[datetime, int], ...]
    whole: int | None
    extra: int | None
    vat_rate: int


@dataclass(frozen=True)
class PriceConsequence:
    season: str
    before: PriceFacts | None
    after: PriceFacts | None


def price_consequences(
    stored: NetworkPage, draft: NetworkPage, cancelled: set[int], now: datetime
) -> list[PriceConsequence]:
    before, after = _by_season(stored, cancelled, now), _by_season(draft, cancelled, now)
    keys = list(dict.fromkeys([*before, *after]))
    pairs = [(before.get(key), after.get(key)) for key in keys]
    return [
        PriceConsequence((new or old)[0], old and old[1], new and new[1])  # type: ignore[index]
        for old, new in pairs
        if _concerns_visitors(old and old[1], new and new[1])
    ]


def _concerns_visitors(before: PriceFacts | None, after: PriceFacts | None) -> bool:
    """A season that comes or goes concerns them while it is open."""
    if before is None or after is None:
        return bool((before or after) and (before or after).is_open)  # type: ignore[union-attr]
    return before != after


def _by_season(
    page: NetworkPage, cancelled: set[int], now: datetime
) -> dict[object, tuple[str, PriceFacts]]:
    """{season: (name, what it costs)}; a season that is not stored yet is known by its place."""
    seasons = [row for row in page.seasons.all() if row.starts_on and row.ends_on]
    terms = [row.terms(cancelled) for row in seasons]
    open_now = pricing.open_seasons(terms, now, timezone.localdate(now))
    return {
        row.pk or f"new {place}": (row.name, _price_facts(row, own, own in open_now, now))
        for place, (row, own) in enumerate(zip(seasons, terms, strict=True))
    }


def _price_facts(season: Season, terms: SeasonTerms, is_open: bool, now: datetime) -> PriceFacts:
    fee = terms.tariff == TariffKind.SEASON_FEE
    today = {
        TariffKind.FREE: 0,
        TariffKind.SEASON_FEE: terms.fee(now),
        TariffKind.PER_PERSON_PER_MEETING: terms.price_per_person,
    }[terms.tariff]
    return PriceFacts(
        is_open=is_open,
        tariff=terms.tariff,
        today=today,
        steps=tuple(terms.later_steps(now)) if fee else (),
        whole=terms.full_fee() if fee else None,
        extra=season.extra_price,
        vat_rate=season.vat_rate,
    )

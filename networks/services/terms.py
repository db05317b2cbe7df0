"""What a network offers now: its seasons' terms, the seasons open, the places left."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from networks.models import Meeting, Membership, NetworkPage, Season
from networks.rules import pricing
from networks.rules.pricing import Quote, SeasonTerms
from networks.services.meeting_programme import with_programme


def load_seasons(network: NetworkPage) -> list[Season]:
    """The network's seasons in order, with ladders, meetings and records, in few queries.

    Of a draft in the editor's preview the rows are in memory; nothing is read for them.
    """
    seasons = [season for season in network.seasons.all() if season.starts_on and season.ends_on]
    stored = [season for season in seasons if season.pk]
    if len(stored) == len(seasons) and not _in_memory(network):
        meetings = with_programme(Meeting.objects.select_related("record", "host"))
        prefetch_related_objects(stored, "ladder", Prefetch("meetings", queryset=meetings))
    return sorted(seasons, key=lambda season: season.starts_on)


def _in_memory(network: NetworkPage) -> bool:
    return "seasons" in getattr(network, "_cluster_related_objects", {})


def terms_of(network: NetworkPage) -> list[SeasonTerms]:
    return [season.terms() for season in load_seasons(network)]


def open_seasons(terms: Sequence[SeasonTerms]) -> list[SeasonTerms]:
    """The seasons a visitor may choose between now."""
    return pricing.open_seasons(terms, timezone.now(), timezone.localdate())


def quote_for(
    network: NetworkPage,
    terms: Sequence[SeasonTerms],
    season_id: int | None,
    attendance: dict[int, int] | None = None,
) -> Quote | None:
    """What joining costs now; None when that season can't be joined.

    A free network costs nothing, also without a season, or with one that is over or came later.
    """
    chosen = next((season for season in open_seasons(terms) if season.key == season_id), None)
    if chosen is None:
        return pricing.FREE_WITHOUT_SEASON if network.free_of_charge else None
    return pricing.quote(chosen, timezone.now(), attendance)


@dataclass(frozen=True)
class Places:
    """Places of a network by memberships. ``capacity`` None: no limit."""

    capacity: int | None
    taken: int

    @property
    def left(self) -> int | None:
        return None if self.capacity is None else max(self.capacity - self.taken, 0)

    @property
    def has_room(self) -> bool:
        return self.capacity is None or self.taken < self.capacity


def places_of(network: NetworkPage) -> Places:
    """The places now. A limitless network is not counted."""
    if network.capacity is None:
        return Places(None, 0)
    holding = Membership.objects.filter(network_id=network.pk)
    return Places(network.capacity, holding.occupying(timezone.now()))

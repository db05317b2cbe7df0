"""Which municipalities are members, wait, were members or never came, on a date; and where."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from networks.models import Membership, Municipality, NetworkPage
from networks.models.municipality import danish_sort_key
from networks.rules.regions import region_field
from networks.rules.states import OPEN, Status
from networks.services.statistics import former_on, member_on, members_ever


class Standing(StrEnum):
    """How a municipality stood, the strongest first."""

    MEMBER = "member"
    WAITING = "waiting"
    FORMER = "former"
    NONE = "none"


@dataclass(frozen=True)
class Covered:
    """``region``: the one that it lay in on the date."""

    municipality: Municipality
    region: str
    standing: Standing


@dataclass
class RegionCoverage:
    region: str
    numbers: Counter[Standing] = field(default_factory=Counter)
    population: int = 0
    covered_population: int = 0

    @property
    def municipalities(self) -> int:
        return self.numbers.total()

    @property
    def share(self) -> int:
        """Members among its municipalities, whole percent."""
        return _percent(self.numbers[Standing.MEMBER], self.municipalities)

    @property
    def population_share(self) -> int:
        """Of its people, those that live in a member municipality; whole percent."""
        return _percent(self.covered_population, self.population)

    def add(self, row: Covered) -> None:
        people = row.municipality.population or 0
        self.numbers[row.standing] += 1
        self.population += people
        self.covered_population += people if row.standing == Standing.MEMBER else 0


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def coverage(networks: QuerySet[NetworkPage], day: date) -> list[Covered]:
    """Every municipality of today, in Danish order, as it stood on that local date in any of the
    networks; persons count for their municipality. In three queries."""
    members = members_ever(networks).filter(municipality__isnull=False)
    counted = members.values("municipality_id").annotate(
        now=Count("pk", filter=member_on(day)), before=Count("pk", filter=former_on(day))
    )
    standing: dict[int, Standing] = {}
    for row in counted:
        if row["now"] or row["before"]:
            key = row["municipality_id"]
            standing[key] = Standing.MEMBER if row["now"] else Standing.FORMER
    for key in waiting_on(networks, day).values_list("municipality_id", flat=True):
        if standing.get(key) != Standing.MEMBER:
            standing[key] = Standing.WAITING
    name = region_field(day)
    return [
        Covered(each, getattr(each, name), standing.get(each.pk, Standing.NONE))
        for each in Municipality.objects.filter(merged_into__isnull=True)
    ]


def waiting_on(networks: QuerySet[NetworkPage], day: date) -> QuerySet[Membership]:
    """Sign-ups that stood on that date and had not become members: confirmed, in line, or awaiting
    payment. Told by their times, since a state says nothing of the past."""
    end = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    stood = (
        Q(address_confirmed_at__lt=end)
        | Q(queued_at__lt=end)
        | Q(status__in=OPEN - {Status.ACTIVE})
    )
    return (
        Membership.objects.filter(
            stood,
            Q(activated_at__isnull=True) | Q(activated_at__gte=end),
            Q(closed_at__isnull=True) | Q(closed_at__gte=end),
            network__in=networks.order_by().values("pk"),
            municipality__isnull=False,
            signed_up_at__lt=end,
        )
        .exclude(status=Status.UNCONFIRMED)
        .order_by()
    )


def by_region(rows: Sequence[Covered]) -> list[RegionCoverage]:
    found: dict[str, RegionCoverage] = {}
    for row in rows:
        found.setdefault(row.region, RegionCoverage(row.region)).add(row)
    return sorted(found.values(), key=lambda each: danish_sort_key(each.region))


def in_all(rows: Sequence[Covered]) -> RegionCoverage:
    """The whole country as one."""
    total = RegionCoverage("")
    for row in rows:
        total.add(row)
    return total

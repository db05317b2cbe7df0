"""How many members there were, when, and who came and went.

A membership counts as a member from the local date of its activation until its last day, both
included: the day on which its cancellation takes effect, or on which it was ended, if that came
first. Whoever never became active never counts.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Least, TruncDate, TruncMonth

from networks.models import Membership, NetworkPage
from networks.rules.states import Status

ONE_DAY = timedelta(days=1)


def members_ever(networks: QuerySet[NetworkPage]) -> QuerySet[Any]:
    """Every membership that is or was active, with its first day (``began``) and its last
    (``last_day``, None: none is set). LEAST passes over what is empty."""
    return (
        Membership.objects.filter(
            network__in=networks.order_by().values("pk"),
            activated_at__isnull=False,
            status__in=[Status.ACTIVE, Status.ENDED],
        )
        .annotate(
            began=TruncDate("activated_at"),
            last_day=Least(F("ends_on"), TruncDate("closed_at")),
        )
        .order_by()
    )


def member_on(day: date) -> Q:
    """Of ``members_ever``: those that were members on that local date."""
    return Q(began__lte=day) & (Q(last_day__isnull=True) | Q(last_day__gte=day))


def former_on(day: date) -> Q:
    """… and those that had been, and were no more."""
    return Q(last_day__lt=day)


def _from_before(day: date) -> Q:
    """Those that were members before that day, and go on."""
    return Q(began__lt=day) & (Q(last_day__isnull=True) | Q(last_day__gte=day))


# Members over time ------------------------------------------------------------------------------


@dataclass(frozen=True)
class MembersOverTime:
    """Network → its members at each of the dates."""

    days: Sequence[date]
    networks: Sequence[NetworkPage]
    numbers: dict[int, list[int]]

    def of(self, network: NetworkPage) -> list[int]:
        return self.numbers.get(network.pk, [0] * len(self.days))

    @property
    def total(self) -> list[int]:
        return [sum(numbers) for numbers in zip(*map(self.of, self.networks), strict=True)] or [
            0
        ] * len(self.days)


def members_over_time(networks: QuerySet[NetworkPage], days: Sequence[date]) -> MembersOverTime:
    """In two queries, whatever the number of days, networks and members."""
    counts = {f"on_{step}": Count("pk", filter=member_on(day)) for step, day in enumerate(days)}
    rows = members_ever(networks).values("network_id").annotate(**counts)
    numbers = {row["network_id"]: [row[name] for name in counts] for row in rows}
    listed = list(networks.only("pk", "title", "draft_title"))
    return MembersOverTime(days, listed, numbers)


def firsts_of_months(start: date, end: date) -> list[date]:
    """The first of each month that begins in the period, and its last day."""
    days = [day for day in _months(start, end) if day >= start]
    return days if days and days[-1] == end else [*days, end]


def _months(start: date, end: date) -> list[date]:
    """The first days of the months that the period touches."""
    months, day = [], start.replace(day=1)
    while day <= end:
        months.append(day)
        day = (day + timedelta(days=31)).replace(day=1)
    return months


# Joiners and leavers ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Movement:
    """A month or a network. ``before``: members from before it that went on into it; ``after``:
    those that go on after it. ``left``: whose last day lies in it."""

    label: date | NetworkPage
    before: int
    joined: int
    left: int

    @property
    def after(self) -> int:
        return self.before + self.joined - self.left


@dataclass(frozen=True)
class Movements:
    months: Sequence[Movement]
    networks: Sequence[Movement]


def movements(networks: QuerySet[NetworkPage], start: date, end: date) -> Movements:
    """Who came and went from ``start`` to ``end``, both included; in four queries."""
    ever = members_ever(networks)
    before = Counter(
        dict(
            ever.filter(_from_before(start)).values_list("network_id").annotate(number=Count("pk"))
        )
    )
    joined = _by_month(ever.filter(began__gte=start, began__lte=end), "began")
    left = _by_month(ever.filter(last_day__gte=start, last_day__lte=end), "last_day")
    listed = list(networks.only("pk", "title", "draft_title"))
    return Movements(
        _month_by_month(_months(start, end), before.total(), joined, left),
        [
            Movement(
                network,
                before[network.pk],
                sum(joined[network.pk].values()),
                sum(left[network.pk].values()),
            )
            for network in listed
        ],
    )


#: Network → first day of the month → number.
ByMonth = dict[int, Counter[date]]


def _by_month(memberships: QuerySet[Any], field: str) -> ByMonth:
    rows = (
        memberships.annotate(month=TruncMonth(field))
        .values_list("network_id", "month")
        .annotate(number=Count("pk"))
    )
    found: ByMonth = defaultdict(Counter)
    for network_id, month, number in rows:
        found[network_id][month] = number
    return found


def _month_by_month(
    months: Sequence[date], before: int, joined: ByMonth, left: ByMonth
) -> list[Movement]:
    """Each month begins with what the one before it ended with."""
    found = []
    for month in months:
        came = sum(numbers[month] for numbers in joined.values())
        went = sum(numbers[month] for numbers in left.values())
        found.append(Movement(month, before, came, went))
        before = found[-1].after
    return found

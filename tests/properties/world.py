"""A network in which anything may happen, and what must hold whatever has happened."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cms import audit
from cms.audit import AuditEntry
from networks.models import (
    ExtraScope,
    Meeting,
    Membership,
    NetworkPage,
    Season,
    SeasonEntry,
    Seat,
)
from networks.rules.pricing import TariffKind
from networks.rules.states import FINAL, OPEN, Status
from networks.services import terms, waitlist
from networks.services.transitions import first_in_line
from payments.models import Charge, ChargeState, Credit
from tests.factories.networks import LADDER, MunicipalityFactory, make_network, season

#: The examples begin here; the first season runs, the second is a year change away.
START = datetime(2027, 2, 1, 9, tzinfo=UTC)
YEARS = (2027, 2028)
MONTHS = (3, 6, 10)
CAPACITY, ROOM, EXTRA = 3, 5, 150_000
PER_PERSON = 100_000
NEXT_LADDER = {left: price + 50_000 for left, price in LADDER.items()}


def make_season(year: int, tariff: TariffKind) -> Season:
    meetings = [
        Meeting(
            title=f"Møde {month}/{year}",
            starts_at=datetime(year, month, 15, 9, tzinfo=UTC),
            ends_at=datetime(year, month, 15, 14, tzinfo=UTC),
            capacity=ROOM if month == MONTHS[1] else None,
        )
        for month in MONTHS
    ]
    has_ladder = tariff == TariffKind.SEASON_FEE
    ladder = (LADDER if year == YEARS[0] else NEXT_LADDER) if has_ladder else {}
    return season(
        name=str(year),
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
        tariff=tariff.value,
        ladder=ladder,
        meetings=meetings,
        seats_per_meeting=None if tariff == TariffKind.PER_PERSON_PER_MEETING else 2,
        price_per_person=PER_PERSON if tariff == TariffKind.PER_PERSON_PER_MEETING else None,
        extra_price=EXTRA if has_ladder else None,
        extra_scope=ExtraScope.MEETING,
    )


def make_world(tariff: TariffKind) -> tuple[NetworkPage, list[Any]]:
    """A small network of municipalities, so that they get in each other's way."""
    network = make_network(
        capacity=CAPACITY,
        free_of_charge=tariff == TariffKind.FREE,
        seasons=[make_season(year, tariff) for year in YEARS],
    )
    return network, [MunicipalityFactory() for _turn in range(5)]


class Invariants:
    """What holds after every step. Remembers what it saw, where the rule is about change."""

    def __init__(self, network: NetworkPage) -> None:
        self.network_id = network.pk
        self.taken = 0
        self.frozen: dict[Any, int] = {}
        self.told = 0
        #: Set by a step in which an administrator went above the capacity.
        self.may_exceed = False

    def check(self) -> None:
        network = NetworkPage.objects.get(pk=self.network_id)
        memberships = list(
            Membership.objects.filter(network=network).select_related("first_season")
        )
        self.check_places(network)
        self.check_line(network)
        check_units(memberships)
        self.check_prices(memberships)
        check_charges(memberships)
        check_seats()
        check_history(memberships)

    def check_places(self, network: NetworkPage) -> None:
        taken = terms.places_of(network).taken
        if not self.may_exceed:
            assert taken <= max(network.capacity, self.taken), "the system exceeded the capacity"
        self.taken, self.may_exceed = taken, False

    def check_line(self, network: NetworkPage) -> None:
        """Whoever the system has offered a place stood before everybody who might have had it."""
        offers = AuditEntry.objects.filter(
            pk__gt=self.told, action="membership.offered", actor_kind="system"
        )
        waiting = list(first_in_line(network))
        for entry in offers:
            offered = Membership.objects.get(pk=entry.subject.rpartition(":")[2])
            behind = [row for row in waiting if row.queued_at < offered.queued_at]
            assert not behind, "somebody in line was overtaken"
        self.told = max(AuditEntry.objects.values_list("pk", flat=True), default=0)
        line = list(waitlist.line_of(network.pk))
        assert len({row.queued_at for row in line}) == len(line), "two stand on one spot"

    def check_prices(self, memberships: list[Membership]) -> None:
        for row in memberships:
            if row.price_net is None:
                continue
            assert row.price_net <= row.accepted_net, "more than was accepted"
            frozen = self.frozen.setdefault(row.pk, row.price_net)
            assert frozen == row.price_net, "a frozen price was changed"


def check_units(memberships: list[Membership]) -> None:
    units = Counter(row.unit_key for row in memberships if row.state in OPEN)
    assert max(units.values(), default=0) <= 1, "two open memberships of one unit"


def check_charges(memberships: list[Membership]) -> None:
    """Each charge is explained by a price that somebody accepted or was told; none is left open
    of a membership that never came about; no season is charged twice."""
    of_membership = {audit.reference(row): row for row in memberships}
    entries = {(entry.membership_id, entry.season_id): entry for entry in SeasonEntry.objects.all()}
    uncredited: Counter[tuple[Any, int]] = Counter()
    for charge in Charge.objects.all():
        row = of_membership[charge.reference]
        kind, _key, *rest = charge.key.split(":")
        if kind == "extra":
            assert charge.net in (EXTRA, PER_PERSON), "an extra at another price"
        else:
            season_id, revision = int(rest[1]), int(rest[2])
            assert charge.net == _season_price(row, season_id, revision, entries), charge.key
            uncredited[row.pk, season_id] += charge.state != ChargeState.CREDITED
        if row.activated_at is None and row.state in FINAL:
            assert charge.state != ChargeState.OPEN, "owed for a membership that never was"
    assert max(uncredited.values(), default=0) <= 1, "a season charged twice"


def _season_price(
    row: Membership, season_id: int, revision: int, entries: dict[tuple[Any, int], SeasonEntry]
) -> int | None:
    if revision > 1:
        former = f"membership:{row.pk}:season:{season_id}:{revision - 1}"
        return Credit.objects.get(charge__key=former, key__startswith="cancelled:").net
    if season_id == row.first_season_id:
        return row.price_net
    price = entries[row.pk, season_id].price_net
    assert price in NEXT_LADDER.values(), "a renewal at no step of the ladder"
    return price


def check_seats() -> None:
    """Never more than the included seats at a meeting, extras with a charge of their own; nobody
    comes on a membership that is over, or after its last day; the venue holds all."""
    now = timezone.now()
    current = Seat.objects.current().select_related("membership", "meeting__season")
    included: Counter[tuple[Any, int]] = Counter()
    for seat in current:
        limit = seat.meeting.season.seats_per_meeting
        if seat.is_extra:
            assert Charge.objects.filter(key=seat.charge_key).exists(), "an extra without a charge"
        elif limit is not None:
            included[seat.membership_id, seat.meeting_id] += 1
            assert included[seat.membership_id, seat.meeting_id] <= limit, "too many seats"
        is_coming = seat.meeting.starts_at is None or seat.meeting.starts_at > now
        assert not (is_coming and seat.membership.state in FINAL), "comes for nobody"
        last_day = seat.membership.ends_on
        if last_day and seat.meeting.starts_at and is_coming:
            day = timezone.localtime(seat.meeting.starts_at).date()
            assert day <= last_day, "comes after the last day"
    for meeting in Meeting.objects.filter(capacity__isnull=False):
        people = meeting.seats.counted(now).count()
        assert people <= meeting.capacity, "more than the venue holds"


def check_history(memberships: list[Membership]) -> None:
    """Every change of state is told once, each from where the one before had led."""
    states = {f"membership.{status}": status for status in Status}
    told: dict[str, list[tuple[Status, str]]] = {}
    changes = AuditEntry.objects.filter(Q(action__in=states), data__has_key="before").order_by("pk")
    for entry in changes:
        told.setdefault(entry.subject, []).append((states[entry.action], entry.data["before"]))
    for row in memberships:
        state: str = Status.UNCONFIRMED
        for after, before in told.get(audit.reference(row), []):
            assert before == state, "a change that nobody told of"
            state = after
        assert state == row.status, "the last change is not told"


def days(number: float) -> timedelta:
    return timedelta(days=number)

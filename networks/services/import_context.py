"""What a list of members is held against: municipalities, seasons and the memberships that are
there. Read in a few queries, however long the list is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from networks.models import Membership, Municipality, NetworkPage, Participant, Person, Season, Unit
from networks.rules.eligibility import Policy
from networks.rules.import_columns import Column, plain
from networks.rules.import_entries import Known
from networks.rules.import_municipalities import Municipalities, MunicipalityFacts
from networks.rules.importing import Member
from networks.rules.states import OPEN, Status
from payments.identifiers import is_valid_cvr, is_valid_gln


@dataclass(frozen=True)
class Context:
    """``members``: the open memberships by their units, and ``names``: theirs by key.
    ``holding``: units that hold a place. A person's unit is told by address."""

    known: Known
    municipalities: dict[int, Municipality]
    members: dict[str, Member]
    names: dict[str, str]
    holding: frozenset[str]


def context_of(network: NetworkPage, season: Season | None, kind: str = "") -> Context:
    """``kind``: of organisations whose rows don't say it."""
    municipalities = {row.pk: row for row in Municipality.objects.all()}
    # Of a network of thousands no more is read than is told below.
    rows = list(
        Membership.objects.filter(network=network)
        .open()
        .values_list(
            *("pk", "unit_key", "status", "municipality__name", "organisation_name"),
            *("contact__name", "contact__email"),
            named=True,
        )
    )
    units = _units(network, rows)
    return Context(
        known=_known(network, season, kind, municipalities),
        municipalities=municipalities,
        members=_members(network, rows, units),
        names={str(row.pk): _party_name(network, row) for row in rows},
        holding=_holding(network),
    )


def dated_seasons(network: NetworkPage) -> list[Season]:
    """The network's seasons that have dates, the first first."""
    dated = Season.objects.filter(page=network, starts_on__isnull=False, ends_on__isnull=False)
    return list(dated.order_by("starts_on"))


def is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _known(
    network: NetworkPage,
    season: Season | None,
    kind: str,
    municipalities: dict[int, Municipality],
) -> Known:
    return Known(
        municipalities=Municipalities(_facts(municipalities)),
        today=timezone.localdate(),
        checks={Column.EMAIL: is_email, Column.CVR: is_valid_cvr, Column.GLN: is_valid_gln},
        seasons={plain(row.name): (row.pk, _first_day(row)) for row in dated_seasons(network)},
        newest=_first_day(season) if season else None,
        municipalities_only=network.eligibility == Policy.MUNICIPALITIES,
        kind=kind,
    )


def _first_day(season: Season) -> date:
    assert season.starts_on is not None
    return season.starts_on


def _facts(municipalities: dict[int, Municipality]) -> Iterable[MunicipalityFacts]:
    for row in municipalities.values():
        current = row
        while current.merged_into_id is not None:
            current = municipalities[current.merged_into_id]
        yield MunicipalityFacts(current.pk, row.code, row.cvr, (row.name, row.official_name))


def _party_name(network: NetworkPage, row: Any) -> str:
    """As ``Membership.party_name``."""
    if network.unit == Unit.PERSON:
        return str(row.contact__name)
    return row.municipality__name or row.organisation_name


def _units(network: NetworkPage, rows: list[Any]) -> dict[str, str]:
    """{unit key: how a list names the unit}; people by their addresses."""
    keys = [row.unit_key for row in rows]
    return _by_address(keys) if network.unit == Unit.PERSON else {key: key for key in keys}


def _by_address(keys: Iterable[str]) -> dict[str, str]:
    people = {int(key.partition(":")[2]): key for key in keys}
    addresses = Person.objects.filter(pk__in=list(people)).values_list("pk", "email")
    return {people[pk]: f"person:{email}" for pk, email in addresses}


def _members(network: NetworkPage, rows: list[Any], units: dict[str, str]) -> dict[str, Member]:
    people: dict[object, dict[str, bool]] = {row.pk: {} for row in rows}
    named = Participant.objects.filter(membership__network=network, membership__status__in=OPEN)
    for key, email, left_at in named.values_list("membership_id", "email", "left_at"):
        # One may have been signed up since the memberships were read.
        if key in people:
            people[key][email.lower()] = left_at is None
    return {
        units[row.unit_key]: Member(
            key=str(row.pk),
            is_active=row.status == Status.ACTIVE,
            state=row.status,
            contact=row.contact__email,
            people=people[row.pk],
        )
        for row in rows
        if row.unit_key in units
    }


def _holding(network: NetworkPage) -> frozenset[str]:
    if network.capacity is None:
        return frozenset()
    holding = Membership.objects.filter(network=network).holding(timezone.now())
    keys = set(holding.values_list("unit_key", flat=True))
    return frozenset(_by_address(keys).values() if network.unit == Unit.PERSON else keys)

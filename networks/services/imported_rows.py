"""The rows that an import writes, many at a time: people, memberships, seasons, participants."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from django.db.models import F
from django.utils import timezone

from networks.models import (
    Membership,
    Municipality,
    NetworkPage,
    Participant,
    Person,
    Season,
    SeasonEntry,
    Unit,
)
from networks.rules.eligibility import OrganisationKind, at_domain
from networks.rules.import_columns import Column
from networks.rules.import_entries import Entry
from networks.rules.importing import NewMember
from networks.rules.pricing import TariffKind
from networks.rules.states import Status
from networks.services.import_context import Context, dated_seasons
from payments.models import PaymentMethod


def memberships(
    network: NetworkPage, season: Season | None, members: Sequence[NewMember], context: Context
) -> dict[str, Membership]:
    """{unit: its new membership}, active since the day that the list tells, in its seasons."""
    people = _people(new.contact for new in members)
    made = {
        new.unit: _membership(network, season, new, people[new.contact.email], context)
        for new in members
    }
    Membership.objects.bulk_create(made.values())
    # Creating a row writes the present moment.
    rows = Membership.objects.filter(pk__in=[row.pk for row in made.values()])
    rows.update(signed_up_at=F("activated_at"))
    if season is not None:
        _enter(network, season, members, made)
    return made


def _people(entries: Iterable[Entry]) -> dict[str, Person]:
    """By address. Whoever is known keeps what is known of them."""
    wanted = {entry.email: entry for entry in entries}
    Person.objects.bulk_create(
        (
            Person(
                name=entry.name,
                email=entry.email,
                job_title=entry.job_title,
                phone=entry.phone,
                municipality_id=entry.municipality,
            )
            for entry in wanted.values()
        ),
        ignore_conflicts=True,
    )
    return {person.email: person for person in Person.objects.filter(email__in=list(wanted))}


def _membership(
    network: NetworkPage, season: Season | None, new: NewMember, person: Person, context: Context
) -> Membership:
    """Active, though no transition led there: it was a membership before it was known here.
    Nothing was charged for it, so its price is nothing."""
    entry = new.contact
    municipality = context.municipalities.get(entry.municipality or 0)
    known = at_domain(entry.email, municipality.domains if municipality else [])
    now = timezone.now()
    since = _noon(new.signed_up) if new.signed_up else now
    said = new.facts.get(Column.KIND) or context.known.kind
    kind = OrganisationKind.MUNICIPALITY if municipality else OrganisationKind(said)
    first = new.facts.get(Column.FIRST_SEASON)
    return Membership(
        network=network,
        unit=network.unit,
        unit_key=f"person:{person.pk}" if network.unit == Unit.PERSON else new.unit,
        municipality=municipality,
        organisation_kind=kind,
        organisation_name=entry.organisation,
        contact=person,
        invoice_contact=person,
        status=Status.ACTIVE,
        first_season_id=int(first) if first and season else getattr(season, "pk", None),
        price_net=0,
        signed_up_at=since,
        activated_at=since,
        address_at_domain=known,
        # Whoever imports it says yes to it.
        approved_at=None if known else now,
        **_buyer(new, municipality),
    )


#: Where the invoice's details are kept.
BUYER_FIELDS = {
    Column.BUYER_NAME: "buyer_name",
    Column.STREET: "buyer_street",
    Column.POSTAL_CODE: "buyer_postal_code",
    Column.CITY: "buyer_city",
    Column.CVR: "buyer_cvr",
    Column.GLN: "buyer_gln",
    Column.REFERENCE: "buyer_reference",
    Column.ORDER_NUMBER: "order_number",
    Column.ACCOUNT_STRING: "account_string",
    Column.BUYER_EMAIL: "buyer_email",
}


def _buyer(new: NewMember, municipality: Municipality | None) -> dict[str, str]:
    """The invoice's details. Where the list says whom to invoice, what it leaves out is filled in
    as at sign-up; with the EAN/GLN number they are complete, and the way to pay is known."""
    given = {field: new.facts.get(column, "") for column, field in BUYER_FIELDS.items()}
    if not (given["buyer_gln"] or given["buyer_street"]):
        return given
    name = municipality.official_name if municipality else new.contact.organisation
    given["buyer_name"] = given["buyer_name"] or name
    given["buyer_cvr"] = given["buyer_cvr"] or (municipality.cvr if municipality else "")
    given["buyer_contact"] = new.contact.name
    given["buyer_email"] = given["buyer_email"] or new.contact.email
    given["method"] = PaymentMethod.INVOICE.value if given["buyer_gln"] else ""
    return given


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _enter(
    network: NetworkPage,
    season: Season,
    members: Sequence[NewMember],
    made: dict[str, Membership],
) -> None:
    """Every season from the first to the one that was chosen: entered without a charge, so that
    none of them is ever charged."""
    seasons = dated_seasons(network)
    places = {row.pk: place for place, row in enumerate(seasons)}
    has_fee = season.tariff != TariffKind.FREE
    SeasonEntry.objects.bulk_create(
        SeasonEntry(
            membership=made[new.unit],
            season=each,
            entered_at=made[new.unit].activated_at,
            price_net=0,
            settled=new.facts.get(Column.PAID, "") if each == season and has_fee else "",
        )
        for new in members
        for each in seasons[places[made[new.unit].first_season_id] : places[season.pk] + 1]
    )


def participants(named: Iterable[tuple[Membership, Sequence[Entry]]]) -> list[Participant]:
    """Standing participants of memberships on which nobody has their addresses."""
    return Participant.objects.bulk_create(
        Participant(
            membership=membership, name=entry.name, email=entry.email, job_title=entry.job_title
        )
        for membership, entries in named
        for entry in entries
    )

"""Long lists, invoice details, other organisations than municipalities, headings remembered."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cms.audit import Actor, AuditEntry
from networks import roles
from networks.models import KnownHeading, MemberImport, Membership, Municipality, Participant, Seat
from networks.rules.eligibility import OrganisationKind
from networks.rules.import_columns import Column
from networks.rules.import_entries import LENGTHS
from networks.services import importing, known_headings, taking_in
from networks.services.errors import NotPossible
from networks.services.imported_rows import BUYER_FIELDS
from payments.models import Buyer
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db

#: Carries the check digits of numbers that exist for tests.
GLN, CVR = "5798009811578", "10150817"


@pytest.fixture
def actor() -> Actor:
    return Actor.by(make_user(roles.MEMBER_ADMINISTRATORS))


def uploaded(actor: Actor, headings: str, *rows: str, network: Any = None) -> MemberImport:
    content = "\n".join([headings, *rows]).encode()
    return importing.upload(content, network=network or make_network(), actor=actor)


def digest_of(waiting: MemberImport) -> str:
    return importing.outlook(waiting).plan.digest


def taken(waiting: MemberImport, actor: Actor) -> taking_in.Taken:
    return taking_in.take_in(waiting.pk, digest=digest_of(waiting), actor=actor)


def colleagues(place: Municipality, number: int) -> list[str]:
    return [f"{place.name};Ane {each};ane{each}@{place.domains[0]}" for each in range(number)]


# Long lists ---------------------------------------------------------------------------------------


@pytest.fixture
def long_list(actor: Actor) -> MemberImport:
    rows = colleagues(MunicipalityFactory(), taking_in.AT_ONCE + 1)
    return uploaded(actor, "Kommune;Navn;E-mail", *rows)


def test_a_long_list_is_taken_in_by_a_job_that_may_run_twice(
    long_list: MemberImport, actor: Actor, run_jobs
) -> None:
    assert taking_in.begin(long_list.pk, digest=digest_of(long_list), actor=actor) is None
    assert not Membership.objects.exists()
    run_jobs("networks.take_in_list")
    taking_in.carry_out(long_list.pk)
    assert Participant.objects.count() == taking_in.AT_ONCE + 1
    long_list.refresh_from_db()
    assert (long_list.rows, long_list.members, long_list.refusal) == ([], 1, "")
    assert AuditEntry.objects.get(action="membership.imported").user == actor.user


def test_a_short_list_is_taken_in_at_once(actor: Actor) -> None:
    waiting = uploaded(actor, "Kommune;Navn;E-mail", *colleagues(MunicipalityFactory(), 2))
    done = taking_in.begin(waiting.pk, digest=digest_of(waiting), actor=actor)
    assert done == taking_in.Taken(members=1, participants=0)


def test_what_has_changed_when_its_turn_comes_is_said_and_it_can_be_begun_again(
    long_list: MemberImport, actor: Actor, run_jobs
) -> None:
    taking_in.begin(long_list.pk, digest=digest_of(long_list), actor=actor)
    place = Municipality.objects.get(name=long_list.rows[0][1][0])
    MembershipFactory(network=long_list.network, municipality=place)
    run_jobs("networks.take_in_list")
    long_list.refresh_from_db()
    assert "ændret" in long_list.refusal
    assert long_list.begun_at is None
    assert not Participant.objects.exists()
    taking_in.begin(long_list.pk, digest=digest_of(long_list), actor=actor)
    run_jobs("networks.take_in_list")
    assert Participant.objects.count() == taking_in.AT_ONCE + 1


def test_whoever_may_no_more_has_nothing_taken_in(
    long_list: MemberImport, actor: Actor, run_jobs
) -> None:
    taking_in.begin(long_list.pk, digest=digest_of(long_list), actor=actor)
    actor.user.groups.clear()
    run_jobs("networks.take_in_list")
    long_list.refresh_from_db()
    assert long_list.refusal
    assert not Membership.objects.exists()


def test_it_is_begun_once_and_can_be_stopped_before_its_turn(
    long_list: MemberImport, actor: Actor, run_jobs
) -> None:
    digest = digest_of(long_list)
    taking_in.begin(long_list.pk, digest=digest, actor=actor)
    with pytest.raises(NotPossible):
        taking_in.begin(long_list.pk, digest=digest, actor=actor)
    with pytest.raises(NotPossible):
        taking_in.stop(long_list.pk, actor=Actor.by(make_user()))
    taking_in.stop(long_list.pk, actor=actor)
    run_jobs("networks.take_in_list")
    assert not Membership.objects.exists()


def test_batches_make_the_same_of_a_list_as_one(actor: Actor, monkeypatch) -> None:
    monkeypatch.setattr(taking_in, "BATCH", 4)
    places = MunicipalityFactory.create_batch(5)
    there = MembershipFactory(municipality=places[0])
    rows = [row for place in places for row in colleagues(place, 3)]
    waiting = uploaded(actor, "Kommune;Navn;E-mail", *rows, network=there.network)
    assert taken(waiting, actor) == taking_in.Taken(members=4, participants=3)
    assert Participant.objects.count() == 15
    # Two seats at each of three meetings.
    assert Seat.objects.count() == 5 * 2 * 3
    assert AuditEntry.objects.filter(action="membership.imported").count() == 4


def test_the_columns_that_were_shown_are_the_ones_that_are_taken_in(actor: Actor) -> None:
    waiting = uploaded(
        actor, "Kommune;Navn;E-mail;A", f"{MunicipalityFactory().name};Ane;a@b.dk;Chef"
    )
    shown = digest_of(waiting)
    columns = importing.columns_of(waiting) | {3: Column.JOB_TITLE}
    importing.choose(waiting, columns, waiting.season)
    with pytest.raises(taking_in.Changed):
        taking_in.take_in(waiting.pk, digest=shown, actor=actor)


# Whom the invoice goes to -------------------------------------------------------------------------

INVOICE = (
    "Kommune;Navn;E-mail;EAN;CVR;Personreference;Ordrenummer;Kontostreng;"
    "Navn på faktura;Fakturaadresse;Postnr.;By;Faktura e-mail"
)


def test_invoice_details_are_kept_where_a_sign_up_keeps_them(actor: Actor) -> None:
    place = MunicipalityFactory()
    row = (
        f"{place.name};Ane Prøve;ane@{place.domains[0]};{GLN};10 15 08 17;Kultur;4711;99-1;"
        f"Fælles Indkøb;Rådhustorvet 1;9999;Prøvekøbing;Faktura@{place.domains[0]}"
    )
    taken(uploaded(actor, INVOICE, row), actor)
    membership = Membership.objects.get()
    assert membership.buyer() == {
        "buyer_name": "Fælles Indkøb",
        "buyer_street": "Rådhustorvet 1",
        "buyer_postal_code": "9999",
        "buyer_city": "Prøvekøbing",
        "buyer_cvr": CVR,
        "buyer_gln": GLN,
        "buyer_reference": "Kultur",
        "order_number": "4711",
        "account_string": "99-1",
        "buyer_contact": "Ane Prøve",
        "buyer_email": f"faktura@{place.domains[0]}",
    }
    assert membership.method == "invoice"


def test_what_the_list_leaves_out_is_filled_in_as_at_sign_up(actor: Actor) -> None:
    place = MunicipalityFactory(cvr=CVR)
    address = f"ane@{place.domains[0]}"
    taken(uploaded(actor, INVOICE, f"{place.name};Ane;{address};{GLN};;Kultur"), actor)
    buyer = Membership.objects.get().buyer()
    assert (buyer["buyer_name"], buyer["buyer_cvr"]) == (place.official_name, CVR)
    assert (buyer["buyer_contact"], buyer["buyer_email"]) == ("Ane", address)


def test_nothing_is_longer_than_its_table_holds() -> None:
    for column, field in BUYER_FIELDS.items():
        if column not in (Column.CVR, Column.GLN):
            assert LENGTHS[column] == Buyer._meta.get_field(field).max_length


# Organisations that are no municipality -----------------------------------------------------------


def test_the_kind_is_what_a_row_says_or_what_was_chosen_for_all(actor: Actor) -> None:
    network = make_network(eligibility="open")
    waiting = uploaded(
        actor,
        "Organisation;Type;Navn;E-mail",
        "Museum Øst;Selvejende institution;Ane;ane@oest.example",
        "Kulturhus Vest;;Bo;bo@vest.example",
        network=network,
    )
    assert [each.row for each in importing.outlook(waiting).plan.errors] == [3]
    columns = importing.columns_of(waiting)
    importing.choose(waiting, columns, waiting.season, OrganisationKind.COMPANY)
    taken(waiting, actor)
    kinds = dict(Membership.objects.values_list("organisation_name", "organisation_kind"))
    assert kinds == {"Museum Øst": "self_governing", "Kulturhus Vest": "company"}


# Headings -----------------------------------------------------------------------------------------


def test_the_next_list_with_these_headings_comes_as_it_was_said(actor: Actor) -> None:
    first = uploaded(actor, "Hvor;Hvem;Adresse;Titel", "x;y;z;t")
    said = {0: Column.MUNICIPALITY, 1: Column.NAME, 2: Column.EMAIL}
    importing.choose(first, said, None)
    again = uploaded(actor, "titel;ADRESSE:;Kommentar;Hvor;Hvem", "t;z;k;x;y")
    assert importing.columns_of(again) == {
        1: Column.EMAIL,
        3: Column.MUNICIPALITY,
        4: Column.NAME,
    }
    importing.choose(again, {**said, 0: Column.JOB_TITLE, 1: Column.NAME}, None)
    changed = importing.columns_of(uploaded(actor, "Titel", "t"))
    assert changed == {0: Column.JOB_TITLE}


def test_headings_are_not_kept_in_words_since_they_may_be_somebodys_name() -> None:
    known_headings.remember(["Ane Prøve", "ane@example.org", ""], {0: Column.NAME})
    kept = str(list(KnownHeading.objects.values())).lower()
    assert KnownHeading.objects.count() == 2
    assert "ane" not in kept.replace("organe", "")
    assert known_headings.remembered(["ane prøve"]) == {0: Column.NAME}


def test_a_heading_that_stands_there_twice_means_what_the_used_one_does() -> None:
    known_headings.remember(["Navn", "Navn"], {1: Column.NAME})
    assert known_headings.remembered(["Navn"]) == {0: Column.NAME}


def test_lists_are_forgotten_with_their_day(long_list: MemberImport, actor: Actor) -> None:
    taking_in.begin(long_list.pk, digest=digest_of(long_list), actor=actor)
    MemberImport.objects.update(created_at=timezone.now() - timedelta(hours=25))
    taking_in.carry_out(long_list.pk)
    assert not Membership.objects.exists()

"""The timelines of memberships, people and municipalities: what is told, to whom, in what order."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import audit
from cms.audit import SYSTEM, Actor, AuditEntry
from cms.messages.models import Message
from networks import roles
from networks.models import Membership, Seat
from networks.rules.states import Status
from networks.services.scopes import scope_of
from networks.wagtail_hooks import memberships, people
from payments.models import Credit, Invoice, Transmission
from payments.services import invoicing
from payments.wagtail_hooks import invoices
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def note(membership: Membership, action: str, *, days_ago: int = 0, **data: object) -> AuditEntry:
    entry = audit.record(actor=SYSTEM, action=action, subject=membership, **data)
    AuditEntry.objects.filter(pk=entry.pk).update(at=timezone.now() - timedelta(days=days_ago))
    return entry


def mail(membership: Membership, subject: str = "Velkommen", to: str = "a@example.org") -> Message:
    return Message.objects.create(
        key=f"{subject}{Message.objects.count()}",
        template="welcome",
        about=audit.reference(membership),
        scope=scope_of(membership.network),
        to_email=to,
        subject=subject,
        body="Kære kollega",
    )


def page_of(client: Client, membership: Membership, **asked: object):
    response = client.get(memberships.row_url("inspect", membership.pk), asked)
    assert response.status_code == 200
    return response


def titles(response) -> list[str]:
    return [str(event.title) for event in response.context["timeline"].page.object_list]


def test_the_newest_stands_first_whatever_the_table(administrator: Client) -> None:
    membership = MembershipFactory()
    note(membership, "membership.cancelled", days_ago=-1)
    note(membership, "membership.signed_up", days_ago=9)
    note(membership, "membership.approved", days_ago=5)
    mail(membership)
    told = titles(page_of(administrator, membership))
    assert [told[0], told[1], told[-2], told[-1]] == [
        "Udmeldelse modtaget",
        "Velkommen",
        "Godkendt",
        "Tilmeldt",
    ]


def test_a_sign_up_is_told_once_also_where_no_history_has_it(administrator: Client) -> None:
    membership = MembershipFactory()
    assert titles(page_of(administrator, membership)) == ["Tilmeldt"]
    note(membership, "membership.signed_up_on_behalf")
    assert titles(page_of(administrator, membership)) == ["Tilmeldt af en medarbejder"]


def test_a_change_tells_actor_reason_people_meetings_and_names_of_fields(
    administrator: Client,
) -> None:
    membership = MembershipFactory()
    meeting = membership.network.seasons.get().meetings.first()
    participant = ParticipantFactory(membership=membership, name="Bodil Krag")
    user = make_user()
    audit.record(
        actor=Actor.by(user),
        action="participant.named",
        subject=membership,
        reason="Vikar",
        participant=participant.pk,
        meetings=[meeting.pk],
        fields=["job_title"],
    )
    event = page_of(administrator, membership).context["timeline"].page.object_list[0]
    assert (event.actor, event.reason) == (user.username, "Vikar")
    assert list(event.details) == ["Bodil Krag", meeting.label, "Stilling"]


def test_money_is_told_with_documents_payments_credits_and_bank(administrator: Client) -> None:
    make_seller()
    membership = MembershipFactory(with_buyer=True)
    charge = make_charge(membership)
    invoice = invoicing.issue_invoice(charge)
    Credit.objects.create(
        charge=charge, key="c", net=80_00, vat=20_00, gross=100_00, reason="Aflyst møde"
    )
    make_payment(charge, state="succeeded", paid_at=timezone.now())
    card = page_of(administrator, membership, kind="money")
    told = titles(card)
    for title in (f"Faktura {invoice.number}", "Betalt med kort", "Krediteret"):
        assert title in told, told
    page = card.content.decode()
    assert invoices.row_url("inspect", invoice.pk) in page
    assert "Aflyst møde" in page
    other = make_charge(MembershipFactory(with_buyer=True))
    other.state, other.paid_at = "paid", timezone.now()
    other.save()
    banked = Membership.objects.get(pk=other.reference.partition(":")[2])
    assert "Betaling modtaget" in titles(page_of(administrator, banked))


def transmissions_of(invoice: Invoice, *rows: dict[str, object]) -> None:
    for row in rows:
        Transmission.objects.create(invoice=invoice, **{"sender": "access_point", **row})


def test_each_transmission_of_an_e_invoice_is_told_with_its_outcome(administrator: Client) -> None:
    make_seller()
    membership = MembershipFactory(with_buyer=True)
    invoice = invoicing.issue_invoice(make_charge(membership))
    now = timezone.now()
    transmissions_of(
        invoice,
        {"state": "failed", "attempts": 1, "attempted_at": now, "error": "422: ukendt EAN"},
        {"state": "sent", "attempts": 3, "sent_at": now, "receipt": "kvittering-17"},
        {"state": "sent", "sender": "directory", "sent_at": now},
        {"state": "sent", "sender": "by_hand", "sent_at": now},
        {"state": "queued", "attempts": 2, "attempted_at": now, "error": "503: senere"},
    )
    audit.record(actor=Actor.by(make_user()), action="invoice.sent_again", subject=invoice)
    events = page_of(administrator, membership, kind="money").context["timeline"].page.object_list
    told = {str(event.title): event for event in events}
    refused, accepted = told["E-faktura ikke leveret"], told["E-faktura modtaget af access point"]
    assert refused.reason == "422: ukendt EAN"
    assert list(refused.details) == [f"Faktura {invoice.number}"]
    assert list(accepted.details) == [f"Faktura {invoice.number}", "Forsøg: 3", "kvittering-17"]
    again = told["E-faktura forsøges sendt igen"]
    assert (again.reason, again.details[1]) == ("503: senere", "Forsøg: 2")
    # By hand is told by the history, which knows by whom.
    assert [title for title in told if "afleveret" in title] == [
        "E-faktura afleveret til afsendelse"
    ]
    page = invoices.row_url("inspect", invoice.pk)
    for title in (*list(told)[:5], "Sendt igen"):
        assert told[title].url == page, title


def test_the_way_of_e_invoices_costs_no_more_queries(
    administrator: Client, django_assert_max_num_queries
) -> None:
    make_seller()
    membership = MembershipFactory(with_buyer=True)
    for _turn in range(5):
        invoice = invoicing.issue_invoice(make_charge(membership))
        transmissions_of(
            invoice,
            *({"state": "failed", "attempted_at": timezone.now(), "error": "422"},) * 3,
            {"state": "queued"},
        )
    page_of(administrator, membership)
    with django_assert_max_num_queries(20):
        page_of(administrator, membership)


def test_it_is_filtered_by_kind_in_the_address(administrator: Client) -> None:
    membership = MembershipFactory(with_buyer=True)
    make_charge(membership)
    mail(membership)
    note(membership, "seats.taken")
    for kind, number in (("money", 1), ("mail", 1), ("people", 1), ("membership", 1), ("x", 4)):
        response = page_of(administrator, membership, kind=kind)
        assert len(titles(response)) == number, kind
    assert "?kind=mail#timeline" in response.content.decode()


def test_a_long_one_has_pages(administrator: Client) -> None:
    membership = MembershipFactory()
    for turn in range(60):
        note(membership, "membership.link_sent", days_ago=turn)
    first = page_of(administrator, membership)
    second = page_of(administrator, membership, p=2)
    assert (len(titles(first)), len(titles(second))) == (50, 11)
    assert "?p=2#timeline" in first.content.decode()
    assert len(titles(page_of(administrator, membership, p="x"))) == 50


def test_a_coordinator_is_told_of_no_money(client: Client) -> None:
    make_seller()
    membership = MembershipFactory(with_buyer=True)
    charge = make_charge(membership)
    transmissions_of(invoicing.issue_invoice(charge), {"state": "failed", "error": "422"})
    note(membership, "membership.buyer_corrected", fields=["buyer_gln"])
    note(membership, "charge.paid")
    client.force_login(make_user(roles.COORDINATORS, networks=[membership.network]))
    for asked in ({}, {"kind": "money"}):
        response = page_of(client, membership, **asked)
        page = response.content.decode()
        assert titles(response) == ["Tilmeldt"]
        for text in ("8.750", "7.000", membership.buyer_gln, "Faktura ", "E-faktura", "kind=money"):
            assert text not in page, text


def test_what_can_be_done_now_is_in_view_and_nothing_else(
    administrator: Client, client: Client
) -> None:
    active, waiting = MembershipFactory(), MembershipFactory(status=Status.WAITLISTED)
    page = page_of(administrator, active)
    names = {each["url"].rsplit("/", 3)[1] for each in page.context["actions"]}
    assert "cancel" in names
    assert "approve" not in names
    more = {each["url"].rsplit("/", 3)[1] for each in page.context["more_actions"]}
    assert "contact" in more
    for each in (*page.context["actions"], *page.context["more_actions"]):
        assert administrator.get(each["url"]).status_code == 200
    offered = {each["url"] for each in page_of(administrator, waiting).context["actions"]}
    assert memberships.row_url("offer", waiting.pk) in offered
    client.force_login(make_user(roles.AUDITORS))
    seen = page_of(client, active).context
    assert (seen["actions"], seen["more_actions"]) == ([], [])


def test_the_facts_at_a_glance(administrator: Client) -> None:
    other = PersonFactory(name="Kirsten Bogholder")
    membership = MembershipFactory(with_buyer=True, invoice_contact=other)
    participant = ParticipantFactory(membership=membership)
    meeting = membership.network.seasons.get().meetings.first()
    Seat.objects.create(membership=membership, participant=participant, meeting=meeting, number=1)
    make_charge(membership)
    glance = page_of(administrator, membership).context["glance"]
    told = {str(label): str(value) for label, value, _url in glance}
    assert told["Kontaktperson for faktura"] == "Kirsten Bogholder"
    assert told["Til betaling, inkl. moms"] == "8.750 kr."
    assert ": 1/2, " in told["Pladser ved de næste møder"]
    urls = [url for _label, _value, url in glance]
    assert people.row_url("inspect", other.pk) in urls
    assert reverse("municipalities:inspect", args=[membership.municipality.pk]) in urls


# Municipalities and people ------------------------------------------------------------------------


def municipality_page(client: Client, municipality) -> str:
    response = client.get(reverse("municipalities:inspect", args=[municipality.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_municipality_shows_everything_about_it(administrator: Client) -> None:
    make_seller()
    place = MunicipalityFactory(cvr="12345678")
    former = MunicipalityFactory(name="Gammelkøbing", merged_into=place)
    one = MembershipFactory(municipality=place, with_buyer=True)
    two = MembershipFactory(municipality=place, status=Status.ENDED)
    invoice = invoicing.issue_invoice(make_charge(one))
    audit.record(
        actor=SYSTEM,
        action="municipality.domain_remembered",
        subject=place,
        domain="institution.example",
    )
    page = municipality_page(administrator, place)
    for text in (
        "12345678",
        place.domains[0],
        "5798009811578",
        "Gammelkøbing",
        reverse("municipalities:inspect", args=[former.pk]),
        memberships.row_url("inspect", one.pk),
        memberships.row_url("inspect", two.pk),
        people.row_url("inspect", one.contact.pk),
        invoices.row_url("inspect", invoice.pk),
        "8.750 kr.",
        "institution.example",
        reverse("municipalities:merge", args=[place.pk]),
    ):
        assert text in page, text


def test_a_municipality_shows_each_reader_their_own_networks_and_no_money_to_coordinators(
    client: Client,
) -> None:
    make_seller()
    place = MunicipalityFactory()
    mine = MembershipFactory(municipality=place)
    other = MembershipFactory(municipality=place, with_buyer=True)
    invoice = invoicing.issue_invoice(make_charge(other))
    hidden = (
        str(other.pk),
        other.contact.name,
        other.contact.email,
        other.network.title,
        str(invoice.pk),
        other.buyer_gln,
        "8.750",
    )
    client.force_login(make_user(roles.COORDINATORS, networks=[mine.network]))
    page = municipality_page(client, place)
    assert str(mine.pk) in page
    assert mine.contact.email in page
    assert not [text for text in hidden if text in page]
    client.force_login(make_user(roles.EDITORS))
    page = municipality_page(client, place)
    assert not [text for text in (*hidden, str(mine.pk), mine.contact.email) if text in page]
    assert reverse("municipalities:merge", args=[place.pk]) not in page


@pytest.mark.parametrize("number", [1, 30])
def test_a_municipality_and_a_person_take_few_queries(
    administrator: Client, django_assert_max_num_queries, number: int
) -> None:
    make_seller()
    place = MunicipalityFactory()
    person = PersonFactory(municipality=place)
    network = make_network(unit="person")
    for _turn in range(number):
        membership = MembershipFactory(network=network, municipality=place, with_buyer=True)
        invoicing.issue_invoice(make_charge(membership))
        named = ParticipantFactory(membership=membership, email=person.email)
        meeting = network.seasons.get().meetings.first()
        Seat.objects.create(membership=membership, participant=named, meeting=meeting)
        mail(membership, to=person.email)
    for address in (
        reverse("municipalities:inspect", args=[place.pk]),
        people.row_url("inspect", person.pk),
    ):
        administrator.get(address)
        with django_assert_max_num_queries(20):
            administrator.get(address)


def test_a_person_is_shown_with_seats_and_mails_of_visible_networks_alone(client: Client) -> None:
    person = PersonFactory()
    mine, other = MembershipFactory(contact=person), MembershipFactory()
    for membership in (mine, other):
        named = ParticipantFactory(membership=membership, email=person.email)
        meeting = membership.network.seasons.get().meetings.first()
        Seat.objects.create(membership=membership, participant=named, meeting=meeting)
        mail(membership, f"Velkommen til {membership.network.title}", to=person.email)
    client.force_login(make_user(roles.COORDINATORS, networks=[mine.network]))
    page = client.get(people.row_url("inspect", person.pk)).content.decode()
    assert f"Velkommen til {mine.network.title}" in page
    assert mine.network.title in page
    assert other.network.title not in page
    assert str(other.pk) not in page

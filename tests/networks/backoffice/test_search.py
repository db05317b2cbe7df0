"""The search over everything: what is found, how it is spelt, and who finds it."""

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms import audit
from cms.backoffice.search import find, sources_for
from cms.messages.models import Message
from cms.searching import Search
from networks import roles
from networks.models import Guest, MeetingHost, MeetingRecord, Membership
from networks.services.scopes import scope_of
from networks.wagtail_hooks import memberships, people
from payments.services import invoicing
from payments.wagtail_hooks import charges, invoices
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
)
from tests.factories.requests import HandoverFactory
from tests.factories.sellers import make_seller
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db


def found(client: Client, text: str, **more: str) -> dict[str, list[str]]:
    """Kind → addresses of what is found."""
    response = client.get(reverse("cms_search"), {"q": text, **more})
    assert response.status_code == 200
    return {
        group.source.kind: [hit["url"] for hit in group.hits]
        for group in response.context["groups"]
    }


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def member(name: str = "Søren Ågård", municipality: str = "Ærøskøbing", **facts) -> Membership:
    place = MunicipalityFactory(name=municipality)
    contact = PersonFactory(name=name, municipality=place)
    return MembershipFactory(municipality=place, contact=contact, with_buyer=True, **facts)


def address_of(membership: Membership) -> str:
    return memberships.row_url("inspect", membership.pk)


@pytest.mark.parametrize(
    "text",
    ["Søren", "SOEREN", "ågår", "aagaard", "gaard", "søren ærø", "aeroe", "Ærøsk", "Aagaard soe"],
)
def test_a_member_is_found_by_part_of_a_word_however_it_is_spelt(
    administrator: Client, text: str
) -> None:
    membership, _other = member(), member("Anne Hansen", "Vejle")
    result = found(administrator, text)
    assert result["memberships"] == [address_of(membership)]
    assert not administrator.get(reverse("cms_search"), {"q": text}).context["search"].loosely


@pytest.mark.parametrize("text", ["Sørne Ågård", "Søren Ågrd", "Æroskobing", "Ærøskøbng"])
def test_a_spelling_mistake_does_no_harm(administrator: Client, text: str) -> None:
    membership, _other = member(), member("Anne Hansen", "Vejle")
    response = administrator.get(reverse("cms_search"), {"q": text})
    assert response.context["search"].loosely
    assert found(administrator, text)["memberships"] == [address_of(membership)]


def test_the_most_alike_stands_first(administrator: Client) -> None:
    PersonFactory(name="Anders Petersen")
    right = PersonFactory(name="Zenia Andersen")
    assert found(administrator, "Zenia Andresen")["people"][0] == people.row_url(
        "inspect", right.pk
    )


def test_nothing_resembles_a_number(administrator: Client) -> None:
    member(buyer_cvr="12345678")
    assert "memberships" in found(administrator, "12345678")
    assert found(administrator, "12345679") == {}


def test_every_word_must_be_found_but_not_in_one_place(administrator: Client) -> None:
    membership = member()
    ParticipantFactory(membership=membership, name="Bodil Krag")
    assert "memberships" in found(administrator, f"bodil {membership.network.title} ærø")
    assert "memberships" not in found(administrator, "bodil vejle")


def test_every_kind_is_found_by_what_it_is_known_by(administrator: Client) -> None:
    make_seller()
    membership = member(buyer_cvr="12345678")
    charge = make_charge(membership, buyer_contact="Kirsten Bogholder", order_number="PO-4711")
    invoice = invoicing.issue_invoice(charge)
    payment = make_payment(charge, session_id="cs_test_abc", payment_intent_id="pi_3Qx")
    request = JoinRequestFactory(membership=membership, name="Ditte Ny")
    meeting = membership.network.seasons.get().meetings.first()
    meeting.title, meeting.venue = "Workshop om lys", "Godsbanen, Aarhus"
    meeting.save()
    handover = HandoverFactory(membership=membership, name="Nanna Nyansat", email="nn@x.example")
    guest = Guest.objects.create(meeting=meeting, name="Taler Talersen", email="taler@x.example")
    message = Message.objects.create(
        key="x", template="welcome", to_email="vaek@x.example", subject="Velkommen", body="x"
    )
    for text, kind, key in (
        ("5798 0098 11578", "memberships", membership.pk),
        (str(membership.pk), "memberships", membership.pk),
        (audit.reference(membership), "memberships", membership.pk),
        (membership.contact.email, "people", membership.contact.pk),
        ("1234 5678", "people", membership.contact.pk),
        ("Ærøskøbing", "municipalities", membership.municipality.pk),
        ("5798009811578", "municipalities", membership.municipality.pk),
        (invoice.number, "invoices", invoice.pk),
        ("bogholder", "invoices", invoice.pk),
        ("po-4711", "charges", charge.pk),
        (f"medlemskab {charge.scope_label}", "charges", charge.pk),
        (f"medlemskab {charge.scope_label}", "invoices", invoice.pk),
        (str(charge.pk)[:13], "charges", charge.pk),
        (f"payments.charge:{charge.pk}", "charges", charge.pk),
        ("cs_test_abc", "payments", payment.pk),
        ("pi_3Qx", "payments", payment.pk),
        (str(payment.pk), "payments", payment.pk),
        ("ditte", "join-requests", request.pk),
        ("nyansat", "handovers", handover.pk),
        ("nn@x.example", "handovers", handover.pk),
        ("workshop lys", "meetings", meeting.pk),
        ("godsbanen århus", "meetings", meeting.pk),
        ("talersen", "guests", guest.pk),
        ("vaek@x", "messages", message.pk),
    ):
        urls = found(administrator, text).get(kind, [])
        assert any(f"/{quote(str(key))}/" in url for url in urls), (text, kind, urls)


def test_another_networks_rows_never_answer(client: Client) -> None:
    make_seller()
    mine = member("Anne Fælles", "Vejle")
    other = member("Bo Fælles", "Vejen")
    ParticipantFactory(membership=other, name="Deltager Fælles")
    JoinRequestFactory(membership=other, name="Anmoder Fælles")
    HandoverFactory(membership=other, name="Afløser Fælles")
    other.network.seasons.get().meetings.update(title="Møde i Fælles", venue="Fælles hus")
    Message.objects.create(
        key="x",
        template="welcome",
        scope=scope_of(other.network),
        to_name="Bo Fælles",
        to_email="bo@x.example",
        subject="Velkommen",
        body="x",
    )
    charge = make_charge(other, buyer_contact="Bo Fælles")
    client.force_login(make_user(roles.COORDINATORS, networks=[mine.network]))
    result = found(client, "fælles")
    assert result == {
        "memberships": [address_of(mine)],
        "people": [people.row_url("inspect", mine.contact.pk)],
    }
    for text in (str(other.pk), str(charge.pk), other.contact.email, "5798009811578"):
        assert found(client, text) == {}, text
    assert (
        other.contact.name
        not in client.get(reverse("cms_search"), {"q": "Bo Fæles"}).content.decode()
    )


def test_finance_sees_people_only_as_on_invoices(client: Client) -> None:
    make_seller()
    membership = member("Søren Ågård")
    invoice = invoicing.issue_invoice(make_charge(membership, buyer_contact="Kirsten Bogholder"))
    client.force_login(make_user(roles.FINANCE))
    assert found(client, "Søren Ågård") == {}
    assert found(client, "bogholder") == {
        "charges": [charges.row_url("inspect", invoice.charge_id)],
        "invoices": [invoices.row_url("inspect", invoice.pk)],
    }


def test_a_meeting_is_told_by_its_date_and_network_and_found_by_its_host(client: Client) -> None:
    network = make_network()
    meeting, *others = network.seasons.get().meetings.all()
    type(meeting).objects.filter(season__page=network).update(
        title="Workshop om lys", venue="Hal 1"
    )
    meeting.refresh_from_db()
    MeetingRecord.objects.update_or_create(
        meeting=meeting, defaults={"cancelled_at": timezone.now()}
    )
    host = make_user(roles.HOSTS)
    MeetingHost.objects.create(meeting=meeting, user=host)
    client.force_login(host)
    (group,) = client.get(reverse("cms_search"), {"q": "workshop"}).context["groups"]
    (hit,) = group.hits
    assert str(meeting.pk) in hit["url"]
    assert str(meeting.label).split()[-1] in hit["title"]
    assert network.title in hit["details"]
    assert "Aflyst" in hit["status"]
    assert others


@pytest.mark.parametrize("role", [roles.EDITORS, roles.PUBLISHERS])
def test_editors_find_no_members(client: Client, role: str) -> None:
    membership = member()
    client.force_login(make_user(role))
    assert set(found(client, "Ærøskøbing")) <= {"municipalities"}
    assert found(client, membership.contact.email) == {}


def test_nobody_searches_without_a_right(client: Client) -> None:
    address = reverse("cms_search")
    assert client.get(address, {"q": "x"}).status_code == 302
    client.force_login(make_user())
    assert client.get(address, {"q": "xx"}).status_code in (302, 403)


def test_one_kind_is_shown_page_by_page(administrator: Client) -> None:
    place = MunicipalityFactory()
    for number in range(60):
        PersonFactory(name=f"Rikke {number:02d}", municipality=place)
    few = administrator.get(reverse("cms_search"), {"q": "rikke"})
    assert "kind=people" in few.content.decode()
    first = found(administrator, "rikke", kind="people")["people"]
    second = found(administrator, "rikke", kind="people", p="2")["people"]
    assert len(first) == 50
    assert len(second) == 10
    assert not set(first) & set(second)
    assert administrator.get(reverse("cms_search"), {"q": "rikke", "p": "x"}).status_code == 200


@pytest.mark.parametrize(
    "text", ["%", "_", "'", "\\", "%%_", "a\x00b", "<script>", "ø" * 300, "  "]
)
def test_no_text_is_too_strange(administrator: Client, text: str) -> None:
    member()
    page = administrator.get(reverse("cms_search"), {"q": text})
    assert page.status_code == 200
    assert "<script>" not in page.context["query"] or "&lt;script&gt;" in page.content.decode()


def test_a_percent_sign_is_no_wildcard(administrator: Client) -> None:
    PersonFactory(name="Hundrede Procent")
    page = administrator.get(reverse("cms_search"), {"q": "hund%cent"})
    assert page.context["search"].loosely


@pytest.mark.parametrize(
    ("text", "queries"), [("fælles", 10), ("5798009811578", 10), ("faelsl", 12)]
)
def test_a_search_takes_ten_queries_and_two_more_when_nothing_is_written_like_that(
    administrator: Client, django_assert_max_num_queries, text: str, queries: int
) -> None:
    for number in range(12):
        membership = member(f"Anne Fælles {number}", f"Vejle {number}")
        ParticipantFactory(membership=membership, name=f"Deltager Fælles {number}")
        make_charge(membership, buyer_contact="Kirsten Fælles")
    address = reverse("cms_search")
    administrator.get(address, {"q": text})
    with django_assert_max_num_queries(queries):
        administrator.get(address, {"q": text})


def test_the_search_stands_first_in_the_sidebar_for_those_who_may(client: Client) -> None:
    make_network()
    client.force_login(make_user(roles.FINANCE))
    assert reverse("cms_search") in client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_members_list_is_searched_in_the_same_way(administrator: Client) -> None:
    membership, _other = member(order_number="PO-4711"), member("Anne Hansen", "Vejle")
    for text in ("aagaard", "SØREN ærø", "po-47", str(membership.pk)):
        page = administrator.get(memberships.row_url("index"), {"q": text})
        assert list(page.context["object_list"]) == [membership], text


def test_a_search_uses_the_indexes() -> None:
    """Where nothing but the conditions of the search itself can be looked up: the tables of a
    test are so small that any other way is cheaper."""
    user = make_user(superuser=True)
    with connection.cursor() as cursor:
        # Without loops no other table leads to a row, whatever the statistics say of empty tables.
        for way in ("seqscan", "indexscan", "indexonlyscan", "nestloop"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    for loosely in (False, True):
        search = Search("andersen", loosely=loosely)
        plans = [
            part.explain()
            for source in sources_for(user)
            if source.kind not in ("municipalities", "payments")
            for part in source.rows(search, user, 0, 8)
        ]
        for index in (
            "person_search",
            "participant_search",
            "membership_search",
            "membership_buyer_search",
            "charge_search",
            "invoice_search",
            "guest_search",
            "join_request_search",
            "handover_search",
            "meeting_search",
            "message_search",
        ):
            assert any(index in plan for plan in plans), (index, loosely)


def test_all_kinds_are_asked_in_one_query(django_assert_num_queries) -> None:
    user = make_user(superuser=True)
    sources = sources_for(user)
    with django_assert_num_queries(1):
        find(sources, Search("andersen"), user)

"""Topics, offers, programmes and materials in the administration: who, which rows, what."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from networks import roles
from networks.models import (
    ContributionState,
    Material,
    Meeting,
    MeetingHost,
    Membership,
    NetworkPage,
    OfferKind,
    ProgrammeItem,
    ProgrammeKind,
)
from networks.services import materials as material_service
from networks.wagtail_hooks import materials, meetings, offers, programme_items, topics
from tests.factories.contributions import (
    MaterialFactory,
    OfferFactory,
    ProgrammeItemFactory,
    TopicFactory,
    first_meeting,
)
from tests.factories.networks import MembershipFactory, make_network, make_user

pytestmark = pytest.mark.django_db
ADMINS = [topics, offers, programme_items, materials]
SCRIPT = "<script>alert(1)</script>"
PDF = b"%PDF-1.7 indhold"


def signed_in(role: str, *networks: NetworkPage) -> Client:
    client = Client()
    client.force_login(make_user(role, networks=networks))
    return client


@pytest.fixture
def membership() -> Membership:
    return MembershipFactory()


@pytest.fixture
def coordinator(membership: Membership) -> Client:
    return signed_in(roles.COORDINATORS, membership.network)


def rows_of(membership: Membership) -> dict[Any, Model]:
    meeting = first_meeting(membership.network)
    return {
        topics: TopicFactory(membership=membership),
        offers: OfferFactory(membership=membership),
        programme_items: ProgrammeItemFactory(meeting=meeting),
        materials: MaterialFactory(meeting=meeting),
    }


def addresses(admin: Any, row: Model) -> list[str]:
    views = [admin.inspect_view_class, *admin.actions]
    assert len(admin.row_patterns()) == len(views)
    return [admin.row_url(view.name, row.pk) for view in views]


def add_addresses(meeting: Meeting) -> list[str]:
    return [
        f"{admin.row_url('add')}?meeting={meeting.pk}" for admin in (programme_items, materials)
    ]


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# Who ----------------------------------------------------------------------------------------------

READERS = {roles.MEMBER_ADMINISTRATORS, roles.COORDINATORS, roles.AUDITORS}


@pytest.mark.parametrize("role", roles.ROLES)
def test_the_lists_are_for_those_who_look_after_members(role: str) -> None:
    client = signed_in(role)
    expected = 200 if role in READERS else 302
    for admin in ADMINS:
        for page in ("index", "results"):
            assert client.get(admin.row_url(page)).status_code == expected


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_networks_rows_are_not_found(coordinator: Client, method: str) -> None:
    foreign = MembershipFactory()
    for admin, row in rows_of(foreign).items():
        for address in addresses(admin, row):
            assert getattr(coordinator, method)(address).status_code == 404, address
    for address in add_addresses(first_meeting(foreign.network)):
        data = {"title": "x", "url": "https://example.org", "kind": "agenda", "text": "x"}
        response = coordinator.get(address) if method == "get" else coordinator.post(address, data)
        assert response.status_code == 404
    assert ProgrammeItem.objects.count() == Material.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "999999", "-1", "1e3", "²", "9" * 5000])
def test_a_meeting_that_is_none_is_not_found(coordinator: Client, key: str) -> None:
    for admin in (programme_items, materials):
        assert coordinator.get(admin.row_url("add"), {"meeting": key}).status_code == 404


def test_auditors_read_and_change_nothing(membership: Membership) -> None:
    client = signed_in(roles.AUDITORS)
    for admin, row in rows_of(membership).items():
        inspect, *actions = addresses(admin, row)
        assert client.get(inspect).status_code in (200, 302)
        page = client.get(inspect, follow=True).content.decode()
        for address in actions:
            assert address not in page
            assert client.get(address).status_code == 302
            assert client.post(address, {"text": "x", "kind": "agenda"}).status_code == 302
    for address in add_addresses(first_meeting(membership.network)):
        assert client.post(address, {"text": "x", "kind": "agenda"}).status_code == 302
    assert ProgrammeItem.objects.count() == Material.objects.count() == 1


def test_a_meetings_host_sees_no_programme_and_no_materials(membership: Membership) -> None:
    rows = rows_of(membership)
    user = make_user(roles.HOSTS)
    meeting = first_meeting(membership.network)
    MeetingHost.objects.create(user=user, meeting=meeting)
    client = Client()
    client.force_login(user)
    page = text_of(client, meetings.row_url("inspect", meeting.pk))
    assert str(rows[materials]) not in page
    assert str(rows[programme_items]) not in page


def test_a_coordinator_sees_the_own_networks_rows_alone(
    membership: Membership, coordinator: Client
) -> None:
    own, foreign = rows_of(membership), rows_of(MembershipFactory())
    for admin in ADMINS:
        page = text_of(coordinator, admin.row_url("index"))
        assert str(own[admin]) in page
        assert str(foreign[admin]) not in page


# Lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("admin", ADMINS)
def test_a_list_takes_few_queries_whatever_its_rows(
    admin: Any, membership: Membership, django_assert_max_num_queries
) -> None:
    client = signed_in(roles.MEMBER_ADMINISTRATORS)
    rows_of(membership)
    client.get(admin.row_url("index"))
    with django_assert_max_num_queries(13) as captured:
        client.get(admin.row_url("index"))
    for _turn in range(5):
        rows_of(MembershipFactory(network=membership.network))
    with django_assert_max_num_queries(len(captured)):
        client.get(admin.row_url("index"))


@pytest.mark.parametrize("admin", [topics, offers])
def test_lists_are_filtered_searched_and_exported(
    admin: Any, membership: Membership, coordinator: Client
) -> None:
    factory = {topics: TopicFactory, offers: OfferFactory}[admin]
    factory(membership=membership, title="Drift af haller", text="=cmd()")
    factory(membership=membership, title="Halvtag", state=ContributionState.DECLINED)
    page = text_of(coordinator, f"{admin.row_url('index')}?state=declined")
    assert "Halvtag" in page
    assert "Drift af haller" not in page
    page = text_of(coordinator, f"{admin.row_url('index')}?q=drift")
    assert "Drift af haller" in page
    assert "Halvtag" not in page
    response = coordinator.get(admin.row_url("index"), {"export": "csv", "q": "drift"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "'=cmd()" in lines[1]


# Actions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("admin", [topics, offers])
def test_a_coordinator_answers_and_declines(
    admin: Any, membership: Membership, coordinator: Client
) -> None:
    row = rows_of(membership)[admin]
    assert coordinator.post(admin.row_url("answer", row.pk), {"text": ""}).status_code == 200
    response = coordinator.post(admin.row_url("answer", row.pk), {"text": "God idé."}, follow=True)
    row.refresh_from_db()
    assert (row.state, row.answer) == (ContributionState.ANSWERED, "God idé.")
    assert "God idé." in response.content.decode()
    coordinator.post(admin.row_url("decline", row.pk), {"text": "Alligevel ikke."})
    row.refresh_from_db()
    assert row.state == ContributionState.DECLINED


def test_a_topic_is_put_on_a_coming_meetings_programme(
    membership: Membership, coordinator: Client
) -> None:
    topic = TopicFactory(membership=membership, title="Drift af haller")
    meeting, foreign = first_meeting(membership.network), first_meeting(make_network())
    address = topics.row_url("plan", topic.pk)
    form = text_of(coordinator, address)
    assert meeting.label in form
    assert "Drift af haller" in form
    data = {"kind": ProgrammeKind.AGENDA, "text": "Drift", "on_page": "on", "message": ""}
    assert coordinator.post(address, {**data, "meeting": foreign.pk}).status_code == 200
    assert coordinator.post(address, {**data, "meeting": meeting.pk}).status_code == 302
    item = meeting.programme.get()
    assert (item.topic, item.text, item.on_page) == (topic, "Drift", True)
    assert coordinator.post(address, {**data, "meeting": meeting.pk}).status_code == 200
    assert meeting.programme.count() == 1


def test_an_offer_suggests_what_it_becomes(membership: Membership, coordinator: Client) -> None:
    meeting = first_meeting(membership.network)
    host = OfferFactory(membership=membership, kind=OfferKind.HOST, meeting=meeting)
    talk = OfferFactory(membership=membership, kind=OfferKind.TALK, author_name="Bo Eksempel")
    place = membership.municipality.official_name
    for row, kind, text in (
        (host, ProgrammeKind.HOST, place),
        (talk, ProgrammeKind.SPEAKER, f"Bo Eksempel, {place}: {talk.title}"),
    ):
        form = coordinator.get(offers.row_url("plan", row.pk)).context["form"]
        assert (form.initial["kind"], form.initial["text"]) == (kind, text)


def test_what_members_write_is_shown_as_text(membership: Membership, coordinator: Client) -> None:
    facts = {"membership": membership, "title": SCRIPT, "text": SCRIPT, "author_name": SCRIPT}
    meeting = first_meeting(membership.network)
    topic, offer = TopicFactory(**facts), OfferFactory(**facts)
    ProgrammeItemFactory(meeting=meeting, text=SCRIPT)
    MaterialFactory(meeting=meeting, title=SCRIPT)
    for address in (
        topics.row_url("index"),
        offers.row_url("index"),
        *addresses(topics, topic),
        *addresses(offers, offer),
        meetings.row_url("inspect", meeting.pk),
    ):
        assert SCRIPT not in text_of(coordinator, address)


# A meeting's page ---------------------------------------------------------------------------------


def test_a_programme_is_made_by_hand_on_the_meetings_page(
    membership: Membership, coordinator: Client
) -> None:
    meeting = first_meeting(membership.network)
    programme_address, _materials = add_addresses(meeting)
    for text in ("Velkomst", "Oplæg"):
        data = {"kind": "agenda", "text": text}
        response = coordinator.post(programme_address, data)
        assert response["Location"].startswith(meetings.row_url("inspect", meeting.pk))
    page = text_of(coordinator, meetings.row_url("inspect", meeting.pk))
    assert page.index("Velkomst") < page.index("Oplæg")
    first, second = meeting.programme.all()
    coordinator.post(programme_items.row_url("up", second.pk))
    coordinator.post(programme_items.row_url("show", second.pk), {"on_page": "on"})
    data = {"kind": "speaker", "text": "Nyt oplæg", "on_page": "on"}
    coordinator.post(programme_items.row_url("change", second.pk), data)
    assert [item.text for item in meeting.programme.all()] == ["Nyt oplæg", "Velkomst"]
    second.refresh_from_db()
    assert second.on_page
    coordinator.post(programme_items.row_url("show", second.pk))
    second.refresh_from_db()
    assert not second.on_page
    coordinator.post(programme_items.row_url("down", second.pk))
    coordinator.post(programme_items.row_url("remove", first.pk))
    assert list(meeting.programme.all()) == [second]


def test_a_file_is_uploaded_read_by_staff_and_removed(
    membership: Membership, coordinator: Client
) -> None:
    meeting = first_meeting(membership.network)
    address = add_addresses(meeting)[1]
    upload = SimpleUploadedFile("noter.pdf", PDF, content_type="text/html")
    assert coordinator.post(address, {"title": "Oplæg", "file": upload}).status_code == 302
    material = meeting.materials.get()
    response = coordinator.get(materials.row_url("inspect", material.pk))
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    page = text_of(coordinator, meetings.row_url("inspect", meeting.pk))
    assert material.file.name not in page
    coordinator.post(materials.row_url("remove", material.pk))
    assert not Material.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"title": "Intet"},
        {"title": "Begge", "url": "https://example.org", "file": ("a.pdf", PDF)},
        {"title": "Program", "file": ("a.exe", b"MZ")},
        {"title": "Forklædt", "file": ("a.pdf", b"<html>")},
        {"title": "Script", "url": "javascript:alert(1)"},
    ],
)
def test_neither_two_nor_what_is_not_allowed(
    membership: Membership, coordinator: Client, data: dict[str, Any]
) -> None:
    if "file" in data:
        data = {**data, "file": SimpleUploadedFile(*data["file"])}
    response = coordinator.post(add_addresses(first_meeting(membership.network))[1], data)
    assert response.status_code == 200
    assert data["title"] in response.content.decode()
    assert not Material.objects.exists()


def test_a_file_that_is_gone_is_not_found(membership: Membership, coordinator: Client) -> None:
    material = MaterialFactory(
        meeting=first_meeting(membership.network), url="", file="materials/2027/borte.pdf"
    )
    assert coordinator.get(materials.row_url("inspect", material.pk)).status_code == 404
    assert material_service.download_name(material).endswith(".pdf")

"""Taking part by personal link: topics, offers and fellow participants, for members alone."""

import pytest
from django.test import Client
from django.urls import reverse

from networks.models import (
    ContributionState,
    Membership,
    NetworkPage,
    Offer,
    OfferKind,
    ProgrammeKind,
    Topic,
)
from networks.rules.states import Status
from networks.services import contributions
from tests.factories.contributions import (
    OfferFactory,
    ProgrammeItemFactory,
    TopicFactory,
    first_meeting,
    link_of,
    member_page,
)
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    coming_meetings,
    make_network,
    season,
)

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def membership() -> Membership:
    return MembershipFactory()


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# Topics and offers --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["membership_topics", "membership_fellows"])
def test_every_capacity_opens_it(client: Client, membership: Membership, page: str) -> None:
    membership.invoice_contact = PersonFactory()
    membership.save()
    participant = ParticipantFactory(membership=membership)
    for person in (membership.contact, membership.invoice_contact, participant):
        text_of(client, member_page(page, membership, address=person.email))


PAGES = ["membership_topics", "membership_propose", "membership_offer", "membership_fellows"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("status", [Status.WAITLISTED, Status.ENDED, Status.AWAITING_PAYMENT])
def test_who_is_no_member_has_no_such_page(client: Client, page: str, status: Status) -> None:
    membership = MembershipFactory(status=status)
    address = member_page(page, membership)
    assert client.get(address).status_code == 404
    assert client.post(address, {"title": "x"}).status_code == 404
    menu = client.get(reverse("membership", args=[link_of(membership)])).content.decode()
    assert reverse("membership_topics", args=["x"]).split("/x/")[1] not in menu


@pytest.mark.parametrize("page", PAGES)
def test_a_link_that_does_not_work_opens_nothing(client: Client, page: str) -> None:
    address = reverse(page, args=["ukendt"])
    assert client.get(address).status_code == 410
    assert client.post(address, {"title": "x"}).status_code == 410


def test_who_was_taken_off_opens_nothing(client: Client, membership: Membership) -> None:
    gone = ParticipantFactory(membership=membership, left_at=membership.signed_up_at)
    address = member_page("membership_topics", membership, address=gone.email)
    assert client.get(address).status_code == 410


def test_members_see_the_networks_topics_and_no_other_networks(
    client: Client, membership: Membership
) -> None:
    other = MembershipFactory(network=membership.network)
    topic = TopicFactory(membership=other, state="answered", answer="Kommer til maj.")
    foreign = TopicFactory(title="Et fremmed emne")
    page = text_of(client, member_page("membership_topics", membership))
    for shown in (topic.title, other.contact.name, other.municipality.name, topic.answer):
        assert shown in page
    assert foreign.title not in page


def test_offers_are_shown_to_the_membership_that_made_them_alone(
    client: Client, membership: Membership
) -> None:
    own = OfferFactory(membership=membership, title="Eget tilbud")
    OfferFactory(membership=MembershipFactory(network=membership.network), title="Andres tilbud")
    page = text_of(client, member_page("membership_topics", membership))
    assert own.title in page
    assert "Andres tilbud" not in page


def test_a_planned_topic_leads_to_its_meeting(client: Client, membership: Membership) -> None:
    topic = TopicFactory(membership=membership, state=ContributionState.PLANNED)
    meeting = first_meeting(membership.network)
    ProgrammeItemFactory(meeting=meeting, topic=topic)
    page = text_of(client, member_page("membership_topics", membership))
    assert meeting.label in page
    assert f"#moede-{meeting.pk}" in page


def test_what_members_write_is_shown_as_text(client: Client, membership: Membership) -> None:
    member = {"membership": membership, "author_name": SCRIPT, "answer": SCRIPT, "state": "planned"}
    topic = TopicFactory(title=SCRIPT, text=SCRIPT, **member)
    OfferFactory(title=SCRIPT, text=SCRIPT, **member)
    meeting = first_meeting(membership.network)
    ProgrammeItemFactory(meeting=meeting, topic=topic, text=SCRIPT, on_page=True)
    ParticipantFactory(membership=membership, name=SCRIPT, job_title=SCRIPT)
    for address in (
        member_page("membership_topics", membership),
        member_page("membership_fellows", membership),
        member_page("membership", membership),
        membership.network.get_url(),
    ):
        assert SCRIPT not in text_of(client, address)


def test_a_topic_is_proposed(client: Client, membership: Membership) -> None:
    colleague = ParticipantFactory(membership=membership)
    address = member_page("membership_propose", membership, address=colleague.email)
    response = client.post(address, {"title": "Drift\r\naf haller", "text": "En\r\n\r\nto"})
    assert response.status_code == 302
    topic = Topic.objects.get()
    assert (topic.title, topic.text) == ("Drift af haller", "En\n\nto")
    assert topic.author_name == colleague.name
    assert topic.title in text_of(client, response["Location"])


@pytest.mark.parametrize(
    "data",
    [
        {"title": "", "text": "Det, jeg skrev"},
        {"title": "x" * 151, "text": "Det, jeg skrev"},
        {"title": "Nul\x00", "text": "Det, jeg skrev"},
        {"title": "Langt", "text": "Det, jeg skrev" + "x" * 2000},
    ],
)
def test_what_was_typed_stays_in_the_form_on_an_error(
    client: Client, membership: Membership, data: dict[str, str]
) -> None:
    response = client.post(member_page("membership_propose", membership), data)
    assert response.status_code == 422
    assert "Det, jeg skrev" in response.content.decode()
    assert not Topic.objects.exists()


def test_too_much_in_a_day_is_said_in_the_form(client: Client, membership: Membership) -> None:
    TopicFactory.create_batch(contributions.DAILY_LIMIT, membership=membership)
    response = client.post(
        member_page("membership_propose", membership), {"title": "Endnu et", "text": "Mit ord"}
    )
    assert response.status_code == 422
    assert "Mit ord" in response.content.decode()
    assert "error-summary" in response.content.decode()


def test_an_offer_is_made_for_one_of_the_networks_coming_meetings(
    client: Client, membership: Membership
) -> None:
    meeting = first_meeting(membership.network)
    foreign = first_meeting(make_network())
    address = member_page("membership_offer", membership)
    data = {"kind": OfferKind.HOST.value, "title": "Kulturhuset", "text": ""}
    assert client.post(address, {**data, "meeting": foreign.pk}).status_code == 422
    assert client.post(address, {**data, "meeting": "x"}).status_code == 422
    assert client.post(address, {**data, "kind": "andet"}).status_code == 422
    assert client.post(address, {**data, "meeting": meeting.pk}).status_code == 302
    assert client.post(address, {**data, "title": "Et sted", "meeting": ""}).status_code == 302
    assert [offer.meeting for offer in Offer.objects.order_by("pk")] == [meeting, None]


def test_support_is_given_and_taken_back_by_a_button(
    client: Client, membership: Membership
) -> None:
    topic = TopicFactory(membership=MembershipFactory(network=membership.network))
    address = member_page("membership_support", membership, topic.pk)
    assert client.get(address).status_code == 405
    assert client.post(address, {"support": "1"}).status_code == 302
    assert topic.supports.get().membership == membership
    colleague = ParticipantFactory(membership=membership)
    again = member_page("membership_support", membership, topic.pk, address=colleague.email)
    client.post(again, {"support": "1"})
    assert topic.supports.count() == 1
    client.post(again, {"support": "0"})
    assert not topic.supports.exists()


def test_another_networks_topic_is_not_found(client: Client, membership: Membership) -> None:
    foreign = TopicFactory()
    address = member_page("membership_support", membership, foreign.pk)
    assert client.post(address, {"support": "1"}).status_code == 404
    address = member_page("membership_withdraw", membership, "emne", foreign.pk)
    assert client.post(address).status_code == 404
    assert Topic.objects.get() == foreign


def test_ones_own_is_withdrawn_by_a_button(client: Client, membership: Membership) -> None:
    topic, offer = TopicFactory(membership=membership), OfferFactory(membership=membership)
    for kind, row in (("emne", topic), ("tilbud", offer)):
        address = member_page("membership_withdraw", membership, kind, row.pk)
        assert address.rpartition("traek-tilbage")[2] in text_of(
            client, member_page("membership_topics", membership)
        )
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 302
    assert not Topic.objects.exists()
    assert not Offer.objects.exists()
    address = member_page("membership_withdraw", membership, "andet", 1)
    assert client.post(address).status_code == 404


def test_an_answered_one_is_not_withdrawn(client: Client, membership: Membership) -> None:
    topic = TopicFactory(membership=membership, state=ContributionState.ANSWERED)
    address = member_page("membership_withdraw", membership, "emne", topic.pk)
    assert client.post(address).status_code == 409
    assert Topic.objects.exists()


def test_the_pages_take_few_queries_whatever_their_rows(
    client: Client, membership: Membership, django_assert_max_num_queries
) -> None:
    def fill(number: int) -> None:
        for _turn in range(number):
            other = MembershipFactory(network=membership.network)
            ParticipantFactory(membership=other)
            topic = TopicFactory(membership=other)
            ProgrammeItemFactory(meeting=first_meeting(membership.network), topic=topic)
            OfferFactory(membership=membership, meeting=first_meeting(membership.network))

    fill(2)
    for page in ("membership_topics", "membership_fellows"):
        address = member_page(page, membership)
        client.get(address)
        with django_assert_max_num_queries(20) as captured:
            client.get(address)
        fill(5)
        with django_assert_max_num_queries(len(captured)):
            client.get(address)


# Fellow participants ------------------------------------------------------------------------------


def test_members_see_their_fellow_participants(client: Client, membership: Membership) -> None:
    fellow = ParticipantFactory(
        membership=MembershipFactory(network=membership.network), job_title="Haldirektør"
    )
    stranger = ParticipantFactory(name="En fremmed")
    page = text_of(client, member_page("membership_fellows", membership))
    for shown in (fellow.name, "Haldirektør", fellow.membership.municipality.name):
        assert shown in page
    assert fellow.email not in page
    assert stranger.name not in page


def test_a_participant_hides_and_shows_themselves(client: Client, membership: Membership) -> None:
    participant = ParticipantFactory(membership=membership, name="Bo Eksempel")
    own = member_page("membership_fellows", membership, address=participant.email)
    assert client.post(own, {"email": participant.email, "shown": "0"}).status_code == 302
    other = MembershipFactory(network=membership.network)
    theirs = member_page("membership_fellows", other)
    assert "Bo Eksempel" not in text_of(client, theirs)
    client.post(own, {"email": participant.email, "shown": "1"})
    assert "Bo Eksempel" in text_of(client, theirs)


def test_nobody_hides_somebody_else(client: Client, membership: Membership) -> None:
    participant = ParticipantFactory(membership=membership)
    colleague = ParticipantFactory(membership=membership)
    other = MembershipFactory(network=membership.network)
    for address in (
        member_page("membership_fellows", membership, address=colleague.email),
        member_page("membership_fellows", other),
    ):
        data = {"email": participant.email, "shown": "0"}
        assert client.post(address, data).status_code == 404
    participant.refresh_from_db()
    assert participant.shown_to_members


def test_the_public_sees_neither_topics_nor_participants(client: Client) -> None:
    participant = ParticipantFactory(name="Bo Eksempel", job_title="Haldirektør")
    membership = participant.membership
    topic = TopicFactory(membership=membership, title="Et emne blandt medlemmer", answer="Svaret")
    offer = OfferFactory(membership=membership, title="Et tilbud")
    index = membership.network.get_parent()
    home = index.get_parent().get_parent()
    for page in (membership.network, index, home):
        text = text_of(client, page.get_url())
        for secret in (
            participant.name,
            participant.job_title,
            participant.email,
            membership.contact.name,
            topic.title,
            topic.answer,
            offer.title,
        ):
            assert secret not in text


# A meeting's programme on the network's page ------------------------------------------------------


def with_programme(network: NetworkPage) -> None:
    for meeting in coming_rows(network):
        ProgrammeItemFactory(
            meeting=meeting, text="Åbent oplæg", on_page=True, kind=ProgrammeKind.SPEAKER
        )
        ProgrammeItemFactory(meeting=meeting, text="Fortrolig sparring")


def coming_rows(network: NetworkPage) -> list[object]:
    return [meeting for row in network.seasons.all() for meeting in row.meetings.all()]


def test_the_public_sees_the_items_on_the_page_and_members_every_item(
    client: Client, membership: Membership
) -> None:
    with_programme(membership.network)
    page = text_of(client, membership.network.get_url())
    assert "Åbent oplæg" in page
    assert "Fortrolig sparring" not in page


def test_the_programme_takes_one_query_whatever_its_meetings(
    client: Client, django_assert_max_num_queries
) -> None:
    rows = coming_meetings(12)
    network = make_network(capacity=100, seasons=[season(meetings=rows, ladder={12: 100})])
    client.get(network.get_url())
    with_programme(network)
    with django_assert_max_num_queries(12):
        assert "Åbent oplæg" in text_of(client, network.get_url())

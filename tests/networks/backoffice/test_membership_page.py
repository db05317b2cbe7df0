"""A membership's own page."""

import pytest
from django.test import Client

from cms import audit
from cms.audit import SYSTEM, Actor
from cms.messages.models import Message, MessageState
from networks import roles
from networks.models import Answer, Question, Seat
from networks.rules.states import Status
from networks.wagtail_hooks import join_requests, meetings, memberships, people
from payments.wagtail_hooks import charges, payments
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.payments.backoffice.rows import make_charge, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user(roles.MEMBER_ADMINISTRATORS))
    return client


def test_the_page_tells_everything_about_the_membership(administrator: Client) -> None:
    network = make_network()
    membership = MembershipFactory(network=network, with_buyer=True, leaving=True)
    question = Question.objects.create(page=network, label="Allergier", purpose="Mad")
    Answer.objects.create(membership=membership, question=question, value="Nødder")
    standing = ParticipantFactory(membership=membership)
    once = ParticipantFactory(membership=membership, standing=False)
    meeting = network.seasons.get().meetings.first()
    Seat.objects.create(membership=once.membership, participant=once, meeting=meeting)
    request = JoinRequestFactory(membership=membership)
    charge = make_charge(membership)
    payment = make_payment(charge)
    Message.objects.create(
        key="x",
        template="welcome",
        about=audit.reference(membership),
        to_email="a@example.org",
        subject="Velkommen",
        body="Kære <b>kollega</b>",
        state=MessageState.FAILED,
    )
    user = make_user()
    audit.record(
        actor=Actor.by(user), action="membership.approved", subject=membership, reason="Fordi"
    )
    audit.record(actor=SYSTEM, action="membership.something_new", subject=membership)
    response = administrator.get(memberships.row_url("inspect", membership.pk))
    page = response.content.decode()
    for text in (
        membership.municipality.name,
        membership.contact.email,
        network.title,
        "7.000 kr.",
        "8.750 kr.",
        membership.buyer_gln,
        "Allergier",
        "Nødder",
        standing.email,
        meeting.title,
        request.email,
        charges.row_url("inspect", charge.pk),
        payments.row_url("inspect", payment.pk),
        people.row_url("inspect", membership.contact.pk),
        "Velkommen",
        "Kære &lt;b&gt;kollega&lt;/b&gt;",
        user.username,
        "Fordi",
        "something new",
    ):
        assert text in page, text


def test_the_place_in_line_is_told(administrator: Client) -> None:
    network = make_network()
    MembershipFactory(network=network, status=Status.WAITLISTED)
    second = MembershipFactory(network=network, status=Status.WAITLISTED)
    facts = administrator.get(memberships.row_url("inspect", second.pk)).context["facts"]
    assert 2 in [value for _label, value in facts]


def test_an_active_member_without_a_confirmed_address_is_pointed_out(
    administrator: Client,
) -> None:
    membership = MembershipFactory(address_confirmed_at=None)
    page = administrator.get(memberships.row_url("inspect", membership.pk)).content.decode()
    assert "help-warning" in page


def test_a_persons_part_in_each_membership_is_told(administrator: Client) -> None:
    membership = MembershipFactory()
    other = MembershipFactory(invoice_contact=membership.contact)
    third = ParticipantFactory(email=membership.contact.email).membership
    page = administrator.get(people.row_url("inspect", membership.contact.pk)).content.decode()
    for each in (membership, other, third):
        assert memberships.row_url("inspect", each.pk) in page


def test_a_request_leads_to_its_membership(administrator: Client) -> None:
    request = JoinRequestFactory()
    page = administrator.get(join_requests.row_url("inspect", request.pk)).content.decode()
    assert memberships.row_url("inspect", request.membership_id) in page


def test_a_meeting_is_cancelled_with_a_reason(administrator: Client) -> None:
    membership = MembershipFactory()
    ParticipantFactory(membership=membership)
    meeting = membership.network.seasons.get().meetings.first()
    address = meetings.row_url("cancel", meeting.pk)
    assert administrator.get(address).status_code == 200
    administrator.post(address, {})
    assert not meeting.__class__.objects.get(pk=meeting.pk).is_cancelled
    administrator.post(address, {"reason": "Værten er syg"})
    assert meeting.__class__.objects.get(pk=meeting.pk).is_cancelled
    page = administrator.get(meetings.row_url("inspect", meeting.pk)).content.decode()
    assert "Værten er syg" in page
    assert address not in page
    again = administrator.post(address, {"reason": "Igen"})
    assert again.status_code == 200
    assert Message.objects.filter(about=audit.reference(membership)).count() == 1


def test_a_coordinator_does_not_cancel_meetings(client: Client) -> None:
    network = make_network()
    meeting = network.seasons.get().meetings.first()
    client.force_login(make_user(roles.COORDINATORS, networks=[network]))
    assert client.get(meetings.row_url("inspect", meeting.pk)).status_code == 200
    assert client.post(meetings.row_url("cancel", meeting.pk), {"reason": "x"}).status_code == 302
    assert not meeting.__class__.objects.get(pk=meeting.pk).is_cancelled


@pytest.mark.parametrize("number", [1, 60])
def test_the_page_of_a_membership_takes_few_queries(
    administrator: Client, django_assert_max_num_queries: object, number: int
) -> None:
    membership = MembershipFactory(with_buyer=True)
    meeting = membership.network.seasons.get().meetings.first()
    for turn in range(number):
        participant = ParticipantFactory(membership=membership)
        Seat.objects.create(membership=membership, participant=participant, meeting=meeting)
        JoinRequestFactory(membership=membership)
        make_payment(make_charge(membership), state="failed")
        Message.objects.create(
            key=f"{turn}",
            template="welcome",
            about=audit.reference(membership),
            to_email="a@example.org",
            subject="Velkommen",
            body="x",
        )
        audit.record(
            actor=SYSTEM,
            action="participant.named",
            subject=membership,
            participant=participant.pk,
            meetings=[meeting.pk],
        )
    address = memberships.row_url("inspect", membership.pk)
    administrator.get(address)
    with django_assert_max_num_queries(20):
        administrator.get(address)

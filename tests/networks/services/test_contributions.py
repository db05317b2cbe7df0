"""Topics and offers: proposed, supported, withdrawn, answered, declined, planned."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from cms.audit import VISITOR, Actor, history
from cms.messages.models import Message
from networks import roles
from networks.models import (
    ContributionState,
    Meeting,
    MeetingRecord,
    Membership,
    Offer,
    OfferKind,
    ProgrammeKind,
    Topic,
    TopicSupport,
)
from networks.rules.states import Status
from networks.services import contributions, programme
from networks.services.errors import NotPossible
from tests.factories.contributions import OfferFactory, TopicFactory, first_meeting
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    return MembershipFactory()


@pytest.fixture
def coordinator(membership: Membership) -> User:
    return make_user(roles.COORDINATORS, networks=[membership.network])


def propose(membership: Membership, *, title: str = "Drift af haller", address: str = "") -> Topic:
    return contributions.propose_topic(
        membership.pk,
        address=address or membership.contact.email,
        title=title,
        text="Hvordan gør I?",
        actor=VISITOR,
    )


def offer(membership: Membership, meeting: Meeting | None = None) -> Offer:
    return contributions.make_offer(
        membership.pk,
        address=membership.contact.email,
        kind=OfferKind.HOST,
        title="Kulturhuset",
        text="",
        meeting_id=meeting.pk if meeting else None,
        actor=VISITOR,
    )


def mails(template: str) -> list[Message]:
    return list(Message.objects.filter(template=template).order_by("to_email"))


# What members do ----------------------------------------------------------------------------------


def test_a_topic_names_who_proposed_it(membership: Membership) -> None:
    colleague = ParticipantFactory(membership=membership, name="Bo Eksempel")
    topic = propose(membership, address=colleague.email.upper())
    assert (topic.author_name, topic.author_email) == ("Bo Eksempel", colleague.email)
    assert topic.network_id == membership.network_id
    assert history(topic).get().action == "topic.proposed"


def test_the_networks_coordinators_are_told_of_each_and_nobody_else(
    membership: Membership, coordinator: User
) -> None:
    make_user(roles.COORDINATORS, networks=[make_network()])
    silent = make_user(roles.COORDINATORS, networks=[membership.network])
    User.objects.filter(pk=silent.pk).update(email="")
    left = make_user(roles.COORDINATORS, networks=[membership.network])
    User.objects.filter(pk=left.pk).update(is_active=False)
    topic, talk = propose(membership), offer(membership)
    told = mails("contribution_received")
    assert [mail.to_email for mail in told] == [coordinator.email] * 2
    assert f"/topic/inspect/{topic.pk}/" in told[0].body + told[1].body
    assert f"/offer/inspect/{talk.pk}/" in told[0].body + told[1].body


def test_what_is_sent_twice_is_one(membership: Membership, coordinator: User) -> None:
    assert propose(membership) == propose(membership)
    assert offer(membership) == offer(membership)
    assert len(mails("contribution_received")) == 2


def test_a_membership_brings_so_much_in_a_day_and_no_more(membership: Membership) -> None:
    for number in range(contributions.DAILY_LIMIT - 1):
        propose(membership, title=f"Emne {number}")
    offer(membership)
    with pytest.raises(NotPossible):
        propose(membership, title="Et for meget")
    propose(MembershipFactory(network=membership.network))
    Topic.objects.update(created_at=timezone.now() - timedelta(days=2))
    propose(membership, title="Dagen efter")


@pytest.mark.parametrize("status", [Status.WAITLISTED, Status.PENDING_APPROVAL, Status.ENDED])
def test_only_members_bring_anything(status: Status) -> None:
    membership = MembershipFactory(status=status)
    with pytest.raises(NotPossible):
        propose(membership)
    with pytest.raises(NotPossible):
        offer(membership)
    topic = TopicFactory(membership=MembershipFactory(network=membership.network))
    with pytest.raises(NotPossible):
        contributions.support(topic.pk, membership.pk, wanted=True, actor=VISITOR)


def test_who_was_taken_off_proposes_nothing(membership: Membership) -> None:
    gone = ParticipantFactory(membership=membership, left_at=timezone.now())
    with pytest.raises(NotPossible):
        propose(membership, address=gone.email)


def test_an_offer_is_for_a_coming_meeting_of_the_network_or_for_any(
    membership: Membership,
) -> None:
    meeting = first_meeting(membership.network)
    assert offer(membership, meeting).meeting == meeting
    assert offer(membership).meeting is None
    elsewhere = first_meeting(make_network())
    MeetingRecord.objects.create(meeting=meeting, cancelled_at=timezone.now())
    for wrong in (elsewhere, meeting):
        with pytest.raises(NotPossible):
            offer(membership, wrong)


def test_a_membership_supports_once_and_can_take_it_back(membership: Membership) -> None:
    topic = TopicFactory(membership=MembershipFactory(network=membership.network))
    for _turn in range(2):
        contributions.support(topic.pk, membership.pk, wanted=True, actor=VISITOR)
    assert TopicSupport.objects.filter(topic=topic).count() == 1
    for _turn in range(2):
        contributions.support(topic.pk, membership.pk, wanted=False, actor=VISITOR)
    assert not topic.supports.exists()
    actions = [entry.action for entry in history(topic)]
    assert actions == ["topic.support_taken_back", "topic.supported"]


def test_another_networks_topic_can_not_be_supported(membership: Membership) -> None:
    topic = TopicFactory()
    with pytest.raises(Topic.DoesNotExist):
        contributions.support(topic.pk, membership.pk, wanted=True, actor=VISITOR)


def test_neither_the_own_topic_nor_a_decided_one_is_supported(membership: Membership) -> None:
    other = MembershipFactory(network=membership.network)
    own = TopicFactory(membership=membership)
    declined = TopicFactory(membership=other, state=ContributionState.DECLINED)
    for topic in (own, declined):
        with pytest.raises(NotPossible):
            contributions.support(topic.pk, membership.pk, wanted=True, actor=VISITOR)


def withdraw(row: Topic | Offer, membership: Membership, address: str) -> None:
    contributions.withdraw(
        type(row), row.pk, membership_id=membership.pk, address=address, actor=VISITOR
    )


def test_ones_own_is_withdrawn_while_nobody_has_answered(membership: Membership) -> None:
    topic, talk = TopicFactory(membership=membership), OfferFactory(membership=membership)
    for row in (topic, talk):
        withdraw(row, membership, membership.contact.email)
    assert not Topic.objects.exists()
    assert not Offer.objects.exists()
    answered = TopicFactory(membership=membership, state=ContributionState.ANSWERED)
    with pytest.raises(NotPossible):
        withdraw(answered, membership, membership.contact.email)


def test_nobody_withdraws_what_another_has_brought(membership: Membership) -> None:
    topic = TopicFactory(membership=membership)
    colleague = ParticipantFactory(membership=membership)
    other = MembershipFactory(network=membership.network)
    for asker, address in (
        (membership, colleague.email),
        (other, other.contact.email),
        (other, membership.contact.email),
    ):
        with pytest.raises(Topic.DoesNotExist):
            withdraw(topic, asker, address)


# What coordinators do -----------------------------------------------------------------------------


def test_an_answer_is_mailed_to_the_author_with_their_personal_link(
    membership: Membership, coordinator: User
) -> None:
    topic = TopicFactory(membership=membership, title="Haller")
    contributions.answer(topic, text="God idé.", actor=Actor.by(coordinator))
    topic.refresh_from_db()
    assert (topic.state, topic.answered_by) == (ContributionState.ANSWERED, coordinator)
    mail = mails("contribution_answered")[0]
    assert mail.to_email == membership.contact.email
    assert "God idé." in mail.body
    assert [link["purpose"] for link in mail.links] == ["membership"]


def test_a_later_answer_is_mailed_too(membership: Membership, coordinator: User) -> None:
    topic = TopicFactory(membership=membership)
    for text in ("Vi ser på det.", "Det bliver i maj."):
        contributions.answer(topic, text=text, actor=Actor.by(coordinator))
    assert len(mails("contribution_answered")) == 2


def test_declining_tells_why(membership: Membership, coordinator: User) -> None:
    talk = OfferFactory(membership=membership)
    contributions.decline(talk, text="Programmet er fuldt.", actor=Actor.by(coordinator))
    talk.refresh_from_db()
    assert talk.state == ContributionState.DECLINED
    assert "Programmet er fuldt." in mails("contribution_declined")[0].body


def plan(row: Topic | Offer, meeting: Meeting, user: User, **changes: object) -> object:
    facts = {
        "kind": ProgrammeKind.SPEAKER,
        "text": "Oplæg fra Prøvekøbing",
        "on_page": False,
        "message": "",
        **changes,
    }
    return contributions.plan(row, meeting_id=meeting.pk, actor=Actor.by(user), **facts)


def test_a_planned_one_stands_on_the_programme_and_the_author_hears_which_meeting(
    membership: Membership, coordinator: User
) -> None:
    talk = OfferFactory(membership=membership)
    meeting = first_meeting(membership.network)
    plan(talk, meeting, coordinator, message="Vi glæder os.", on_page=True)
    talk.refresh_from_db()
    assert (talk.state, talk.answer) == (ContributionState.PLANNED, "Vi glæder os.")
    item = meeting.programme.get()
    assert (item.text, item.on_page, item.offer) == ("Oplæg fra Prøvekøbing", True, talk)
    body = mails("contribution_planned")[0].body
    assert meeting.label in body
    assert "Vi glæder os." in body


def test_an_earlier_answer_stands_when_a_planned_one_gets_no_words(
    membership: Membership, coordinator: User
) -> None:
    topic = TopicFactory(membership=membership, state="answered", answer="God idé.")
    plan(topic, first_meeting(membership.network), coordinator)
    topic.refresh_from_db()
    assert topic.answer == "God idé."


def test_it_is_planned_at_a_coming_meeting_of_its_network_once(
    membership: Membership, coordinator: User
) -> None:
    topic = TopicFactory(membership=membership)
    meeting = first_meeting(membership.network)
    with pytest.raises(NotPossible):
        plan(topic, first_meeting(make_network()), coordinator)
    plan(topic, meeting, coordinator)
    with pytest.raises(NotPossible):
        plan(topic, meeting, coordinator)
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    later = TopicFactory(membership=membership)
    with pytest.raises(NotPossible):
        plan(later, meeting, coordinator)


def test_what_is_on_a_programme_is_answered_but_not_declined(
    membership: Membership, coordinator: User
) -> None:
    topic = TopicFactory(membership=membership)
    plan(topic, first_meeting(membership.network), coordinator)
    contributions.answer(topic, text="Kl. 10.", actor=Actor.by(coordinator))
    topic.refresh_from_db()
    assert topic.state == ContributionState.PLANNED
    with pytest.raises(NotPossible):
        contributions.decline(topic, text="Nej.", actor=Actor.by(coordinator))


@pytest.mark.parametrize(("answer", "state"), [("", "proposed"), ("God idé.", "answered")])
def test_taken_off_its_last_programme_it_is_open_again(
    membership: Membership, coordinator: User, answer: str, state: str
) -> None:
    topic = TopicFactory(membership=membership, answer=answer)
    meetings = list(programme.coming_meetings_of(membership.network_id)[:2])
    items = [plan(topic, meeting, coordinator) for meeting in meetings]
    programme.remove_item(items[0].pk, actor=Actor.by(coordinator))
    topic.refresh_from_db()
    assert topic.state == ContributionState.PLANNED
    programme.remove_item(items[1].pk, actor=Actor.by(coordinator))
    topic.refresh_from_db()
    assert topic.state == state


def test_what_was_withdrawn_meanwhile_is_not_answered(
    membership: Membership, coordinator: User
) -> None:
    topic = TopicFactory(membership=membership)
    withdraw(topic, membership, membership.contact.email)
    with pytest.raises(NotPossible):
        contributions.answer(topic, text="For sent.", actor=Actor.by(coordinator))

"""Fellow participants: who is shown to whom, and everybody's own say about it."""

import pytest
from django.utils import timezone

from cms.audit import VISITOR, history
from cms.messages.models import Message
from networks.models import Membership, Participant, Unit
from networks.rules.states import Status
from networks.services import fellows
from networks.services.errors import NotPossible
from networks.services.notices import seats
from networks.services.notices.membership import welcome
from tests.factories.networks import (
    MembershipFactory,
    MunicipalityFactory,
    ParticipantFactory,
    make_network,
)

pytestmark = pytest.mark.django_db


def names(membership: Membership) -> list[str]:
    return [fellow.name for fellow in fellows.fellows_of(membership.network_id)]


def show(membership: Membership, email: str, by: str, *, shown: bool) -> None:
    fellows.show(membership.pk, email=email, by_address=by, shown=shown, actor=VISITOR)


def test_participants_of_the_networks_active_memberships_are_shown() -> None:
    membership = MembershipFactory()
    mine = ParticipantFactory(membership=membership, job_title="Idrætschef")
    ParticipantFactory(membership=membership, left_at=timezone.now())
    ParticipantFactory(membership=membership, shown_to_members=False)
    ParticipantFactory(membership__network=membership.network, membership__status=Status.ENDED)
    ParticipantFactory()
    (fellow,) = fellows.fellows_of(membership.network_id)
    assert (fellow.name, fellow.job_title) == (mine.name, "Idrætschef")
    assert fellow.organisation == membership.municipality.name


def test_they_stand_by_municipality_in_the_danish_order() -> None:
    network = make_network()
    for name in ("Århus", "Vejle", "Ærø"):
        membership = MembershipFactory(network=network, municipality=MunicipalityFactory(name=name))
        ParticipantFactory(membership=membership)
    order = [fellow.organisation for fellow in fellows.fellows_of(network.pk)]
    assert order == ["Vejle", "Ærø", "Århus"]


def test_where_the_person_is_the_member_the_contact_participates() -> None:
    network = make_network(unit=Unit.PERSON.value, free_of_charge=True)
    unnamed = MembershipFactory(network=network)
    named = MembershipFactory(network=network)
    ParticipantFactory(
        membership=named, name=named.contact.name, email=named.contact.email, shown_to_members=True
    )
    ParticipantFactory(membership=named, name="Forgængeren")
    assert sorted(names(unnamed)) == sorted([unnamed.contact.name, named.contact.name])


def test_the_contact_of_a_municipality_does_not_participate_by_that() -> None:
    membership = MembershipFactory()
    assert names(membership) == []
    assert fellows.shown_of(membership, membership.contact.email, all_of_them=True) == []


def test_a_participant_turns_the_own_visibility_off_and_on() -> None:
    participant = ParticipantFactory()
    membership = participant.membership
    show(membership, participant.email, participant.email.upper(), shown=False)
    assert names(membership) == []
    show(membership, participant.email, participant.email, shown=True)
    assert names(membership) == [participant.name]
    actions = [entry.action for entry in history(membership)]
    assert actions == ["participant.shown", "participant.hidden"]
    assert history(membership).first().data == {"participant": participant.pk}


def test_a_contact_decides_for_those_they_named() -> None:
    participant = ParticipantFactory()
    membership = participant.membership
    show(membership, participant.email, membership.contact.email, shown=False)
    assert names(membership) == []


def test_nobody_decides_for_a_colleague_or_a_stranger() -> None:
    participant = ParticipantFactory()
    membership = participant.membership
    colleague = ParticipantFactory(membership=membership)
    stranger = ParticipantFactory(membership__network=membership.network)
    for email, by in (
        (participant.email, colleague.email),
        (stranger.email, membership.contact.email),
        ("", membership.contact.email),
    ):
        with pytest.raises(Participant.DoesNotExist):
            show(membership, email, by, shown=False)
    assert len(names(membership)) == 3


def test_a_person_who_is_the_member_turns_it_off_though_nobody_named_them() -> None:
    network = make_network(unit=Unit.PERSON.value, free_of_charge=True)
    membership = MembershipFactory(network=network)
    email = membership.contact.email
    assert fellows.shown_of(membership, email, all_of_them=True)[0].is_shown
    show(membership, email, email, shown=False)
    assert names(membership) == []
    assert not fellows.shown_of(membership, email, all_of_them=True)[0].is_shown


def test_only_an_active_membership_has_fellows() -> None:
    participant = ParticipantFactory(membership__status=Status.ENDED)
    with pytest.raises(NotPossible):
        show(participant.membership, participant.email, participant.email, shown=False)


def test_each_sees_the_own_visibility_and_the_contact_everybodys() -> None:
    membership = MembershipFactory()
    one, two = ParticipantFactory.create_batch(2, membership=membership)
    own = fellows.shown_of(membership, two.email, all_of_them=False)
    assert [row.email for row in own] == [two.email]
    everybody = fellows.shown_of(membership, membership.contact.email, all_of_them=True)
    assert {row.email for row in everybody} == {one.email, two.email}


def test_who_is_named_is_told_that_members_see_them_and_of_the_way_out() -> None:
    participant = ParticipantFactory()
    seats.named(participant, [])
    mail = Message.objects.get(to_email=participant.email)
    assert "Netværkets deltagere" in mail.body
    assert "slå det fra" in mail.body


def test_a_person_who_is_welcomed_is_told_too() -> None:
    network = make_network(unit=Unit.PERSON.value, free_of_charge=True)
    welcome(MembershipFactory(network=network))
    welcome(MembershipFactory())
    person, municipality = Message.objects.order_by("pk")
    assert "slå det fra" in person.body
    assert "slå det fra" not in municipality.body


def test_it_takes_two_queries_whatever_the_number(django_assert_num_queries) -> None:
    network = make_network()
    for _turn in range(5):
        ParticipantFactory(membership=MembershipFactory(network=network))
    with django_assert_num_queries(2):
        fellows.fellows_of(network.pk)

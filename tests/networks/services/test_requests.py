"""Requests to join and to be erased, and their answers."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR
from cms.messages.models import Message
from networks.models import ErasureRequest, JoinRequest, Participant, RequestState, Seat
from networks.rules.states import Status
from networks.services import requests, seats
from networks.services.errors import NotPossible
from tests.factories.networks import (
    JoinRequestFactory,
    MembershipFactory,
    ParticipantFactory,
    make_network,
    make_user,
)
from tests.factories.requests import ErasureRequestFactory
from tests.factories.signups import applied, confirmed

pytestmark = pytest.mark.django_db


def asked(**changes: object) -> JoinRequest:
    membership = changes.pop("membership", None) or MembershipFactory()
    email = f"kollega@{membership.municipality.domains[0]}"
    return JoinRequestFactory(membership=membership, email=email, **changes)


def told(template: str) -> list[str]:
    return list(Message.objects.filter(template=template).values_list("to_email", flat=True))


class TestAskingToJoin:
    def test_the_contact_is_asked_by_a_link_of_its_own(self):
        network = make_network()
        member = confirmed(network)
        applied(network, member.municipality)
        (message,) = Message.objects.filter(template="join_requested")
        assert message.to_email == member.contact.email
        assert [link["purpose"] for link in message.links] == ["join"]
        assert message.links[0]["subject"] == audit.reference(JoinRequest.objects.get())

    def test_asked_again_while_it_waits_the_contact_is_not_asked_again(self):
        request = asked()
        given = {"name": "A", "email": request.email, "job_title": "", "phone": ""}
        requests.request_to_join(request.membership, **given)
        assert told("join_requested") == []

    def test_turned_down_one_can_ask_again_the_next_day(self):
        request = asked()
        requests.turn_down(request.pk, actor=VISITOR)
        given = {"name": "Ny Stilling", "email": request.email, "job_title": "", "phone": ""}
        requests.request_to_join(request.membership, **given)
        assert told("join_requested") == []
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            requests.request_to_join(request.membership, **given)
        request.refresh_from_db()
        assert (request.state, request.name) == (RequestState.WAITING, "Ny Stilling")
        assert len(told("join_requested")) == 1

    def test_a_participant_who_signs_up_gets_the_personal_link(self):
        participant = ParticipantFactory()
        given = {"name": "A", "email": participant.email, "job_title": "", "phone": ""}
        requests.request_to_join(participant.membership, **given)
        assert told("new_link") == [participant.email]
        assert not JoinRequest.objects.exists()


class TestTakingIn:
    def test_the_colleague_gets_the_free_seats_and_is_told(self):
        request = asked()
        requests.take_in(request.pk, actor=VISITOR)
        request.refresh_from_db()
        assert request.state == RequestState.ACCEPTED
        assert request.handled_at
        assert Seat.objects.current().filter(participant__email=request.email).count() == 3
        assert told("participant_named") == [request.email]

    def test_with_all_seats_taken_they_are_chosen_for_later(self):
        membership = MembershipFactory()
        for _turn in range(2):
            ParticipantFactory(membership=membership)
        seats.take_standing(membership)
        request = asked(membership=membership)
        participant = requests.take_in(request.pk, actor=VISITOR)
        assert not participant.standing
        assert not Seat.objects.filter(participant=participant).exists()
        assert told("join_accepted") == [request.email]

    def test_before_the_membership_is_active_the_seats_are_taken_later(self):
        membership = MembershipFactory(status=Status.WAITLISTED)
        participant = requests.take_in(asked(membership=membership).pk, actor=VISITOR)
        assert participant.standing

    def test_from_another_domain_only_an_administrator_can(self):
        request = JoinRequestFactory(email="vera@institution.example")
        with pytest.raises(NotPossible):
            requests.take_in(request.pk, actor=VISITOR)
        assert not Participant.objects.exists()
        requests.take_in(request.pk, actor=audit.Actor.by(make_user(superuser=True)))
        assert Participant.objects.get().email == "vera@institution.example"

    def test_answered_once_it_is_answered(self):
        request = asked()
        requests.turn_down(request.pk, actor=VISITOR)
        with pytest.raises(NotPossible):
            requests.take_in(request.pk, actor=VISITOR)
        with pytest.raises(NotPossible):
            requests.turn_down(request.pk, actor=VISITOR)

    def test_not_into_a_membership_that_is_over(self):
        request = asked(membership=MembershipFactory(status=Status.ENDED))
        with pytest.raises(NotPossible):
            requests.take_in(request.pk, actor=VISITOR)

    def test_turned_down_the_text_is_mailed_and_the_reason_is_not(self):
        request = asked()
        requests.turn_down(request.pk, actor=VISITOR, reason="Hemmelig", text="Næste år")
        body = Message.objects.get(template="join_declined").body
        assert "Næste år" in body
        assert "Hemmelig" not in body


class TestErasure:
    def test_is_received_once_and_acknowledged(self):
        membership = MembershipFactory()
        for _turn in range(2):
            requests.ask_for_erasure(membership.pk, address=membership.contact.email, actor=VISITOR)
        assert ErasureRequest.objects.get().person == membership.contact
        assert told("erasure_received") == [membership.contact.email]

    def test_who_is_only_a_participant_can_ask_too(self):
        participant = ParticipantFactory()
        requests.ask_for_erasure(
            participant.membership_id, address=participant.email, actor=VISITOR
        )
        assert ErasureRequest.objects.get().person.email == participant.email

    def test_a_stranger_to_the_membership_can_not(self):
        with pytest.raises(NotPossible):
            requests.ask_for_erasure(
                MembershipFactory().pk, address="fremmed@kommune.example", actor=VISITOR
            )

    def test_handled_it_says_what_was_done_by_whom_and_tells_the_person(self):
        membership = MembershipFactory()
        request = ErasureRequestFactory(person=membership.contact)
        user = make_user(superuser=True)
        actor = audit.Actor.by(user)
        requests.handle_erasure(request.pk, outcome="Alt er slettet", actor=actor)
        request.refresh_from_db()
        assert (request.handled_by, request.outcome) == (user, "Alt er slettet")
        assert "Alt er slettet" in Message.objects.get(template="erasure_handled").body
        assert "slettet" not in str(audit.history(request).get().data)
        with pytest.raises(NotPossible):
            requests.handle_erasure(request.pk, outcome="Igen", actor=actor)

"""Handing a role over: offered and accepted, or asked for and decided."""

from datetime import timedelta

import pytest

from cms import audit, links
from cms.audit import VISITOR
from cms.messages.models import Message
from networks.models import Handover, HandoverKind, Membership, RequestState, Seat, Unit
from networks.rules.states import Status
from networks.services import handovers, seats, take_overs
from networks.services.capacities import Capacity, capacities_of
from networks.services.errors import NotPossible
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.requests import HandoverFactory

pytestmark = pytest.mark.django_db


def colleague(membership: Membership, name: str = "afloeser") -> str:
    return f"{name}@{membership.municipality.domains[0]}"


def offer(membership: Membership, *kinds: HandoverKind, email: str = "") -> Handover:
    return handovers.offer(
        membership.pk,
        kinds=kinds or [HandoverKind.CONTACT],
        name="Vera Ny",
        email=email or colleague(membership),
        actor=VISITOR,
    )


def told(template: str) -> list[str]:
    return list(Message.objects.filter(template=template).values_list("to_email", flat=True))


class TestAnOfferedRole:
    def test_is_nobodys_before_it_is_accepted(self):
        membership = MembershipFactory()
        old = membership.contact
        offer(membership)
        membership.refresh_from_db()
        assert membership.contact == old
        (message,) = Message.objects.filter(template="handover_offered")
        assert (message.to_email, message.links[0]["purpose"]) == (
            colleague(membership),
            "handover",
        )

    def test_accepted_it_passes_and_both_are_told(self):
        membership = MembershipFactory()
        old = membership.contact
        handover = handovers.accept(offer(membership).pk)
        membership.refresh_from_db()
        assert handover.state == RequestState.ACCEPTED
        assert membership.contact.email == colleague(membership)
        assert membership.contact.confirmed_at is not None
        assert told("handover_taken") == [colleague(membership)]
        assert told("handover_done") == [old.email]
        assert Message.objects.get(template="handover_taken").links[0]["purpose"] == "membership"

    def test_the_old_holders_links_stop_and_others_work_on(self):
        participant = ParticipantFactory()
        membership = participant.membership
        tokens = {
            (purpose, address): links.issue(
                purpose=purpose,
                subject=audit.reference(membership),
                lifetime=timedelta(days=1),
                address=address,
            )
            for purpose in ("membership", "calendar", "pay", "accept")
            for address in (membership.contact.email, participant.email)
        }
        handovers.accept(offer(membership).pk)
        for (purpose, address), token in tokens.items():
            works = links.resolve(token, purpose) is not None
            assert works == (address == participant.email), (purpose, address)

    def test_the_contact_keeps_the_invoices_unless_they_pass_too(self):
        membership = MembershipFactory()
        old = membership.contact
        Membership.objects.update(invoice_contact=old)
        handovers.accept(offer(membership).pk)
        membership = Membership.objects.get()
        assert capacities_of(membership, old.email) == {Capacity.INVOICE_CONTACT}

    def test_both_roles_pass_by_one_link_and_one_mail(self):
        membership = MembershipFactory()
        Membership.objects.update(
            invoice_contact=membership.contact, buyer_email=membership.contact.email
        )
        first = offer(membership, HandoverKind.CONTACT, HandoverKind.INVOICE_CONTACT)
        assert len(told("handover_offered")) == 1
        handovers.accept(first.pk)
        membership.refresh_from_db()
        assert membership.contact == membership.invoice_contact
        assert membership.buyer_email == colleague(membership)
        assert len(told("handover_taken")) == len(told("handover_done")) == 1

    def test_accepted_again_it_changes_and_mails_nothing_more(self):
        handover = offer(MembershipFactory())
        handovers.accept(handover.pk)
        before = Message.objects.count()
        assert handovers.accept(handover.pk).state == RequestState.ACCEPTED
        assert Message.objects.count() == before

    def test_to_an_unknown_domain_it_waits_for_an_administrator(self):
        membership = MembershipFactory()
        old = membership.contact
        handover = handovers.accept(offer(membership, email="vera@institution.example").pk)
        assert handover.state == RequestState.WAITING
        assert handover.confirmed_at
        membership.refresh_from_db()
        assert membership.contact == old
        administrator = audit.Actor.by(make_user(superuser=True))
        handovers.approve(handover.pk, actor=administrator)
        membership.refresh_from_db()
        assert membership.contact.email == "vera@institution.example"
        assert not membership.needs_approval

    def test_invoices_may_go_to_any_domain(self):
        handover = offer(
            MembershipFactory(), HandoverKind.INVOICE_CONTACT, email="faktura@kontor.example"
        )
        assert handovers.accept(handover.pk).state == RequestState.ACCEPTED

    def test_taken_back_it_can_not_be_accepted(self):
        handover = offer(MembershipFactory())
        handovers.withdraw(handover.pk, actor=VISITOR)
        assert told("handover_withdrawn") == [handover.email]
        with pytest.raises(NotPossible):
            handovers.accept(handover.pk)

    def test_refused_whoever_offered_it_is_told(self):
        membership = MembershipFactory()
        handovers.refuse(offer(membership).pk)
        assert told("handover_refused") == [membership.contact.email]
        assert Handover.objects.get().state == RequestState.DECLINED

    def test_offered_again_the_mail_goes_again_and_there_is_one(self):
        membership = MembershipFactory()
        assert offer(membership).pk == offer(membership).pk
        assert len(told("handover_offered")) == 2

    def test_not_to_whoever_has_the_role(self):
        membership = MembershipFactory()
        with pytest.raises(NotPossible):
            offer(membership, email=membership.contact.email.upper())

    def test_not_of_a_membership_that_is_over(self):
        with pytest.raises(NotPossible):
            offer(MembershipFactory(status=Status.ENDED))

    def test_the_history_names_the_role_and_nobody(self):
        membership = MembershipFactory()
        handovers.accept(offer(membership).pk)
        entries = audit.history(membership)
        assert {entry.action for entry in entries} >= {
            "membership.handover_offered",
            "membership.handover_accepted",
        }
        assert all("@" not in str(entry.data) for entry in entries)


class TestASuccessor:
    def membership(self) -> Membership:
        network = make_network(
            unit=Unit.PERSON, seasons=[season(tariff="free", seats_per_meeting=None)]
        )
        membership = MembershipFactory(network=network, price_net=0)
        ParticipantFactory(
            membership=membership, email=membership.contact.email, name=membership.contact.name
        )
        seats.take_standing(membership)
        return membership

    def test_takes_the_membership_and_the_seats_over(self):
        membership = self.membership()
        old = membership.contact
        before = Seat.objects.current().count()
        assert before == 3
        handovers.accept(offer(membership, HandoverKind.SUCCESSOR).pk)
        membership.refresh_from_db()
        assert membership.unit_key == f"person:{membership.contact.pk}"
        taken = Seat.objects.current()
        assert {seat.participant.email for seat in taken} == {membership.contact.email}
        assert taken.count() == before
        assert capacities_of(membership, old.email) == frozenset()

    def test_not_who_is_a_member_of_the_network_already(self):
        membership = self.membership()
        other = MembershipFactory(network=membership.network)
        with pytest.raises(NotPossible, match=other.contact.name):
            offer(membership, HandoverKind.SUCCESSOR, email=other.contact.email)

    def test_not_who_became_a_member_before_answering(self):
        membership = self.membership()
        handover = offer(membership, HandoverKind.SUCCESSOR)
        person = PersonFactory(email=handover.email)
        MembershipFactory(network=membership.network, contact=person)
        with pytest.raises(NotPossible):
            handovers.accept(handover.pk)
        membership.refresh_from_db()
        assert membership.contact.email != handover.email

    def test_a_persons_membership_has_no_role_of_contact_to_hand_over(self):
        with pytest.raises(NotPossible):
            offer(self.membership(), HandoverKind.CONTACT)

    def test_a_municipalitys_membership_has_no_successor(self):
        with pytest.raises(NotPossible):
            offer(MembershipFactory(), HandoverKind.SUCCESSOR)


class TestAContactWhoHasLeft:
    def ask(self, membership: Membership, email: str = "") -> Handover | None:
        return take_overs.begin_take_over(
            membership.network_id,
            membership.municipality_id,
            name="Vera Ny",
            email=email or colleague(membership),
            job_title="",
            text="Anne er stoppet",
        )

    def test_the_asker_proves_the_address_before_anybody_is_told(self):
        membership = MembershipFactory()
        handover = self.ask(membership)
        assert told("take_over_to_confirm") == [colleague(membership)]
        assert told("take_over_asked") == []
        take_overs.confirm_take_over(handover.pk)
        take_overs.confirm_take_over(handover.pk)
        assert told("take_over_asked") == [membership.contact.email]

    def test_what_the_asker_has_confirmed_nobody_else_writes_over(self):
        membership = MembershipFactory()
        handover = self.ask(membership)
        take_overs.confirm_take_over(handover.pk)
        again = {"name": "En Anden", "email": handover.email, "job_title": "", "text": "Hej"}
        ids = (membership.network_id, membership.municipality_id)
        assert take_overs.begin_take_over(*ids, **again) is None
        handover.refresh_from_db()
        assert (handover.name, handover.text) == ("Vera Ny", "Anne er stoppet")

    @pytest.mark.parametrize("email", ["vera@gmail.example", "vera@kommune.proevekoebing.example"])
    def test_from_another_domain_nothing_happens(self, email):
        assert self.ask(MembershipFactory(), email) is None
        assert not Message.objects.exists()

    @pytest.mark.parametrize("status", [Status.ENDED, Status.WITHDRAWN, Status.UNCONFIRMED])
    def test_where_there_is_no_open_membership_nothing_happens(self, status):
        assert self.ask(MembershipFactory(status=status)) is None
        assert not Message.objects.exists()

    def test_a_persons_membership_is_not_taken_over(self):
        membership = MembershipFactory(network=make_network(unit=Unit.PERSON))
        assert self.ask(membership) is None

    def test_an_administrator_lets_it_pass_with_the_invoices(self):
        membership = MembershipFactory()
        old = membership.contact
        Membership.objects.update(invoice_contact=old)
        handover = self.ask(membership)
        administrator = audit.Actor.by(make_user(superuser=True))
        with pytest.raises(NotPossible):
            handovers.approve(handover.pk, actor=administrator)
        take_overs.confirm_take_over(handover.pk)
        handovers.approve(handover.pk, actor=administrator, reason="Bekræftet pr. telefon")
        membership.refresh_from_db()
        assert membership.contact.email == membership.invoice_contact.email == handover.email

    def test_the_contact_objects_and_nothing_passes(self):
        membership = MembershipFactory()
        handover = self.ask(membership)
        take_overs.confirm_take_over(handover.pk)
        take_overs.object_to(handover.pk)
        assert told("handover_declined") == [handover.email]
        with pytest.raises(NotPossible):
            handovers.approve(handover.pk, actor=audit.SYSTEM)

    def test_declined_the_text_is_mailed_and_the_reason_is_not(self):
        handover = HandoverFactory(kind=HandoverKind.TAKE_OVER)
        handovers.decline(handover.pk, actor=audit.SYSTEM, reason="Hemmelig", text="Ring til os")
        body = Message.objects.get(template="handover_declined").body
        assert "Ring til os" in body
        assert "Hemmelig" not in body

"""Following the mailed link: where a confirmed sign-up goes, and at which price."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks.models import JoinRequest, Membership, PriceStep
from networks.rules.states import Status, TransitionNotAllowed
from networks.services import confirmation, lifecycle, meetings, terms, waitlist
from networks.services.application import ParticipantEntry
from networks.services.confirmation import Confirmed
from networks.services.errors import NotPossible
from payments.models import Charge
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.signups import applied, confirmed, elsewhere

pytestmark = pytest.mark.django_db


def confirm(membership, accepted_net=None):
    net = membership.accepted_net if accepted_net is None else accepted_net
    return confirmation.confirm(membership.pk, accepted_net=net)


def raise_price(network, price=LADDER[3] + 50_000):
    PriceStep.objects.filter(season__page=network, meetings_left=3).update(price=price)
    return price


def administrator():
    return audit.Actor.by(make_user(superuser=True))


def templates() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


class TestWhereItLeads:
    def test_by_e_invoice_it_is_active_and_charged_on_acceptance(self):
        outcome, membership = confirm(applied(make_network()))
        assert (outcome, membership.state) == (Confirmed.ACTIVE, Status.ACTIVE)
        charge = Charge.objects.get(reference=audit.reference(membership))
        assert (charge.method, charge.state, charge.net) == ("invoice", "open", LADDER[3])
        assert charge.buyer_gln == membership.buyer_gln != ""
        assert templates() == ["confirm_address", "welcome"]

    def test_free_of_charge_it_is_active_without_a_charge(self):
        outcome, membership = confirm(applied(make_network(free_of_charge=True)))
        assert (outcome, membership.price_net) == (Confirmed.ACTIVE, 0)
        assert not Charge.objects.exists()

    def test_a_free_network_that_got_a_season_meanwhile_is_joined_all_the_same(self):
        network = make_network(free_of_charge=True)
        membership = applied(network)
        network.seasons.add(season(tariff="free"))
        network.save()
        assert confirm(membership)[0] == Confirmed.ACTIVE

    def test_another_domain_awaits_approval_and_holds_a_place(self):
        network = make_network(capacity=1)
        outcome, membership = confirm(applied(network, **elsewhere()))
        assert (outcome, membership.state) == (
            Confirmed.PENDING_APPROVAL,
            Status.PENDING_APPROVAL,
        )
        assert terms.places_of(network).taken == 1
        assert not Charge.objects.exists()

    def test_the_card_and_another_domain_is_approved_and_then_gets_a_link_to_pay(self):
        membership = confirmed(make_network(), method="card", **elsewhere())
        membership = lifecycle.approve(membership.pk, actor=administrator())
        assert membership.state == Status.AWAITING_PAYMENT
        assert membership.deadline > timezone.now() + timedelta(days=2, hours=23)
        assert templates()[-1] == "approved_to_pay"

    def test_the_card_of_a_known_domain_leads_to_payment_though_paid_for_nothing_yet(self):
        outcome, membership = confirm(applied(make_network(), method="card"))
        assert outcome == Confirmed.PAY
        assert membership.address_confirmed_at is not None

    def test_that_an_address_is_confirmed_is_a_time_beside_the_state(self):
        network = make_network(capacity=0)
        outcome, membership = confirm(applied(network))
        assert (outcome, membership.state) == (Confirmed.WAITLISTED, Status.WAITLISTED)
        assert membership.address_confirmed_at is not None
        assert membership.contact.confirmed_at is not None

    def test_one_without_a_place_is_waitlisted_by_the_time_of_its_sign_up(self):
        network = make_network(capacity=1)
        membership = applied(network, **elsewhere())
        MembershipFactory(network=network)
        outcome, membership = confirm(membership)
        assert outcome == Confirmed.WAITLISTED
        assert membership.queued_at == membership.signed_up_at

    def test_after_24_hours_the_place_may_be_gone(self):
        network = make_network(capacity=1)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            membership = applied(network)
            clock.shift(timedelta(hours=25))
            other = confirmed(network)
            assert other.state == Status.ACTIVE
            assert confirm(membership)[0] == Confirmed.WAITLISTED

    def test_after_24_hours_it_is_placed_all_the_same_where_there_is_room(self):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            membership = applied(make_network(capacity=1))
            clock.shift(timedelta(days=3))
            assert confirm(membership)[0] == Confirmed.ACTIVE


class TestTheFirstConfirmationWins:
    def test_a_later_one_of_the_municipality_becomes_a_request_to_join(self):
        network, municipality = make_network(), MunicipalityFactory()
        first, later = applied(network, municipality), applied(network, municipality, name="Bo")
        member = confirm(first)[1]
        outcome, later = confirm(later)
        assert (outcome, later.state) == (Confirmed.JOIN_REQUESTED, Status.WITHDRAWN)
        assert JoinRequest.objects.get(membership=member).name == "Bo"
        assert Membership.objects.open().get() == member
        assert Message.objects.get(template="join_requested").to_email == member.contact.email
        assert Charge.objects.count() == 1

    def test_of_one_persons_two_sign_ups_the_second_does_nothing(self):
        network, municipality = make_network(), MunicipalityFactory()
        address = {"email": f"anne@{municipality.domains[0]}"}
        first = applied(network, municipality, **address)
        other = applied(network, municipality, **address, accepted_net=LADDER[3] + 1)
        confirm(first)
        assert confirm(other)[0] == Confirmed.JOIN_REQUESTED
        assert not JoinRequest.objects.exists()

    def test_confirming_twice_does_nothing_twice(self):
        municipality = MunicipalityFactory(mail_domains="x.example")
        named = (ParticipantEntry("Bo", "bo@x.example"),)
        membership = applied(make_network(), municipality, participants=named)
        confirm(membership)
        before = (templates(), audit.AuditEntry.objects.count())
        assert confirm(membership)[0] == Confirmed.ACTIVE
        assert (templates(), audit.AuditEntry.objects.count()) == before
        assert templates().count("welcome") == templates().count("participant_named") == 1
        assert Charge.objects.count() == 1

    def test_one_that_lapsed_or_was_withdrawn_can_not_be_confirmed(self):
        membership = applied(make_network())
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        with pytest.raises(NotPossible):
            confirm(membership)
        membership.refresh_from_db()
        assert membership.address_confirmed_at is None

    def test_the_old_link_of_one_that_is_offered_a_place_leads_to_the_offer(self):
        network = make_network(capacity=0)
        membership = confirmed(network)
        waitlist.offer_place(
            membership.pk, actor=administrator(), reason="Plads", above_capacity=True
        )
        assert confirm(membership)[0] == Confirmed.OFFERED


class TestThePrice:
    def test_it_freezes_when_the_membership_becomes_active(self):
        network = make_network()
        membership = confirmed(network)
        meeting = network.seasons.get().meetings.first()
        meetings.cancel_meeting(meeting.pk, actor=audit.SYSTEM, reason="Sygdom")
        raise_price(network)
        membership.refresh_from_db()
        assert membership.price_net == LADDER[3]
        assert Charge.objects.get().net == LADDER[3]

    def test_lower_than_accepted_the_lower_applies(self):
        network = make_network()
        membership = applied(network)
        raise_price(network, 100_000)
        membership = confirm(membership)[1]
        assert membership.price_net == Charge.objects.get().net == 100_000

    def test_higher_than_the_page_showed_nothing_is_charged_and_the_address_is_proved(self):
        network = make_network()
        membership = applied(network)
        risen = raise_price(network)
        outcome, membership = confirm(membership)
        assert (outcome, membership.state) == (Confirmed.PRICE_ROSE, Status.UNCONFIRMED)
        assert membership.address_confirmed_at is not None
        assert not Charge.objects.exists()
        outcome, membership = confirm(membership, accepted_net=risen)
        assert (outcome, membership.price_net) == (Confirmed.ACTIVE, risen)
        assert templates() == ["confirm_address", "welcome"]

    def test_a_higher_price_is_asked_about_before_approval_too(self):
        network = make_network()
        membership = applied(network, **elsewhere())
        risen = raise_price(network)
        assert confirm(membership)[0] == Confirmed.PRICE_ROSE
        assert confirm(membership, accepted_net=risen)[0] == Confirmed.PENDING_APPROVAL
        approved = lifecycle.approve(membership.pk, actor=administrator())
        assert (approved.state, approved.price_net) == (Status.ACTIVE, risen)

    def test_risen_before_the_approval_a_new_yes_is_asked_by_link(self):
        network = make_network()
        membership = confirmed(network, **elsewhere())
        risen = raise_price(network)
        membership = lifecycle.approve(membership.pk, actor=administrator())
        assert membership.state == Status.PENDING_APPROVAL
        assert templates()[-1] == "price_to_accept"
        again = confirmation.accept(membership.pk, accepted_net=LADDER[3])
        assert again[0] == Confirmed.PRICE_ROSE
        outcome, membership = confirmation.accept(membership.pk, accepted_net=risen)
        assert (outcome, membership.price_net) == (Confirmed.ACTIVE, risen)

    def test_nobody_accepts_before_the_administrators_yes(self):
        membership = confirmed(make_network(), **elsewhere())
        with pytest.raises(TransitionNotAllowed):
            confirmation.accept(membership.pk, accepted_net=LADDER[3])

    def test_a_season_over_meanwhile_can_not_be_joined(self):
        network = make_network()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            membership = applied(network)
            clock.shift(timedelta(days=120))
            with pytest.raises(NotPossible):
                confirm(membership)
        membership.refresh_from_db()
        assert membership.state == Status.UNCONFIRMED
        assert not Charge.objects.exists()

    def test_without_meetings_left_the_next_season_is_the_one_to_join(self):
        this = season(name="I år", meetings=[])
        coming = season(
            name="Næste år",
            starts_on=this.ends_on + timedelta(days=1),
            ends_on=this.ends_on + timedelta(days=365),
        )
        network = make_network(seasons=[this, coming])
        coming = network.seasons.get(name="Næste år")
        membership = confirmed(network, season_id=coming.pk)
        assert membership.first_season == coming
        charge = Charge.objects.get()
        assert (charge.period_start, charge.period_end) == (coming.starts_on, coming.ends_on)


class TestPaidButNotProved:
    def test_the_welcome_asks_for_the_proof_and_the_personal_link_follows_it(self):
        named = (ParticipantEntry("Bo", "bo@x.example"),)
        municipality = MunicipalityFactory(mail_domains="x.example")
        membership = applied(make_network(), municipality, method="card", participants=named)
        Membership.objects.filter(pk=membership.pk).update(
            status=Status.ACTIVE, activated_at=timezone.now(), deadline=None
        )
        outcome, _membership = confirm(membership)
        assert outcome == Confirmed.ACTIVE
        welcome = Message.objects.get(template="welcome")
        assert [link["purpose"] for link in welcome.links] == ["membership"]
        assert templates().count("participant_named") == 1

"""What a membership costs, paying by card, and what payments tell back."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.messages.models import Message
from networks import jobs
from networks.models import Membership
from networks.rules.states import Status
from networks.services import confirmation, lifecycle, paying
from networks.services.application import Outcome, ParticipantEntry
from networks.services.errors import NotPossible
from networks.services.paying import PaymentUnavailable
from payments.models import Charge, ChargeState, Payment, PaymentState
from payments.services import bank, charging, checkout
from tests.factories.networks import BUYER, LADDER, MembershipFactory, make_network, season
from tests.factories.signups import applied, apply, confirmed

pytestmark = pytest.mark.django_db
RETURN = "https://example.org/betaling/abc/"


def charge_of(membership) -> Charge:
    return Charge.objects.get(reference=audit.reference(membership))


def opened_page(membership) -> Payment:
    """The hosted page is open for the buyer."""
    paying.begin_payment(membership.pk, return_url=RETURN)
    return Payment.objects.get(charge__reference=audit.reference(membership), state="open")


def state_of(membership) -> Status:
    return Membership.objects.get(pk=membership.pk).state


def notices() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


class TestPerPersonPerMeeting:
    @pytest.fixture
    def network(self):
        terms = season(tariff="per_person_per_meeting", price_per_person=150_000)
        return make_network(seasons=[terms], eligibility="open")

    def entries(self, network, *, people=2, meetings=3):
        keys = list(network.seasons.get().meetings.values_list("pk", flat=True))[:meetings]
        return tuple(
            ParticipantEntry(f"Deltager {number}", f"d{number}@x.example", "", tuple(keys))
            for number in range(people)
        )

    def test_three_meetings_of_two_people_are_three_lines_of_one_charge(self, network):
        membership = confirmed(network, participants=self.entries(network), accepted_net=900_000)
        charge = charge_of(membership)
        assert (charge.net, charge.vat, charge.gross) == (900_000, 225_000, 1_125_000)
        lines = charge.lines.values_list("quantity", "unit_price", "vat_rate")
        assert list(lines) == [(2, 150_000, 2500)] * 3
        names = [line.description for line in charge.lines.all()]
        assert [name.split(" ")[1] for name in names] == ["1", "2", "3"]
        assert membership.price_net == 900_000

    def test_each_meeting_is_charged_for_those_who_come_to_it(self, network):
        first, second = self.entries(network, meetings=1)[0], self.entries(network)[1]
        membership = confirmed(network, participants=(first, second), accepted_net=600_000)
        quantities = charge_of(membership).lines.values_list("quantity", flat=True)
        assert list(quantities) == [2, 1, 1]
        assert not membership.participants.filter(standing=True).exists()

    def test_without_anyone_named_there_is_no_price(self, network):
        assert apply(network, accepted_net=900_000).outcome == Outcome.CLOSED

    def test_a_meeting_that_has_started_can_not_be_ordered(self, network):
        with time_machine.travel(timezone.now() + timedelta(weeks=5), tick=False):
            result = apply(network, participants=self.entries(network), accepted_net=900_000)
        assert result.outcome == Outcome.CLOSED


class TestTheCharge:
    def test_it_names_buyer_period_and_network_and_is_frozen(self):
        network = make_network()
        membership = confirmed(network)
        charge = charge_of(membership)
        assert charge.buyer_name == BUYER["buyer_name"]
        assert charge.scope == f"network:{network.pk}"
        assert charge.scope_label == network.title
        running = network.seasons.get()
        assert (charge.period_start, charge.period_end) == (
            timezone.localdate(),
            running.ends_on,
        )

    def test_exempt_from_vat_there_is_none(self):
        exempt = season(vat_rate=0, vat_exemption_reason="Momslovens § 13, stk. 1, nr. 3")
        charge = charge_of(confirmed(make_network(seasons=[exempt])))
        assert (charge.vat, charge.gross) == (0, charge.net)
        assert charge.lines.get().vat_exemption_reason


class TestPayingByCard:
    def test_paid_it_is_active_and_the_address_stays_unconfirmed(self, stripe):
        membership = applied(make_network(), method="card")
        stripe.pay(opened_page(membership).session_id)
        paying.ask_stripe(membership)
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE
        assert membership.address_confirmed_at is None
        assert charge_of(membership).state == ChargeState.PAID
        assert notices() == ["payment_begun", "welcome"]
        assert [link["purpose"] for link in Message.objects.first().links] == ["confirm"]
        assert audit.history(membership).first().actor_kind == "system"

    def test_the_personal_link_is_sent_when_the_address_is_proved_after_that(self, stripe):
        membership = applied(make_network(), method="card")
        stripe.pay(opened_page(membership).session_id)
        paying.ask_stripe(membership)
        confirmation.confirm(membership.pk, accepted_net=0)
        assert notices().count("welcome") == 1
        links = Message.objects.filter(template="new_link").get().links
        assert [link["purpose"] for link in links] == ["membership"]

    def test_asking_stripe_again_activates_nothing_twice(self, stripe):
        membership = applied(make_network(), method="card")
        payment = opened_page(membership)
        stripe.pay(payment.session_id)
        for _turn in range(3):
            checkout.sync_payment(payment.pk)
        assert notices() == ["payment_begun", "welcome"]

    def test_with_less_than_half_an_hour_left_the_deadline_moves_to_the_pages_end(self, stripe):
        membership = applied(make_network(), method="card")
        soon = timezone.now() + timedelta(minutes=5)
        Membership.objects.filter(pk=membership.pk).update(deadline=soon)
        payment = opened_page(membership)
        membership.refresh_from_db()
        assert membership.deadline == payment.expires_at > soon + timedelta(minutes=24)

    def test_with_more_left_the_page_ends_at_the_deadline(self, stripe):
        membership = applied(make_network(), method="card")
        payment = opened_page(membership)
        stored = Membership.objects.get(pk=membership.pk)
        assert stored.deadline == membership.deadline
        assert abs(payment.expires_at - membership.deadline) < timedelta(seconds=1)

    def test_without_stripe_the_sign_up_is_kept_and_can_be_taken_up(self, settings):
        membership = applied(make_network(), method="card")
        with pytest.raises(PaymentUnavailable):
            paying.begin_payment(membership.pk, return_url=RETURN)
        assert state_of(membership) == Status.AWAITING_PAYMENT

    @pytest.mark.parametrize("status", ["active", "expired", "waitlisted"])
    def test_nothing_is_to_be_paid_in_another_state(self, status):
        with pytest.raises(NotPossible):
            paying.begin_payment(MembershipFactory(status=status).pk, return_url=RETURN)


class TestTheDeadline:
    def lapse(self, membership) -> None:
        Membership.objects.filter(pk=membership.pk).update(
            deadline=timezone.now() - timedelta(seconds=1)
        )
        jobs.let_time_pass()

    def test_the_payment_page_is_closed_before_the_place_is_released(self, stripe):
        membership = applied(make_network(), method="card")
        payment = opened_page(membership)
        self.lapse(membership)
        payment.refresh_from_db()
        assert (payment.state, state_of(membership)) == (PaymentState.EXPIRED, Status.EXPIRED)
        session = stripe.objects("checkout.session", id=payment.session_id)[0]
        assert session["status"] == "expired"

    def test_paid_in_that_moment_it_is_active_instead(self, stripe):
        membership = applied(make_network(), method="card")
        stripe.pay(opened_page(membership).session_id)
        self.lapse(membership)
        assert state_of(membership) == Status.ACTIVE
        assert charge_of(membership).state == ChargeState.PAID

    def test_a_payment_that_is_being_processed_suspends_it(self, stripe):
        membership = applied(make_network(), method="card")
        payment = opened_page(membership)
        stripe.pay_async(payment.session_id)
        self.lapse(membership)
        assert state_of(membership) == Status.AWAITING_PAYMENT
        stripe.settle(payment.session_id, "failed")
        checkout.sync_payment(payment.pk)
        jobs.let_time_pass()
        assert state_of(membership) == Status.EXPIRED

    def test_while_stripe_does_not_answer_the_place_is_kept(self, stripe, settings):
        membership = applied(make_network(), method="card")
        opened_page(membership)
        other = MembershipFactory(status="offered", deadline=timezone.now() - timedelta(minutes=1))
        settings.STRIPE_API_BASE = "http://127.0.0.1:1"
        self.lapse(membership)
        assert state_of(membership) == Status.AWAITING_PAYMENT
        assert state_of(other) == Status.EXPIRED

    def test_withdrawing_closes_the_page_too(self, stripe):
        membership = applied(make_network(), method="card")
        payment = opened_page(membership)
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        payment.refresh_from_db()
        assert payment.state == PaymentState.EXPIRED

    def test_withdrawn_when_it_was_paid_already_it_says_so_and_is_active(self, stripe):
        membership = applied(make_network(), method="card")
        stripe.pay(opened_page(membership).session_id)
        with pytest.raises(NotPossible):
            lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        assert state_of(membership) == Status.ACTIVE


class TestLateMoney:
    def test_it_is_recorded_displaces_nobody_and_the_payer_is_told(self):
        network = make_network(capacity=1)
        membership = applied(network, method="card")
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        taker = confirmed(network)
        charge = Charge.objects.select_for_update().get(reference=audit.reference(membership))
        charging.mark_paid(charge)
        assert (state_of(membership), state_of(taker)) == (Status.WITHDRAWN, Status.ACTIVE)
        assert audit.history(membership).first().action == "charge.paid_too_late"
        message = Message.objects.get(template="paid_too_late")
        assert message.to_email == membership.contact.email

    def test_a_bill_paid_after_the_membership_has_ended_is_in_order(self):
        membership = confirmed(make_network())
        lifecycle.cancel(membership.pk, actor=audit.SYSTEM, ends_on=timezone.localdate())
        with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
            jobs.let_time_pass()
            assert state_of(membership) == Status.ENDED
            bank.settle_outside_stripe(charge_of(membership))
        assert charge_of(membership).state == ChargeState.PAID
        assert "paid_too_late" not in notices()

    def test_a_bill_paid_changes_no_state(self):
        membership = confirmed(make_network())
        bank.settle_outside_stripe(charge_of(membership))
        assert state_of(membership) == Status.ACTIVE
        assert audit.history(membership).first().action == "charge.paid"

    def test_charges_of_anything_else_are_none_of_ours(self):
        charge = charging.create_charge(
            key="other",
            reference="elsewhere.thing:1",
            scope="x",
            scope_label="x",
            description="x",
            method="invoice",
            lines=[charging.Line("x", 1, 100, 2500)],
            buyer=BUYER,
        )
        bank.settle_outside_stripe(charge)
        actions = audit.AuditEntry.objects.values_list("action", flat=True)
        assert list(actions) == ["transfer.matched"]


class TestChangingToEInvoice:
    def test_it_is_active_on_acceptance_with_the_buyers_details(self, stripe):
        membership = applied(make_network(), method="card", buyer={})
        payment = opened_page(membership)
        with pytest.raises(NotPossible):
            paying.change_to_invoice(membership.pk, buyer=BUYER, actor=audit.VISITOR)
        confirmation.confirm(membership.pk, accepted_net=LADDER[3])
        paying.change_to_invoice(membership.pk, buyer=BUYER, actor=audit.VISITOR)
        membership.refresh_from_db()
        charge = charge_of(membership)
        assert (membership.state, membership.method) == (Status.ACTIVE, "invoice")
        assert (charge.method, charge.state) == ("invoice", ChargeState.OPEN)
        assert charge.buyer_gln == BUYER["buyer_gln"]
        payment.refresh_from_db()
        assert payment.state == PaymentState.EXPIRED

    def test_not_when_it_was_paid_meanwhile(self, stripe):
        membership = applied(make_network(), method="card")
        stripe.pay(opened_page(membership).session_id)
        with pytest.raises(NotPossible):
            paying.change_to_invoice(membership.pk, buyer=BUYER, actor=audit.VISITOR)
        assert charge_of(membership).method == "card"

    def test_not_when_the_place_is_gone(self):
        membership = applied(make_network(), method="card")
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        with pytest.raises(NotPossible):
            paying.change_to_invoice(membership.pk, buyer=BUYER, actor=audit.VISITOR)

"""What administrators decide, how a membership is left, and what the clock ends."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.links import Link
from cms.messages.models import Message
from networks import jobs
from networks.models import Membership
from networks.rules.states import FINAL, Status, TransitionNotAllowed
from networks.services import lifecycle
from networks.services.errors import NotPossible
from payments.models import Charge, ChargeState, Refund
from payments.services import charging
from tests.factories.networks import (
    LADDER,
    MembershipFactory,
    MunicipalityFactory,
    make_network,
    make_user,
    season,
)
from tests.factories.signups import applied, apply, confirmed, elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return audit.Actor.by(make_user(superuser=True))


def charge_of(membership) -> Charge:
    return Charge.objects.get(reference=audit.reference(membership))


def coming_season(**facts):
    """Begins in 60 days."""
    begins = timezone.localdate() + timedelta(days=60)
    return season(starts_on=begins, ends_on=begins + timedelta(days=364), **facts)


class TestApproval:
    def test_approved_it_is_active_and_the_history_says_by_whom_and_why(self, administrator):
        membership = confirmed(make_network(), **elsewhere())
        membership = lifecycle.approve(membership.pk, actor=administrator, reason="Kendt")
        assert membership.state == Status.ACTIVE
        entries = audit.history(membership).filter(user=administrator.user)
        assert {entry.reason for entry in entries} == {"Kendt"}
        assert {"membership.approved", "membership.active"} <= {row.action for row in entries}

    def test_only_after_the_confirmation(self, administrator):
        membership = applied(make_network(capacity=0), **elsewhere())
        with pytest.raises(NotPossible):
            lifecycle.approve(membership.pk, actor=administrator)

    def test_a_remembered_domain_needs_no_approval_any_more(self, administrator):
        network, municipality = make_network(), MunicipalityFactory()
        membership = confirmed(network, municipality, **elsewhere("leder@museet.example"))
        lifecycle.approve(membership.pk, actor=administrator, remember_domain=True)
        municipality.refresh_from_db()
        assert "museet.example" in municipality.domains
        again = applied(make_network(), municipality, **elsewhere("vagt@museet.example"))
        assert not again.needs_approval
        assert audit.history(municipality).get().user == administrator.user

    def test_rejected_the_applicant_is_told_and_the_place_is_free(self, administrator, run_jobs):
        network = make_network(capacity=1)
        membership = confirmed(network, **elsewhere())
        waiting = confirmed(network)
        lifecycle.reject(
            membership.pk, actor=administrator, reason="Ikke kommunal", text="I er et firma."
        )
        run_jobs()
        membership.refresh_from_db()
        waiting.refresh_from_db()
        assert (membership.state, waiting.state) == (Status.REJECTED, Status.OFFERED)
        assert "I er et firma." in Message.objects.get(template="rejected").body
        assert audit.history(membership).first().reason == "Ikke kommunal"

    def test_nothing_else_can_be_rejected(self, administrator):
        network = make_network()
        for status in set(Status) - {Status.PENDING_APPROVAL}:
            membership = MembershipFactory(network=network, status=status)
            with pytest.raises(TransitionNotAllowed):
                lifecycle.reject(membership.pk, actor=administrator, reason="Fejl")


class TestWithdrawing:
    @pytest.mark.parametrize("status", ["unconfirmed", "pending_approval", "waitlisted", "offered"])
    def test_what_is_not_active_yet_is_taken_back_and_its_links_die(self, status):
        membership = MembershipFactory(status=status)
        membership = lifecycle.withdraw(membership.pk, actor=audit.VISITOR, reason="Fortrudt")
        assert membership.state == Status.WITHDRAWN
        assert membership.closed_at is not None
        entry = audit.history(membership).get()
        assert (entry.reason, entry.data) == ("Fortrudt", {"before": status})

    def test_the_charge_of_an_unpaid_place_is_credited(self):
        membership = applied(make_network(), method="card")
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        assert charge_of(membership).state == ChargeState.CREDITED
        assert not Refund.objects.exists()

    def test_links_in_mails_sent_before_do_not_work_after(self, run_jobs):
        membership = applied(make_network())
        run_jobs()
        assert Link.objects.get(revoked_at=None).purpose == "confirm"
        lifecycle.withdraw(membership.pk, actor=audit.VISITOR)
        assert not Link.objects.filter(revoked_at=None).exists()

    def test_an_active_or_closed_one_can_not_be_withdrawn(self):
        network = make_network()
        for status in (Status.ACTIVE, *FINAL):
            membership = MembershipFactory(network=network, status=status)
            with pytest.raises(TransitionNotAllowed):
                lifecycle.withdraw(membership.pk, actor=audit.VISITOR)


class TestCancelling:
    def test_in_the_running_season_it_ends_with_the_season_and_the_charge_stands(self):
        network = make_network()
        membership = confirmed(network)
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR, reason="Nye opgaver")
        assert membership.state == Status.ACTIVE
        assert membership.ends_on == network.seasons.get().ends_on
        assert charge_of(membership).state == ChargeState.OPEN
        entry = audit.history(membership).first()
        assert (entry.action, entry.actor_kind) == ("membership.cancelled", "visitor")
        assert entry.reason == "Nye opgaver"
        assert Message.objects.get(template="cancelled").to_email == membership.contact.email

    def test_twice_does_nothing_twice_and_leaves_the_administrators_date(self, administrator):
        membership = confirmed(make_network())
        other_day = timezone.localdate() + timedelta(days=10)
        lifecycle.cancel(membership.pk, actor=administrator, reason="Aftalt", ends_on=other_day)
        again = lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        assert again.ends_on == other_day
        assert Message.objects.filter(template="cancelled").count() == 1
        assert audit.history(membership).filter(action="membership.cancelled").count() == 1

    def test_before_the_season_by_the_last_day_it_is_not_owed(self):
        membership = confirmed(make_network(seasons=[coming_season()]))
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        assert membership.state == Status.ENDED
        assert charge_of(membership).state == ChargeState.CREDITED

    @pytest.mark.disorder("Stripe never saw the payment")
    def test_what_was_paid_for_it_is_sent_back(self, run_jobs, stripe):
        membership = confirmed(make_network(seasons=[coming_season()]), method="card")
        charge = charge_of(membership)
        payment = charge.payments.create(
            amount=charge.gross,
            state="succeeded",
            session_id="cs_1",
            payment_intent_id="pi_1",
            expires_at=timezone.now(),
            paid_at=timezone.now(),
        )
        charging.mark_paid(Charge.objects.select_for_update().get(pk=charge.pk))
        lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        refund = Refund.objects.get()
        assert (refund.payment, refund.amount) == (payment, 875_000)

    @pytest.mark.parametrize("last_day", [0, -1])
    def test_the_last_day_to_cancel_counts_and_after_it_the_season_is_owed(self, last_day):
        coming = coming_season(last_cancellation_on=timezone.localdate() + timedelta(days=last_day))
        membership = confirmed(make_network(seasons=[coming]))
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        owed = last_day < 0
        assert charge_of(membership).state == (ChargeState.OPEN if owed else ChargeState.CREDITED)
        assert membership.ends_on == (coming.ends_on if owed else timezone.localdate())

    def test_a_season_that_has_begun_is_owed_whatever_the_last_day_to_cancel(self):
        running = season(last_cancellation_on=timezone.localdate() + timedelta(days=5))
        membership = confirmed(make_network(seasons=[running]))
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        assert charge_of(membership).state == ChargeState.OPEN
        assert membership.ends_on == running.ends_on

    def test_in_a_free_network_at_once(self):
        membership = confirmed(make_network(free_of_charge=True))
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR)
        assert (membership.state, membership.ends_on) == (Status.ENDED, timezone.localdate())

    def test_in_a_free_network_on_a_chosen_date(self):
        membership = confirmed(make_network(free_of_charge=True))
        chosen = timezone.localdate() + timedelta(days=14)
        membership = lifecycle.cancel(membership.pk, actor=audit.VISITOR, ends_on=chosen)
        assert (membership.state, membership.ends_on) == (Status.ACTIVE, chosen)

    def test_an_administrator_may_set_another_date_and_credit(self, administrator):
        membership = confirmed(make_network())
        chosen = timezone.localdate() + timedelta(days=14)
        membership = lifecycle.cancel(
            membership.pk, actor=administrator, reason="Sammenlægning", ends_on=chosen, credit=True
        )
        assert (membership.state, membership.ends_on) == (Status.ACTIVE, chosen)
        charge = charge_of(membership)
        assert charge.state == ChargeState.CREDITED
        assert charge.credits.get().reason == "Sammenlægning"

    def test_not_on_a_day_that_is_over(self, administrator):
        membership = confirmed(make_network())
        yesterday = timezone.localdate() - timedelta(days=1)
        with pytest.raises(NotPossible):
            lifecycle.cancel(membership.pk, actor=administrator, ends_on=yesterday)

    def test_only_what_is_active_can_be_cancelled(self):
        network = make_network()
        for status in set(Status) - {Status.ACTIVE}:
            membership = MembershipFactory(network=network, status=status)
            with pytest.raises(TransitionNotAllowed):
                lifecycle.cancel(membership.pk, actor=audit.VISITOR)


class TestTheClock:
    def test_it_ends_when_its_last_day_is_over_and_not_before(self):
        membership = MembershipFactory(
            cancelled_at=timezone.now(), ends_on=date(2027, 3, 31), municipality__name="A"
        )
        # The day is the local one: half past eleven at night UTC is the next day in Denmark.
        for moment, expected in (
            ("2027-03-31 21:59+00:00", Status.ACTIVE),
            ("2027-03-31 22:01+00:00", Status.ENDED),
        ):
            with time_machine.travel(moment, tick=False):
                jobs.let_time_pass()
            membership.refresh_from_db()
            assert membership.state == expected

    def test_a_missed_day_is_caught_up(self):
        membership = MembershipFactory(cancelled_at=timezone.now(), ends_on=date(2026, 1, 1))
        jobs.let_time_pass()
        membership.refresh_from_db()
        assert membership.state == Status.ENDED
        assert audit.history(membership).get().actor_kind == "system"

    def test_an_unused_confirmation_lapses_without_a_word(self):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            membership = applied(make_network())
            clock.shift(timedelta(days=7, seconds=1))
            jobs.let_time_pass()
            membership.refresh_from_db()
            assert membership.state == Status.EXPIRED
            assert [message.template for message in Message.objects.all()] == ["confirm_address"]

    def test_an_unpaid_place_lapses_with_its_hour_and_its_charge_is_credited(self, run_jobs):
        network = make_network(capacity=1)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            membership, waiting = applied(network, method="card"), confirmed(network)
            clock.shift(timedelta(minutes=60))
            jobs.let_time_pass()
            membership.refresh_from_db()
            assert membership.state == Status.AWAITING_PAYMENT
            clock.shift(timedelta(seconds=1))
            jobs.let_time_pass()
            run_jobs("networks.fill_places")
        membership.refresh_from_db()
        waiting.refresh_from_db()
        assert (membership.state, waiting.state) == (Status.EXPIRED, Status.OFFERED)
        assert charge_of(membership).state == ChargeState.CREDITED
        assert apply(network, membership.municipality).membership.pk != membership.pk

    def test_an_unpaid_invoice_never_frees_the_place(self):
        membership = confirmed(make_network())
        with time_machine.travel(timezone.now() + timedelta(days=200), tick=False):
            jobs.let_time_pass()
        membership.refresh_from_db()
        assert membership.state == Status.ACTIVE

    def test_twice_is_once(self):
        MembershipFactory(status="offered", deadline=timezone.now() - timedelta(days=40))
        jobs.let_time_pass()
        entries = audit.AuditEntry.objects.count()
        jobs.let_time_pass()
        assert audit.AuditEntry.objects.count() == entries
        assert Membership.objects.get().state == Status.EXPIRED


def test_the_price_of_the_ladder_is_the_one_charged():
    assert charge_of(confirmed(make_network())).net == LADDER[3] == 700_000

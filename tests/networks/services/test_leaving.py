"""Leaving over the years, and undoing it: which seasons are owed, credited, charged anew."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from cms import audit
from cms.audit import VISITOR
from cms.messages.models import Message
from networks.models import SeasonEntry
from networks.rules.states import Status
from networks.services import lifecycle
from networks.services.errors import NotPossible
from payments.models import Charge, ChargeState, Refund
from payments.services import charging, crediting
from tests.factories.networks import (
    MembershipFactory,
    ParticipantFactory,
    PersonFactory,
    make_network,
    make_user,
    on_day,
)
from tests.factories.signups import confirmed
from tests.networks.services.test_renewal import (
    ANNOUNCED,
    BEGINS,
    CHARGED,
    DAY,
    ENDS,
    announce_and_charge,
    member,
    next_season,
    run_on,
    two_years,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return audit.Actor.by(make_user(superuser=True))


def cancel(membership, day: date, **options: object):
    with time_machine.travel(on_day(day), tick=False):
        return lifecycle.cancel(membership.pk, **{"actor": VISITOR, **options})


def undo(membership, day: date, actor=VISITOR, **options: object):
    with time_machine.travel(on_day(day), tick=False):
        return lifecycle.undo_cancellation(membership.pk, actor=actor, **options).membership


def entry_of(membership) -> SeasonEntry:
    return SeasonEntry.objects.get(membership=membership, season__name="2027")


@pytest.fixture
def charged():
    """A membership of 2026 that has entered 2027 and is charged for it."""
    network = two_years()
    membership = member(network)
    announce_and_charge(network)
    return membership


class TestAnEnteredSeason:
    def test_cancelled_by_the_last_day_it_is_credited_and_left(self, charged):
        membership = cancel(charged, BEGINS - DAY)
        assert (membership.state, membership.ends_on) == (Status.ACTIVE, BEGINS - DAY)
        assert Charge.objects.get().state == ChargeState.CREDITED
        assert entry_of(charged).entered_at is None
        assert "krediterer" in Message.objects.get(template="cancelled").body

    def test_once_it_has_begun_it_is_owed(self, charged):
        membership = cancel(charged, BEGINS)
        assert membership.ends_on == ENDS
        assert Charge.objects.get().state == ChargeState.OPEN
        assert entry_of(charged).entered_at is not None

    def test_the_consequences_are_told_before(self, charged):
        for day, last, credited in ((CHARGED, BEGINS - DAY, True), (BEGINS, ENDS, False)):
            with time_machine.travel(on_day(day), tick=False):
                assert lifecycle.cancellation_date(charged) == last
                assert lifecycle.is_credited(charged) is credited

    @pytest.mark.disorder("Stripe never saw the payment")
    def test_what_was_paid_is_sent_back(self, charged, stripe):
        charge = Charge.objects.get()
        charge.payments.create(
            amount=charge.gross,
            state="succeeded",
            session_id="cs_1",
            payment_intent_id="pi_1",
            expires_at=timezone.now(),
            paid_at=timezone.now(),
        )
        charging.mark_paid(Charge.objects.select_for_update().get())
        cancel(charged, CHARGED)
        assert Refund.objects.get().amount == charge.gross

    def test_the_running_seasons_charge_stands(self):
        network = two_years()
        with time_machine.travel(on_day(date(2026, 1, 10)), tick=False):
            membership = confirmed(network)
        announce_and_charge(network)
        cancel(membership, CHARGED)
        states = Charge.objects.values_list("period_end__year", "state").order_by("period_end")
        assert list(states) == [(2026, ChargeState.OPEN), (2027, ChargeState.CREDITED)]

    def test_seats_after_the_last_day_are_given_back(self):
        network = two_years()
        participant = ParticipantFactory(membership=member(network))
        announce_and_charge(network)
        cancel(participant.membership, CHARGED)
        coming = participant.seats.current().filter(meeting__season=next_season(network))
        assert not coming.exists()

    def test_an_administrator_may_credit_what_is_owed_and_no_earlier_year(
        self, charged, administrator
    ):
        earlier = charging.create_charge(
            key=f"membership:{charged.pk}:season:{charged.first_season_id}:1",
            reference=audit.reference(charged),
            scope="network:1",
            scope_label="",
            description="2026",
            method="invoice",
            lines=[charging.Line("2026", 1, 700_000, 2_500)],
            buyer={},
        )
        cancel(charged, BEGINS, actor=administrator, credit=True, reason="Aftalt")
        earlier.refresh_from_db()
        assert earlier.state == ChargeState.OPEN
        assert Charge.objects.exclude(pk=earlier.pk).get().state == ChargeState.CREDITED
        assert entry_of(charged).entered_at is not None

    def test_only_announced_and_the_notice_over_it_is_owed_and_still_charged(self):
        network = two_years(last_cancellation_on=date(2026, 11, 20))
        membership = member(network)
        run_on(date(2026, 10, 21), network)  # announced
        membership = cancel(membership, date(2026, 11, 25))
        assert membership.ends_on == ENDS
        assert run_on(CHARGED, network).charged == 1

    def test_credited_and_to_last_into_the_season_after_all_it_is_charged_again(
        self, charged, administrator
    ):
        cancel(charged, BEGINS - DAY)
        cancel(charged, BEGINS - DAY, actor=administrator, reason="Fejl", ends_on=ENDS)
        for day in (BEGINS, BEGINS + DAY):
            run_on(day, charged.network)
        entry = entry_of(charged)
        assert entry.entered_at is not None
        former, charge = Charge.objects.order_by("created_at")
        assert (former.state, charge.state) == (ChargeState.CREDITED, ChargeState.OPEN)
        assert (charge.key, charge.net) == (entry.charge_key, entry.price_net)


class TestTheLeaversWords:
    def test_they_are_kept_on_the_membership_and_not_in_the_history(self):
        membership = confirmed(make_network())
        membership = lifecycle.cancel(
            membership.pk, actor=VISITOR, leaving_reason="Anders er rejst. " + "x" * 600
        )
        assert membership.leaving_reason.startswith("Anders er rejst.")
        assert len(membership.leaving_reason) == 500
        entry = audit.history(membership).first()
        assert "Anders" not in f"{entry.reason} {entry.data}"

    def test_undone_they_are_forgotten(self):
        membership = confirmed(make_network())
        lifecycle.cancel(membership.pk, actor=VISITOR, leaving_reason="Nye opgaver")
        assert undo(membership, timezone.localdate()).leaving_reason == ""


class TestTheVisitorsDay:
    def test_chosen_in_a_free_network(self):
        membership = confirmed(make_network(free_of_charge=True))
        day = timezone.localdate() + timedelta(days=40)
        assert lifecycle.cancel(membership.pk, actor=VISITOR, ends_on=day).ends_on == day

    def test_and_in_no_other(self):
        membership = confirmed(make_network())
        day = timezone.localdate() + timedelta(days=40)
        with pytest.raises(NotPossible):
            lifecycle.cancel(membership.pk, actor=VISITOR, ends_on=day)
        membership.refresh_from_db()
        assert membership.cancelled_at is None


class TestUndoing:
    def test_it_goes_on_and_both_contacts_are_told(self, administrator):
        membership = confirmed(make_network())
        bookkeeper = PersonFactory()
        type(membership).objects.filter(pk=membership.pk).update(invoice_contact=bookkeeper)
        lifecycle.cancel(membership.pk, actor=VISITOR)
        membership, _lost = lifecycle.undo_cancellation(
            membership.pk, actor=administrator, reason="Fortrudt"
        )
        assert (membership.state, membership.ends_on) == (Status.ACTIVE, None)
        assert membership.cancelled_at is None
        entry = audit.history(membership).get(action="membership.cancellation_undone")
        assert (entry.reason, entry.user) == ("Fortrudt", administrator.user)
        told = Message.objects.filter(template="cancellation_undone")
        assert set(told.values_list("to_email", flat=True)) == {
            membership.contact.email,
            bookkeeper.email,
        }
        assert Charge.objects.get().state == ChargeState.OPEN

    def test_what_was_credited_is_charged_again_each_time_under_a_new_key(self, charged):
        first = Charge.objects.get()
        for revision in (2, 3):
            cancel(charged, CHARGED)
            undo(charged, CHARGED)
            again = Charge.objects.get(state=ChargeState.OPEN)
            assert again.key == f"{first.key.removesuffix(':1')}:{revision}"
            assert (again.net, again.gross) == (first.net, first.gross)
            assert (again.period_start, again.period_end) == (BEGINS, ENDS)
            assert again.lines.get().description == first.lines.get().description
            assert entry_of(charged).charge_key == again.key
            assert entry_of(charged).entered_at is not None
        assert run_on(CHARGED, charged.network).charged == 0
        assert Charge.objects.filter(state=ChargeState.OPEN).count() == 1

    def test_what_an_administrator_credited_of_the_running_season_is_charged_again(
        self, charged, administrator
    ):
        cancel(charged, BEGINS, actor=administrator, credit=True, reason="Aftalt")
        undo(charged, BEGINS)
        assert Charge.objects.get(state=ChargeState.OPEN).net == 700_000

    def test_what_had_been_credited_before_is_not(self, charged):
        charge = Charge.objects.get()
        crediting.credit_part(charge, net=200_000, key="compensation", reason="Aflyst møde")
        cancel(charged, CHARGED)
        undo(charged, CHARGED)
        assert Charge.objects.get(state=ChargeState.OPEN).net == 500_000

    def test_what_finance_credited_stays_credited(self, charged):
        crediting.credit_charge(Charge.objects.get(), key="finance", reason="Fejl")
        cancel(charged, CHARGED)
        undo(charged, CHARGED)
        assert not Charge.objects.filter(state=ChargeState.OPEN).exists()
        assert entry_of(charged).entered_at is not None

    def test_card_members_get_a_link_to_pay(self):
        network = two_years()
        membership = member(network, method="card")
        announce_and_charge(network)
        cancel(membership, CHARGED)
        undo(membership, CHARGED)
        message = Message.objects.get(template="cancellation_undone")
        assert {link["name"] for link in message.links} == {"membership", "pay"}

    def test_a_season_that_was_only_announced_is_charged_when_it_is_due(self):
        network = two_years()
        membership = member(network)
        run_on(ANNOUNCED, network)
        cancel(membership, ANNOUNCED + DAY)
        assert run_on(CHARGED, network).charged == 0
        undo(membership, CHARGED)
        assert not Charge.objects.exists()
        assert run_on(CHARGED, network).charged == 1

    def test_seats_are_taken_again(self):
        network = two_years()
        participant = ParticipantFactory(membership=member(network))
        announce_and_charge(network)
        cancel(participant.membership, CHARGED)
        undo(participant.membership, CHARGED)
        coming = participant.seats.current().filter(meeting__season=next_season(network))
        assert coming.count() == 3

    def test_until_the_last_day_is_over(self, charged):
        cancel(charged, CHARGED)
        with pytest.raises(NotPossible):
            undo(charged, BEGINS)
        assert undo(charged, BEGINS - DAY).cancelled_at is None

    def test_not_what_was_not_cancelled_or_has_ended(self):
        for facts in ({}, {"status": "ended"}, {"status": "waitlisted"}):
            membership = MembershipFactory(**facts)
            with pytest.raises(NotPossible):
                lifecycle.undo_cancellation(membership.pk, actor=VISITOR)

"""What neither the webhook nor the buyer told is found all the same."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import Site

from cms.messages.models import Message
from payments import jobs
from payments.models import (
    ChargeState,
    EventCursor,
    Payment,
    PaymentSettings,
    PaymentState,
    RefundState,
    StripeEvent,
)
from payments.services import crediting, reconciliation
from payments.services.checkout import sync_payment
from payments.services.refunds import request_refund
from tests.factories.payments import ChargeFactory, PaymentFactory
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)


def age(payment: Payment, minutes: int = 5) -> None:
    earlier = timezone.now() - timedelta(minutes=minutes)
    Payment.objects.filter(pk=payment.pk).update(created_at=earlier)


def test_webhook_and_return_both_lost_it_is_found(delivering, start) -> None:
    delivering.knobs.drop = ["*"]
    charge = ChargeFactory()
    payment = start(charge)
    delivering.pay(payment.session_id)
    age(payment)
    (change,) = reconciliation.reconcile_open_payments().changes
    assert (change.payment_id, change.before, change.after) == (payment.pk, "open", "succeeded")
    assert recorder.told(charge) == ["paid"]
    assert not reconciliation.reconcile_open_payments().changes


def test_by_the_clock_each_payment_has_a_job_of_its_own(stripe, start, run_jobs) -> None:
    charges = [ChargeFactory(), ChargeFactory()]
    for charge in charges:
        payment = start(charge)
        stripe.pay(payment.session_id)
        age(payment)
    for _time in range(2):
        reconciliation.enqueue_due_payments()
    assert run_jobs().count("payments.sync_payment") == 2
    assert [recorder.told(charge) for charge in charges] == [["paid"], ["paid"]]


def test_a_buyer_still_at_the_payment_page_is_left_alone(stripe, start) -> None:
    start(ChargeFactory())
    assert not reconciliation.due_payments().exists()


def test_one_that_ended_just_now_is_looked_at_again(stripe, start) -> None:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    Payment.objects.update(
        state=PaymentState.EXPIRED, expires_at=timezone.now() - timedelta(minutes=2)
    )
    reconciliation.reconcile_open_payments()
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED


def test_one_that_stripe_does_not_answer_for_holds_up_no_other(stripe, start) -> None:
    payments = [start(ChargeFactory()) for _number in range(2)]
    for payment in payments:
        stripe.pay(payment.session_id)
        age(payment)
    stripe.fail_next("429")
    findings = reconciliation.reconcile_open_payments()
    assert (len(findings.unanswered), len(findings.changes)) == (1, 1)


def test_what_the_webhook_missed_for_days_is_caught_up(stripe, start, run_jobs) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    stripe.refund_in_dashboard(payment.session_id, 5_000)
    foreign = {"id": "cs_test_foreign", "object": "checkout.session"}
    stripe.emit("checkout.session.completed", foreign)
    assert reconciliation.catch_up_events() == [payment]
    run_jobs()
    assert recorder.told(charge) == ["paid", "partly_credited"]
    assert payment.refunds.get().amount == 5_000
    # A refund's event names only the payment intent, which is known by now.
    assert reconciliation.catch_up_events() == [payment]
    assert StripeEvent.objects.count() == 3
    assert reconciliation.catch_up_events() == []


def test_finance_is_told_once_that_stripe_is_silent(stripe) -> None:
    PaymentSettings.objects.update_or_create(
        site=Site.objects.get(), defaults={"alert_email": "finans@example.org"}
    )
    jobs.catch_up_events()
    assert not Message.objects.exists()
    EventCursor.objects.update(answered_at=timezone.now() - timedelta(hours=7))
    stripe.fail_next("500", count=20)
    jobs.catch_up_events()
    jobs.catch_up_events()
    assert Message.objects.get().to_email == "finans@example.org"


def test_a_payment_that_does_not_know_its_session_is_caught_up(stripe, start, run_jobs) -> None:
    charge = ChargeFactory()
    stripe.pay(start(charge).session_id)
    Payment.objects.update(session_id=None, session_url="", state=PaymentState.CREATED)
    reconciliation.catch_up_events()
    run_jobs()
    assert recorder.told(charge) == ["paid"]


def test_events_are_read_again_with_an_overlap(stripe, start, run_jobs) -> None:
    for _number in range(2):
        stripe.pay(start(ChargeFactory()).session_id)
    reconciliation.catch_up_events()
    StripeEvent.objects.earliest("pk").delete()
    assert len(reconciliation.catch_up_events()) == 1


@pytest.mark.disorder("a refund without the credit it belongs to")
def test_a_refund_that_lost_its_job_gets_another(stripe, start, run_jobs) -> None:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    refund = request_refund(sync_payment(payment.pk), amount=100, reason="Rettelse", key="k")
    jobs_lost = timezone.now() - timedelta(days=1)
    payment.refunds.update(created_at=jobs_lost)
    run_jobs()
    payment.refunds.update(state=RefundState.CREATED, stripe_id=None)
    reconciliation.resend_overdue_refunds()
    assert "payments.refund" in run_jobs()
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED
    assert len(stripe.objects("refund")) == 1


def test_the_command_says_what_it_found(stripe, start) -> None:
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    age(payment)
    output = StringIO()
    call_command("reconcile_payments", stdout=output)
    assert f"payment {payment.pk}: open -> succeeded" in output.getvalue()
    assert Payment.objects.get().charge.state == ChargeState.PAID


def test_the_command_fails_while_a_difference_remains(stripe, start) -> None:
    payment = start(ChargeFactory())
    stripe.override(payment.session_id, amount_total=1)
    stripe.pay(payment.session_id)
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile_payments", stdout=output)
    assert "needs review" in output.getvalue()


def test_the_command_fails_when_stripe_does_not_answer(stripe) -> None:
    stripe.fail_next("429")
    with pytest.raises(CommandError):
        call_command("reconcile_payments", stdout=StringIO())


def test_the_periodic_job_survives_stripes_silence(stripe) -> None:
    stripe.fail_next("429")
    jobs.catch_up_events()
    jobs.reconcile()


def test_an_attempt_never_sent_ends_with_its_time(stripe) -> None:
    payment = PaymentFactory(expires_at=timezone.now() - timedelta(minutes=1))
    age(payment)
    reconciliation.reconcile_open_payments()
    payment.refresh_from_db()
    assert payment.state == PaymentState.EXPIRED


@pytest.mark.disorder("money that is not owed, to be told")
def test_money_that_was_to_go_back_and_has_not_is_reported(stripe, start, run_jobs) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    stripe.pay(payment.session_id)
    sync_payment(payment.pk)
    assert reconciliation.remaining_differences() == []
    crediting.credit_charge(charge, key="c", reason="Udmeldt")
    run_jobs()
    assert reconciliation.remaining_differences() == []
    stripe.fail_refund(payment.refunds.get().stripe_id)
    sync_payment(payment.pk)
    (line,) = reconciliation.remaining_differences()
    assert str(payment.pk) in line

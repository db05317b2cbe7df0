"""Stripe that doesn't answer, money that comes twice or too late, refunds and disputes."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from cms import audit
from cms.messages.models import Message, MessageState
from networks import jobs as membership_jobs
from networks.models import Membership
from networks.services import confirmation, paying
from payments import jobs
from payments.models import Charge, ChargeState, Invoice, Payment, PaymentState, RefundState
from payments.services import crediting, refunds
from tests.factories.networks import BUYER, LADDER, make_network
from tests.factories.sellers import make_seller
from tests.factories.signups import confirmed
from tests.faults.purchases import ACTIVE, WAITING, Outcome

pytestmark = pytest.mark.django_db


# Stripe doesn't answer ----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["429", "503", "timeout", "reply_lost"])
def test_at_creation_the_sign_up_is_kept_and_trying_again_uses_the_same_key(
    purchase, settings, fault
):
    settings.STRIPE_TIMEOUTS = (0.2, 0.2)
    purchase.stripe.fail_next(fault, 2, method="POST", seconds=1)
    page = purchase.press_pay()
    assert page.status_code == 200
    assert page.context["unavailable"]
    assert purchase.outcome() == WAITING
    settings.STRIPE_TIMEOUTS = (2.0, 2.0)
    purchase.stripe.knobs.reset()
    session_id = purchase.open_page()
    asked = [row for row in purchase.stripe.requests if row.path == "/v1/checkout/sessions"]
    assert {row.idempotency_key for row in asked} == {str(purchase.payment().pk)}
    assert len(purchase.stripe.objects("checkout.session")) == 1
    purchase.stripe.pay(session_id)
    purchase.deliver()
    assert purchase.outcome() == ACTIVE


def test_a_failure_that_stripe_keeps_under_the_key_gives_way_to_another_attempt(purchase):
    purchase.stripe.fail_next("500", 2, method="POST")
    assert purchase.press_pay().context["unavailable"]
    purchase.stripe.pay(purchase.open_page())
    purchase.deliver()
    assert purchase.outcome() == ACTIVE


def test_with_the_key_revoked_sign_up_and_invoices_work_and_no_page_is_promised(purchase, network):
    make_seller(alert_email="oekonomi@forening.example")
    purchase.stripe.knobs.key_revoked = True
    assert purchase.press_pay().context["unavailable"]
    assert purchase.outcome() == WAITING
    by_invoice = confirmed(network)
    assert Membership.objects.get(pk=by_invoice.pk).status == "active"
    purchase.run_jobs()
    assert Invoice.objects.filter(charge__reference=audit.reference(by_invoice)).count() == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        for _turn in range(3):
            jobs.catch_up_events()
    assert Message.objects.get(template="finance_alert").to_email == "oekonomi@forening.example"
    confirmation.confirm(purchase.membership.pk, accepted_net=LADDER[3])
    paying.change_to_invoice(purchase.membership.pk, buyer=BUYER, actor=audit.VISITOR)
    assert purchase.outcome().membership == "active"


# Deadlines, and money that comes too late ---------------------------------------------------------


def test_after_the_deadline_nobody_can_pay_since_the_page_was_closed_first(purchase):
    session_id = purchase.open_page()
    with time_machine.travel(purchase.membership.deadline + timedelta(minutes=1), tick=False):
        membership_jobs.let_time_pass()
        assert purchase.stripe.objects("checkout.session", id=session_id)[0]["status"] == "expired"
        assert purchase.outcome() == Outcome("expired", 0, 0, 0, {"expired": 1})
        # The mailed link was good for as long as the place was held.
        assert purchase.press_pay().status_code == 410
        assert len(purchase.stripe.objects("checkout.session")) == 1


@pytest.mark.disorder("Money that is not owed stays until a person decides.")
def test_paid_after_it_was_credited_the_money_is_recorded_and_nobody_is_displaced(
    purchase, network, caplog
):
    purchase.stripe.pay(purchase.open_page())
    crediting.credit_charge(purchase.charge, key="finance", reason="Fejl")
    taker = confirmed(network)
    purchase.deliver()
    found = purchase.outcome()
    assert (found.membership, found.activations) == ("awaiting_payment", 0)
    assert found.mails == {"paid_too_late": 1}
    payment = purchase.payment()
    assert (payment.state, payment.amount) == (PaymentState.SUCCEEDED, purchase.charge.gross)
    assert payment.review_reason
    assert "came after its charge was credited" in caplog.text
    assert Membership.objects.get(pk=taker.pk).status == "active"


# Paid twice -------------------------------------------------------------------------------------


def pay_in_two_tabs(purchase) -> tuple[Payment, Payment]:
    """Two sessions of one charge, both paid: the first was lost from sight."""
    first = purchase.open_page()
    Payment.objects.filter(session_id=first).update(state=PaymentState.EXPIRED)
    second = purchase.open_page()
    purchase.stripe.pay(first)
    purchase.stripe.pay(second)
    return tuple(Payment.objects.get(session_id=key) for key in (first, second))


def test_of_two_attempts_paid_the_second_goes_back_once_and_the_invoice_stands(purchase):
    _first, second = pay_in_two_tabs(purchase)
    purchase.deliver(times=2)
    assert purchase.outcome() == ACTIVE
    purchase.deliver(times=2)
    assert purchase.outcome() == ACTIVE
    (refund,) = purchase.stripe.objects("refund")
    second.refresh_from_db()
    assert second.is_duplicate
    assert refund["payment_intent"] == second.payment_intent_id
    assert second.refunds.get().state == RefundState.SUCCEEDED
    assert not purchase.charge.credits.exists()


@pytest.mark.parametrize("fault", ["reply_lost", "timeout", "503", "429"])
def test_a_reply_to_a_refund_lost_one_refund(purchase, settings, fault):
    settings.STRIPE_TIMEOUTS = (0.3, 0.3)
    _first, second = pay_in_two_tabs(purchase)
    purchase.deliver()
    second.refresh_from_db()
    refund = second.refunds.get()
    purchase.stripe.fail_next(fault, 2, method="POST", path="/v1/refunds", seconds=1)
    with pytest.raises(refunds.gateway.GatewayUnavailable):
        refunds.send_refund(refund.pk)
    purchase.stripe.knobs.reset()
    refunds.send_refund(refund.pk)
    assert purchase.outcome() == ACTIVE
    assert len(purchase.stripe.objects("refund")) == 1


# Refunds in the dashboard -----------------------------------------------------------------------


def test_refunded_in_the_dashboard_in_parts_each_has_its_credit_note(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay(session_id)
    purchase.deliver()
    assert purchase.outcome() == ACTIVE
    gross = purchase.charge.gross
    for amount in (1, 333_333, None):
        purchase.stripe.refund_in_dashboard(session_id, amount)
        purchase.deliver(times=2)
    # Nobody is removed by a machine: whether the membership goes on, a person decides.
    assert purchase.outcome() == replace(ACTIVE, credit_notes=3)
    charge = purchase.charge
    assert charge.state == ChargeState.CREDITED
    notes = Invoice.objects.filter(charge=charge, kind="credit_note").order_by("sequence")
    parts = [(note.net, note.vat) for note in notes]
    assert [net + vat for net, vat in parts] == [1, 333_333, gross - 333_334]
    assert parts[1] == (266_666, 66_667)
    assert [sum(column) for column in zip(*parts, strict=True)] == [charge.net, charge.vat]
    assert purchase.come_back() == "refunded"


def test_a_refund_of_the_dashboard_that_failed_changes_nothing(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay(session_id)
    purchase.deliver()
    purchase.stripe.refund_in_dashboard(session_id, 100_000, status="failed")
    purchase.deliver()
    assert purchase.outcome() == ACTIVE
    assert purchase.charge.state == ChargeState.PAID
    assert purchase.payment().refunds.get().state == RefundState.FAILED


def test_a_refund_of_the_dashboard_under_way_is_credited_once_and_followed(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay(session_id)
    refund = purchase.stripe.refund_in_dashboard(session_id, 100_000, status="pending")
    purchase.deliver()
    assert purchase.payment().refunds.get().state == RefundState.PENDING
    purchase.stripe.succeed_refund(refund["id"])
    purchase.deliver(times=2)
    assert purchase.payment().refunds.get().state == RefundState.SUCCEEDED
    assert purchase.outcome() == replace(ACTIVE, credit_notes=1)


# Disputes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_is_flagged_and_told_and_removes_nobody(purchase, caplog, outcome):
    session_id = purchase.open_page()
    purchase.stripe.pay(session_id)
    purchase.deliver()
    dispute = purchase.stripe.open_dispute(session_id)
    purchase.deliver()
    assert purchase.outcome() == ACTIVE
    assert purchase.payment().dispute_state == "needs_response"
    assert "is disputed" in caplog.text
    purchase.stripe.close_dispute(dispute["id"], outcome)
    purchase.deliver()
    assert purchase.outcome() == ACTIVE
    assert purchase.payment().dispute_state == outcome


# Mail ---------------------------------------------------------------------------------------------


def test_killed_after_the_commit_and_before_the_mail_it_is_sent_later_and_once(purchase):
    purchase.stripe.pay(purchase.open_page())
    mail.outbox.clear()
    purchase.deliver()
    # Committed, and the process died: what is left is the job in the queue.
    waiting = Message.objects.get(about=audit.reference(purchase.membership), template="welcome")
    assert waiting.state == MessageState.QUEUED
    assert purchase.outcome() == ACTIVE
    assert purchase.outcome() == ACTIVE
    sent = [row for row in mail.outbox if waiting.subject == row.subject]
    assert len(sent) == 1


def test_a_free_network_never_meets_stripe(purchase):
    asked = len(purchase.stripe.requests)
    free = confirmed(make_network(free_of_charge=True))
    assert Membership.objects.get(pk=free.pk).status == "active"
    assert len(purchase.stripe.requests) == asked
    assert not Charge.objects.filter(reference=audit.reference(free)).exists()


def test_stripe_down_for_days_what_was_under_way_is_found_when_it_is_back(purchase, settings):
    purchase.stripe.pay(purchase.open_page())
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    with time_machine.travel(timezone.now() + timedelta(hours=20), tick=False):
        jobs.catch_up_events()
        membership_jobs.let_time_pass()
        assert purchase.charge.state == ChargeState.OPEN
        assert Membership.objects.get(pk=purchase.membership.pk).status == "awaiting_payment"
    settings.STRIPE_API_BASE = purchase.stripe.url
    with time_machine.travel(timezone.now() + timedelta(days=3), tick=False):
        jobs.catch_up_events()
        jobs.reconcile()
        membership_jobs.let_time_pass()
        assert purchase.outcome() == ACTIVE

"""Webhooks and buyers that come late, early, again or never: the same membership in the end."""

from datetime import timedelta
from itertools import permutations

import pytest
import time_machine
from django.utils import timezone
from procrastinate.contrib.django import app

from payments import jobs
from payments.models import PaymentState, StripeEvent
from tests.faults.purchases import ACTIVE, WAITING

pytestmark = pytest.mark.django_db
FOUND_WITHIN = timedelta(minutes=5)


@pytest.mark.parametrize("times", [2, 3, 4, 5])
def test_the_same_webhook_many_times(purchase, times):
    purchase.stripe.pay(purchase.open_page())
    assert purchase.deliver(times=times) == {200}
    assert purchase.outcome() == ACTIVE
    assert purchase.deliver(times=times) == {200}
    assert purchase.outcome() == ACTIVE


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_any_order_of_deliveries(purchase, order):
    session_id = purchase.open_page()
    purchase.stripe.pay_async(session_id)
    purchase.stripe.settle(session_id, "succeeded")
    purchase.stripe.open_dispute(session_id)
    wanted = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
    events = [
        *(row["id"] for row in purchase.stripe.objects("event") if row["type"] in wanted),
        purchase.stripe.objects("event", type="charge.dispute.created")[0]["id"],
    ]
    assert purchase.deliver([events[place] for place in order]) == {200}
    assert purchase.outcome() == ACTIVE
    assert purchase.payment().dispute_state == "needs_response"


def test_the_webhook_before_the_buyer_returns(purchase):
    purchase.stripe.pay(purchase.open_page())
    purchase.deliver()
    asked = len(purchase.stripe.requests)
    assert purchase.come_back() == "paid"
    assert len(purchase.stripe.requests) == asked
    assert purchase.outcome() == ACTIVE


def test_the_buyer_returns_and_no_webhook_comes(purchase):
    purchase.stripe.pay(purchase.open_page())
    assert purchase.come_back() == "paid"
    assert purchase.outcome() == ACTIVE


def test_the_buyer_returns_before_the_webhook(purchase):
    purchase.stripe.pay(purchase.open_page())
    assert purchase.come_back() == "paid"
    assert purchase.deliver() == {200}
    assert purchase.outcome() == ACTIVE


def test_the_buyer_returns_unpaid_and_looks_again(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay_async(session_id)
    page = purchase.client.get(purchase.address)
    assert page.context["state"] == "processing"
    # No script and no reload by the clock: the page offers to look again, and mail comes anyway.
    assert f'href="{purchase.address}"' in page.content.decode()
    purchase.stripe.settle(session_id, "succeeded")
    assert purchase.come_back() == "paid"
    assert purchase.outcome() == ACTIVE


def test_webhook_and_return_both_lost_it_is_found_within_five_minutes(purchase):
    purchase.stripe.pay(purchase.open_page())
    with time_machine.travel(timezone.now() + FOUND_WITHIN, tick=False):
        jobs.reconcile()
        assert purchase.outcome() == ACTIVE


def test_the_reconciliation_runs_more_often_than_every_five_minutes():
    """The attempt is due after a minute; the job's clock does the rest."""
    tasks = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert tasks["payments.reconcile"] == "*/2 * * * *"


def test_complete_but_unpaid_success_activates(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay_async(session_id)
    purchase.deliver()
    assert purchase.outcome() == WAITING
    assert purchase.come_back() == "processing"
    purchase.stripe.settle(session_id, "succeeded")
    purchase.deliver()
    assert purchase.outcome() == ACTIVE


def test_complete_but_unpaid_failure_reopens(purchase):
    session_id = purchase.open_page()
    purchase.stripe.pay_async(session_id)
    purchase.deliver()
    purchase.stripe.settle(session_id, "failed")
    purchase.deliver()
    assert purchase.outcome() == WAITING
    assert purchase.come_back() == "open"
    again = purchase.open_page()
    assert again != session_id
    purchase.stripe.pay(again)
    purchase.deliver()
    assert purchase.outcome() == ACTIVE


@pytest.mark.parametrize(
    "wrong", [{"amount_total": 1}, {"currency": "sek"}, {"livemode": True}], ids=str
)
@pytest.mark.disorder("Stripe has money that is not what was asked for: a person decides.")
def test_a_wrong_sum_currency_or_mode_never_activates(purchase, wrong, caplog):
    session_id = purchase.open_page()
    purchase.stripe.pay(session_id)
    purchase.stripe.override(session_id, **wrong)
    assert purchase.deliver() == {200}
    assert purchase.outcome() == WAITING
    assert purchase.payment().state == PaymentState.NEEDS_REVIEW
    assert "needs review" in caplog.text
    # Nobody pays a second time into the same muddle.
    assert purchase.press_pay().status_code == 303
    assert len(purchase.stripe.objects("checkout.session")) == 1


def test_a_failure_after_stripes_success_is_a_500_and_the_retry_succeeds(purchase, settings):
    purchase.stripe.pay(purchase.open_page())
    (event,) = purchase.stripe.objects("event", type="checkout.session.completed")
    settings.PAYMENTS_CHARGE_HANDLER = "tests.faults.handlers.fails_after_its_work"
    assert purchase.post(event["id"]) == 500
    assert purchase.outcome() == WAITING
    assert not StripeEvent.objects.exists()
    settings.PAYMENTS_CHARGE_HANDLER = "networks.services.settlement.charge_changed"
    assert purchase.post(event["id"]) == 200
    assert purchase.outcome() == ACTIVE


def test_the_webhook_down_for_days(purchases):
    stripe = purchases().stripe
    bought = [purchases() for _turn in range(3)]
    for purchase in bought:
        stripe.pay(purchase.open_page())
    bought[0].deliver()
    with time_machine.travel(timezone.now() + timedelta(days=5), tick=False):
        jobs.catch_up_events()
        assert {purchase.outcome().receipts for purchase in bought} == {1}
        assert {purchase.outcome().membership for purchase in bought} == {"active"}

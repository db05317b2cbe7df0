"""A storm of webhooks, and after the reconciliation everything is equal.

Everyday a small one; ``make test-webhooks`` lets a thousand loose for each of its seeds.
"""

import os
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Sum
from django.utils import timezone

from networks import jobs as membership_jobs
from payments import jobs
from payments.models import Charge, Payment, PaymentState, Refund, RefundState
from payments.services import ledger, reconciliation
from tests.fakes.stripe import FakeStripe
from tests.faults.purchases import outcome_of
from tests.faults.storm import Storm
from tests.payments.agreement import differences_from

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = os.environ.get("SEEDS", "1 2 3").split()


@pytest.mark.parametrize("seed", [11])
def test_after_a_hundred_webhooks_everything_is_equal(delivering, network, run_jobs, seed):
    weather(Storm(int(seed), network, delivering, run_jobs), webhooks=100)


@pytest.mark.kill
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_thousand_webhooks_everything_is_equal(delivering, network, run_jobs, seed):
    weather(Storm(int(seed), network, delivering, run_jobs), webhooks=1_000)


def weather(storm: Storm, *, webhooks: int) -> None:
    print(f"seed {storm.seed}")  # pytest shows it when the test fails
    storm.rage(webhooks)
    storm.calm_down()
    reconcile(storm)
    check(storm)
    # What comes after everything, comes too late to change anything.
    before = sums()
    storm.stripe.knobs.duplicates = 2
    storm.stripe.release()
    storm.stripe.flush(60)
    storm.run_jobs()
    assert sums() == before
    check(storm)
    print(
        f"seed {storm.seed}: {storm.webhooks} webhooks, {storm.weather}, {len(storm.buyers)} buyers"
    )


def reconcile(storm: Storm) -> None:
    """As the clock does it: every job twice, minutes later."""
    for _turn in range(2):
        with time_machine.travel(timezone.now() + timedelta(minutes=5)):
            jobs.reconcile()
            jobs.catch_up_events()
            storm.run_jobs()
            membership_jobs.let_time_pass()
            jobs.issue_due_documents()
            jobs.import_balance()
            storm.run_jobs()


def sums() -> tuple[int, int, dict[str, int]]:
    return (
        _sum(Payment.objects.filter(state=PaymentState.SUCCEEDED)),
        _sum(Refund.objects.filter(state=RefundState.SUCCEEDED)),
        vars(ledger.total(Charge.objects.all())),
    )


def _sum(rows) -> int:
    return rows.aggregate(total=Sum("amount", default=0))["total"]


def sums_of(stripe: FakeStripe) -> tuple[int, int]:
    intents, sent_back = stripe.objects("payment_intent"), stripe.objects("refund")
    return (
        sum(row["amount_received"] for row in intents),
        sum(row["amount"] for row in sent_back if row["status"] == "succeeded"),
    )


def check(storm: Storm) -> None:
    assert list(differences_from(storm.stripe)) == []
    assert list(ledger.differences()) == []
    assert sums()[:2] == sums_of(storm.stripe)
    assert reconciliation.remaining_differences() == []
    call_command("check_ledger", stdout=open(os.devnull, "w"))  # noqa: SIM115
    for buyer in storm.buyers:
        _check_buyer(buyer)


def _check_buyer(buyer) -> None:
    """Paid is active, with one receipt and one mail; not paid is nothing of it."""
    found = outcome_of(buyer)
    charge = Charge.objects.get(reference=f"networks.membership:{buyer.pk}")
    was_paid = charge.paid_at is not None
    assert found.activations == found.receipts == int(was_paid), (buyer.pk, found)
    assert found.mails.get("welcome", 0) == int(was_paid), (buyer.pk, found)
    assert found.credit_notes == (charge.credits.count() if was_paid else 0), (buyer.pk, found)
    assert found.membership == ("active" if was_paid else "awaiting_payment"), (buyer.pk, found)

"""Disputes: shown with their deadline, told to finance once, and nobody is removed."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.utils import timezone

from cms.messages.models import Message
from payments.jobs import catch_up_events
from payments.models import ChargeState, EventCursor, Payment
from payments.services import alerts
from payments.services.checkout import sync_payment
from tests.factories.payments import ChargeFactory
from tests.factories.sellers import make_seller
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(stripe, start) -> Payment:
    make_seller(alert_email="oekonomi@example.org")
    payment = start(ChargeFactory())
    stripe.pay(payment.session_id)
    return sync_payment(payment.pk)


def subjects() -> list[str]:
    return list(
        Message.objects.filter(template="finance_alert")
        .order_by("pk")
        .values_list("subject", flat=True)
    )


def test_it_has_reason_amount_and_deadline_and_finance_is_told_once(stripe, paid) -> None:
    opened = stripe.open_dispute(paid.session_id, amount=400_000)
    for _time in range(2):
        payment = sync_payment(paid.pk)
    assert payment.dispute_state == "needs_response"
    assert (payment.dispute_reason, payment.dispute_amount) == ("fraudulent", 400_000)
    assert payment.dispute_due_by is not None
    assert payment.dispute_due_by.timestamp() == opened["evidence_details"]["due_by"]
    assert payment.awaits_evidence
    assert len(subjects()) == 1


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_its_end_is_told_and_the_charge_stays_as_it_is(stripe, paid, outcome: str) -> None:
    dispute = stripe.open_dispute(paid.session_id)
    sync_payment(paid.pk)
    stripe.close_dispute(dispute["id"], outcome)
    for _time in range(2):
        payment = sync_payment(paid.pk)
    assert (payment.dispute_state, payment.awaits_evidence) == (outcome, False)
    assert len(subjects()) == 2
    payment.charge.refresh_from_db()
    assert payment.charge.state == ChargeState.PAID
    assert recorder.told(payment.charge) == ["paid"]


def test_shortly_before_the_deadline_finance_is_reminded_once(stripe, paid) -> None:
    stripe.open_dispute(paid.session_id)
    due_by = sync_payment(paid.pk).dispute_due_by
    assert due_by is not None
    for before in (timedelta(days=5), timedelta(days=2), timedelta(days=1), -timedelta(days=1)):
        with time_machine.travel(due_by - before, tick=False):
            alerts.remind_of_disputes()
    assert len(subjects()) == 2


def test_without_an_address_those_who_may_change_payments_are_told(django_user_model) -> None:
    from_finance = django_user_model.objects.create_user("f", "f@example.org", "x")
    from_finance.user_permissions.add(Permission.objects.get(codename="change_payment"))
    django_user_model.objects.create_superuser("root", "root@example.org", "x")
    make_seller()
    assert [address for _name, address in alerts.recipients()] == ["f@example.org"]
    from_finance.delete()
    assert len(alerts.recipients()) == 1


def test_a_revoked_key_is_told_once_a_day(stripe, run_jobs) -> None:
    make_seller(alert_email="oekonomi@example.org")
    stripe.knobs.key_revoked = True
    for _time in range(3):
        cache.clear()
        catch_up_events()
    assert len(subjects()) == 1
    tomorrow = timezone.now() + timedelta(days=1, hours=1)
    EventCursor.objects.update(answered_at=tomorrow)  # That Stripe is silent is told besides.
    with time_machine.travel(tomorrow, tick=False):
        cache.clear()
        catch_up_events()
    assert len(subjects()) == 2

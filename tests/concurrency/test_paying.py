"""Money and the clock at the same moment: no deadlock, and never paid and released both."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import audit
from networks.models import Membership
from networks.rules.states import Status
from networks.services import lifecycle, paying
from networks.services.errors import NotPossible
from payments.models import Charge, ChargeState, Payment
from payments.services import bank, checkout
from tests.factories.networks import BUYER, make_network
from tests.factories.signups import applied

pytestmark = pytest.mark.django_db(transaction=True)
RETURN = "https://example.org/betaling/abc/"
#: What a service says to whoever comes too late.
TOLD = (NotPossible, lifecycle.TransitionNotAllowed)


def overdue(membership: Membership) -> Membership:
    late = timezone.now() - timedelta(seconds=1)
    Membership.objects.filter(pk=membership.pk).update(deadline=late)
    return membership


def outcome(membership: Membership) -> tuple[str, str]:
    charge = Charge.objects.get(reference=audit.reference(membership))
    return Membership.objects.get(pk=membership.pk).status, charge.state


def opened_page(membership: Membership) -> Payment:
    paying.begin_payment(membership.pk, return_url=RETURN)
    return Payment.objects.get(charge__reference=audit.reference(membership))


def no_surprises(results: list) -> None:
    surprises = [row for row in results if isinstance(row, Exception) and not isinstance(row, TOLD)]
    assert surprises == []


@pytest.mark.parametrize("turn", range(4))
def test_a_payment_applied_while_the_deadline_lapses(at_once, turn):
    membership = overdue(applied(make_network(), method="card"))
    charge = Charge.objects.get(reference=audit.reference(membership))
    results = at_once(
        lambda: bank.settle_outside_stripe(charge),
        lambda: lifecycle.expire_if_due(membership.pk),
        lambda: lifecycle.expire_if_due(membership.pk),
        lambda: lifecycle.withdraw(membership.pk, actor=audit.VISITOR),
    )
    no_surprises(results)
    assert outcome(membership) in [
        (Status.ACTIVE, ChargeState.PAID),
        (Status.EXPIRED, ChargeState.CREDITED),
        (Status.WITHDRAWN, ChargeState.CREDITED),
    ]


def test_paid_at_stripe_webhook_return_page_and_clock_agree_that_it_is_active(at_once, stripe):
    membership = applied(make_network(), method="card")
    payment = opened_page(membership)
    stripe.pay(payment.session_id)
    overdue(membership)
    results = at_once(
        lambda: checkout.sync_payment(payment.pk),
        lambda: checkout.sync_payment(payment.pk),
        lambda: paying.ask_stripe(membership),
        lambda: lifecycle.expire_if_due(membership.pk),
        lambda: lifecycle.withdraw(membership.pk, actor=audit.VISITOR),
    )
    no_surprises(results)
    assert outcome(membership) == (Status.ACTIVE, ChargeState.PAID)
    assert audit.history(membership).filter(action="membership.active").count() == 1


@pytest.mark.parametrize("turn", range(3))
def test_the_buyer_pays_in_the_moment_the_page_is_closed(at_once, stripe, turn):
    membership = applied(make_network(), method="card")
    payment = opened_page(membership)
    overdue(membership)
    at_once(
        lambda: stripe.pay(payment.session_id),
        lambda: lifecycle.expire_if_due(membership.pk),
    )
    checkout.sync_payment(payment.pk)
    assert outcome(membership) in [
        (Status.ACTIVE, ChargeState.PAID),
        (Status.EXPIRED, ChargeState.CREDITED),
    ]


@pytest.mark.parametrize("turn", range(4))
def test_a_page_opened_while_the_place_is_released_is_never_left_open(
    at_once, stripe, run_jobs, turn
):
    membership = overdue(applied(make_network(), method="card"))
    at_once(
        lambda: paying.begin_payment(membership.pk, return_url=RETURN),
        lambda: lifecycle.expire_if_due(membership.pk),
    )
    run_jobs("payments.expire_attempts")
    status, _charge = outcome(membership)
    assert status in (Status.AWAITING_PAYMENT, Status.EXPIRED)
    if status == Status.AWAITING_PAYMENT:
        # The clock may have closed the page just before the buyer's new deadline was written:
        # the place is kept, and paying again opens another page.
        paying.begin_payment(membership.pk, return_url=RETURN)
    pages = stripe.objects("checkout.session", status="open")
    assert bool(pages) == (status == Status.AWAITING_PAYMENT)


def test_changing_to_e_invoice_while_it_is_paid(at_once, stripe):
    membership = applied(make_network(), method="card")
    payment = opened_page(membership)
    stripe.pay(payment.session_id)
    results = at_once(
        lambda: paying.change_to_invoice(membership.pk, buyer=BUYER, actor=audit.VISITOR),
        lambda: checkout.sync_payment(payment.pk),
    )
    no_surprises(results)
    assert outcome(membership) == (Status.ACTIVE, ChargeState.PAID)


def test_two_who_press_pay_at_once_are_sent_to_one_page(at_once, stripe):
    membership = applied(make_network(), method="card")
    results = at_once(*[lambda: paying.begin_payment(membership.pk, return_url=RETURN)] * 4)
    addresses = {row for row in results if isinstance(row, str)}
    assert len(addresses) == 1
    assert len(stripe.objects("checkout.session")) == 1

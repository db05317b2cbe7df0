"""Starting a payment, and everything that can go wrong between us and Stripe."""

from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from django.db import transaction
from django.utils import timezone

from payments import gateway
from payments.models import ChargeState, Payment, PaymentMethod, PaymentState
from payments.services import charging, checkout, crediting
from payments.services.checkout import NotPayable, Obstacle
from tests.factories.payments import ChargeFactory
from tests.payments.conftest import RETURN_URL

pytestmark = pytest.mark.django_db(transaction=True)

CREATE = "/v1/checkout/sessions"


def sessions(stripe) -> list[dict]:
    return stripe.objects("checkout.session")


def test_the_buyer_is_sent_to_a_session_of_the_gross_amount(stripe, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    (session,) = sessions(stripe)
    assert payment.state == PaymentState.OPEN
    assert payment.session_url == session["url"]
    assert (session["amount_total"], session["currency"]) == (875_000, "dkk")
    assert session["client_reference_id"] == str(payment.pk)
    assert session["metadata"] == {"payment": str(payment.pk)}
    assert session["locale"] == "da"
    assert session["adaptive_pricing"] == {"enabled": False}


def test_stripe_learns_nothing_of_the_buyer(stripe, start) -> None:
    charge = ChargeFactory(buyer={"buyer_name": "Prøvekøbing", "buyer_email": "a@example.dk"})
    start(charge)
    sent = "".join(str(parse_qs(request.body)) for request in stripe.requests)
    assert "example.dk" not in sent
    assert "Prøvekøbing" not in sent


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(minutes=5), timedelta(minutes=31)),
        (timedelta(minutes=-5), timedelta(minutes=31)),
        (timedelta(days=3), timedelta(hours=23, minutes=59)),
    ],
)
def test_the_session_ends_at_the_deadline_within_stripes_bounds(
    stripe, start, deadline: timedelta, expected: timedelta
) -> None:
    now = timezone.now()
    payment = start(ChargeFactory(), deadline=now + deadline)
    assert abs(payment.expires_at - (now + expected)) < timedelta(seconds=10)
    assert sessions(stripe)[0]["expires_at"] == payment.expires_at.timestamp()


def test_a_second_click_leads_to_the_same_session(stripe, start) -> None:
    charge = ChargeFactory()
    assert start(charge).session_url == start(charge).session_url
    assert len(sessions(stripe)) == 1


def test_two_clicks_at_once_lead_to_the_same_session(stripe, start, at_once) -> None:
    charge = ChargeFactory()
    results = at_once(*[lambda: start(charge)] * 4)
    assert {payment.session_url for payment in results} == {sessions(stripe)[0]["url"]}
    assert len(sessions(stripe)) == 1
    assert Payment.objects.count() == 1


def test_the_attempt_is_committed_before_stripe_is_called(stripe, start) -> None:
    stripe.fail_next("timeout", count=2, seconds=0.1)
    charge = ChargeFactory()
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    payment = charge.payments.get()
    assert payment.state == PaymentState.CREATED
    assert start(charge).pk == payment.pk


@pytest.mark.parametrize("fault", ["429", "503", "timeout", "reply_lost"])
def test_trying_again_uses_the_same_key(stripe, start, fault: str) -> None:
    stripe.fail_next(fault, count=2, path=CREATE, seconds=0.1)
    charge = ChargeFactory()
    if fault == "429":  # not repeated by the SDK itself
        stripe.knobs.reset()
        stripe.fail_next(fault, path=CREATE)
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    payment = start(charge)
    (session,) = sessions(stripe)
    assert payment.session_id == session["id"]
    keys = {request.idempotency_key for request in stripe.requests if request.method == "POST"}
    assert keys == {str(payment.pk)}
    assert charge.payments.count() == 1


def test_a_failure_that_the_key_keeps_gives_way_to_a_new_attempt(stripe, start) -> None:
    stripe.fail_next("500", path=CREATE)
    charge = ChargeFactory()
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    payment = start(charge)
    assert payment.state == PaymentState.OPEN
    assert sorted(charge.payments.values_list("state", flat=True)) == ["failed", "open"]


def test_a_session_made_before_we_were_killed_is_found_again(stripe, start) -> None:
    charge = ChargeFactory()
    killed = checkout._attempt(charge.pk, timezone.now() + timedelta(hours=1))
    made = gateway.create_session(killed, success_url=RETURN_URL, cancel_url=RETURN_URL)
    assert start(charge).session_id == made.id
    assert len(sessions(stripe)) == 1


def test_other_addresses_make_a_new_attempt_not_an_error(stripe, start) -> None:
    stripe.fail_next("reply_lost", count=2, path=CREATE)
    charge = ChargeFactory()
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    payment = start(charge, success_url="https://example.org/betaling/another/")
    assert payment.state == PaymentState.OPEN


def test_an_attempt_that_stripe_finds_too_short_by_now_is_made_anew(stripe, start) -> None:
    stripe.fail_next("429", path=CREATE)
    charge = ChargeFactory()
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    charge.payments.update(expires_at=timezone.now() + timedelta(minutes=20))
    assert start(charge).state == PaymentState.OPEN
    assert sorted(charge.payments.values_list("state", flat=True)) == ["failed", "open"]


def test_a_begun_attempt_whose_time_is_over_is_made_anew(stripe, start) -> None:
    stripe.fail_next("429", path=CREATE)
    charge = ChargeFactory()
    with pytest.raises(gateway.GatewayUnavailable):
        start(charge)
    charge.payments.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert start(charge).state == PaymentState.OPEN
    assert sorted(charge.payments.values_list("state", flat=True)) == ["expired", "open"]


def test_after_a_session_has_expired_another_is_made(stripe, start) -> None:
    charge = ChargeFactory()
    first = start(charge)
    stripe.expire(first.session_id)
    second = start(charge)
    assert second.pk != first.pk
    assert second.state == PaymentState.OPEN


def test_back_after_paying_finds_it_paid(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.pay(start(charge).session_id)
    with pytest.raises(NotPayable) as caught:
        start(charge)
    assert caught.value.obstacle == Obstacle.PAID
    charge.refresh_from_db()
    assert charge.state == ChargeState.PAID


def test_an_open_session_is_used_though_stripes_api_is_down(stripe, start) -> None:
    charge = ChargeFactory()
    first = start(charge)
    stripe.fail_next("429")
    assert start(charge).session_url == first.session_url


def test_a_payment_being_processed_is_not_begun_again(stripe, start) -> None:
    charge = ChargeFactory()
    stripe.pay_async(start(charge).session_id)
    with pytest.raises(NotPayable) as caught:
        start(charge)
    assert caught.value.obstacle == Obstacle.PROCESSING


def test_an_e_invoice_charge_or_a_credited_one_is_not_payable(stripe, start) -> None:
    with pytest.raises(NotPayable) as caught:
        start(ChargeFactory(method=PaymentMethod.INVOICE))
    assert caught.value.obstacle == Obstacle.INVOICE
    credited = ChargeFactory()
    crediting.credit_charge(credited, key="c", reason="Fortrudt")
    with pytest.raises(NotPayable) as caught:
        start(credited)
    assert caught.value.obstacle == Obstacle.CREDITED
    assert not stripe.requests


def tiny(amount: int) -> tuple[charging.Line]:
    return (charging.Line("Lille", 1, amount, 0, "fritaget"),)


def test_too_small_an_amount_is_known_without_asking(stripe, start) -> None:
    with pytest.raises(gateway.GatewayRefused) as caught:
        start(ChargeFactory(lines=tiny(249)))
    assert caught.value.code == "amount_too_small"
    assert not stripe.requests


def test_too_small_an_amount_for_stripe_is_told_apart(stripe, start, settings) -> None:
    settings.STRIPE_MINIMUM_AMOUNT = 0
    charge = ChargeFactory(lines=tiny(100))
    with pytest.raises(gateway.GatewayRefused) as caught:
        start(charge)
    assert caught.value.code == "amount_too_small"
    assert charge.payments.get().state == PaymentState.FAILED


def test_a_revoked_key_turns_card_payment_off_for_a_while(stripe, start) -> None:
    stripe.knobs.key_revoked = True
    charge = ChargeFactory()
    assert gateway.is_configured()
    with pytest.raises(gateway.GatewayMisconfigured):
        start(charge)
    assert not gateway.is_configured()
    charging.change_method(charge, PaymentMethod.INVOICE, {"buyer_gln": "5798009811578"})


def test_without_a_key_nothing_is_asked(stripe, start, settings) -> None:
    settings.STRIPE_SECRET_KEY = ""
    assert not gateway.is_configured()
    with pytest.raises(gateway.GatewayMisconfigured):
        start(ChargeFactory())


def test_stripe_is_never_called_inside_a_transaction(stripe, start) -> None:
    charge = ChargeFactory()
    with pytest.raises(RuntimeError), transaction.atomic():
        start(charge)
    with pytest.raises(RuntimeError), transaction.atomic():
        gateway.retrieve_session("cs_test_1")
    assert not stripe.requests


def test_a_session_that_is_not_what_was_asked_for_is_not_shown(stripe, start) -> None:
    stripe.override("checkout.session", amount_total=1)
    charge = ChargeFactory()
    with pytest.raises(NotPayable) as caught:
        start(charge)
    assert caught.value.obstacle == Obstacle.REVIEW
    assert sessions(stripe)[0]["status"] == "expired"

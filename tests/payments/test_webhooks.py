"""Stripe's webhook: signed, claimed once, in any order, and never believed about the state."""

import itertools
import json
import time
from collections.abc import Callable

import pytest
from django.test import Client

from payments.models import Charge, ChargeState, Payment, PaymentState, StripeEvent
from tests.factories.payments import ChargeFactory
from tests.fakes.stripe import SignedBody
from tests.payments import recorder

pytestmark = pytest.mark.django_db(transaction=True)

COMPLETED = "checkout.session.completed"


def states(charge: Charge) -> tuple[str, str]:
    charge.refresh_from_db()
    return charge.payments.latest("created_at").state, charge.state


PAID = (PaymentState.SUCCEEDED, ChargeState.PAID)


@pytest.fixture
def post() -> Callable[[SignedBody], int]:
    client = Client(raise_request_exception=False)

    def send(signed: SignedBody) -> int:
        return client.post(
            "/stripe/webhook/",
            signed.body,
            content_type="application/json",
            headers={"Stripe-Signature": signed.header} if signed.header else {},
        ).status_code

    return send


@pytest.fixture
def completed(stripe, start) -> dict:
    """The event of a payment that the webhook has not brought yet."""
    stripe.pay(start(ChargeFactory()).session_id)
    return stripe.objects("event", type=COMPLETED)[0]


def test_a_delivered_payment_activates(delivering, start) -> None:
    charge = ChargeFactory()
    delivering.pay(start(charge).session_id)
    delivering.flush()
    assert states(charge) == PAID
    assert recorder.told(charge) == ["paid"]
    assert {attempt.status for attempt in delivering.attempts} == {200}


@pytest.mark.parametrize("together", [False, True])
def test_the_same_event_five_times_has_one_effect(delivering, start, together: bool) -> None:
    delivering.knobs.duplicates = 5
    delivering.knobs.together = together
    charge = ChargeFactory()
    delivering.pay(start(charge).session_id)
    delivering.flush()
    assert recorder.told(charge) == ["paid"]
    assert {attempt.status for attempt in delivering.attempts} == {200}
    assert StripeEvent.objects.filter(type=COMPLETED).count() == 1


def test_a_duplicate_does_not_ask_stripe_again(stripe, post, completed) -> None:
    assert post(stripe.signed(completed)) == 200
    asked = len(stripe.requests)
    assert post(stripe.signed(completed)) == 200
    assert len(stripe.requests) == asked


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_any_order_of_deliveries_ends_the_same(delivering, start, order: tuple[int, ...]) -> None:
    delivering.knobs.hold = [
        COMPLETED,
        "checkout.session.async_payment_succeeded",
        "refund.created",
        "charge.refunded",
    ]
    charge = ChargeFactory()
    session_id = start(charge).session_id
    delivering.pay_async(session_id)
    delivering.settle(session_id, "succeeded")
    delivering.refund_in_dashboard(session_id, 5_000)
    held = delivering.held
    delivering.release([held[place] for place in order])
    delivering.flush()
    assert states(charge) == PAID
    assert recorder.told(charge) == ["paid", "partly_credited"]
    assert list(charge.payments.get().refunds.values_list("amount", flat=True)) == [5_000]
    assert list(charge.credits.values_list("net", "vat")) == [(4_000, 1_000)]


def test_all_events_at_the_same_moment_have_one_effect(delivering, start) -> None:
    delivering.knobs.hold = ["*"]
    charge = ChargeFactory()
    session_id = start(charge).session_id
    delivering.pay(session_id)
    delivering.refund_in_dashboard(session_id, 5_000)
    delivering.release(together=True)
    delivering.flush()
    assert states(charge) == PAID
    assert recorder.told(charge) == ["paid", "partly_credited"]
    assert charge.payments.get().refunds.count() == 1
    assert charge.credits.count() == 1


def test_a_webhook_before_we_know_the_session_finds_the_payment(stripe, post, completed) -> None:
    Payment.objects.update(session_id=None, state=PaymentState.CREATED, session_url="")
    assert post(stripe.signed(completed)) == 200
    assert states(Charge.objects.get()) == PAID


def test_the_payload_is_not_believed(stripe, start, post) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    session = stripe.objects("checkout.session")[0]
    claimed = session | {"payment_status": "paid", "status": "complete"}
    event = stripe.emit(COMPLETED, claimed)
    assert post(stripe.signed(event)) == 200
    payment.refresh_from_db()
    assert payment.state == PaymentState.OPEN


def test_without_a_signature_it_is_refused(stripe, post, completed) -> None:
    signed = stripe.signed(completed)
    assert post(SignedBody(signed.body, "")) == 400
    assert post(SignedBody(signed.body, "nonsense")) == 400
    assert post(SignedBody(signed.body, "t=1=2,v1=0")) == 400
    assert not StripeEvent.objects.exists()
    assert post(stripe.signed(completed)) == 200


def test_a_changed_body_is_refused(stripe, post, completed) -> None:
    signed = stripe.signed(completed)
    assert post(SignedBody(signed.body.replace(b"875000", b"1"), signed.header)) == 400
    assert post(SignedBody(b"\xff\xfe", signed.header)) == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("seconds", [-301, -3600, 60, 3600])
def test_signed_too_long_ago_or_in_the_future_it_is_refused(
    stripe, post, completed, seconds: int
) -> None:
    assert post(stripe.signed(completed, timestamp=int(time.time()) + seconds)) == 400
    assert not StripeEvent.objects.exists()
    assert post(stripe.signed(completed)) == 200
    assert StripeEvent.objects.count() == 1


def test_while_a_secret_is_rotated_both_are_good(stripe, post, completed, settings) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    assert post(stripe.signed(completed, secrets=["whsec_other"])) == 400
    assert post(stripe.signed(completed, secrets=["whsec_old"])) == 200
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new"]
    assert post(stripe.signed(completed, secrets=["whsec_old"])) == 400
    assert post(stripe.signed(completed, secrets=["whsec_new"])) == 200


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_is_believed(
    stripe, post, completed, settings, secrets: list[str]
) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = secrets
    assert post(stripe.signed(completed, secrets=[""])) == 400


def test_signed_nonsense_is_refused(stripe, post) -> None:
    assert post(stripe.signed({"object": "list"})) == 400


def test_foreign_sessions_and_unknown_types_are_none_of_ours(stripe, post) -> None:
    foreign = {"id": "cs_test_foreign", "object": "checkout.session", "metadata": {}}
    assert post(stripe.signed(stripe.emit(COMPLETED, foreign))) == 200
    other_shop = foreign | {"client_reference_id": "order-17"}
    assert post(stripe.signed(stripe.emit(COMPLETED, other_shop))) == 200
    customer = {"id": "cus_1", "object": "customer", "metadata": None}
    assert post(stripe.signed(stripe.emit("customer.created", customer))) == 200
    assert not StripeEvent.objects.exists()


def test_a_live_event_at_a_test_key_is_none_of_ours(stripe, post, completed) -> None:
    assert post(stripe.signed(completed | {"livemode": True})) == 200
    assert not StripeEvent.objects.exists()


def test_a_failure_is_a_500_and_the_retry_succeeds(delivering, start) -> None:
    charge = ChargeFactory()
    recorder.failures.append(ValueError("broken"))
    delivering.pay(start(charge).session_id)
    delivering.flush()
    attempts = [a.status for a in delivering.attempts if a.event_type == COMPLETED]
    assert attempts == [500, 200]
    assert states(charge) == PAID
    assert recorder.told(charge) == ["paid"]


def test_after_a_failure_the_event_is_not_claimed(stripe, post, completed) -> None:
    recorder.failures.append(ValueError("broken"))
    assert post(stripe.signed(completed)) == 500
    assert not StripeEvent.objects.exists()
    assert states(Charge.objects.get()) == (PaymentState.OPEN, ChargeState.OPEN)


def test_with_stripe_unreachable_it_is_a_500_for_later(stripe, post, completed) -> None:
    stripe.fail_next("429")
    assert post(stripe.signed(completed)) == 500
    assert not StripeEvent.objects.exists()
    assert post(stripe.signed(completed)) == 200
    assert states(Charge.objects.get()) == PAID


def test_a_wrong_amount_is_answered_but_never_pays(delivering, start) -> None:
    charge = ChargeFactory()
    payment = start(charge)
    delivering.override(payment.session_id, amount_total=1)
    delivering.pay(payment.session_id)
    delivering.flush()
    assert states(charge) == (PaymentState.NEEDS_REVIEW, ChargeState.OPEN)
    assert recorder.told(charge) == []


def test_an_expired_session_is_noted(delivering, start) -> None:
    charge = ChargeFactory()
    delivering.expire(start(charge).session_id)
    delivering.flush()
    assert states(charge) == (PaymentState.EXPIRED, ChargeState.OPEN)


def test_only_posts_are_answered(client) -> None:
    assert client.get("/stripe/webhook/").status_code == 405


def test_no_cross_site_token_is_asked_for(stripe, completed) -> None:
    signed = stripe.signed(completed)
    answer = Client(enforce_csrf_checks=True).post(
        "/stripe/webhook/",
        signed.body,
        content_type="application/json",
        headers={"Stripe-Signature": signed.header},
    )
    assert answer.status_code == 200
    assert json.loads(signed.body)["id"] == StripeEvent.objects.get().event_id

"""The fake Stripe's webhooks: what arrives, how it is signed, and every way it can go wrong."""

import threading
import time
from collections.abc import Iterator

import pytest
import stripe

from tests.fakes.stripe import FakeStripe, sign
from tests.fakes.stripe.receiver import Receiver
from tests.fakes.stripe.sample import client_for, session_params

PAID = ["payment_intent.succeeded", "checkout.session.completed"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def fake(receiver: Receiver) -> Iterator[FakeStripe]:
    with FakeStripe(webhook_url=receiver.url, webhook_secrets=["whsec_fake"]) as running:
        yield running


def new_session(fake: FakeStripe) -> str:
    return client_for(fake).v1.checkout.sessions.create(params=session_params()).id


def paid_session(fake: FakeStripe) -> str:
    session_id = new_session(fake)
    fake.pay(session_id)
    return session_id


def test_events_arrive_signed_and_in_order(fake: FakeStripe, receiver: Receiver) -> None:
    session_id = paid_session(fake)
    fake.flush()
    assert receiver.types == PAID
    assert receiver.events[1].data.object.id == session_id
    assert receiver.events[1].api_version == stripe.api_version
    assert [attempt.status for attempt in fake.attempts] == [200, 200]
    assert {event["pending_webhooks"] for event in fake.objects("event")} == {0}


def test_every_subscribed_event_arrives(fake: FakeStripe, receiver: Receiver) -> None:
    paid_session(fake)
    fake.expire(new_session(fake))
    fake.decline(new_session(fake))
    for outcome in ("succeeded", "failed"):
        pending = new_session(fake)
        fake.pay_async(pending)
        fake.settle(pending, outcome)
    refund = fake.refund_in_dashboard(paid_session(fake), 5000, status="pending")
    fake.fail_refund(refund["id"])
    fake.close_dispute(fake.open_dispute(paid_session(fake))["id"], "won")
    fake.payout()
    fake.flush()
    assert set(receiver.types) == {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    }
    assert fake.objects("event", type="payout.paid")


def test_a_failed_delivery_is_retried(fake: FakeStripe, receiver: Receiver) -> None:
    receiver.refuse = 2
    paid_session(fake)
    fake.flush()
    assert sorted(receiver.types) == sorted(PAID)
    assert sorted(attempt.number for attempt in fake.attempts) == [1, 1, 2, 2]


def test_delivery_is_given_up_at_last() -> None:
    with FakeStripe(webhook_url="http://127.0.0.1:9/", retry_delays=(0.01, 0.01)) as fake:
        paid_session(fake)
        fake.flush()
        assert [attempt.status for attempt in fake.attempts] == [None] * 6
        assert {event["pending_webhooks"] for event in fake.objects("event")} == {1}


def test_duplicates_arrive_with_the_same_id(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.duplicates = 3
    paid_session(fake)
    fake.flush()
    assert len(receiver.ids) == 6
    assert len(set(receiver.ids)) == 2


def test_duplicates_may_arrive_together(fake: FakeStripe, receiver: Receiver) -> None:
    receiver.barrier = threading.Barrier(2)
    fake.knobs.duplicates, fake.knobs.together = 2, True
    paid_session(fake)
    fake.flush()
    assert len(receiver.ids) == 4


def test_dropped_events_never_arrive_but_are_listed(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.drop = ["checkout.session.completed"]
    paid_session(fake)
    fake.flush()
    assert receiver.types == ["payment_intent.succeeded"]
    fake.knobs.drop = ["*"]
    paid_session(fake)
    fake.flush()
    assert len(receiver.types) == 1
    listed = client_for(fake).v1.events.list(params={"type": "checkout.session.completed"})
    assert len(listed.data) == 2


def test_held_events_are_released_in_a_given_order(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.hold = ["*"]
    paid_session(fake)
    fake.flush()
    assert receiver.ids == []
    first, second = fake.held
    fake.release([second])
    fake.flush()
    assert (receiver.ids, fake.held) == ([second], [first])
    fake.release()
    fake.flush()
    assert receiver.ids == [second, first]
    with pytest.raises(ValueError, match="not held"):
        fake.release([first])


def test_a_seed_gives_the_same_disorder_again(fake: FakeStripe) -> None:
    fake.knobs.hold = ["*"]
    orders = []
    for _ in range(2):
        for _ in range(4):
            paid_session(fake)
        held = fake.held
        orders.append([held.index(event_id) for event_id in fake.release(seed=7)])
    assert orders[0] == orders[1] != sorted(orders[0])
    fake.flush()


def test_held_events_may_arrive_together(fake: FakeStripe, receiver: Receiver) -> None:
    receiver.barrier = threading.Barrier(2)
    fake.knobs.hold = ["*"]
    paid_session(fake)
    fake.release(together=True)
    fake.flush()
    assert len(receiver.ids) == 2


def test_deliveries_are_delayed(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.delay = 0.3
    before = time.monotonic()
    paid_session(fake)
    with pytest.raises(TimeoutError):
        fake.flush(timeout=0.05)
    assert receiver.ids == []
    fake.flush()
    assert time.monotonic() - before >= 0.3
    assert receiver.types == PAID


def test_an_event_is_sent_again_by_hand(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.drop = ["*"]
    paid_session(fake)
    event_id = fake.objects("event")[0]["id"]
    assert fake.deliver(event_id) == 200
    assert receiver.ids == [event_id]
    receiver.refuse = 1
    assert fake.deliver(event_id) == 500


def test_two_secrets_sign_twice_while_one_is_rotated(fake: FakeStripe, receiver: Receiver) -> None:
    fake.point_webhook(secrets=["whsec_new", "whsec_fake"])
    paid_session(fake)
    fake.flush()
    receiver.secret = "whsec_new"
    paid_session(fake)
    fake.flush()
    assert receiver.types == PAID * 2
    assert all(header.count("v1=") == 2 for header in receiver.headers)


def test_a_foreign_secret_is_refused(fake: FakeStripe, receiver: Receiver) -> None:
    fake.point_webhook(secrets=["whsec_wrong"])
    event = fake.emit("checkout.session.completed", {"id": "cs_1", "object": "checkout.session"})
    assert fake.deliver(event["id"]) == 400
    fake.point_webhook(secrets=["whsec_fake"])
    fake.flush()
    assert receiver.ids == [event["id"]]


def test_any_body_is_signed_for_any_time_and_secret(fake: FakeStripe) -> None:
    event = fake.emit("customer.created", {"id": "cus_1", "object": "customer", "name": "Sønderå"})
    good = fake.signed(event["id"])
    parsed = stripe.Webhook.construct_event(good.body, good.header, "whsec_fake")
    assert parsed.data.object.name == "Sønderå"
    old = fake.signed(event["id"], timestamp=int(time.time()) - 301)
    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        stripe.Webhook.construct_event(old.body, old.header, "whsec_fake")
    other = fake.signed(event | {"type": "ping"}, secrets=["whsec_other"])
    with pytest.raises(stripe.SignatureVerificationError, match="matching"):
        stripe.Webhook.construct_event(other.body, other.header, "whsec_fake")
    broken = sign(b"not json", ["whsec_fake"])
    with pytest.raises(ValueError, match="Expecting value"):
        stripe.Webhook.construct_event(broken.body, broken.header, "whsec_fake")


def test_signatures_keep_real_time_when_the_clock_is_moved(
    fake: FakeStripe, receiver: Receiver
) -> None:
    fake.clock.advance(20 * 24 * 3600)
    paid_session(fake)
    fake.flush()
    assert receiver.types == PAID
    sent = int(receiver.headers[0].split(",")[0].removeprefix("t="))
    assert abs(sent - time.time()) < 5


def test_only_subscribed_events_are_sent(receiver: Receiver) -> None:
    with FakeStripe(webhook_url=receiver.url, enabled_events=["*"]) as fake:
        paid_session(fake)
        fake.payout()
        fake.flush()
    assert receiver.types == [*PAID, "payout.paid"]


def test_a_reset_fake_is_as_new(fake: FakeStripe, receiver: Receiver) -> None:
    fake.knobs.hold, fake.knobs.duplicates = ["*"], 4
    paid_session(fake)
    fake.fail_next("500")
    fake.override("checkout.session", amount_total=1)
    fake.clock.advance(60)
    fake.reset()
    assert (fake.held, fake.attempts, fake.requests, fake.objects("event")) == ([], [], [], [])
    assert abs(fake.clock.now() - time.time()) < 2
    paid_session(fake)
    fake.flush()
    assert receiver.types == PAID

"""The fake Stripe's refunds, disputes, balance and events, through the real SDK."""

from collections.abc import Iterator

import pytest
import stripe

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.sample import client_for, session_params

DAY = 24 * 3600


@pytest.fixture(scope="module")
def running() -> Iterator[FakeStripe]:
    with FakeStripe() as started:
        yield started


@pytest.fixture
def fake(running: FakeStripe) -> FakeStripe:
    running.point_webhook("")
    running.reset()
    return running


@pytest.fixture
def v1(fake: FakeStripe) -> stripe.V1Services:
    return client_for(fake).v1


@pytest.fixture
def intent(fake: FakeStripe, v1: stripe.V1Services) -> str:
    """The payment intent of a session paid with 1,250.00 kr."""
    session = v1.checkout.sessions.create(params=session_params(amount=125000))
    fake.pay(session.id)
    return v1.checkout.sessions.retrieve(session.id).payment_intent


def event_types(fake: FakeStripe) -> list[str]:
    return [event["type"] for event in fake.objects("event")]


def test_a_payment_is_refunded_in_parts(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    part = v1.refunds.create(
        params={"payment_intent": intent, "amount": 25000, "metadata": {"note": "half"}}
    )
    assert (part.status, part.amount, part.currency) == ("succeeded", 25000, "dkk")
    assert part.metadata.to_dict() == {"note": "half"}
    charge = v1.charges.retrieve(part.charge)
    assert (charge.amount_refunded, charge.refunded) == (25000, False)
    rest = v1.refunds.create(params={"payment_intent": intent})
    assert rest.amount == 100000
    assert v1.charges.retrieve(part.charge).refunded is True
    assert [refund.id for refund in v1.refunds.list(params={"payment_intent": intent}).data] == [
        rest.id,
        part.id,
    ]
    assert v1.refunds.retrieve(part.id).to_dict() == part.to_dict()
    assert event_types(fake)[-2:] == ["refund.created", "charge.refunded"]


def test_no_more_is_refunded_than_is_left(v1: stripe.V1Services, intent: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as caught:
        v1.refunds.create(params={"payment_intent": intent, "amount": 125001})
    assert caught.value.param == "amount"
    v1.refunds.create(params={"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create(params={"payment_intent": intent, "amount": 1})
    assert caught.value.code == "charge_already_refunded"


def test_a_refunds_parameters_are_the_sdks(v1: stripe.V1Services, intent: str) -> None:
    for wrong in ({"note": "x"}, {"reason": "mood"}, {"amount": 0}, {"payment_intent": "pi_0"}):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            v1.refunds.create(params={"payment_intent": intent} | wrong)
        assert caught.value.param == next(iter(wrong))


def test_an_unpaid_intent_is_not_refunded(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay_async(session.id)
    pending = v1.checkout.sessions.retrieve(session.id).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        v1.refunds.create(params={"payment_intent": pending})


def test_a_pending_refund_succeeds_later(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    fake.knobs.refund_status = "pending"
    refund = v1.refunds.create(params={"payment_intent": intent, "amount": 5000})
    assert refund.status == "pending"
    fake.succeed_refund(refund.id)
    assert v1.refunds.retrieve(refund.id).status == "succeeded"
    assert event_types(fake)[-1] == "refund.updated"


@pytest.mark.parametrize("first", ["pending", "succeeded"])
def test_a_refund_fails_later_and_the_money_is_back(
    fake: FakeStripe, v1: stripe.V1Services, intent: str, first: str
) -> None:
    fake.knobs.refund_status = first
    refund = v1.refunds.create(params={"payment_intent": intent, "amount": 5000})
    fake.fail_refund(refund.id)
    failed = v1.refunds.retrieve(refund.id, params={"expand": ["charge"]})
    assert (failed.status, failed.charge.amount_refunded) == ("failed", 0)
    assert failed.failure_balance_transaction.startswith("txn_")
    assert event_types(fake)[-2:] == ["refund.updated", "refund.failed"]


def test_a_refund_may_fail_at_once(fake: FakeStripe, v1: stripe.V1Services, intent: str) -> None:
    fake.knobs.refund_status = "failed"
    assert v1.refunds.create(params={"payment_intent": intent}).status == "failed"


def test_a_refund_in_the_dashboard_is_like_any_other(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    made = fake.refund_in_dashboard(intent, 5000)
    assert [refund.id for refund in v1.refunds.list().data] == [made["id"]]
    event = fake.objects("event", type="refund.created")[0]
    assert event["request"] == {"id": None, "idempotency_key": None}


@pytest.mark.parametrize("outcome", ["won", "lost"])
def test_a_dispute_takes_the_money_until_it_is_won(
    fake: FakeStripe, v1: stripe.V1Services, intent: str, outcome: str
) -> None:
    opened = fake.open_dispute(intent)
    dispute = v1.disputes.retrieve(opened["id"])
    assert (dispute.status, dispute.amount) == ("needs_response", 125000)
    assert v1.charges.retrieve(dispute.charge).disputed is True
    assert event_types(fake)[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.refunds.create(params={"payment_intent": intent})
    assert caught.value.code == "charge_disputed"
    fake.close_dispute(dispute.id, outcome)
    (closed,) = v1.disputes.list(params={"payment_intent": intent}).data
    assert closed.status == outcome
    amounts = [entry.amount for entry in closed.balance_transactions]
    assert amounts == ([-125000, 125000] if outcome == "won" else [-125000])
    assert ("charge.dispute.funds_reinstated" in event_types(fake)) == (outcome == "won")
    assert event_types(fake)[-1] == "charge.dispute.closed"


def test_the_balance_adds_up_and_is_paid_out(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    v1.refunds.create(params={"payment_intent": intent, "amount": 25000})
    dispute = fake.open_dispute(intent)
    assert dispute["amount"] == 100000
    fake.close_dispute(dispute["id"], "won")
    entries = v1.balance_transactions.list(params={"limit": 100}).data
    assert [entry.type for entry in entries] == ["adjustment", "adjustment", "refund", "charge"]
    fee = 125000 * 15 // 1000 + 180
    assert entries[-1].fee == fee
    assert [entry.fee > 0 for entry in entries] == [False, True, False, True]
    assert entries[-1].fee_details[0].amount == fee
    assert all(entry.net == entry.amount - entry.fee for entry in entries)
    net = sum(entry.net for entry in entries)
    paid = fake.payout()
    assert v1.payouts.retrieve(paid["id"]).amount == net
    listed = v1.balance_transactions.list(params={"payout": paid["id"]}).data
    assert [entry.type for entry in listed] == ["payout", *(entry.type for entry in entries)]
    assert sum(entry.net for entry in listed) == 0
    with pytest.raises(Exception, match="insufficient"):
        fake.payout()


def test_balance_transactions_are_found_by_source_and_type(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    refund = v1.refunds.create(params={"payment_intent": intent})
    (entry,) = v1.balance_transactions.list(
        params={"source": refund.id, "expand": ["data.source"]}
    ).data
    assert (entry.amount, entry.source.id) == (-125000, refund.id)
    assert v1.balance_transactions.retrieve(refund.balance_transaction).id == entry.id
    assert len(v1.balance_transactions.list(params={"type": "charge"}).data) == 1


def test_money_becomes_available_with_time(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay(session.id)
    assert v1.balance_transactions.list().data[0].status == "pending"
    fake.clock.advance(4 * DAY)
    assert v1.balance_transactions.list().data[0].status == "available"


def test_an_event_is_a_snapshot(fake: FakeStripe, v1: stripe.V1Services, intent: str) -> None:
    event = v1.events.list(params={"type": "checkout.session.completed"}).data[0]
    assert (event.object, event.api_version, event.livemode) == (
        "event",
        stripe.api_version,
        False,
    )
    assert event.data.object.payment_intent == intent
    created = v1.refunds.create(params={"payment_intent": intent}, options={"idempotency_key": "k"})
    first = v1.events.list(params={"type": "refund.created"}).data[0]
    assert first.request.idempotency_key == "k"
    assert first.request.id.startswith("req_")
    fake.fail_refund(created.id)
    assert v1.events.retrieve(first.id).data.object.status == "succeeded"


def test_events_are_read_from_a_cursor(fake: FakeStripe, v1: stripe.V1Services) -> None:
    sessions = [v1.checkout.sessions.create(params=session_params()).id for _ in range(4)]
    fake.pay(sessions[0])
    cursor = v1.events.list(params={"limit": 1}).data[0].id
    for session in sessions[1:]:
        fake.pay(session)
    newer = v1.events.list(
        params={
            "ending_before": cursor,
            "types": ["checkout.session.completed", "checkout.session.expired"],
            "limit": 2,
        }
    )
    assert [event.data.object.id for event in newer.data] == [sessions[2], sessions[1]]
    assert newer.has_more is True
    followed = [event.data.object.id for event in newer.auto_paging_iter()]
    assert followed == sessions[1:]
    older = v1.events.list(params={"starting_after": cursor, "type": "payment_intent.*"})
    assert [event.type for event in older.data] == ["payment_intent.succeeded"]


def test_events_are_filtered_by_time_and_bad_cursors_refused(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    now = fake.clock.now()
    assert v1.events.list(params={"created": {"gte": now + 60}}).data == []
    assert len(v1.events.list(params={"created": {"gte": now - 60, "lte": now + 5}}).data) == 2
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.events.list(params={"starting_after": "evt_nothing"})
    assert caught.value.param == "starting_after"
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        v1.events.list(params={"type": "a", "types": ["b"]})


def test_events_are_kept_for_thirty_days(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    event = v1.events.list().data[0]
    fake.clock.advance(29 * DAY)
    assert v1.events.retrieve(event.id).id == event.id
    fake.clock.advance(2 * DAY)
    assert v1.events.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        v1.events.retrieve(event.id)


def test_undelivered_events_can_be_listed(v1: stripe.V1Services, fake: FakeStripe) -> None:
    fake.point_webhook("http://127.0.0.1:9/")
    fake.knobs.drop = ["checkout.session.completed"]
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay(session.id)
    undelivered = v1.events.list(params={"delivery_success": False, "type": "checkout.*"})
    assert [event.pending_webhooks for event in undelivered.data] == [1]


def test_every_object_has_the_fields_of_its_type(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    fake.refund_in_dashboard(intent, 100)
    fake.open_dispute(intent)
    fake.emit("customer.created", {"id": "cus_1", "object": "customer"})
    lists = [v1.payment_intents, v1.charges, v1.refunds, v1.disputes, v1.balance_transactions]
    for service in [*lists, v1.events]:
        thing = service.list().data[0]
        fields = {name for name in type(thing).__annotations__ if name.islower()}
        assert fields - set(thing.to_dict()) <= {"refunds", "account", "context"}, type(thing)
        assert set(thing.to_dict()) <= fields


def test_the_balance_is_what_its_transactions_sum_to(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    v1.refunds.create(params={"payment_intent": intent, "amount": 25000})
    fake.bill_fee(100, "Radar")
    held = v1.balance.retrieve()
    assert (held.available[0].amount, held.pending[0].amount) == (-25100, 125000 - 1875 - 180)
    assert (held.available[0].currency, held.livemode) == ("dkk", False)
    fake.clock.advance(4 * DAY)
    held = v1.balance.retrieve()
    assert (held.available[0].amount, held.pending[0].amount) == (97845, 0)
    fake.payout()
    assert v1.balance.retrieve().available[0].amount == 0


def test_a_fee_is_set_and_one_of_no_payment_is_taken(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    fake.set_fee(14, 180)
    session = v1.checkout.sessions.create(params=session_params(amount=100000))
    fake.pay(session.id)
    fake.bill_fee(2500, "Radar")
    billed, paid = v1.balance_transactions.list(params={"expand": ["data.source"]}).data
    assert (paid.fee, paid.net, paid.source.payment_intent[:3]) == (1580, 98420, "pi_")
    assert (billed.type, billed.reporting_category, billed.amount, billed.source) == (
        "stripe_fee",
        "fee",
        -2500,
        None,
    )
    fake.reset()
    session = v1.checkout.sessions.create(params=session_params(amount=100000))
    fake.pay(session.id)
    assert v1.balance_transactions.list().data[0].fee == 1680


def test_a_payout_that_fails_is_in_the_balance_again(
    fake: FakeStripe, v1: stripe.V1Services, intent: str
) -> None:
    paid = fake.payout()
    fake.fail_payout(paid["id"])
    failed = v1.payouts.retrieve(paid["id"], params={"expand": ["failure_balance_transaction"]})
    back = failed.failure_balance_transaction
    assert (failed.status, back.type, back.net) == ("failed", "payout_failure", paid["amount"])
    assert back.reporting_category == "payout_reversal"
    assert event_types(fake)[-1] == "payout.failed"
    assert fake.payout()["amount"] == paid["amount"]
    with pytest.raises(Exception, match="has failed"):
        fake.fail_payout(paid["id"])


def test_what_is_paid_without_a_card_is_a_payment(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay_async(session.id)
    assert v1.balance_transactions.list().data == []
    fake.settle(session.id, "succeeded")
    fake.refund_in_dashboard(session.id, 100)
    entries = v1.balance_transactions.list().data
    assert [(entry.type, entry.reporting_category) for entry in entries] == [
        ("payment_refund", "refund"),
        ("payment", "charge"),
    ]

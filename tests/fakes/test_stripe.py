"""The fake Stripe, used through the real SDK over real HTTP: sessions, payments, refusals."""

import time
from collections.abc import Iterator

import pytest
import stripe

from tests.fakes.stripe import FakeStripe
from tests.fakes.stripe.sample import client_for, session_params

HALF_HOUR, DAY = 1800, 24 * 3600


@pytest.fixture(scope="module")
def running() -> Iterator[FakeStripe]:
    with FakeStripe() as started:
        yield started


@pytest.fixture
def fake(running: FakeStripe) -> FakeStripe:
    running.reset()
    return running


@pytest.fixture
def v1(fake: FakeStripe) -> stripe.V1Services:
    return client_for(fake).v1


def refusal(v1: stripe.V1Services, **changes: object) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.checkout.sessions.create(params=session_params(**changes))
    return caught.value


def test_a_new_session_is_open_and_shows_what_was_asked(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    params = session_params(amount=125000)
    session = v1.checkout.sessions.create(params=params)
    assert session.id.startswith("cs_test_")
    assert (session.object, session.status, session.payment_status) == (
        "checkout.session",
        "open",
        "unpaid",
    )
    assert (session.amount_total, session.amount_subtotal, session.currency) == (
        125000,
        125000,
        "dkk",
    )
    assert session.client_reference_id == params["client_reference_id"]
    assert session.metadata.to_dict() == params["metadata"]
    assert session.livemode is False
    assert session.url == f"{fake.url}/c/pay/{session.id}"
    assert session.payment_intent is None
    assert session.expires_at == session.created + DAY
    assert abs(session.created - time.time()) < 5
    assert session.customer_email == "kasserer@example.com"
    assert session.locale == "da"
    assert v1.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_every_field_of_the_sdks_type_is_answered(v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fields = {name for name in stripe.checkout.Session.__annotations__ if name.islower()}
    assert fields - set(session.to_dict()) == {"line_items"}
    assert set(session.to_dict()) <= fields


def test_line_items_are_expanded_or_listed(v1: stripe.V1Services) -> None:
    params = session_params(expand=["line_items"])
    params["line_items"][0]["quantity"] = 2
    session = v1.checkout.sessions.create(params=params)
    assert session.amount_total == 250000
    assert session.line_items.data[0].description == "Medlemskab 2027"
    listed = v1.checkout.sessions.line_items.list(session.id)
    assert [item.amount_total for item in listed.data] == [250000]


def test_livemode_follows_the_key() -> None:
    with FakeStripe(api_key="sk_live_fake") as live:
        session = client_for(live).v1.checkout.sessions.create(params=session_params())
    assert session.livemode is True
    assert session.id.startswith("cs_live_")


@pytest.mark.parametrize("seconds", [HALF_HOUR + 5, DAY - 5])
def test_a_deadline_between_half_an_hour_and_a_day_is_taken(
    fake: FakeStripe, v1: stripe.V1Services, seconds: int
) -> None:
    deadline = fake.clock.now() + seconds
    session = v1.checkout.sessions.create(params=session_params(expires_at=deadline))
    assert session.expires_at == deadline


@pytest.mark.parametrize("seconds", [HALF_HOUR - 5, DAY + 5])
def test_another_deadline_is_refused(fake: FakeStripe, v1: stripe.V1Services, seconds: int) -> None:
    error = refusal(v1, expires_at=fake.clock.now() + seconds)
    assert (error.http_status, error.param) == (400, "expires_at")


def test_too_small_an_amount_is_refused(v1: stripe.V1Services) -> None:
    assert refusal(v1, amount=249).code == "amount_too_small"
    assert v1.checkout.sessions.create(params=session_params(amount=250)).amount_total == 250


def test_the_minimum_is_a_setting() -> None:
    with FakeStripe(minimum_amount=1000) as strict:
        assert refusal(client_for(strict).v1, amount=999).code == "amount_too_small"


def test_a_parameter_the_sdk_does_not_know_is_refused(v1: stripe.V1Services) -> None:
    error = refusal(v1, payment_method_types=["card"])
    assert (error.code, error.param) == ("parameter_unknown", "payment_method_types")
    nested = session_params()
    nested["line_items"][0]["price_data"]["product_data"]["nme"] = "x"
    error = refusal(v1, line_items=nested["line_items"])
    assert error.param == "line_items[0][price_data][product_data][nme]"
    error = refusal(v1, payment_intent_data={"meta": {"a": "b"}})
    assert (error.code, error.param) == ("parameter_unknown", "payment_intent_data[meta]")


def test_request_options_are_no_parameters(v1: stripe.V1Services) -> None:
    assert refusal(v1, stripe_account="acct_1").code == "parameter_unknown"


@pytest.mark.parametrize("name", ["mode", "line_items", "success_url"])
def test_a_missing_parameter_is_refused(v1: stripe.V1Services, name: str) -> None:
    error = refusal(v1, **{name: None})
    assert (error.code, error.param) == ("parameter_missing", name)


def test_a_missing_nested_parameter_is_refused(v1: stripe.V1Services) -> None:
    items = [{"price_data": {"unit_amount": 500, "product_data": {"name": "x"}}}]
    error = refusal(v1, line_items=items)
    assert error.param == "line_items[0][price_data][currency]"
    assert error.code == "parameter_missing"


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"expires_at": "soon"}, "expires_at"),
        ({"mode": "gift"}, "mode"),
        ({"mode": "subscription"}, "mode"),
        ({"locale": "dk"}, "locale"),
        ({"adaptive_pricing": {"enabled": "no"}}, "adaptive_pricing[enabled]"),
        ({"metadata": "text"}, "metadata"),
        ({"line_items": "text"}, "line_items"),
        ({"success_url": "/return/"}, "success_url"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"client_reference_id": "x" * 201}, "client_reference_id"),
        ({"metadata": {"note": "x" * 501}}, "metadata[note]"),
        ({"metadata": {str(n): "x" for n in range(51)}}, "metadata"),
        ({"allowed_payment_method_types": ["cheque"]}, "allowed_payment_method_types[0]"),
        ({"ui_mode": "embedded_page"}, "ui_mode"),
    ],
)
def test_a_wrong_value_is_refused(
    v1: stripe.V1Services, changes: dict[str, object], param: str
) -> None:
    assert refusal(v1, **changes).param == param


def test_mobilepay_may_be_allowed(v1: stripe.V1Services) -> None:
    params = session_params(allowed_payment_method_types=["card", "mobilepay"])
    session = v1.checkout.sessions.create(params=params)
    assert session.payment_method_types == ["card", "mobilepay"]


def test_an_open_session_is_expired_once(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    expired = v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.expire(session.id)
    assert [event["type"] for event in fake.objects("event")] == ["checkout.session.expired"]


def test_a_paid_session_cannot_be_expired(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        v1.checkout.sessions.expire(session.id)


def test_a_session_expires_by_itself_when_time_passes(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    deadline = fake.clock.now() + HALF_HOUR + 5
    session = v1.checkout.sessions.create(params=session_params(expires_at=deadline))
    fake.clock.advance(HALF_HOUR)
    assert v1.checkout.sessions.retrieve(session.id).status == "open"
    fake.clock.advance(10)
    assert [event["type"] for event in fake.objects("event")] == ["checkout.session.expired"]
    assert v1.checkout.sessions.retrieve(session.id).status == "expired"


def test_paying_makes_intent_and_charge(fake: FakeStripe, v1: stripe.V1Services) -> None:
    params = session_params(amount=125000)
    session = v1.checkout.sessions.create(params=params)
    fake.pay(session.id)
    paid = v1.checkout.sessions.retrieve(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "kasserer@example.com"
    intent = v1.payment_intents.retrieve(
        paid.payment_intent, params={"expand": ["latest_charge.balance_transaction"]}
    )
    assert (intent.status, intent.amount_received) == ("succeeded", 125000)
    assert intent.metadata.to_dict() == params["payment_intent_data"]["metadata"]
    assert intent.latest_charge.paid is True
    assert intent.latest_charge.balance_transaction.net == 125000 - 1875 - 180
    charge = v1.charges.retrieve(intent.latest_charge.id, params={"expand": ["refunds"]})
    assert (charge.payment_intent, charge.refunds.data) == (intent.id, [])


def test_a_session_is_retrieved_with_its_intent_expanded(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay(session.id)
    expanded = v1.checkout.sessions.retrieve(
        session.id, params={"expand": ["payment_intent.latest_charge"]}
    )
    assert expanded.payment_intent.latest_charge.amount == 125000
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        v1.checkout.sessions.retrieve(session.id, params={"expand": ["nothing"]})


def test_after_a_decline_the_buyer_may_pay_in_the_same_session(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.decline(session.id)
    declined = v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent"]})
    assert (declined.status, declined.payment_status) == ("open", "unpaid")
    assert declined.payment_intent.last_payment_error.code == "card_declined"
    fake.pay(session.id)
    paid = v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.payment_intent) == ("paid", declined.payment_intent.id)
    types = [event["type"] for event in fake.objects("event")]
    assert types[0] == "payment_intent.payment_failed"


def test_a_declined_intent_is_canceled_with_its_session(
    fake: FakeStripe, v1: stripe.V1Services
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.decline(session.id)
    fake.expire(session.id)
    (intent,) = v1.payment_intents.list().data
    assert intent.status == "canceled"


@pytest.mark.parametrize(
    ("outcome", "payment_status", "event"),
    [
        ("succeeded", "paid", "checkout.session.async_payment_succeeded"),
        ("failed", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_an_asynchronous_payment_is_settled_later(
    fake: FakeStripe, v1: stripe.V1Services, outcome: str, payment_status: str, event: str
) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay_async(session.id)
    pending = v1.checkout.sessions.retrieve(session.id, params={"expand": ["payment_intent"]})
    assert (pending.status, pending.payment_status) == ("complete", "unpaid")
    assert pending.payment_intent.status == "processing"
    fake.settle(session.id, outcome)
    assert v1.checkout.sessions.retrieve(session.id).payment_status == payment_status
    assert fake.objects("event")[-1]["type"] == event
    with pytest.raises(Exception, match="no processing payment"):
        fake.settle(session.id, outcome)


def test_a_session_is_paid_once(fake: FakeStripe, v1: stripe.V1Services) -> None:
    session = v1.checkout.sessions.create(params=session_params())
    fake.pay(session.id)
    with pytest.raises(Exception, match="complete"):
        fake.pay(session.id)
    assert len(fake.objects("charge")) == 1


def test_sessions_are_listed_newest_first_in_pages(fake: FakeStripe, v1: stripe.V1Services) -> None:
    ids = [v1.checkout.sessions.create(params=session_params()).id for _ in range(5)]
    first = v1.checkout.sessions.list(params={"limit": 2})
    assert ([session.id for session in first.data], first.has_more) == (ids[:2:-1], True)
    rest = v1.checkout.sessions.list(params={"limit": 3, "starting_after": first.data[-1].id})
    assert ([session.id for session in rest.data], rest.has_more) == (ids[2::-1], False)
    assert [session.id for session in first.auto_paging_iter()] == ids[::-1]
    back = v1.checkout.sessions.list(params={"limit": 2, "ending_before": ids[0]})
    assert ([session.id for session in back.data], back.has_more) == ([ids[2], ids[1]], True)


def test_sessions_are_filtered(fake: FakeStripe, v1: stripe.V1Services) -> None:
    paid, left = (v1.checkout.sessions.create(params=session_params()) for _ in range(2))
    fake.pay(paid.id)
    intent = v1.checkout.sessions.retrieve(paid.id).payment_intent

    def found(**filters: object) -> list[str]:
        return [session.id for session in v1.checkout.sessions.list(params=filters).data]

    assert found(payment_intent=intent) == [paid.id]
    assert found(status="open") == [left.id]
    assert found(customer_details={"email": "kasserer@example.com"}) == [paid.id]
    assert found(created={"gt": fake.clock.now() + 60}) == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        found(client_reference_id=paid.client_reference_id)
    assert caught.value.code == "parameter_unknown"
    with pytest.raises(stripe.InvalidRequestError):
        found(limit=101)


def test_an_unknown_id_is_missing(v1: stripe.V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        v1.checkout.sessions.retrieve("cs_test_nothing")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


def test_a_wrong_key_is_refused_in_stripes_form(fake: FakeStripe) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        client_for(fake, api_key="sk_test_wrong").v1.checkout.sessions.list()
    assert caught.value.http_status == 401
    assert caught.value.error.type == "invalid_request_error"
    assert caught.value.request_id.startswith("req_")


def test_a_revoked_key_is_refused(fake: FakeStripe, v1: stripe.V1Services) -> None:
    fake.knobs.key_revoked = True
    with pytest.raises(stripe.AuthenticationError) as caught:
        v1.checkout.sessions.list()
    assert caught.value.error.code == "api_key_expired"
    fake.knobs.key_revoked = False
    assert v1.checkout.sessions.list().data == []


def test_another_api_version_is_refused(fake: FakeStripe, v1: stripe.V1Services) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="version"):
        v1.checkout.sessions.list(options={"stripe_version": "2020-08-27"})
